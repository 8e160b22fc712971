// SPDX-License-Identifier: Apache-2.0
#include "identity/login_guard.h"

#include "identity/identity_fixture.h"

namespace garrison::identity {
namespace {

class LoginGuardTest : public IdentityFixture {
 protected:
  LoginGuard guard_{*store_, clock_, {.max_entries = 100}};
};

TEST_F(LoginGuardTest, AnAccountWaitsHalfAMinuteAtMostAndAnAddressLonger) {
  for (int i = 0; i < 30; ++i) guard_.record_failure("alice", "192.0.2.1");
  clock_.advance({30 * kTicksPerSecond - 1});
  EXPECT_EQ(guard_.check("Alice", "192.0.2.2").error().code, "AUTH-0004");
  clock_.advance({1});
  EXPECT_TRUE(guard_.check("alice", "192.0.2.2").ok());
  EXPECT_EQ(guard_.check("bob", "192.0.2.1").error().code, "AUTH-0004");
  EXPECT_NE(guard_.check("bob", "192.0.2.1").error().message.find("870 s"), std::string::npos);
  clock_.advance({15 * kTicksPerMinute});
  EXPECT_TRUE(guard_.check("bob", "192.0.2.1").ok());
}

TEST_F(LoginGuardTest, TreatsUnknownNamesLikeKnownOnes) {
  for (int i = 0; i < 5; ++i) guard_.record_failure("nobody", "192.0.2.1");
  EXPECT_EQ(guard_.check("nobody", "192.0.2.2").error().code, "AUTH-0004");
}

TEST_F(LoginGuardTest, ForgetsAfterADay) {
  for (int i = 0; i < 20; ++i) guard_.record_failure("alice", "192.0.2.1");
  clock_.advance({kTicksPerDay});
  EXPECT_TRUE(guard_.check("alice", "192.0.2.1").ok());
  guard_.record_failure("alice", "192.0.2.1");
  EXPECT_TRUE(guard_.check("alice", "192.0.2.1").ok()) << "counts from one again";
}

TEST_F(LoginGuardTest, KeepsTheNewestEntriesWithinItsMemory) {
  for (int i = 0; i < 500; ++i) {
    guard_.record_failure("user" + std::to_string(i), "");
    clock_.advance({1});
  }
  for (int i = 0; i < 5; ++i) guard_.record_failure("alice", "192.0.2.1");
  EXPECT_EQ(guard_.check("alice", "").error().code, "AUTH-0004");
}

}  // namespace
}  // namespace garrison::identity
