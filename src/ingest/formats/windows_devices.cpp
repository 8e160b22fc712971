// SPDX-License-Identifier: Apache-2.0
#include "ingest/formats/windows_devices.h"

#include <fmt/core.h>

#include "base/text.h"
#include "ingest/formats/device_row.h"
#include "ingest/text_value.h"

namespace garrison::ingest::formats {
namespace {

using Record = const WindowsRecord&;

Result<void> with_row(BatchOutput& output, Record record, std::string_view table, std::string_view action,
                      void (*fill)(DeviceRow&, Record)) {
  GARRISON_ASSIGN(TableBuilder* const builder, output.table(table));
  DeviceRow row(*builder, record, action);
  fill(row, record);
  row.commit();
  return {};
}

// Sysmon: the process that did it.
void set_sysmon_initiator(DeviceRow& row, Record record) {
  row.set_initiator(record.get("Image"), record.get("ProcessId"))
      .set_account(record.get("User"), "InitiatingProcess")
      .set("InitiatingProcessUniqueId", record.get("ProcessGuid"));
}

// Security: the subject and its process.
void set_security_initiator(DeviceRow& row, Record record) {
  row.set_initiator(record.get("ProcessName"), record.get("ProcessId"))
      .set_account(record.get("SubjectDomainName"), record.get("SubjectUserName"), "InitiatingProcess")
      .set("InitiatingProcessAccountSid", record.get("SubjectUserSid"));
}

void fill_sysmon_process(DeviceRow& row, Record record) {
  row.set_file(record.get("Image"))
      .set_number("ProcessId", record.get("ProcessId"))
      .set("ProcessCommandLine", record.get("CommandLine"))
      .set("ProcessCreationTime", record.get("UtcTime"))
      .set("ProcessIntegrityLevel", record.get("IntegrityLevel"))
      .set("ProcessUniqueId", record.get("ProcessGuid"))
      .set_account(record.get("User"))
      .set_number("LogonId", record.get("LogonId"))
      .set_number("CreatedProcessSessionId", record.get("TerminalSessionId"))
      .set_hashes(record.get("Hashes"))
      .set("ProcessVersionInfoCompanyName", record.get("Company"))
      .set("ProcessVersionInfoProductName", record.get("Product"))
      .set("ProcessVersionInfoProductVersion", record.get("FileVersion"))
      .set("ProcessVersionInfoOriginalFileName", record.get("OriginalFileName"))
      .set("ProcessVersionInfoFileDescription", record.get("Description"))
      .set_initiator(record.get("ParentImage"), record.get("ParentProcessId"), record.get("ParentCommandLine"))
      .set_account(record.get("ParentUser"), "InitiatingProcess")
      .set("InitiatingProcessUniqueId", record.get("ParentProcessGuid"))
      .add("CurrentDirectory", record.get("CurrentDirectory"));
}

std::string_view integrity_of(std::string_view sid) {
  if (sid == "S-1-16-4096") return "Low";
  if (sid == "S-1-16-8192" || sid == "S-1-16-8448") return "Medium";
  if (sid == "S-1-16-12288") return "High";
  return sid == "S-1-16-16384" ? "System" : "";
}

std::string_view elevation_of(std::string_view code) {
  if (code == "%%1936") return "TokenElevationTypeDefault";
  if (code == "%%1937") return "TokenElevationTypeFull";
  return code == "%%1938" ? "TokenElevationTypeLimited" : "";
}

void fill_security_process(DeviceRow& row, Record record) {
  const bool has_target = !record.get("TargetUserName").empty() && record.get("TargetUserName") != "-";
  const std::string_view who = has_target ? "Target" : "Subject";
  const auto of = [&](std::string_view name) { return record.get(fmt::format("{}{}", who, name)); };
  row.set_file(record.get("NewProcessName"))
      .set_number("ProcessId", record.get("NewProcessId"))
      .set("ProcessCommandLine", record.get("CommandLine"))
      .set("ProcessIntegrityLevel", integrity_of(record.get("MandatoryLabel")))
      .set("ProcessTokenElevation", elevation_of(record.get("TokenElevationType")))
      .set_account(of("DomainName"), of("UserName"), {})
      .set("AccountSid", has_target ? std::string_view() : record.get("SubjectUserSid"))
      .set_number("LogonId", of("LogonId"))
      .set_initiator(record.get("ParentProcessName"), record.get("ProcessId"))
      .set_account(record.get("SubjectDomainName"), record.get("SubjectUserName"), "InitiatingProcess")
      .set("InitiatingProcessAccountSid", record.get("SubjectUserSid"));
}

void set_ends(DeviceRow& row, bool is_outgoing, std::string_view source, std::string_view source_port,
              std::string_view destination, std::string_view destination_port) {
  const auto local = is_outgoing ? std::pair(source, source_port) : std::pair(destination, destination_port);
  const auto remote = is_outgoing ? std::pair(destination, destination_port) : std::pair(source, source_port);
  row.set("LocalIP", local.first)
      .set_number("LocalPort", local.second)
      .set("LocalIPType", ip_type(local.first))
      .set("RemoteIP", remote.first)
      .set_number("RemotePort", remote.second)
      .set("RemoteIPType", ip_type(remote.first));
}

bool is_outgoing(Record record) {
  return record.is_sysmon() ? text::iequals(record.get("Initiated"), "true") : record.get("Direction") == "%%14593";
}

void fill_sysmon_network(DeviceRow& row, Record record) {
  set_ends(row, is_outgoing(record), record.get("SourceIp"), record.get("SourcePort"), record.get("DestinationIp"),
           record.get("DestinationPort"));
  const std::string_view protocol = record.get("Protocol");
  row.set("Protocol", protocol == "tcp" ? "Tcp" : protocol == "udp" ? "Udp" : protocol);
  row.set("RemoteUrl", is_outgoing(record) ? record.get("DestinationHostname") : record.get("SourceHostname"));
  set_sysmon_initiator(row, record);
}

void fill_security_network(DeviceRow& row, Record record) {
  set_ends(row, is_outgoing(record), record.get("SourceAddress"), record.get("SourcePort"), record.get("DestAddress"),
           record.get("DestPort"));
  const std::string_view protocol = record.get("Protocol");
  row.set("Protocol", protocol == "6" ? "Tcp" : protocol == "17" ? "Udp" : protocol == "1" ? "Icmp" : protocol);
  row.set_initiator(record.get("Application"),
                    record.get("ProcessID").empty() ? record.get("ProcessId") : record.get("ProcessID"));
}

void fill_sysmon_file(DeviceRow& row, Record record) {
  row.set_file(record.get("TargetFilename")).set_hashes(record.get("Hashes"));
  row.add("CreationUtcTime", record.get("CreationUtcTime"))
      .add("PreviousCreationUtcTime", record.get("PreviousCreationUtcTime"));
  set_sysmon_initiator(row, record);
}

// HKLM\.. and \REGISTRY\MACHINE\.. to HKEY_LOCAL_MACHINE\..
std::string registry_path(std::string_view path) {
  struct Root {
    std::string_view from;
    std::string_view to;
  };
  static constexpr Root kRoots[] = {
      {"HKLM", "HKEY_LOCAL_MACHINE"},
      {"HKU", "HKEY_USERS"},
      {"HKCR", "HKEY_CLASSES_ROOT"},
      {"HKCU", "HKEY_CURRENT_USER"},
      {"\\REGISTRY\\MACHINE", "HKEY_LOCAL_MACHINE"},
      {"\\REGISTRY\\USER", "HKEY_USERS"},
  };
  for (const Root& root : kRoots)
    if (path.size() > root.from.size() && path[root.from.size()] == '\\' &&
        text::iequals(path.substr(0, root.from.size()), root.from))
      return std::string(root.to) + std::string(path.substr(root.from.size()));
  return std::string(path);
}

void set_registry_data(DeviceRow& row, std::string_view details) {
  for (const auto& [prefix, type] : {std::pair("DWORD (", "Dword"), std::pair("QWORD (", "Qword")}) {
    if (!details.starts_with(prefix) || !details.ends_with(')')) continue;
    std::string_view number = details.substr(7, details.size() - 8);
    // QWORD (0xhigh-0xlow)
    const std::size_t dash = number.find("-0x");
    const auto high =
        dash == std::string_view::npos ? std::optional<std::int64_t>(0) : parse_integer(number.substr(0, dash));
    const auto low = parse_integer(dash == std::string_view::npos ? number : number.substr(dash + 1));
    if (!high || !low) break;
    row.set("RegistryValueType", type)
        .set("RegistryValueData",
             std::to_string((static_cast<std::uint64_t>(*high) << 32) + static_cast<std::uint64_t>(*low)));
    return;
  }
  row.set("RegistryValueType", details == "Binary Data" ? "Binary" : "String").set("RegistryValueData", details);
}

void fill_sysmon_registry(DeviceRow& row, Record record) {
  const std::string path = registry_path(record.get("TargetObject"));
  const bool has_value = record.event_id == 13 || record.get("EventType") == "DeleteValue";
  const std::size_t slash = path.rfind('\\');
  if (has_value && slash != std::string::npos) {
    row.set("RegistryKey", path.substr(0, slash)).set("RegistryValueName", path.substr(slash + 1));
  } else {
    row.set("RegistryKey", path);
  }
  if (record.event_id == 13) set_registry_data(row, record.get("Details"));
  if (record.event_id == 14) {
    row.set("PreviousRegistryKey", path);
    row.add("NewName", record.get("NewName"));
  }
  set_sysmon_initiator(row, record);
}

void fill_security_registry(DeviceRow& row, Record record) {
  row.set("RegistryKey", registry_path(record.get("ObjectName")))
      .set("RegistryValueName", record.get("ObjectValueName"))
      .set("RegistryValueData", record.get("NewValue"))
      .set("PreviousRegistryValueData", record.get("OldValue"));
  const std::string_view type = record.get("NewValueType");
  row.set("RegistryValueType", type == "%%1876"   ? "Dword"
                               : type == "%%1873" ? "String"
                               : type == "%%1875" ? "Binary"
                                                  : "");
  set_security_initiator(row, record);
}

void fill_sysmon_image(DeviceRow& row, Record record) {
  row.set_file(record.get("ImageLoaded")).set_hashes(record.get("Hashes"));
  set_sysmon_initiator(row, record);
}

// Sysmon 8 and 10: one process reaches into another.
void fill_sysmon_process_access(DeviceRow& row, Record record) {
  row.set_file(record.get("TargetImage"))
      .set_number("ProcessId", record.get("TargetProcessId"))
      .set_account(record.get("TargetUser"))
      .set_initiator(record.get("SourceImage"), record.get("SourceProcessId"))
      .set_account(record.get("SourceUser"), "InitiatingProcess")
      .set("InitiatingProcessUniqueId",
           record.get("SourceProcessGuid").empty() ? record.get("SourceProcessGUID") : record.get("SourceProcessGuid"));
  if (const auto access = parse_integer(record.get("GrantedAccess"))) row.add("DesiredAccess", std::to_string(*access));
  for (const std::string_view name : {"GrantedAccess", "CallTrace", "StartAddress", "StartModule", "StartFunction"})
    row.add(name, record.get(name));
}

void fill_sysmon_pipe(DeviceRow& row, Record record) {
  row.add("PipeName", fmt::format("\\Device\\NamedPipe{}", record.get("PipeName")));
  row.add("FileOperation", record.event_id == 17 ? "File created" : "File opened");
  set_sysmon_initiator(row, record);
}

void fill_sysmon_dns(DeviceRow& row, Record record) {
  row.set("RemoteUrl", record.get("QueryName"));
  row.add("DnsQueryString", record.get("QueryName"))
      .add("DnsQueryResult", record.get("QueryResults"))
      .add("DnsQueryStatus", record.get("QueryStatus"));
  set_sysmon_initiator(row, record);
}

void fill_sysmon_other(DeviceRow& row, Record record) {
  row.set_file(record.get("ImageLoaded")).set_hashes(record.get("Hashes"));
  for (const auto& [name, text] : record.data)
    if (name != "RuleName" && name != "UtcTime" && name != "Image" && name != "ProcessId" && name != "ProcessGuid" &&
        name != "User" && name != "Hashes" && name != "ImageLoaded")
      row.add(name, text);
  set_sysmon_initiator(row, record);
}

void fill_logon(DeviceRow& row, Record record) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {{"2", "Interactive"},
                                                                             {"3", "Network"},
                                                                             {"4", "Batch"},
                                                                             {"5", "Service"},
                                                                             {"7", "Unlock"},
                                                                             {"8", "NetworkCleartext"},
                                                                             {"9", "NewCredentials"},
                                                                             {"10", "RemoteInteractive"},
                                                                             {"11", "CachedInteractive"}};
  for (const auto& [number, name] : kTypes)
    if (record.get("LogonType") == number) row.set("LogonType", name);
  row.set_account(record.get("TargetDomainName"), record.get("TargetUserName"), {})
      .set("AccountSid", record.get("TargetUserSid"))
      .set_number("LogonId", record.get("TargetLogonId"))
      .set("RemoteIP", record.get("IpAddress"))
      .set("RemoteIPType", ip_type(record.get("IpAddress")))
      .set_number("RemotePort", record.get("IpPort"))
      .set("RemoteDeviceName", record.get("WorkstationName"))
      .set("Protocol", record.get("AuthenticationPackageName"))
      .set("FailureReason", record.get("FailureReason"))
      .add("Status", record.get("Status"))
      .add("SubStatus", record.get("SubStatus"))
      .add("LogonProcessName", record.get("LogonProcessName"));
  set_security_initiator(row, record);
}

void fill_powershell(DeviceRow& row, Record record) {
  // 4104 carries the script, 4103 what it called.
  const std::string_view script = record.get("ScriptBlockText");
  row.add("Command", script.empty() ? record.get("Payload") : script)
      .add("ScriptBlockId", record.get("ScriptBlockId"))
      .add("Path", record.get("Path"));
  row.set_account(record.user_domain, record.user_name, "InitiatingProcess")
      .set("InitiatingProcessFileName", "powershell.exe")
      .set_number("InitiatingProcessId", record.process_id);
}

void fill_security_other(DeviceRow& row, Record record) {
  row.set_account(record.get("TargetDomainName"), record.get("TargetUserName"), {})
      .set("AccountSid", record.get("TargetSid"));
  for (const auto& [name, text] : record.data)
    if (!name.starts_with("Subject")) row.add(name, text);
  set_security_initiator(row, record);
}

void fill_service(DeviceRow& row, Record record) {
  const std::string_view path =
      record.get("ServiceFileName").empty() ? record.get("ImagePath") : record.get("ServiceFileName");
  row.set_file(path).set("ProcessCommandLine", path);
  for (const auto& [name, text] : record.data)
    if (!name.starts_with("Subject")) row.add(name, text);
  set_security_initiator(row, record);
}

struct Rule {
  int event_id;
  std::string_view table;
  std::string_view action;
  void (*fill)(DeviceRow&, Record);
};

constexpr Rule kSysmonRules[] = {
    {1, "DeviceProcessEvents", "ProcessCreated", fill_sysmon_process},
    {2, "DeviceFileEvents", "FileModified", fill_sysmon_file},
    {3, "DeviceNetworkEvents", "", fill_sysmon_network},
    {6, "DeviceEvents", "DriverLoad", fill_sysmon_other},
    {7, "DeviceImageLoadEvents", "ImageLoaded", fill_sysmon_image},
    {8, "DeviceEvents", "CreateRemoteThreadApiCall", fill_sysmon_process_access},
    {9, "DeviceEvents", "RawDiskRead", fill_sysmon_other},
    {10, "DeviceEvents", "OpenProcessApiCall", fill_sysmon_process_access},
    {11, "DeviceFileEvents", "FileCreated", fill_sysmon_file},
    {12, "DeviceRegistryEvents", "", fill_sysmon_registry},
    {13, "DeviceRegistryEvents", "RegistryValueSet", fill_sysmon_registry},
    {14, "DeviceRegistryEvents", "RegistryKeyRenamed", fill_sysmon_registry},
    {15, "DeviceFileEvents", "FileCreated", fill_sysmon_file},
    {17, "DeviceEvents", "NamedPipeEvent", fill_sysmon_pipe},
    {18, "DeviceEvents", "NamedPipeEvent", fill_sysmon_pipe},
    {19, "DeviceEvents", "WmiBindEventFilterToConsumer", fill_sysmon_other},
    {20, "DeviceEvents", "WmiBindEventFilterToConsumer", fill_sysmon_other},
    {21, "DeviceEvents", "WmiBindEventFilterToConsumer", fill_sysmon_other},
    {22, "DeviceEvents", "DnsQueryResponse", fill_sysmon_dns},
    {23, "DeviceFileEvents", "FileDeleted", fill_sysmon_file},
    {25, "DeviceEvents", "ProcessTampering", fill_sysmon_other},
    {26, "DeviceFileEvents", "FileDeleted", fill_sysmon_file},
};

constexpr Rule kSecurityRules[] = {
    {1102, "DeviceEvents", "SecurityLogCleared", fill_security_other},
    {4624, "DeviceLogonEvents", "LogonSuccess", fill_logon},
    {4625, "DeviceLogonEvents", "LogonFailed", fill_logon},
    {4657, "DeviceRegistryEvents", "", fill_security_registry},
    {4688, "DeviceProcessEvents", "ProcessCreated", fill_security_process},
    {4697, "DeviceEvents", "ServiceInstalled", fill_service},
    {4698, "DeviceEvents", "ScheduledTaskCreated", fill_security_other},
    {4699, "DeviceEvents", "ScheduledTaskDeleted", fill_security_other},
    {4700, "DeviceEvents", "ScheduledTaskEnabled", fill_security_other},
    {4701, "DeviceEvents", "ScheduledTaskDisabled", fill_security_other},
    {4702, "DeviceEvents", "ScheduledTaskUpdated", fill_security_other},
    {4719, "DeviceEvents", "AuditPolicyModification", fill_security_other},
    {4720, "DeviceEvents", "UserAccountCreated", fill_security_other},
    {4724, "DeviceEvents", "PasswordChangeAttempt", fill_security_other},
    {4726, "DeviceEvents", "UserAccountDeleted", fill_security_other},
    {4732, "DeviceEvents", "UserAccountAddedToLocalGroup", fill_security_other},
    {4733, "DeviceEvents", "UserAccountRemovedFromLocalGroup", fill_security_other},
    {4738, "DeviceEvents", "UserAccountModified", fill_security_other},
    {5156, "DeviceNetworkEvents", "", fill_security_network},
};

constexpr Rule kPowerShellRules[] = {
    {4103, "DeviceEvents", "PowerShellCommand", fill_powershell},
    {4104, "DeviceEvents", "PowerShellCommand", fill_powershell},
};

constexpr Rule kSystemRules[] = {
    {104, "DeviceEvents", "SecurityLogCleared", fill_security_other},
    {7045, "DeviceEvents", "ServiceInstalled", fill_service},
};

std::string_view registry_action(Record record) {
  const std::string_view type = record.is_sysmon() ? record.get("EventType") : record.get("OperationType");
  if (type == "CreateKey") return "RegistryKeyCreated";
  if (type == "DeleteKey") return "RegistryKeyDeleted";
  if (type == "DeleteValue" || type == "%%1906") return "RegistryValueDeleted";
  return "RegistryValueSet";
}

std::string_view action_of(const Rule& rule, Record record) {
  if (!rule.action.empty()) return rule.action;
  if (rule.table == "DeviceNetworkEvents")
    return is_outgoing(record) ? "ConnectionSuccess" : "InboundConnectionAccepted";
  return registry_action(record);
}

std::span<const Rule> rules_for(Record record) {
  if (record.is_sysmon()) return kSysmonRules;
  if (record.is_security()) return kSecurityRules;
  if (record.channel == "Microsoft-Windows-PowerShell/Operational") return kPowerShellRules;
  if (record.channel == "System") return kSystemRules;
  return {};
}

}  // namespace

Result<void> add_device_row(BatchOutput& output, const WindowsRecord& record) {
  for (const Rule& rule : rules_for(record))
    if (rule.event_id == record.event_id)
      return with_row(output, record, rule.table, action_of(rule, record), rule.fill);
  return {};
}

}  // namespace garrison::ingest::formats
