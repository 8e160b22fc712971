// SPDX-License-Identifier: Apache-2.0
// The transactional database of one server: an SQLite file in WAL mode with synchronous=FULL, so a committed write
// survives a power cut. Writers are serialised, readers run beside them on snapshots. Any thread may call; a function
// passed to write() or read() must not call write() again (kBug). Owned by the server.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "base/clock.h"
#include "base/error.h"
#include "state/migration.h"
#include "state/transaction.h"

namespace garrison::state {

struct StoreOptions {
  // Name of a registered SQLite VFS (sqlite_disk_vfs.h). When set, one connection serves reads and writes in turn.
  std::string vfs;
  std::size_t max_readers = 4;
  int busy_milliseconds = 5'000;  // how long to wait for another process that writes
  int page_bytes = 4'096;         // of a new database
};

class Store {
 public:
  // Opens or creates the file (mode 0600, its folder must exist) and migrates it. Errors: STATE-0001 cannot be opened,
  // kCorrupt for a damaged file, those of migrate().
  static Result<std::unique_ptr<Store>> open(const std::string& path, const StoreOptions& options,
                                             std::span<const MigrationSet> migrations, const Clock& clock);
  ~Store();

  // Runs a function Transaction& -> Result<T> and commits its changes when it gives a value. An error or an exception
  // rolls back. When the commit itself fails nothing is acknowledged: STATE-0007 kUnavailable, or kExhausted for a
  // full disk (STATE-0004); the store stays usable once the cause is gone.
  template <typename Function>
  auto write(Function function) -> std::invoke_result_t<Function, Transaction&> {
    return run<std::invoke_result_t<Function, Transaction&>>(Access::kWrite, std::move(function));
  }
  // As write, on a snapshot that cannot change anything.
  template <typename Function>
  auto read(Function function) -> std::invoke_result_t<Function, Transaction&> {
    return run<std::invoke_result_t<Function, Transaction&>>(Access::kRead, std::move(function));
  }

  // The I/O failure of the last write, if it had one; cleared by the next write that succeeds. For health.
  std::optional<Error> last_failure() const;
  // Reads the whole file and checks its structure (kCorrupt, STATE-0003). Takes long on a large file.
  Result<void> verify();

 private:
  class Impl;
  enum class Access { kRead, kWrite };

  explicit Store(std::unique_ptr<Impl> impl);
  Result<void> run_in_transaction(Access access, const std::function<Result<void>(Transaction&)>& function);

  template <typename Outcome, typename Function>
  Outcome run(Access access, Function function) {
    std::optional<Outcome> outcome;
    const Result<void> done = run_in_transaction(access, [&](Transaction& transaction) -> Result<void> {
      outcome.emplace(function(transaction));
      if (!outcome->has_value()) return outcome->error();
      return {};
    });
    if (!done.has_value()) return Outcome(done.error());
    return std::move(*outcome);
  }

  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::state
