// SPDX-License-Identifier: Apache-2.0
// The one way in for events, whoever brings them: bytes to records to rows to the ingest log. What receive() returned
// is safe. Any thread may call; owned by the server.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "ingest/formats/format.h"
#include "ingest/ingest_log.h"
#include "ingest/source_counters.h"
#include "workspace/table_store.h"

namespace garrison::ingest {

// What happens to the whole when a record is refused.
enum class OnReject { kRefuseAll, kSkip };

struct ReceiveRequest {
  WorkspaceId workspace;
  std::string table;               // where rows go; formats that choose tables themselves ignore it
  const Format* format = nullptr;  // null: told by the first record
  std::string source;              // goes to _Source
  std::string source_kind;         // "logsIngestion", "file"
  TimeMode mode = TimeMode::kLive;
  OnReject on_reject = OnReject::kRefuseAll;
  RecordLimits limits;
};

struct RecordReject {
  std::uint64_t line = 0;
  Error error;
  std::string text;  // at most kShownBytes of the record
  static constexpr std::size_t kShownBytes = 500;
};

struct ReceiveResult {
  std::uint64_t num_records = 0;  // read, rejected ones included
  std::uint64_t num_rows = 0;     // acknowledged
  std::uint64_t num_rejected = 0;
  std::vector<RecordReject> rejects;  // at most kMaxRejects
  static constexpr std::size_t kMaxRejects = 10'000;
};

class Receiver {
 public:
  // All must outlive the receiver.
  Receiver(IngestLog& log, workspace::TableStore& tables, SourceCounters& sources, const Clock& clock)
      : log_(log), tables_(tables), sources_(sources), clock_(clock) {}

  // Takes JSON records in any layout that RecordSplitter knows. All rows are acknowledged together or none. Errors:
  // the first reject with its line (kRefuseAll), WORKSPACE-001x for the table, INGEST-0021 when the log is full,
  // INGEST-0050 (kBadInput) when no record is there or a table is missing.
  Result<ReceiveResult> receive(const ReceiveRequest& request, std::string bytes);

  // For tests and for what is made inside the product: rows as they are.
  Result<void> append(std::vector<LogRecord> records);
  SourceCounters& sources() { return sources_; }

 private:
  Result<ReceiveResult> read(const ReceiveRequest& request, class RecordSplitter& splitter, BatchOutput& output,
                             std::map<std::string, std::vector<table::Column>>& new_columns);
  Result<TableBuilder::Definition> resolve(const WorkspaceId& workspace, std::string_view table) const;
  std::int64_t next_batch();

  IngestLog& log_;
  workspace::TableStore& tables_;
  SourceCounters& sources_;
  const Clock& clock_;
  std::atomic<std::int64_t> last_batch_{0};
};

}  // namespace garrison::ingest
