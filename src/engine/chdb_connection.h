// SPDX-License-Identifier: Apache-2.0
// One connection to the ClickHouse inside this process: runs one statement at a time and hands on raw bytes of the
// output format. One thread at a time; connections to the same folder work side by side. A process can have one data
// folder open at a time.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/chdb_api.h"
#include "engine/engine.h"

namespace garrison::engine {

struct ChdbOpenOptions {
  std::string path;                    // data folder; made when absent
  std::uint64_t max_memory_bytes = 0;  // of the whole engine; 0: the engine's default. Only the first connection's counts
};

// A statement as the library takes it.
struct RawStatement {
  std::string sql;
  std::string format = "Native";  // used when the SQL names none
  std::vector<Statement::Parameter> parameters;
  std::vector<Setting> settings;  // for this statement only
  std::string log_comment;        // shows in system.processes, so that KILL QUERY finds the statement
};

struct RawFigures {
  std::uint64_t rows_read = 0;
  std::uint64_t bytes_read = 0;
};

class ChdbConnection;

// The output of a running statement. Destroying it stops the statement; until then its connection serves nothing else.
class ChdbStream {
 public:
  ~ChdbStream();
  ChdbStream(const ChdbStream&) = delete;
  ChdbStream& operator=(const ChdbStream&) = delete;

  // The next bytes (whole blocks of Native), valid until the next call; empty at the end, and ever after.
  Result<std::string_view> next();
  // Of what was handed out so far.
  const RawFigures& figures() const { return figures_; }

 private:
  friend class ChdbConnection;
  ChdbStream(const ChdbApi& api, ChdbApi::Connection connection, ChdbApi::ResultPtr stream)
      : api_(api), connection_(connection), stream_(stream) {}
  void drop_piece();
  void note(ChdbApi::ResultPtr result);

  const ChdbApi& api_;
  ChdbApi::Connection connection_;
  ChdbApi::ResultPtr stream_ = nullptr;  // null: the whole result is in piece_
  ChdbApi::ResultPtr piece_ = nullptr;
  bool is_first_ = true;
  bool is_ended_ = false;
  RawFigures figures_;
};

class ChdbConnection {
 public:
  // Hands on the next bytes to insert; an error means that the engine takes no more.
  using Append = std::function<Result<void>(std::string_view bytes)>;
  // Calls append with all rows, in pieces of any size.
  using Producer = std::function<Result<void>(const Append& append)>;

  // Applies base_settings(). ENGINE-0015 when the folder cannot be opened or another process has it.
  static Result<std::unique_ptr<ChdbConnection>> open(std::shared_ptr<const ChdbApi> api, const ChdbOpenOptions& options);
  ~ChdbConnection();
  ChdbConnection(const ChdbConnection&) = delete;
  ChdbConnection& operator=(const ChdbConnection&) = delete;

  // Starts any statement but an INSERT with rows. A SELECT then streams; any other has run when this returns.
  Result<std::unique_ptr<ChdbStream>> start(const RawStatement& statement);
  // Runs a statement whose output does not matter.
  Result<void> execute(const RawStatement& statement);
  // `sql` is "INSERT INTO t (columns)" without SETTINGS and FORMAT. Commits once the producer has returned; an error of
  // the producer's own cancels the insert and is returned.
  Result<void> insert(std::string_view sql, std::string_view format, std::span<const Setting> settings,
                      const Producer& producer);

 private:
  ChdbConnection(std::shared_ptr<const ChdbApi> api, ChdbApi::Connection* connection)
      : api_(std::move(api)), connection_(connection) {}
  Result<std::unique_ptr<ChdbStream>> start_select(const std::string& sql, const RawStatement& statement);
  Result<std::unique_ptr<ChdbStream>> run_whole(std::string_view sql, const RawStatement& statement);
  Result<void> set(std::span<const Setting> settings, std::string_view value_for_all = {});

  std::shared_ptr<const ChdbApi> api_;
  ChdbApi::Connection* connection_;
};

}  // namespace garrison::engine
