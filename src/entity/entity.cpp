// SPDX-License-Identifier: Apache-2.0
#include "entity/entity.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

#include "base/text.h"

namespace garrison::entity {
namespace {

using Names = std::vector<std::string_view>;
// Alternatives, each a set of identifiers that together are strong.
using StrongSets = std::vector<Names>;

struct KindFacts {
  EntityKind kind;
  std::string_view name;
  std::string_view wire;
  Names identifiers;
  StrongSets strong;
};

// Facts of the field's entity reference: the first identifier present names the entity for a person.
const std::array<KindFacts, 18>& facts() {
  static const std::array<KindFacts, 18> kFacts = {{
      {EntityKind::kAccount, "Account", "account",
       {"Name", "FullName", "NTDomain", "DnsDomain", "UPNSuffix", "Sid", "AadTenantId", "AadUserId", "PUID",
        "IsDomainJoined", "DisplayName", "ObjectGuid", "CloudAppAccountId", "IsAnonymized"},
       {{"Name", "UPNSuffix"}, {"AadUserId"}, {"Sid"}, {"Name", "NTDomain"}, {"Name", "DnsDomain"}, {"PUID"}, {"ObjectGuid"}}},
      {EntityKind::kHost, "Host", "host",
       {"HostName", "FullName", "DnsDomain", "NTDomain", "NetBiosName", "AzureID", "OMSAgentID", "OSFamily", "OSVersion",
        "IsDomainJoined"},
       {{"HostName", "DnsDomain"}, {"HostName", "NTDomain"}, {"NetBiosName", "DnsDomain"}, {"NetBiosName", "NTDomain"},
        {"AzureID"}, {"OMSAgentID"}}},
      {EntityKind::kIp, "IP", "ip", {"Address", "AddressScope"}, {{"Address"}}},
      {EntityKind::kMalware, "Malware", "malware", {"Name", "Category"}, {{"Name", "Category"}}},
      {EntityKind::kFile, "File", "file", {"Name", "Directory"}, {{"Name", "Directory"}}},
      {EntityKind::kProcess, "Process", "process",
       {"CommandLine", "ProcessId", "ElevationToken", "CreationTimeUtc"}, {{"ProcessId", "CreationTimeUtc"}}},
      {EntityKind::kCloudApplication, "CloudApplication", "cloud-application", {"Name", "AppId", "InstanceName"}, {{"AppId"}, {"Name"}}},
      {EntityKind::kDns, "DNS", "dns", {"DomainName"}, {{"DomainName"}}},
      {EntityKind::kAzureResource, "AzureResource", "azure-resource", {"ResourceId"}, {{"ResourceId"}}},
      {EntityKind::kFileHash, "FileHash", "filehash", {"Value", "Algorithm"}, {{"Algorithm", "Value"}}},
      {EntityKind::kRegistryKey, "RegistryKey", "registry-key", {"Key", "Hive"}, {{"Hive", "Key"}}},
      {EntityKind::kRegistryValue, "RegistryValue", "registry-value", {"Name", "Value", "ValueType"}, {}},
      {EntityKind::kSecurityGroup, "SecurityGroup", "security-group", {"DistinguishedName", "SID", "ObjectGuid"},
       {{"DistinguishedName"}, {"SID"}, {"ObjectGuid"}}},
      {EntityKind::kUrl, "URL", "url", {"Url"}, {{"Url"}}},
      {EntityKind::kMailbox, "Mailbox", "mailbox",
       {"MailboxPrimaryAddress", "DisplayName", "Upn", "ExternalDirectoryObjectId", "RiskLevel"}, {{"MailboxPrimaryAddress"}}},
      {EntityKind::kMailCluster, "MailCluster", "mail-cluster",
       {"NetworkMessageIds", "CountByDeliveryStatus", "CountByThreatType", "CountByProtectionStatus", "Threats", "Query",
        "QueryTime", "MailCount", "IsVolumeAnomaly", "Source", "ClusterSourceIdentifier", "ClusterSourceType",
        "ClusterQueryStartTime", "ClusterQueryEndTime", "ClusterGroup"},
       {{"Query", "Source"}}},
      {EntityKind::kMailMessage, "MailMessage", "mail-message",
       {"Subject", "Recipient", "Urls", "Threats", "Sender", "P1Sender", "P1SenderDisplayName", "P1SenderDomain", "SenderIP",
        "P2Sender", "P2SenderDisplayName", "P2SenderDomain", "ReceivedDate", "NetworkMessageId", "InternetMessageId",
        "BodyFingerprintBin1", "BodyFingerprintBin2", "BodyFingerprintBin3", "BodyFingerprintBin4", "BodyFingerprintBin5",
        "AntispamDirection", "DeliveryAction", "DeliveryLocation", "Language", "ThreatDetectionMethods"},
       {{"NetworkMessageId", "Recipient"}}},
      {EntityKind::kSubmissionMail, "SubmissionMail", "SubmissionMail",
       {"Subject", "SubmissionId", "SubmissionDate", "Submitter", "NetworkMessageId", "Timestamp", "Recipient", "Sender",
        "SenderIp", "ReportType"},
       {{"SubmissionId", "NetworkMessageId", "Recipient", "Submitter"}}},
  }};
  return kFacts;
}

const KindFacts& facts_of(EntityKind kind) { return facts()[static_cast<std::size_t>(kind)]; }

std::string property(const Entity& entity, std::string_view name) {
  const auto found = entity.properties.find(std::string(name));
  return found == entity.properties.end() ? std::string() : found->second;
}

void set_if_absent(Entity& entity, const char* name, std::string_view value) {
  if (!value.empty()) entity.properties.emplace(name, value);
}

bool is_address(std::string_view text) {
  return text.find(':') != std::string_view::npos ||
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

void split_account(Entity& entity, std::string_view full) {
  if (const auto slash = full.rfind('\\'); slash != std::string_view::npos) {
    set_if_absent(entity, "NTDomain", full.substr(0, slash));
    set_if_absent(entity, "Name", full.substr(slash + 1));
  } else if (const auto at = full.rfind('@'); at != std::string_view::npos) {
    set_if_absent(entity, "Name", full.substr(0, at));
    set_if_absent(entity, "UPNSuffix", full.substr(at + 1));
  } else {
    set_if_absent(entity, "Name", full);
  }
}

void split_host(Entity& entity, std::string_view full) {
  if (const auto slash = full.find('\\'); slash != std::string_view::npos) {
    set_if_absent(entity, "NTDomain", full.substr(0, slash));
    full = full.substr(slash + 1);
  }
  const auto dot = full.find('.');
  if (dot == std::string_view::npos || is_address(full)) {
    set_if_absent(entity, "HostName", full);
    return;
  }
  set_if_absent(entity, "HostName", full.substr(0, dot));
  set_if_absent(entity, "DnsDomain", full.substr(dot + 1));
}

}  // namespace

std::string_view to_string(EntityKind kind) { return facts_of(kind).name; }
std::string_view wire_type(EntityKind kind) { return facts_of(kind).wire; }
std::span<const std::string_view> identifiers(EntityKind kind) { return facts_of(kind).identifiers; }

std::optional<EntityKind> parse_entity_kind(std::string_view name) {
  for (const KindFacts& fact : facts()) {
    if (text::iequals(fact.name, name) || text::iequals(fact.wire, name)) return fact.kind;
  }
  return std::nullopt;
}

std::optional<std::string> strong_key(const Entity& entity) {
  for (const Names& set : facts_of(entity.kind).strong) {
    std::string out(wire_type(entity.kind));
    const bool complete = std::all_of(set.begin(), set.end(), [&](std::string_view name) {
      const std::string value = property(entity, name);
      out += '|';
      out += name;
      out += '=';
      out += text::ascii_lower(value);
      return !value.empty();
    });
    if (complete) return out;
  }
  return std::nullopt;
}

std::string key(const Entity& entity) {
  if (auto strong = strong_key(entity)) return *strong;
  std::string out(wire_type(entity.kind));
  for (const auto& [name, value] : entity.properties) {
    out += "|" + name + "=" + text::ascii_lower(value);
  }
  return out;
}

std::string display_name(const Entity& entity) {
  if (entity.kind == EntityKind::kAccount && !property(entity, "Name").empty()) {
    const std::string name = property(entity, "Name");
    if (const auto suffix = property(entity, "UPNSuffix"); !suffix.empty()) return name + "@" + suffix;
    if (const auto domain = property(entity, "NTDomain"); !domain.empty()) return domain + "\\" + name;
    return name;
  }
  if (entity.kind == EntityKind::kHost && !property(entity, "HostName").empty()) {
    const std::string domain = property(entity, "DnsDomain");
    return domain.empty() ? property(entity, "HostName") : property(entity, "HostName") + "." + domain;
  }
  if (entity.kind == EntityKind::kFile && !property(entity, "Directory").empty()) {
    const std::string directory = property(entity, "Directory");
    const std::string separator = directory.find('\\') != std::string::npos ? "\\" : "/";
    const bool ends = directory.ends_with('\\') || directory.ends_with('/');
    return directory + (ends ? "" : separator) + property(entity, "Name");
  }
  for (const std::string_view name : identifiers(entity.kind)) {
    if (auto value = property(entity, name); !value.empty()) return value;
  }
  return std::string(to_string(entity.kind));
}

bool is_generic(const Entity& entity) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "ADMIN", "ADMINISTRATOR", "SYSTEM", "ROOT", "ANONYMOUS", "AUTHENTICATED USER", "NETWORK", "NULL", "LOCAL SYSTEM",
      "NETWORK SERVICE"};
  if (entity.kind != EntityKind::kAccount || entity.properties.size() != 1) return false;
  const std::string name = text::ascii_upper(property(entity, "Name"));
  return name == "LOCALSYSTEM" || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

void normalise(Entity& entity) {
  const std::string full = property(entity, "FullName");
  if (!full.empty()) {
    entity.properties.erase("FullName");
    if (entity.kind == EntityKind::kAccount) split_account(entity, full);
    if (entity.kind == EntityKind::kHost) split_host(entity, full);
    return;
  }
  // Rules often map a whole user principal name or DOMAIN\user to Name, and a fully qualified name to HostName.
  const char* const whole = entity.kind == EntityKind::kAccount ? "Name" : "HostName";
  const std::string value = property(entity, whole);
  if (value.empty() || (entity.kind != EntityKind::kAccount && entity.kind != EntityKind::kHost)) return;
  entity.properties.erase(whole);
  if (entity.kind == EntityKind::kAccount) split_account(entity, value);
  else split_host(entity, value);
}

json::object to_json(const Entity& entity) {
  json::object out;
  for (const auto& [name, value] : entity.properties) out[name] = value;
  out["Type"] = wire_type(entity.kind);
  return out;
}

std::optional<Entity> from_json(const json::value& document) {
  const auto type = json::string_at(document, "Type");
  if (!type) return std::nullopt;
  const auto kind = parse_entity_kind(*type);
  if (!kind) return std::nullopt;
  Entity entity{*kind, {}};
  for (const auto& [name, value] : document.get_object()) {
    if (name != "Type" && value.is_string()) entity.properties.emplace(name, value.get_string());
  }
  return entity;
}

}  // namespace garrison::entity
