// SPDX-License-Identifier: Apache-2.0
#include "identity/sessions.h"

#include <set>

#include "base/text.h"
#include "identity/identity_fixture.h"

namespace garrison::identity {
namespace {

class SessionsTest : public IdentityFixture {};

TEST_F(SessionsTest, SignsInWithTheRightsOfNow) {
  make_user("Alice", {{main_, Role::kResponder}});
  const auto done = try_sign_in("aLICE", password_);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  EXPECT_EQ(done->session.reveal().size(), 43u);
  const Principal principal = identity_->sessions.authenticate(done->session).value();
  EXPECT_EQ(principal.name, "Alice");
  EXPECT_EQ(principal.kind, PrincipalKind::kUser);
  EXPECT_EQ(principal.roles.at(main_), Role::kResponder);
  EXPECT_FALSE(principal.is_server_admin);
  EXPECT_EQ(identity_->users.find("alice").value()->last_sign_in, clock_.now());
}

TEST_F(SessionsTest, GivesANewValueEachTimeAndStoresNone) {
  make_user("alice");
  std::set<std::string> values;
  for (int i = 0; i < 5; ++i) values.insert(std::string(sign_in("alice").session.reveal()));
  EXPECT_EQ(values.size(), 5u);
  const std::string database = disk_.read_file("/data/state.db").value() + disk_.read_file("/data/state.db-wal").value();
  EXPECT_NE(database.find("alice"), std::string::npos);
  for (const std::string& value : values) EXPECT_EQ(database.find(value), std::string::npos);
  EXPECT_EQ(database.find(password_), std::string::npos);
}

TEST_F(SessionsTest, DoesNotSayWhetherTheNameOrThePasswordIsWrong) {
  const User alice = make_user("alice");
  const auto wrong_password = try_sign_in("alice", "not the password");
  const auto wrong_name = try_sign_in("bob", password_);
  ASSERT_TRUE(identity_->users.set_disabled(system_, alice.id, true).ok());
  const auto disabled = try_sign_in("alice", password_);
  for (const auto* const answer : {&wrong_password, &wrong_name, &disabled}) {
    ASSERT_FALSE(answer->ok());
    EXPECT_EQ(answer->error().to_string(), wrong_password.error().to_string());
  }
  EXPECT_EQ(wrong_password.error().code, "AUTH-0003");
}

TEST_F(SessionsTest, EveryFailureTakesOneHashingAndOneCommit) {
  make_user("alice");
  const User bob = make_user("bob");
  ASSERT_TRUE(identity_->users.set_disabled(system_, bob.id, true).ok());
  for (const char* const name : {"alice", "nobody", "bob", "\xff'; --"}) {
    const std::uint64_t hashings = identity_->hasher.num_hashings();
    const std::int64_t entries = identity_->audit.verify().value();
    EXPECT_EQ(try_sign_in(name, "a wrong password").error().code, "AUTH-0003") << name;
    EXPECT_EQ(identity_->hasher.num_hashings(), hashings + 1) << name;
    EXPECT_EQ(identity_->audit.verify().value(), entries + 1) << name;
  }
}

TEST_F(SessionsTest, EndsBySignOut) {
  make_user("alice");
  const SignedIn first = sign_in("alice");
  const SignedIn second = sign_in("alice");
  ASSERT_TRUE(identity_->sessions.sign_out(first.session).ok());
  EXPECT_EQ(session_code(first.session), "AUTH-0002");
  EXPECT_EQ(session_code(second.session), "");
  EXPECT_TRUE(identity_->sessions.sign_out(first.session).ok());
  reopen();
  EXPECT_EQ(session_code(first.session), "AUTH-0002");
  EXPECT_EQ(session_code(second.session), "") << "a restart of the server keeps sessions";
}

TEST_F(SessionsTest, EndsWithEveryChangeOfTheAccount) {
  const User alice = make_user("alice", {{main_, Role::kReader}}, true);
  make_user("root", {}, true);
  Users& users = identity_->users;
  const std::vector<std::pair<std::string, std::function<Result<void>()>>> changes = {
      {"role raised", [&] { return users.set_role(system_, alice.id, main_, Role::kOwner); }},
      {"role lowered", [&] { return users.set_role(system_, alice.id, main_, Role::kReader); }},
      {"role in another workspace", [&] { return users.set_role(system_, alice.id, other_, Role::kReader); }},
      {"role taken", [&] { return users.set_role(system_, alice.id, main_, std::nullopt); }},
      {"administrator no more", [&] { return users.set_server_admin(system_, alice.id, false); }},
      {"password", [&] {
         Principal self;
         self.user = alice.id;
         self.name = "alice";
         return users.change_password(self, Secret(password_), Secret("another good one"));
       }},
  };
  std::string password = password_;
  for (const auto& [name, change] : changes) {
    const auto session = try_sign_in("alice", password);
    ASSERT_TRUE(session.ok()) << name;
    EXPECT_EQ(session_code(session->session), "") << name;
    const auto done = change();
    ASSERT_TRUE(done.ok()) << name << done.error().to_string();
    EXPECT_EQ(session_code(session->session), "AUTH-0002") << name;
    if (name == "password") password = "another good one";
  }
  const auto before = try_sign_in("alice", password);
  ASSERT_TRUE(users.reset_password(system_, alice.id).ok());
  EXPECT_EQ(session_code(before->session), "AUTH-0002");
  EXPECT_EQ(try_sign_in("alice", password).error().code, "AUTH-0003");
}

TEST_F(SessionsTest, StaysWhenNothingChangedOrOneCreatesAWorkspace) {
  const User alice = make_user("alice", {{main_, Role::kReader}});
  const SignedIn session = sign_in("alice");
  ASSERT_TRUE(identity_->users.set_role(system_, alice.id, main_, Role::kReader).ok());
  EXPECT_EQ(session_code(session.session), "");
  ASSERT_TRUE(identity_->users.set_role(session.principal, alice.id, other_, Role::kOwner).ok());
  EXPECT_EQ(identity_->sessions.authenticate(session.session)->roles.at(other_), Role::kOwner);
  // Raising oneself where one has a role already is a change like any other.
  ASSERT_TRUE(identity_->users.set_role(session.principal, alice.id, main_, Role::kOwner).ok());
  EXPECT_EQ(session_code(session.session), "AUTH-0002");
}

TEST_F(SessionsTest, EndsByIdlingAndByAge) {
  make_user("alice");
  const SignedIn idle = sign_in("alice");
  const SignedIn used = sign_in("alice");
  for (int i = 0; i < 2; ++i) {
    clock_.advance({kTicksPerHour / 2});
    EXPECT_EQ(session_code(used.session), "");
  }
  EXPECT_EQ(session_code(idle.session), "AUTH-0002");
  EXPECT_EQ(identity_->sessions.list(identity_->users.find("alice").value()->id)->size(), 1u);
  EXPECT_EQ(identity_->sessions.delete_expired().value(), 1);
  for (int i = 2; i < 23; ++i) {
    clock_.advance({kTicksPerHour / 2});
    EXPECT_EQ(session_code(used.session), "") << i;
  }
  clock_.advance({kTicksPerHour / 2});
  EXPECT_EQ(clock_.now(), used.expires);
  EXPECT_EQ(session_code(used.session), "AUTH-0002") << "however busy";
}

TEST_F(SessionsTest, KeepsTheNewestTwenty) {
  make_user("alice");
  std::vector<Secret> sessions;
  for (int i = 0; i < 22; ++i) {
    sessions.push_back(sign_in("alice").session);
    clock_.advance({kTicksPerSecond});
  }
  EXPECT_EQ(session_code(sessions[0]), "AUTH-0002");
  EXPECT_EQ(session_code(sessions[1]), "AUTH-0002");
  EXPECT_EQ(session_code(sessions[2]), "");
}

TEST_F(SessionsTest, ListsAndRevokesOnlyTheUsersOwn) {
  const User alice = make_user("alice");
  const User bob = make_user("bob");
  const SignedIn session = sign_in("alice");
  const auto list = identity_->sessions.list(alice.id).value();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].address, "192.0.2.1");
  EXPECT_EQ(identity_->sessions.revoke(system_, bob.id, list[0].id).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(session_code(session.session), "");
  EXPECT_TRUE(identity_->sessions.revoke(system_, alice.id, list[0].id).ok());
  EXPECT_EQ(session_code(session.session), "AUTH-0002");
}

TEST_F(SessionsTest, RefusesMadeUpValues) {
  for (const std::string& value : {std::string(), std::string("x"), std::string(43, 'A'), std::string(1'000'000, 'A'),
                                   std::string("' OR 1=1 --")}) {
    EXPECT_EQ(session_code(Secret(value)), "AUTH-0002");
  }
}

TEST_F(SessionsTest, SlowsGuessingDownAndForgetsItNotOverARestart) {
  make_user("alice");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(try_sign_in("alice", "wrong " + std::to_string(i)).error().code, "AUTH-0003");
  const auto waiting = try_sign_in("alice", password_);
  EXPECT_EQ(waiting.error().code, "AUTH-0004") << "even the right password waits";
  EXPECT_EQ(waiting.error().kind, ErrorKind::kExhausted);
  reopen();
  EXPECT_EQ(try_sign_in("alice", password_, "192.0.2.99").error().code, "AUTH-0004");
  clock_.advance({kTicksPerSecond});
  EXPECT_EQ(try_sign_in("alice", "wrong").error().code, "AUTH-0003");
  clock_.advance({kTicksPerSecond});
  EXPECT_EQ(try_sign_in("alice", "wrong").error().code, "AUTH-0004") << "twice as long now";
  clock_.advance({kTicksPerSecond});
  EXPECT_TRUE(try_sign_in("alice", password_).ok());
  EXPECT_EQ(try_sign_in("alice", "wrong").error().code, "AUTH-0003") << "a success starts afresh";
}

TEST_F(SessionsTest, AuditsSignInsWithoutWhatWasTyped) {
  make_user("alice");
  ASSERT_FALSE(try_sign_in("my-secret-passphrase", "x").ok());
  ASSERT_FALSE(try_sign_in("alice", "hunter2-canary").ok());
  sign_in("alice");
  const auto entries = identity_->audit.list().value();
  ASSERT_GE(entries.size(), 3u);
  EXPECT_EQ(entries[0].event.outcome, AuditOutcome::kSuccess);
  EXPECT_EQ(entries[0].event.action, "user.sign_in");
  EXPECT_EQ(entries[1].event.outcome, AuditOutcome::kDenied);
  EXPECT_EQ(entries[1].event.actor, "alice");
  EXPECT_EQ(entries[2].event.actor, "unknown");
  const std::string database = disk_.read_file("/data/state.db").value() + disk_.read_file("/data/state.db-wal").value();
  EXPECT_EQ(database.find("my-secret-passphrase"), std::string::npos);
  EXPECT_EQ(database.find("hunter2-canary"), std::string::npos);
}

}  // namespace
}  // namespace garrison::identity
