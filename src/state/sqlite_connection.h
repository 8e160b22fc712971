// SPDX-License-Identifier: Apache-2.0
// One connection to an SQLite file, with the settings the store relies on and a cache of prepared statements. SQLite is
// called directly: SOCI 4.0 can neither choose a VFS nor give the extended error codes, and reads expressions as text.
// Used by one thread at a time; owned by Store.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "state/store.h"
#include "state/transaction.h"

namespace garrison::state {

class SqliteConnection final : public Connection {
 public:
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, const StoreOptions& options);
  ~SqliteConnection() override;

  Result<std::int64_t> execute(std::string_view sql, const Params& params) override;
  Result<void> query(std::string_view sql, const Params& params, const RowCallback& row) override;
  Result<void> run_script(std::string_view sql) override;

  // With is_read_only, statements that change something are refused until the transaction ends.
  Result<void> begin(bool is_read_only);
  Result<void> commit();
  // Never fails: what cannot be undone now is undone when the file is opened next.
  void rollback();

 private:
  struct Statement;
  class Use;

  explicit SqliteConnection(sqlite3* database);
  Error error(int code, std::string_view doing) const;
  Result<Statement*> prepare(std::string_view sql, std::unique_ptr<Statement>& own);
  Result<void> bind(Statement& statement, const Params& params);

  sqlite3* database_;
  bool is_read_only_ = false;
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
};

}  // namespace garrison::state
