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
  bool is_stopped = false;  // the sink wanted no more
};

enum class Flow { kContinue, kStop };

class ChdbConnection {
 public:
  // Takes the next bytes of the output, whole blocks of Native at a time.
  using Sink = std::function<Result<Flow>(std::string_view bytes)>;
  // Gives the next bytes to insert; empty ends.
  using Source = std::function<Result<std::string_view>()>;

  // Applies base_settings(). ENGINE-0015 when the folder cannot be opened or another process has it.
  static Result<std::unique_ptr<ChdbConnection>> open(std::shared_ptr<const ChdbApi> api, const ChdbOpenOptions& options);
  ~ChdbConnection();
  ChdbConnection(const ChdbConnection&) = delete;
  ChdbConnection& operator=(const ChdbConnection&) = delete;

  // Runs any statement but an INSERT with rows. An error of the sink stops the statement and is returned.
  Result<RawFigures> run(const RawStatement& statement, const Sink& sink);
  // `sql` is "INSERT INTO t (columns)" without SETTINGS and FORMAT. Commits when the source has ended; an error of the
  // source cancels the insert and is returned.
  Result<void> insert(std::string_view sql, std::string_view format, std::span<const Setting> settings,
                      const Source& source);

 private:
  ChdbConnection(std::shared_ptr<const ChdbApi> api, ChdbApi::Connection* connection)
      : api_(std::move(api)), connection_(connection) {}
  Result<RawFigures> run_stream(const std::string& sql, const RawStatement& statement, const Sink& sink);
  Result<RawFigures> run_whole(std::string_view sql, const RawStatement& statement, const Sink& sink);
  Result<void> set(std::span<const Setting> settings, std::string_view value_for_all = {});

  std::shared_ptr<const ChdbApi> api_;
  ChdbApi::Connection* connection_;
};

}  // namespace garrison::engine
