// SPDX-License-Identifier: Apache-2.0
// What may be done, and which role may do it. Roles are held per workspace and each includes the ones before it;
// server permissions belong to server administrators only. The table stands in permission.cpp. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace garrison::identity {

enum class Role : std::uint8_t { kReader, kResponder, kOperator, kContributor, kOwner };
inline constexpr Role kAllRoles[] = {Role::kReader, Role::kResponder, Role::kOperator, Role::kContributor, Role::kOwner};

enum class Permission : std::uint8_t {
  // Workspace, from Reader up
  kQueryRun, kWorkspaceRead, kTableRead, kIncidentRead, kAlertRead, kRuleRead, kWorkbookRead, kWatchlistRead,
  kPlaybookRead, kConnectorRead, kPostureRead, kAgentRead, kJobRead, kHealthRead,
  // from Responder up
  kIncidentWrite, kBookmarkWrite, kQuerySave,
  // from Operator up
  kPlaybookRun, kRuleRun, kApprovalDecide, kJobCancel, kHostAct,
  // from Contributor up
  kRuleWrite, kIngestWrite, kTableWrite, kWorkbookWrite, kWatchlistWrite, kPlaybookWrite, kAutomationWrite,
  kConnectorWrite, kPostureWrite, kContentInstall,
  // Owner
  kWorkspaceAdmin, kMemberManage, kTokenManage, kSecretWrite, kAgentEnroll, kAuditRead, kRetentionWrite,
  // Server administrators
  kWorkspaceCreate, kUserAdmin, kServerAdmin, kServerHealthRead, kServerAuditRead,
};

enum class PermissionScope : std::uint8_t { kWorkspace, kServer };

struct PermissionEntry {
  Permission permission;
  std::string_view name;       // "incident.write"
  PermissionScope scope;
  Role least_role;             // meaningless for kServer
  std::string_view about;
};

// Every permission, in the order of the enumeration.
std::span<const PermissionEntry> all_permissions();
const PermissionEntry& entry_of(Permission permission);
bool allows(Role role, Permission permission);

std::string_view to_string(Role role);              // "Reader"
std::string_view to_string(Permission permission);  // "incident.write"
std::optional<Role> parse_role(std::string_view name);
std::optional<Permission> parse_permission(std::string_view name);

}  // namespace garrison::identity
