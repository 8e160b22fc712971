// SPDX-License-Identifier: Apache-2.0
// Moves acknowledged rows from the ingest log into the engine: one insert per table and day every few seconds, each
// fixed in the log with its token before it is tried, so that a crash at any moment loses nothing and repeats nothing.
// An engine that is away is only a longer log. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "ingest/ingest_log.h"
#include "ingest/table_builder.h"
#include "workspace/row_target.h"

namespace garrison::ingest {

struct TableWriterOptions {
  int num_threads = 2;
  // Rows of a table and day wait at least this long for company; longer, up to max_age, when many tables are active.
  std::chrono::milliseconds min_age{1'000};
  std::chrono::milliseconds max_age{10'000};
  std::chrono::milliseconds age_per_table{30};
  std::uint64_t flush_bytes = 32 << 20;        // insert at once when this much waits
  std::uint64_t max_insert_bytes = 96 << 20;   // of one insert
  std::uint64_t max_held_bytes = 256 << 20;    // rows kept in memory; more is read back from the log
  std::chrono::milliseconds first_retry{100};  // doubles up to max_retry
  std::chrono::milliseconds max_retry{10'000};
  std::size_t max_single_refusals = 256;  // of one insert; then ranges are refused whole
};

struct TableWriterFigures {
  std::uint64_t num_rows_waiting = 0;
  std::uint64_t num_entries_waiting = 0;
  std::uint64_t num_rows_inserted = 0;  // since the start
  std::uint64_t num_rows_refused = 0;   // by the engine; kept in GarrisonRejects
  Timespan oldest;                      // age of what waits longest
  std::optional<Error> last_error;      // of the last try; empty again after a success
};

class TableWriter {
 public:
  // All must outlive the writer. `rejects` is the table that refused rows go to.
  TableWriter(IngestLog& log, workspace::RowTarget& target, TableBuilder::Definition rejects, const Clock& clock,
              TableWriterOptions options = {});
  ~TableWriter();  // stops

  // Takes over what the log holds, repeats the inserts that a crash interrupted, and starts. Call once, before anything
  // is appended to the log.
  Result<void> start();
  // Ends the threads after the insert at hand; what waits stays in the log.
  void stop();

  // Inserts at once what is acknowledged now, and returns when it is readable. kTimeout (INGEST-0031) when that takes
  // longer, with the reason when there is one.
  Result<void> flush(std::chrono::milliseconds timeout = std::chrono::seconds(30));
  Result<void> flush(const WorkspaceId& workspace, const std::string& table,
                     std::chrono::milliseconds timeout = std::chrono::seconds(30));
  // Forgets what waits for a workspace that is deleted. Call before IngestLog::remove_workspace.
  void remove_workspace(const WorkspaceId& workspace);

  TableWriterFigures figures() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::ingest
