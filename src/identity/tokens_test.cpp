// SPDX-License-Identifier: Apache-2.0
#include "identity/tokens.h"

#include "identity/identity_fixture.h"

namespace garrison::identity {
namespace {

class TokensTest : public IdentityFixture {
 protected:
  TokensTest() : alice_(make_user("alice", {{main_, Role::kContributor}, {other_, Role::kReader}})) {
    owner_ = sign_in("alice").principal;
  }
  NewToken wanted(Role role = Role::kContributor, std::vector<Permission> only = {}) {
    return {"shipper", main_, role, std::move(only), clock_.now() + Timespan{30 * kTicksPerDay}};
  }
  CreatedToken make(const NewToken& token) {
    auto made = identity_->tokens.create(owner_, token);
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    return std::move(*made);
  }
  std::string code(const Secret& token) {
    const auto got = identity_->tokens.authenticate(token);
    return got.ok() ? "" : got.error().code;
  }

  User alice_;
  Principal owner_;
};

TEST_F(TokensTest, ActsInItsWorkspaceWithItsRole) {
  const CreatedToken made = make(wanted(Role::kResponder));
  EXPECT_TRUE(made.token.reveal().starts_with("grs_"));
  const Principal principal = identity_->tokens.authenticate(made.token).value();
  EXPECT_EQ(principal.kind, PrincipalKind::kToken);
  EXPECT_EQ(principal.credential, made.info.id);
  EXPECT_TRUE(Authorizer::is_allowed(principal, Permission::kIncidentWrite, main_));
  EXPECT_FALSE(Authorizer::is_allowed(principal, Permission::kRuleWrite, main_));
  EXPECT_FALSE(Authorizer::is_allowed(principal, Permission::kQueryRun, other_)) << "its owner may, the token may not";
}

TEST_F(TokensTest, IsStoredAsAHashOnly) {
  const CreatedToken made = make(wanted());
  const std::string database = disk_.read_file("/data/state.db").value() + disk_.read_file("/data/state.db-wal").value();
  EXPECT_NE(database.find(made.info.id), std::string::npos);
  EXPECT_EQ(database.find(std::string(made.token.reveal().substr(4))), std::string::npos);
}

TEST_F(TokensTest, IsLimitedToItsPermissions) {
  const CreatedToken made = make(wanted(Role::kContributor, {Permission::kIngestWrite}));
  const Principal principal = identity_->tokens.authenticate(made.token).value();
  EXPECT_TRUE(Authorizer::is_allowed(principal, Permission::kIngestWrite, main_));
  EXPECT_FALSE(Authorizer::is_allowed(principal, Permission::kQueryRun, main_));
  EXPECT_EQ(identity_->tokens.create(owner_, wanted(Role::kReader, {Permission::kIngestWrite})).error().code, "AUTH-0015");
}

TEST_F(TokensTest, NeverHasMoreThanItsOwnerHasNow) {
  EXPECT_EQ(identity_->tokens.create(owner_, wanted(Role::kOwner)).error().code, "AUTH-0001");
  const CreatedToken made = make(wanted());
  ASSERT_TRUE(identity_->users.set_role(system_, alice_.id, main_, Role::kReader).ok());
  EXPECT_EQ(identity_->tokens.authenticate(made.token)->roles.at(main_), Role::kReader);
  ASSERT_TRUE(identity_->users.set_role(system_, alice_.id, main_, std::nullopt).ok());
  EXPECT_EQ(code(made.token), "AUTH-0002");
}

TEST_F(TokensTest, DiesWithItsOwner) {
  make_user("root", {}, true);
  const CreatedToken made = make(wanted());
  ASSERT_TRUE(identity_->users.set_disabled(system_, alice_.id, true).ok());
  EXPECT_EQ(code(made.token), "AUTH-0002");
  ASSERT_TRUE(identity_->users.set_disabled(system_, alice_.id, false).ok());
  EXPECT_EQ(code(made.token), "");
  ASSERT_TRUE(identity_->users.remove(system_, alice_.id).ok());
  EXPECT_EQ(code(made.token), "AUTH-0002");
  EXPECT_TRUE(identity_->tokens.list(main_).value().empty());
}

TEST_F(TokensTest, Expires) {
  const CreatedToken made = make(wanted());
  clock_.advance({30 * kTicksPerDay - 1});
  EXPECT_EQ(code(made.token), "");
  clock_.advance({1});
  EXPECT_EQ(code(made.token), "AUTH-0002");
  EXPECT_EQ(identity_->tokens.delete_expired().value(), 1);
  NewToken forever = wanted();
  forever.expires = clock_.now() + Timespan{367 * kTicksPerDay};
  EXPECT_EQ(identity_->tokens.create(owner_, forever).error().code, "AUTH-0015");
  forever.expires = clock_.now();
  EXPECT_EQ(identity_->tokens.create(owner_, forever).error().code, "AUTH-0015");
}

TEST_F(TokensTest, IsRevokedInItsWorkspaceOnly) {
  const CreatedToken made = make(wanted());
  EXPECT_EQ(identity_->tokens.revoke(owner_, other_, made.info.id).error().code, "AUTH-0016");
  EXPECT_EQ(code(made.token), "");
  EXPECT_TRUE(identity_->tokens.revoke(owner_, main_, made.info.id).ok());
  EXPECT_EQ(code(made.token), "AUTH-0002");
}

TEST_F(TokensTest, CannotMakeTokensItself) {
  const Principal token = identity_->tokens.authenticate(make(wanted()).token).value();
  EXPECT_EQ(identity_->tokens.create(token, wanted(Role::kReader)).error().code, "AUTH-0006");
}

TEST_F(TokensTest, RefusesMadeUpOnes) {
  for (const std::string& value :
       {std::string(), std::string("grs_"), "grs_" + std::string(43, 'A'), "GRS_" + std::string(43, 'A'),
        std::string(1'000'000, 'g')}) {
    EXPECT_EQ(code(Secret(value)), "AUTH-0002");
  }
  // A session is no token, and the other way round.
  const SignedIn session = sign_in("alice");
  EXPECT_EQ(code(session.session), "AUTH-0002");
  EXPECT_EQ(session_code(make(wanted()).token), "AUTH-0002");
}

TEST_F(TokensTest, ListsWhatIsNeededToRecogniseThem) {
  const CreatedToken made = make(wanted(Role::kContributor, {Permission::kIngestWrite}));
  clock_.advance({kTicksPerMinute});
  EXPECT_EQ(code(made.token), "");
  const auto list = identity_->tokens.list(main_).value();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].name, "shipper");
  EXPECT_EQ(list[0].owner, alice_.id);
  EXPECT_EQ(list[0].only, std::vector<Permission>{Permission::kIngestWrite});
  EXPECT_EQ(list[0].last_used, clock_.now());
  EXPECT_TRUE(identity_->tokens.list(other_).value().empty());
}

}  // namespace
}  // namespace garrison::identity
