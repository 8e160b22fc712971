// SPDX-License-Identifier: Apache-2.0
#include "identity/permission.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace garrison::identity {
namespace {

using enum Permission;
constexpr auto kWorkspace = PermissionScope::kWorkspace;
constexpr auto kServer = PermissionScope::kServer;

constexpr std::array kPermissions = {
    PermissionEntry{kQueryRun, "query.run", kWorkspace, Role::kReader, "run KQL over the workspace's tables"},
    PermissionEntry{kWorkspaceRead, "workspace.read", kWorkspace, Role::kReader, "see the workspace and its settings"},
    PermissionEntry{kTableRead, "table.read", kWorkspace, Role::kReader, "see table schemas"},
    PermissionEntry{kIncidentRead, "incident.read", kWorkspace, Role::kReader, "see incidents"},
    PermissionEntry{kAlertRead, "alert.read", kWorkspace, Role::kReader, "see alerts"},
    PermissionEntry{kRuleRead, "rule.read", kWorkspace, Role::kReader, "see analytics rules and their runs"},
    PermissionEntry{kWorkbookRead, "workbook.read", kWorkspace, Role::kReader, "see workbooks"},
    PermissionEntry{kWatchlistRead, "watchlist.read", kWorkspace, Role::kReader, "see watchlists"},
    PermissionEntry{kPlaybookRead, "playbook.read", kWorkspace, Role::kReader, "see playbooks and their runs"},
    PermissionEntry{kConnectorRead, "connector.read", kWorkspace, Role::kReader, "see connectors and their state"},
    PermissionEntry{kPostureRead, "posture.read", kWorkspace, Role::kReader, "see inventory, findings and scores"},
    PermissionEntry{kAgentRead, "agent.read", kWorkspace, Role::kReader, "see enrolled hosts"},
    PermissionEntry{kJobRead, "job.read", kWorkspace, Role::kReader, "see jobs and their progress"},
    PermissionEntry{kHealthRead, "health.read", kWorkspace, Role::kReader, "see the workspace's health"},
    PermissionEntry{kIncidentWrite, "incident.write", kWorkspace, Role::kResponder, "assign, comment and close incidents"},
    PermissionEntry{kBookmarkWrite, "bookmark.write", kWorkspace, Role::kResponder, "keep findings of a hunt"},
    PermissionEntry{kQuerySave, "query.save", kWorkspace, Role::kResponder, "save queries"},
    PermissionEntry{kPlaybookRun, "playbook.run", kWorkspace, Role::kOperator, "run playbooks"},
    PermissionEntry{kRuleRun, "rule.run", kWorkspace, Role::kOperator, "run analytics rules now"},
    PermissionEntry{kApprovalDecide, "approval.decide", kWorkspace, Role::kOperator, "approve or refuse waiting actions"},
    PermissionEntry{kJobCancel, "job.cancel", kWorkspace, Role::kOperator, "cancel jobs"},
    PermissionEntry{kHostAct, "host.act", kWorkspace, Role::kOperator, "act on enrolled hosts"},
    PermissionEntry{kRuleWrite, "rule.write", kWorkspace, Role::kContributor, "create and change analytics rules"},
    PermissionEntry{kIngestWrite, "ingest.write", kWorkspace, Role::kContributor, "send events"},
    PermissionEntry{kTableWrite, "table.write", kWorkspace, Role::kContributor, "create and change custom tables"},
    PermissionEntry{kWorkbookWrite, "workbook.write", kWorkspace, Role::kContributor, "create and change workbooks"},
    PermissionEntry{kWatchlistWrite, "watchlist.write", kWorkspace, Role::kContributor, "create and change watchlists"},
    PermissionEntry{kPlaybookWrite, "playbook.write", kWorkspace, Role::kContributor, "create and change playbooks"},
    PermissionEntry{kAutomationWrite, "automation.write", kWorkspace, Role::kContributor, "create and change automation rules"},
    PermissionEntry{kConnectorWrite, "connector.write", kWorkspace, Role::kContributor, "set up connectors"},
    PermissionEntry{kPostureWrite, "posture.write", kWorkspace, Role::kContributor, "change policies and exemptions"},
    PermissionEntry{kContentInstall, "content.install", kWorkspace, Role::kContributor, "import and switch on content"},
    PermissionEntry{kWorkspaceAdmin, "workspace.admin", kWorkspace, Role::kOwner, "change and delete the workspace"},
    PermissionEntry{kMemberManage, "member.manage", kWorkspace, Role::kOwner, "give and take roles in the workspace"},
    PermissionEntry{kTokenManage, "token.manage", kWorkspace, Role::kOwner, "create and revoke API tokens"},
    PermissionEntry{kSecretWrite, "secret.write", kWorkspace, Role::kOwner, "set credentials of connectors"},
    PermissionEntry{kAgentEnroll, "agent.enroll", kWorkspace, Role::kOwner, "enrol and revoke hosts"},
    PermissionEntry{kAuditRead, "audit.read", kWorkspace, Role::kOwner, "read the workspace's audit trail"},
    PermissionEntry{kRetentionWrite, "retention.write", kWorkspace, Role::kOwner, "change how long data is kept"},
    PermissionEntry{kWorkspaceCreate, "workspace.create", kServer, Role::kOwner, "create workspaces"},
    PermissionEntry{kUserAdmin, "user.admin", kServer, Role::kOwner, "create, change and remove users"},
    PermissionEntry{kServerAdmin, "server.admin", kServer, Role::kOwner, "change the server's settings"},
    PermissionEntry{kServerHealthRead, "server.health.read", kServer, Role::kOwner, "see the server's health"},
    PermissionEntry{kServerAuditRead, "server.audit.read", kServer, Role::kOwner, "read and verify the whole audit trail"},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kPermissions.size(); ++i) {
    if (static_cast<std::size_t>(kPermissions[i].permission) != i) return false;
  }
  return true;
}
static_assert(is_in_order(), "the table follows the enumeration");
static_assert(kPermissions.size() == static_cast<std::size_t>(kServerAuditRead) + 1, "one row for each permission");

constexpr std::array<std::string_view, 5> kRoleNames = {"Reader", "Responder", "Operator", "Contributor", "Owner"};

}  // namespace

std::span<const PermissionEntry> all_permissions() { return kPermissions; }

const PermissionEntry& entry_of(Permission permission) {
  const auto index = static_cast<std::size_t>(permission);
  GARRISON_CHECK(index < kPermissions.size());
  return kPermissions[index];
}

bool allows(Role role, Permission permission) {
  const PermissionEntry& entry = entry_of(permission);
  return entry.scope == kWorkspace && role >= entry.least_role;
}

std::string_view to_string(Role role) {
  const auto index = static_cast<std::size_t>(role);
  GARRISON_CHECK(index < kRoleNames.size());
  return kRoleNames[index];
}

std::string_view to_string(Permission permission) { return entry_of(permission).name; }

std::optional<Role> parse_role(std::string_view name) {
  const auto found = std::ranges::find(kRoleNames, name);
  if (found == kRoleNames.end()) return std::nullopt;
  return static_cast<Role>(found - kRoleNames.begin());
}

std::optional<Permission> parse_permission(std::string_view name) {
  const auto found = std::ranges::find(kPermissions, name, &PermissionEntry::name);
  if (found == kPermissions.end()) return std::nullopt;
  return found->permission;
}

}  // namespace garrison::identity
