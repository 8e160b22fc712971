// SPDX-License-Identifier: Apache-2.0
// One transaction over the state database. Store makes it, hands it to a function, and commits or rolls back; it is
// used by that function's thread only and does not outlive it. SQL is written in the common subset of SQLite and
// PostgreSQL ('?' marks, RETURNING, ON CONFLICT), and never contains a user's text.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "state/value.h"

namespace garrison::state {

using RowCallback = std::function<Result<void>(const Row&)>;

// What a database driver offers; one connection, one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;
  // Runs one statement; gives the number of rows it changed.
  virtual Result<std::int64_t> execute(std::string_view sql, const Params& params) = 0;
  virtual Result<void> query(std::string_view sql, const Params& params, const RowCallback& row) = 0;
  // Runs several statements without parameters (migrations).
  virtual Result<void> run_script(std::string_view sql) = 0;
};

class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Gives the number of rows changed. A broken constraint is kConflict (STATE-0005).
  Result<std::int64_t> execute(std::string_view sql, const Params& params = {}) {
    return connection_.execute(sql, params);
  }
  // Calls the function for each row; an error from it ends the query and is passed up.
  Result<void> query(std::string_view sql, const Params& params, const RowCallback& row) {
    return connection_.query(sql, params, row);
  }
  Result<void> run_script(std::string_view sql) { return connection_.run_script(sql); }

  // All rows through a function Row -> T.
  template <typename Map>
  auto query_all(std::string_view sql, const Params& params, Map map)
      -> Result<std::vector<std::invoke_result_t<Map, const Row&>>> {
    std::vector<std::invoke_result_t<Map, const Row&>> out;
    GARRISON_TRY(query(sql, params, [&](const Row& row) -> Result<void> {
      out.push_back(map(row));
      return {};
    }));
    return out;
  }
  // The first row, or none.
  template <typename Map>
  auto query_one(std::string_view sql, const Params& params, Map map)
      -> Result<std::optional<std::invoke_result_t<Map, const Row&>>> {
    std::optional<std::invoke_result_t<Map, const Row&>> out;
    GARRISON_TRY(query(sql, params, [&](const Row& row) -> Result<void> {
      if (!out) out.emplace(map(row));
      return {};
    }));
    return out;
  }

  // Runs the function once the transaction is committed, on the committing thread, outside of any lock. Not run after a
  // rollback, and not durable: use the outbox for what must not be missed.
  void after_commit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }
  std::vector<std::function<void()>> take_after_commit() { return std::move(after_commit_); }

 private:
  Connection& connection_;
  std::vector<std::function<void()>> after_commit_;
};

}  // namespace garrison::state
