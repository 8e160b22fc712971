// SPDX-License-Identifier: Apache-2.0
#include "identity/users.h"

#include "identity/identity_fixture.h"

namespace garrison::identity {
namespace {

class UsersTest : public IdentityFixture {};

TEST_F(UsersTest, MakesTheFirstAdministratorOnce) {
  const auto password = identity_->users.create_first_admin("admin");
  ASSERT_TRUE(password.ok());
  EXPECT_GE(password->reveal().size(), 24u);
  const auto session = try_sign_in("admin", std::string(password->reveal()));
  ASSERT_TRUE(session.ok());
  EXPECT_TRUE(session->principal.is_server_admin);
  EXPECT_TRUE(Authorizer::check(session->principal, Permission::kWorkspaceCreate, {}).ok());
  EXPECT_EQ(identity_->users.create_first_admin("second").error().code, "AUTH-0012");
  EXPECT_EQ(identity_->users.count().value(), 1);
}

TEST_F(UsersTest, RefusesBadNamesAndTakenOnes) {
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a\nb"), std::string("é"), std::string(65, 'a')}) {
    EXPECT_EQ(identity_->users.create(system_, {name, Secret(password_)}).error().code, "AUTH-0010") << name;
  }
  make_user("alice");
  EXPECT_EQ(identity_->users.create(system_, {"ALICE", Secret(password_)}).error().code, "AUTH-0011");
  EXPECT_EQ(identity_->users.create(system_, {"bob", Secret("short")}).error().code, "AUTH-0031");
  EXPECT_EQ(identity_->users.list().value().size(), 1u);
}

TEST_F(UsersTest, ANewUserMustChangeThePasswordFirst) {
  const auto made = identity_->users.create(system_, {"alice", Secret(password_)});
  ASSERT_TRUE(made.ok());
  ASSERT_TRUE(identity_->users.set_role(system_, made->id, main_, Role::kOwner).ok());
  const SignedIn session = sign_in("alice");
  EXPECT_EQ(Authorizer::check(session.principal, Permission::kQueryRun, main_).error().code, "AUTH-0005");
  Users& users = identity_->users;
  EXPECT_EQ(users.change_password(session.principal, Secret("wrong"), Secret("a better phrase")).error().code, "AUTH-0003");
  EXPECT_EQ(users.change_password(session.principal, Secret(password_), Secret("short")).error().code, "AUTH-0031");
  EXPECT_EQ(users.change_password(session.principal, Secret(password_), Secret(password_)).error().code, "AUTH-0031");
  ASSERT_TRUE(users.change_password(session.principal, Secret(password_), Secret("a better phrase")).ok());
  EXPECT_EQ(try_sign_in("alice", password_).error().code, "AUTH-0003");
  const auto again = try_sign_in("alice", "a better phrase");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(Authorizer::check(again->principal, Permission::kQueryRun, main_).ok());
}

TEST_F(UsersTest, AResetGivesAPasswordToBeChanged) {
  const User alice = make_user("alice");
  const auto password = identity_->users.reset_password(system_, alice.id);
  ASSERT_TRUE(password.ok());
  EXPECT_EQ(try_sign_in("alice", password_).error().code, "AUTH-0003");
  EXPECT_TRUE(try_sign_in("alice", std::string(password->reveal()))->principal.must_change_password);
  EXPECT_EQ(identity_->users.reset_password(system_, UserId("no")).error().kind, ErrorKind::kNotFound);
}

TEST_F(UsersTest, KeepsOneAdministrator) {
  const User first = make_user("first", {}, true);
  Users& users = identity_->users;
  EXPECT_EQ(users.set_server_admin(system_, first.id, false).error().code, "AUTH-0013");
  EXPECT_EQ(users.set_disabled(system_, first.id, true).error().code, "AUTH-0013");
  EXPECT_EQ(users.remove(system_, first.id).error().code, "AUTH-0013");
  const User second = make_user("second", {}, true);
  EXPECT_TRUE(users.set_disabled(system_, second.id, true).ok());
  EXPECT_EQ(users.remove(system_, first.id).error().code, "AUTH-0013") << "a disabled one does not count";
  EXPECT_TRUE(users.set_disabled(system_, second.id, false).ok());
  EXPECT_TRUE(users.remove(system_, first.id).ok());
  EXPECT_EQ(users.get(first.id).error().kind, ErrorKind::kNotFound);
}

TEST_F(UsersTest, RolesAreOfOneWorkspace) {
  const User alice = make_user("alice", {{main_, Role::kOwner}, {other_, Role::kReader}});
  EXPECT_EQ(alice.roles.size(), 2u);
  EXPECT_EQ(identity_->users.set_role(system_, alice.id, WorkspaceId("Bad Id"), Role::kReader).error().code, "AUTH-0014");
  ASSERT_TRUE(store_->write([&](state::Transaction& transaction) {
    return identity_->users.remove_workspace(transaction, main_);
  }).ok());
  const User left = identity_->users.get(alice.id).value();
  EXPECT_EQ(left.roles, (std::map<WorkspaceId, Role>{{other_, Role::kReader}}));
}

TEST_F(UsersTest, ADamagedRoleIsAnErrorAndNoRight) {
  const User alice = make_user("alice", {{main_, Role::kReader}});
  const SignedIn session = sign_in("alice");
  ASSERT_TRUE(run("UPDATE user_roles SET role = 'Emperor'").ok());
  EXPECT_EQ(session_code(session.session), "AUTH-0041");
}

TEST_F(UsersTest, EveryChangeIsAudited) {
  const User alice = make_user("alice");
  make_user("root", {}, true);
  const auto last = [&] { return identity_->audit.list({.max_entries = 1}).value().at(0).event; };
  Principal admin = Principal();
  admin.name = "root";
  admin.credential = "session-1";
  ASSERT_TRUE(identity_->users.set_role(admin, alice.id, main_, Role::kOperator).ok());
  EXPECT_EQ(last().action, "user.set_role");
  EXPECT_EQ(last().actor, "root");
  EXPECT_EQ(last().actor_kind, "user");
  EXPECT_EQ(last().credential, "session-1");
  EXPECT_EQ(last().workspace, main_);
  EXPECT_EQ(json::print(last().details), R"({"Role":"Operator","OldRole":"none"})");
  ASSERT_TRUE(identity_->users.set_disabled(admin, alice.id, true).ok());
  EXPECT_EQ(last().action, "user.disable");
  ASSERT_TRUE(identity_->users.remove(admin, alice.id).ok());
  EXPECT_EQ(last().action, "user.remove");
  EXPECT_EQ(last().target, "user:alice");
  EXPECT_TRUE(identity_->audit.verify().ok());
}

}  // namespace
}  // namespace garrison::identity
