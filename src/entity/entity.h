// SPDX-License-Identifier: Apache-2.0
// An entity: a thing an alert is about, with the identifiers that are known of it. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace garrison::entity {

enum class EntityKind : std::uint8_t {
  kAccount, kHost, kIp, kMalware, kFile, kProcess, kCloudApplication, kDns, kAzureResource, kFileHash, kRegistryKey,
  kRegistryValue, kSecurityGroup, kUrl, kMailbox, kMailCluster, kMailMessage, kSubmissionMail,
};

// "Account", "IP" ...: the name rules use in entityMappings. Parsing ignores case.
std::string_view to_string(EntityKind kind);
std::optional<EntityKind> parse_entity_kind(std::string_view name);
// "account", "ip", "registry-key" ...: the Type in the Entities column of SecurityAlert.
std::string_view wire_type(EntityKind kind);
// The identifiers a mapping may name, FullName of accounts and hosts among them.
std::span<const std::string_view> identifiers(EntityKind kind);

struct Entity {
  EntityKind kind = EntityKind::kAccount;
  std::map<std::string, std::string> properties;  // identifier -> value, never empty values
  bool operator==(const Entity&) const = default;
};

// The same entity in two alerts has the same strong key; none where only weak identifiers are known (a bare name, a
// host without domain): those are the same only within one alert.
std::optional<std::string> strong_key(const Entity& entity);
// Key within one alert or workspace view: the strong key, or all properties.
std::string key(const Entity& entity);
// What a person would call it.
std::string display_name(const Entity& entity);
// An account known by name alone, and that name is one that every machine has (SYSTEM, root ...).
bool is_generic(const Entity& entity);
// Splits FullName of accounts and hosts into its parts, in place.
void normalise(Entity& entity);

json::object to_json(const Entity& entity);
std::optional<Entity> from_json(const json::value& document);

}  // namespace garrison::entity
