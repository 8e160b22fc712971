// SPDX-License-Identifier: Apache-2.0
#include "state/sqlite_connection.h"

#include <fmt/format.h>

#include <climits>

namespace garrison::state {
namespace {

constexpr std::size_t kMaxCachedStatements = 512;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  double number(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const override {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int length = sqlite3_column_bytes(statement_, column);
    if (bytes == nullptr || length <= 0) return {};
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(length)};
  }

 private:
  sqlite3_stmt* statement_;
};

struct Binder {
  sqlite3_stmt* statement;
  int index;
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
  int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
  // Both outlive the step: SQLITE_STATIC (a null destructor) copies nothing. A null pointer would bind NULL.
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(statement, index, text.c_str(), text.size(), nullptr, SQLITE_UTF8);
  }
  int operator()(const Blob& blob) const {
    const char* bytes = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
    return sqlite3_bind_blob64(statement, index, bytes, blob.bytes.size(), nullptr);
  }
};

}  // namespace

struct SqliteConnection::Statement {
  sqlite3_stmt* handle = nullptr;
  bool is_in_use = false;
  ~Statement() { sqlite3_finalize(handle); }
};

// Returns a statement to its idle state, also when the caller leaves by an exception.
class SqliteConnection::Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) { statement_.is_in_use = true; }
  ~Use() {
    sqlite3_reset(statement_.handle);
    sqlite3_clear_bindings(statement_.handle);
    statement_.is_in_use = false;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  Statement& statement_;
};

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 const StoreOptions& options) {
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const char* vfs = options.vfs.empty() ? nullptr : options.vfs.c_str();
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, vfs);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(database));
  if (code != SQLITE_OK) {
    Error reason = connection->error(code, "open");
    if (reason.kind == ErrorKind::kBug) reason.kind = ErrorKind::kUnavailable;
    return Error{reason.kind, "STATE-0001", fmt::format("cannot open the database '{}': {}", path, reason.message), {}};
  }
  sqlite3_busy_timeout(database, options.busy_milliseconds);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Exclusive before WAL: then the index of the log lives in our memory and no shared memory is needed.
  const std::string settings = fmt::format(
      "{}PRAGMA page_size={};PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
      "PRAGMA trusted_schema=OFF;PRAGMA temp_store=MEMORY;PRAGMA cell_size_check=ON;PRAGMA journal_size_limit=67108864;",
      options.vfs.empty() ? "" : "PRAGMA locking_mode=EXCLUSIVE;", options.page_bytes);
  GARRISON_TRY(connection->run_script(settings));
  return connection;
}

SqliteConnection::SqliteConnection(sqlite3* database) : database_(database) {}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  sqlite3_close_v2(database_);
}

Error SqliteConnection::error(int code, std::string_view doing) const {
  const std::string text = fmt::format("{}: {} ({})", doing, database_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database_), code);
  switch (code & 0xFF) {
    case SQLITE_FULL: return exhausted("STATE-0004", "the disk is full; free some space: " + text);
    case SQLITE_NOMEM: return exhausted("STATE-0004", "out of memory: " + text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return corrupt("STATE-0003", "the database is damaged; restore a backup: " + text);
    case SQLITE_CONSTRAINT: return conflict("STATE-0005", text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return unavailable("STATE-0006", "another process holds the database: " + text);
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_NOMEM) return exhausted("STATE-0004", "out of memory: " + text);
      if (code == SQLITE_IOERR_CORRUPTFS) return corrupt("STATE-0003", "the file system is damaged: " + text);
      return unavailable("STATE-0007", "the disk failed: " + text);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return unavailable("STATE-0007", "the database cannot be written; check owner and mode: " + text);
    case SQLITE_INTERRUPT: return timeout("STATE-0008", text);
    case SQLITE_TOOBIG: return bad_input("STATE-0009", "a value is too large: " + text);
    default: return bug("state: " + text);
  }
}

Result<SqliteConnection::Statement*> SqliteConnection::prepare(std::string_view sql, std::unique_ptr<Statement>& own) {
  const auto found = statements_.find(std::string(sql));
  if (found != statements_.end() && !found->second->is_in_use) return found->second.get();
  auto made = std::make_unique<Statement>();
  const char* tail = nullptr;
  if (sql.size() > INT_MAX) return bad_input("STATE-0009", "the statement is too long");
  const int code =
      sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), 0, &made->handle, &tail);
  if (code != SQLITE_OK) return error(code, sql);
  const std::string_view rest(tail, sql.size() - static_cast<std::size_t>(tail - sql.data()));
  if (made->handle == nullptr || rest.find_first_not_of(" \n\t;") != std::string_view::npos) {
    return bug(fmt::format("state: exactly one statement is run at a time: {}", sql));
  }
  // A statement that calls itself from its row callback, or one too many, lives for this call only.
  if (found != statements_.end() || statements_.size() >= kMaxCachedStatements) {
    own = std::move(made);
    return own.get();
  }
  return statements_.emplace(std::string(sql), std::move(made)).first->second.get();
}

Result<void> SqliteConnection::bind(Statement& statement, const Params& params) {
  const auto want = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement.handle));
  if (want != params.values().size()) {
    return bug(fmt::format("state: {} parameters for {} marks: {}", params.values().size(), want,
                           sqlite3_sql(statement.handle)));
  }
  if (is_read_only_ && sqlite3_stmt_readonly(statement.handle) == 0) {
    return bug(fmt::format("state: a read transaction changes nothing: {}", sqlite3_sql(statement.handle)));
  }
  for (std::size_t i = 0; i < want; ++i) {
    const int code = std::visit(Binder{statement.handle, static_cast<int>(i) + 1}, params.values()[i].storage());
    if (code != SQLITE_OK) return error(code, sqlite3_sql(statement.handle));
  }
  return {};
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, const Params& params) {
  GARRISON_TRY(query(sql, params, [](const Row&) -> Result<void> { return {}; }));
  return static_cast<std::int64_t>(sqlite3_changes64(database_));
}

Result<void> SqliteConnection::query(std::string_view sql, const Params& params, const RowCallback& row) {
  std::unique_ptr<Statement> own;
  GARRISON_ASSIGN(Statement* const statement, prepare(sql, own));
  const Use use(*statement);
  GARRISON_TRY(bind(*statement, params));
  const SqliteRow view(statement->handle);
  for (;;) {
    const int code = sqlite3_step(statement->handle);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return error(code, sql);
    GARRISON_TRY(row(view));
  }
}

Result<void> SqliteConnection::run_script(std::string_view sql) {
  const int code = sqlite3_exec(database_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, sql.substr(0, 200));
  return {};
}

Result<void> SqliteConnection::begin(bool is_read_only) {
  GARRISON_TRY(execute(is_read_only ? "BEGIN" : "BEGIN IMMEDIATE", {}));
  is_read_only_ = is_read_only;
  return {};
}

Result<void> SqliteConnection::commit() {
  is_read_only_ = false;
  GARRISON_TRY(execute("COMMIT", {}));
  return {};
}

void SqliteConnection::rollback() {
  is_read_only_ = false;
  // Some failures (full disk, I/O) have rolled back already.
  if (sqlite3_get_autocommit(database_) == 0) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace garrison::state
