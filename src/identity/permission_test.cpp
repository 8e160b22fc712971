// SPDX-License-Identifier: Apache-2.0
#include "identity/permission.h"

#include <gtest/gtest.h>

#include <set>

#include "identity/authorizer.h"

namespace garrison::identity {
namespace {

const WorkspaceId kMain{"main"};
const WorkspaceId kOther{"other"};

// Written out by hand, apart from the table under test: a change of rights has to be made twice.
const std::map<Role, std::set<std::string_view>> kAdded = {
    {Role::kReader,
     {"query.run", "workspace.read", "table.read", "incident.read", "alert.read", "rule.read", "workbook.read",
      "watchlist.read", "playbook.read", "connector.read", "posture.read", "agent.read", "job.read", "health.read"}},
    {Role::kResponder, {"incident.write", "bookmark.write", "query.save"}},
    {Role::kOperator, {"playbook.run", "rule.run", "approval.decide", "job.cancel", "host.act"}},
    {Role::kContributor,
     {"rule.write", "ingest.write", "table.write", "workbook.write", "watchlist.write", "playbook.write",
      "automation.write", "connector.write", "posture.write", "content.install"}},
    {Role::kOwner,
     {"workspace.admin", "member.manage", "token.manage", "secret.write", "agent.enroll", "audit.read", "retention.write"}},
};
const std::set<std::string_view> kServerOnly = {"workspace.create", "user.admin", "server.admin", "server.health.read",
                                                "server.audit.read"};

Principal member(Role role) {
  Principal principal;
  principal.roles[kMain] = role;
  return principal;
}

TEST(Permissions, EveryRoleHasExactlyItsOwnInItsOwnWorkspace) {
  std::set<std::string_view> held;
  for (const Role role : kAllRoles) {
    held.insert(kAdded.at(role).begin(), kAdded.at(role).end());
    for (const PermissionEntry& entry : all_permissions()) {
      EXPECT_EQ(Authorizer::is_allowed(member(role), entry.permission, kMain), held.contains(entry.name))
          << to_string(role) << " " << entry.name;
      EXPECT_FALSE(Authorizer::is_allowed(member(role), entry.permission, kOther)) << entry.name;
      EXPECT_FALSE(Authorizer::is_allowed(member(role), entry.permission, WorkspaceId())) << entry.name;
      EXPECT_FALSE(Authorizer::is_allowed(Principal(), entry.permission, kMain)) << entry.name;
    }
  }
  EXPECT_EQ(held.size() + kServerOnly.size(), all_permissions().size());
}

TEST(Permissions, AnAdministratorHasTheServersAndNoWorkspace) {
  Principal admin;
  admin.is_server_admin = true;
  for (const PermissionEntry& entry : all_permissions()) {
    EXPECT_EQ(Authorizer::is_allowed(admin, entry.permission, kMain), kServerOnly.contains(entry.name)) << entry.name;
  }
  // A token is never an administrator.
  admin.kind = PrincipalKind::kToken;
  EXPECT_FALSE(Authorizer::is_allowed(admin, Permission::kUserAdmin, {}));
}

TEST(Permissions, ALimitTakesAwayAndAddsNothing) {
  Principal limited = member(Role::kReader);
  limited.only = {Permission::kQueryRun, Permission::kIngestWrite};
  EXPECT_TRUE(Authorizer::is_allowed(limited, Permission::kQueryRun, kMain));
  EXPECT_FALSE(Authorizer::is_allowed(limited, Permission::kIncidentRead, kMain));
  EXPECT_FALSE(Authorizer::is_allowed(limited, Permission::kIngestWrite, kMain)) << "not in the role";
  EXPECT_FALSE(Authorizer::is_allowed(limited, Permission::kQueryRun, kOther));
}

TEST(Permissions, NothingGoesBeforeThePasswordIsChanged) {
  Principal fresh = member(Role::kOwner);
  fresh.is_server_admin = true;
  fresh.must_change_password = true;
  EXPECT_EQ(Authorizer::check(fresh, Permission::kQueryRun, kMain).error().code, "AUTH-0005");
  EXPECT_EQ(Authorizer::check(fresh, Permission::kUserAdmin, {}).error().code, "AUTH-0005");
}

TEST(Permissions, ADenialNamesTheRoleAndNotTheWorkspace) {
  const auto here = Authorizer::check(member(Role::kReader), Permission::kRuleWrite, kMain);
  const auto there = Authorizer::check(member(Role::kReader), Permission::kRuleWrite, kOther);
  EXPECT_EQ(here.error().kind, ErrorKind::kDenied);
  EXPECT_NE(here.error().message.find("Contributor"), std::string::npos);
  EXPECT_EQ(here.error().message, there.error().message);
  EXPECT_TRUE(Authorizer::check(Principal::system(), Permission::kUserAdmin, {}).ok());
}

TEST(Permissions, NamesGoBothWays) {
  for (const PermissionEntry& entry : all_permissions()) {
    EXPECT_EQ(parse_permission(entry.name), entry.permission);
    EXPECT_FALSE(entry.about.empty());
  }
  for (const Role role : kAllRoles) EXPECT_EQ(parse_role(to_string(role)), role);
  EXPECT_EQ(parse_role("owner"), std::nullopt);
  EXPECT_EQ(parse_permission("query"), std::nullopt);
}

}  // namespace
}  // namespace garrison::identity
