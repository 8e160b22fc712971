// SPDX-License-Identifier: Apache-2.0
// The log that acknowledges events: what append() returned is on the disk, and stays until finish_plan() says that the
// engine has it. Format: docs/formats/ingest-log.md. Commits are grouped. Any thread may call.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/random.h"

namespace garrison::ingest {

using LogPosition = std::int64_t;  // rises with every entry

// Rows of one table and one day, as a Native block.
struct LogRecord {
  WorkspaceId workspace;
  std::string table;
  std::int32_t day = 0;  // since 1970-01-01
  std::uint32_t num_rows = 0;
  // Immutable: the log, its listener and the writer to the engine share it.
  std::shared_ptr<const std::string> native;
};

// An entry of the log without its rows.
struct LogEntry {
  LogPosition position = 0;
  WorkspaceId workspace;
  std::string table;
  std::int32_t day = 0;
  std::uint32_t num_rows = 0;
  std::uint64_t num_bytes = 0;
};

// One insert into the engine, fixed before it is tried.
struct InsertPlan {
  std::int64_t id = 0;
  std::string token;  // the same for every try
  WorkspaceId workspace;
  std::string table;
  std::int32_t day = 0;
  std::vector<LogPosition> positions;
};

struct IngestLogOptions {
  std::chrono::milliseconds max_delay{5};                   // a commit waits this long for company
  std::size_t commit_bytes = 256 << 10;                     // or until this much is there
  std::uint64_t max_bytes = std::uint64_t{8} << 30;         // of payloads on disk
  std::uint64_t min_free_bytes = std::uint64_t{256} << 20;  // of the file system
};

struct IngestLogFigures {
  std::uint64_t num_entries = 0;
  std::uint64_t num_bytes = 0;  // on disk
  std::uint64_t num_damaged = 0;
  std::uint64_t num_commits = 0;
  std::uint64_t num_rows_appended = 0;  // since it was opened
  std::optional<Error> last_failure;    // of a commit; empty again after one that succeeded
};

class IngestLog {
 public:
  // Opens or creates the file; its folder must exist. Disk, random and clock must outlive the log. Errors: those of
  // state::Store::open.
  static Result<std::unique_ptr<IngestLog>> open(Disk& disk, const std::string& path, IngestLogOptions options,
                                                 Random& random, const Clock& clock);
  ~IngestLog();  // commits what is queued

  // Gives the entries once all records are on the disk together. INGEST-0021 (kExhausted): the log is full; INGEST-0022
  // (kBadInput): a record beyond 256 MiB; kUnavailable: the disk failed and nothing was stored.
  Result<std::vector<LogEntry>> append(std::vector<LogRecord> records);
  std::future<Result<std::vector<LogEntry>>> append_later(std::vector<LogRecord> records);

  // Called on the committing thread after a commit, in the order of positions; entries and records pair up.
  using Listener = std::function<void(std::span<const LogEntry>, std::span<const LogRecord>)>;
  void set_listener(Listener listener);

  // Every entry and every plan on the disk, for a start.
  Result<std::vector<LogEntry>> entries();
  Result<std::vector<InsertPlan>> plans();
  // The rows of an entry. INGEST-0023 (kCorrupt): the payload does not check out.
  Result<std::string> read(const LogEntry& entry);

  // Fixes the entries of one insert, durably.
  Result<InsertPlan> make_plan(const WorkspaceId& workspace, const std::string& table, std::int32_t day,
                               std::vector<LogPosition> positions);
  // The engine has the rows of the plan: deletes it with its entries, and appends the records in the same transaction.
  Result<void> finish_plan(const InsertPlan& plan, std::vector<LogRecord> records = {});
  // Deletes the plan only; its entries can be planned anew. Only when its insert was not taken.
  Result<void> drop_plan(const InsertPlan& plan);
  // Moves an entry aside.
  Result<void> set_damaged(LogPosition position, const std::string& reason);
  // Deletes everything of a workspace that is deleted.
  Result<void> remove_workspace(const WorkspaceId& workspace);

  IngestLogFigures figures() const;

 private:
  class Impl;
  explicit IngestLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::ingest
