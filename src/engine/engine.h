// SPDX-License-Identifier: Apache-2.0
// The storage and query engine (ClickHouse) behind one interface, reached in process or over HTTP. SQL comes from our
// compiler and our table code only, never from a user. Every method may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ticks.h"
#include "table/batch.h"

namespace garrison::engine {

// Which connections serve a statement. Small interactive queries never wait behind background work.
enum class Lane { kInteractive, kBackground };

struct Budget {
  Timespan time_limit{4 * kTicksPerMinute};      // also for a free connection; 0: none, but then never waits for one
  std::uint64_t max_memory_bytes = 2ull << 30;
  std::uint64_t max_result_rows = 500'000;       // the stream ends with truncated = true
  std::uint64_t max_result_bytes = 64ull << 20;  // of the decoded batches
  std::uint32_t max_threads = 0;                 // 0: the engine decides
};

struct Setting {
  std::string name;
  std::string value;
};

// A statement with its typed parameters ({name:Type} in the text) and engine settings.
struct Statement {
  struct Parameter {
    std::string name;
    std::string value;  // as text; the engine parses it by the type in the statement
  };
  std::string sql;
  std::vector<Parameter> parameters;
  std::vector<Setting> settings;
  std::string query_id;  // empty: the engine makes one; needed to cancel from outside
  Lane lane = Lane::kInteractive;
};

struct Statistics {
  std::uint64_t num_rows = 0;  // returned
  std::uint64_t rows_read = 0;   // over HTTP: when the first rows left the engine
  std::uint64_t bytes_read = 0;  // likewise
  Timespan elapsed;
  bool truncated = false;  // the row or byte limit cut the result
};

// Asks a running statement to stop. Shared by the caller and the engine.
class CancelToken {
 public:
  void cancel() { cancelled_ = true; }
  bool is_cancelled() const { return cancelled_; }

 private:
  std::atomic<bool> cancelled_{false};
};

// Receives batches in order; an error stops the statement and is returned by query().
using BatchSink = std::function<Result<void>(table::Batch&&)>;

// Rows for one table, already in ClickHouse's Native format: one block or several with the same columns.
struct Insert {
  std::string table;                 // quoted, `database`.`table`
  std::vector<std::string> columns;  // unquoted names, in the order of the blocks
  std::string_view native;           // alive until the call returns
  std::string token;                 // the same token is taken once, also after a crash; empty: no deduplication
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Runs a SELECT whose columns have, in order, the schema's kinds (representation as table::engine_type says) and
  // streams decoded batches. kTimeout and kExhausted when the budget is used up, kBadInput is a bug of the compiler.
  virtual Result<Statistics> query(const Statement& statement, const table::Schema& schema, const Budget& budget,
                                   const BatchSink& sink, std::shared_ptr<CancelToken> cancel = nullptr) = 0;
  // Runs DDL or another statement without rows.
  virtual Result<void> execute(const Statement& statement) = 0;
  // Returns once the rows are on the disk of the engine. kBadInput: the engine refuses the rows; kUnavailable: unknown
  // whether they were taken, insert again with the same token.
  virtual Result<void> insert(const Insert& insert) = 0;
  // Stops the statement with that id if it runs; returns at once.
  virtual Result<void> cancel(std::string_view query_id) = 0;
  virtual Result<std::string> version() = 0;
};

}  // namespace garrison::engine
