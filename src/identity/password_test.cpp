// SPDX-License-Identifier: Apache-2.0
#include "identity/password.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace garrison::identity {
namespace {

TEST(PasswordHasher, VerifiesItsOwnHashes) {
  PasswordHasher hasher(PasswordCost::cheap());
  const std::string hash = hasher.hash(Secret("correct horse")).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_NE(hash, hasher.hash(Secret("correct horse")).value()) << "salted";
  EXPECT_TRUE(hasher.verify(hash, Secret("correct horse")).value());
  EXPECT_FALSE(hasher.verify(hash, Secret("correct horsf")).value());
  EXPECT_FALSE(hasher.verify(hash, Secret()).value());
  EXPECT_FALSE(hasher.verify("not a hash", Secret("correct horse")).value());
  EXPECT_FALSE(hasher.verify("", Secret("")).value());
}

TEST(PasswordHasher, TakesSixtyFourMebibytesUnlessTold) {
  EXPECT_EQ(PasswordCost().memory_bytes, 64u << 20);
  PasswordHasher hasher(PasswordCost::cheap());
  const std::string cheap = hasher.hash(Secret("x")).value();
  EXPECT_FALSE(hasher.needs_rehash(cheap));
  PasswordCost dearer = PasswordCost::cheap();
  dearer.passes = 2;
  EXPECT_TRUE(PasswordHasher(dearer).needs_rehash(cheap));
}

TEST(PasswordHasher, RefusesWhenTooManyWait) {
  PasswordCost full = PasswordCost::cheap();
  PasswordHasher hasher(full);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_TRUE(hasher.hash(Secret("x")).ok()); });
  threads.clear();
  full.max_waiting = 1;
  full.max_at_once = 1;
  PasswordHasher narrow(full);
  std::atomic<int> num_refused = 0;
  std::atomic<int> num_done = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        const auto made = narrow.hash(Secret("x"));
        if (made.ok()) {
          ++num_done;
        } else {
          EXPECT_EQ(made.error().kind, ErrorKind::kExhausted);
          ++num_refused;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(num_done + num_refused, 160);
  EXPECT_GT(num_done, 0);
}

TEST(PasswordPolicy, AsksForLengthAndVariety) {
  const auto code = [](std::string_view password, std::string_view name = "alice") {
    const auto done = check_password_policy(Secret(std::string(password)), name);
    return done.ok() ? std::string() : done.error().code;
  };
  EXPECT_EQ(code("twelve chars"), "");
  EXPECT_EQ(code("eleven char"), "AUTH-0031");
  EXPECT_EQ(code("ääääääääääää"), "AUTH-0031") << "one character only";
  EXPECT_EQ(code("passwörter ää"), "");
  EXPECT_EQ(code("aaaaaaaaaaaaaaaa"), "AUTH-0031");
  EXPECT_EQ(code("abababababababab"), "AUTH-0031");
  EXPECT_EQ(code("i am ALICE the great"), "AUTH-0031");
  EXPECT_EQ(code(std::string(1'025, 'a') + "bc"), "AUTH-0031");
  EXPECT_EQ(code("\xff\xfe 12345678901234"), "AUTH-0031");
}

TEST(PasswordPolicy, MadePasswordsPassItAndDiffer) {
  SeededRandom random(1);
  std::set<std::string> made;
  for (int i = 0; i < 100; ++i) {
    const Secret password = make_password(random);
    EXPECT_TRUE(check_password_policy(password, "admin").ok());
    made.insert(std::string(password.reveal()));
  }
  EXPECT_EQ(made.size(), 100u);
}

}  // namespace
}  // namespace garrison::identity
