// SPDX-License-Identifier: Apache-2.0
// Password hashing with argon2id, and the password policy. Hashing takes memory_bytes and is slow on purpose; only a few
// run at a time, further callers wait, and beyond a limit they are refused. Any thread may call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/secret.h"

namespace garrison::identity {

struct PasswordCost {
  std::size_t memory_bytes = 64u << 20;
  unsigned passes = 2;
  std::size_t max_at_once = 2;
  std::size_t max_waiting = 64;
  // For tests: the smallest cost that argon2id accepts.
  static PasswordCost cheap() { return {8'192, 1, 2, 64}; }
};

class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordCost cost = {});

  // Text in the usual "$argon2id$..." form. AUTH-0030 (kExhausted) when too many wait.
  Result<std::string> hash(const Secret& password);
  // True when the password is the one hashed.
  Result<bool> verify(const std::string& hash, const Secret& password);
  // The work of verify() without a user, so that unknown names take as long as known ones.
  Result<void> verify_nobody(const Secret& password);
  bool needs_rehash(const std::string& hash) const;
  // How often argon2id has run, for metrics.
  std::uint64_t num_hashings() const;

 private:
  class Slot;

  PasswordCost cost_;
  std::string nobody_;
  mutable Mutex mutex_;
  Condition freed_;
  std::size_t num_running_ GARRISON_GUARDED_BY(mutex_) = 0;
  std::size_t num_waiting_ GARRISON_GUARDED_BY(mutex_) = 0;
  std::uint64_t num_hashings_ GARRISON_GUARDED_BY(mutex_) = 0;
};

// AUTH-0031 (kBadInput) unless the password has 12 to 1,024 characters of valid UTF-8, is not made of one or two
// different characters, and does not contain the user's name.
Result<void> check_password_policy(const Secret& password, std::string_view user_name);
// 24 characters without look-alikes, over 130 bits.
Secret make_password(Random& random);

}  // namespace garrison::identity
