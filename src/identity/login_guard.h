// SPDX-License-Identifier: Apache-2.0
// Slows down guessing: after a few failures an account name, known or not, and an address have to wait, twice as long
// each time. Decided in memory before any hashing; failures on real accounts are kept in the database as well, so that
// a restart forgets nothing. Memory is bounded. Any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "state/store.h"

namespace garrison::identity {

struct LoginGuardOptions {
  int free_failures = 5;  // before the first delay of one second
  // An account's delay is short, so that a stranger cannot lock its owner out.
  Timespan max_account_delay{30 * kTicksPerSecond};
  Timespan max_address_delay{15 * kTicksPerMinute};
  Timespan forget_after{kTicksPerDay};
  std::size_t max_entries = 20'000;  // the longest unused goes first
};

class LoginGuard {
 public:
  LoginGuard(state::Store& store, const Clock& clock, LoginGuardOptions options = {});

  // Reads back what earlier processes recorded.
  Result<void> load();
  // AUTH-0004 (kExhausted) with the seconds to wait, while either has to.
  Result<void> check(std::string_view account, std::string_view address);
  void record_failure(std::string_view account, std::string_view address);
  // Within a transaction, for an account that exists; call after record_failure.
  Result<void> persist(state::Transaction& transaction, std::string_view account);
  // A success clears the account, not the address.
  Result<void> record_success(state::Transaction& transaction, std::string_view account);

 private:
  struct Entry {
    int num_failures = 0;
    DateTime last;
  };
  DateTime free_at(const Entry& entry, Timespan max_delay) const;
  void add(const std::string& key) GARRISON_REQUIRES(mutex_);

  state::Store& store_;
  const Clock& clock_;
  LoginGuardOptions options_;
  Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ GARRISON_GUARDED_BY(mutex_);
};

}  // namespace garrison::identity
