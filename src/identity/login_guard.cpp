// SPDX-License-Identifier: Apache-2.0
#include "identity/login_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace garrison::identity {
namespace {

constexpr std::size_t kMaxKeyBytes = 100;

std::string account_key(std::string_view account) {
  return "account:" + text::ascii_lower(account.substr(0, kMaxKeyBytes));
}
std::string address_key(std::string_view address) { return "address:" + std::string(address.substr(0, kMaxKeyBytes)); }

}  // namespace

LoginGuard::LoginGuard(state::Store& store, const Clock& clock, LoginGuardOptions options)
    : store_(store), clock_(clock), options_(options) {}

Result<void> LoginGuard::load() {
  struct Stored {
    std::string account;
    Entry entry;
  };
  GARRISON_ASSIGN(const std::vector<Stored> stored, store_.read([](state::Transaction& transaction) {
    return transaction.query_all("SELECT account, num_failures, last FROM login_failures", {}, [](const state::Row& row) {
      return Stored{row.string(0), {static_cast<int>(row.integer(1)), row.time(2)}};
    });
  }));
  const Lock lock(mutex_);
  for (const Stored& one : stored) entries_[account_key(one.account)] = one.entry;
  return {};
}

DateTime LoginGuard::free_at(const Entry& entry, Timespan max_delay) const {
  if (entry.num_failures < options_.free_failures) return {0};
  const int doublings = std::min(entry.num_failures - options_.free_failures, 30);
  return entry.last + Timespan{std::min(kTicksPerSecond << doublings, max_delay.ticks)};
}

Result<void> LoginGuard::check(std::string_view account, std::string_view address) {
  const DateTime now = clock_.now();
  DateTime free{0};
  {
    const Lock lock(mutex_);
    const auto look = [&](const std::string& key, Timespan max_delay) GARRISON_REQUIRES(mutex_) {
      const auto found = entries_.find(key);
      if (found == entries_.end()) return;
      if (now - found->second.last >= options_.forget_after) {
        entries_.erase(found);
      } else {
        free = std::max(free, free_at(found->second, max_delay));
      }
    };
    look(account_key(account), options_.max_account_delay);
    look(address_key(address), options_.max_address_delay);
  }
  if (free <= now) return {};
  const std::int64_t seconds = ((free - now).ticks + kTicksPerSecond - 1) / kTicksPerSecond;
  return exhausted("AUTH-0004", fmt::format("too many failed sign-ins; try again in {} s", seconds));
}

void LoginGuard::add(const std::string& key) {
  if (entries_.size() >= options_.max_entries && !entries_.contains(key)) {
    // A tenth goes at once, so that a flood of addresses does not cost a search each.
    std::vector<std::pair<DateTime, std::string>> by_age;
    by_age.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) by_age.emplace_back(entry.last, name);
    const std::size_t num_removed = std::max<std::size_t>(1, by_age.size() / 10);
    std::nth_element(by_age.begin(), by_age.begin() + static_cast<std::ptrdiff_t>(num_removed) - 1, by_age.end());
    for (std::size_t i = 0; i < num_removed; ++i) entries_.erase(by_age[i].second);
  }
  Entry& entry = entries_[key];
  ++entry.num_failures;
  entry.last = clock_.now();
}

void LoginGuard::record_failure(std::string_view account, std::string_view address) {
  const Lock lock(mutex_);
  add(account_key(account));
  if (!address.empty()) add(address_key(address));
}

Result<void> LoginGuard::persist(state::Transaction& transaction, std::string_view account) {
  Entry entry;
  {
    const Lock lock(mutex_);
    const auto found = entries_.find(account_key(account));
    if (found == entries_.end()) return {};
    entry = found->second;
  }
  GARRISON_TRY(transaction.execute(
      "INSERT INTO login_failures (account, num_failures, last) VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET "
      "num_failures = excluded.num_failures, last = excluded.last",
      {text::ascii_lower(account), entry.num_failures, entry.last}));
  return {};
}

Result<void> LoginGuard::record_success(state::Transaction& transaction, std::string_view account) {
  {
    const Lock lock(mutex_);
    entries_.erase(account_key(account));
  }
  GARRISON_TRY(transaction.execute("DELETE FROM login_failures WHERE account = ?", {text::ascii_lower(account)}));
  return {};
}

}  // namespace garrison::identity
