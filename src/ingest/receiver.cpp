// SPDX-License-Identifier: Apache-2.0
#include "ingest/receiver.h"

#include <fmt/core.h>

#include <utility>

#include "base/text.h"
#include "ingest/record_splitter.h"

namespace garrison::ingest {

// Numbers of batches rise with time, also over restarts.
std::int64_t Receiver::next_batch() {
  std::int64_t last = last_batch_.load();
  std::int64_t next = 0;
  do {
    next = std::max(last + 1, clock_.now().ticks);
  } while (!last_batch_.compare_exchange_weak(last, next));
  return next;
}

Result<TableBuilder::Definition> Receiver::resolve(const WorkspaceId& workspace, std::string_view table) const {
  auto found = tables_.find(workspace, table);
  if (found || found.error().kind != ErrorKind::kNotFound) return found;
  if (!workspace::is_custom_table_name(table))
    return not_found("WORKSPACE-0010", found.error().message + "; a custom table's name ends in _CL");
  // Comes into being with its first rows.
  table::TableDefinition fresh;
  fresh.name = table;
  fresh.schema.columns.push_back({std::string(table::kTimeGenerated), table::Kind::kDateTime});
  return std::make_shared<const table::TableDefinition>(std::move(fresh));
}

Result<ReceiveResult> Receiver::read(const ReceiveRequest& request, RecordSplitter& splitter, BatchOutput& output,
                                     std::map<std::string, std::vector<table::Column>>& new_columns) {
  ReceiveResult result;
  const Format* format = request.format;
  std::unique_ptr<FormatReader> reader;
  while (const auto record = splitter.next()) {
    ++result.num_records;
    if (format == nullptr) format = detect_format(record->text, request.limits);
    if (reader == nullptr) {
      if (format->table_choice == TableChoice::kRequired) {
        if (request.table.empty())
          return bad_input("INGEST-0050", fmt::format("format {} needs the name of a table", format->name));
        GARRISON_TRY(output.table(request.table));
      }
      reader = format->make({output, request.table, request.limits});
    }
    Result<void> done =
        record->is_too_long
            ? Result<void>(bad_input("INGEST-0012", fmt::format("longer than {} bytes", request.limits.max_bytes)))
            : reader->read(record->text);
    if (done) continue;
    if (done.error().kind != ErrorKind::kBadInput) return done.error();
    if (request.on_reject == OnReject::kRefuseAll)
      return Error(bad_input(done.error().code, fmt::format("record {} at line {}: {}; nothing was stored",
                                                            result.num_records, record->line, done.error().message)));
    ++result.num_rejected;
    if (result.rejects.size() < ReceiveResult::kMaxRejects)
      result.rejects.push_back(
          {record->line, done.error(), std::string(record->text.substr(0, RecordReject::kShownBytes))});
  }
  if (reader != nullptr) new_columns = reader->new_columns();
  return result;
}

Result<ReceiveResult> Receiver::receive(const ReceiveRequest& request, std::string bytes) {
  SourceReport report;
  report.num_bytes = bytes.size();
  RecordSplitter splitter(request.limits);
  splitter.append(std::move(bytes));
  splitter.finish();
  const BatchStamp stamp{clock_.now(), request.source, next_batch(), request.workspace.value};
  const auto make_output = [&] {
    return BatchOutput([&](std::string_view table) { return resolve(request.workspace, table); }, stamp, request.mode);
  };
  BatchOutput output = make_output();
  std::map<std::string, std::vector<table::Column>> new_columns;
  Result<ReceiveResult> result = read(request, splitter, output, new_columns);
  // A custom table gets the columns that its rows bring: declare them, then read again with places for them.
  bool is_again = false;
  if (result) {
    for (const auto& [table, columns] : new_columns)
      if (workspace::is_custom_table_name(table) && !tables_.built_in().contains(table)) {
        GARRISON_TRY(tables_.declare(request.workspace, table, columns));
        is_again = true;
      }
  }
  if (is_again) {
    splitter.rewind();
    output = make_output();
    result = read(request, splitter, output, new_columns);
  }
  if (!result) {
    report.num_rejected = 1;
    report.last_reject_reason = result.error().to_string();
    sources_.add(request.workspace, request.source, request.source_kind, report);
    return result;
  }
  if (result->num_records == 0) return bad_input("INGEST-0050", "there is no record in the input");
  std::vector<LogRecord> records = output.finish(request.workspace);
  for (const LogRecord& record : records) {
    report.tables.insert(record.table);
    result->num_rows += record.num_rows;
    // A custom table without any column of its own must be known before its rows reach the engine.
    if (workspace::is_custom_table_name(record.table) && !tables_.find(request.workspace, record.table))
      GARRISON_TRY(tables_.declare(request.workspace, record.table, {}));
  }
  if (!records.empty()) GARRISON_TRY(log_.append(std::move(records)));
  report.num_events = result->num_records - result->num_rejected;
  report.num_rejected = result->num_rejected;
  if (!result->rejects.empty()) {
    report.last_reject_reason = result->rejects.back().error.to_string();
    report.last_reject_sample = result->rejects.back().text;
  }
  sources_.add(request.workspace, request.source, request.source_kind, report);
  return result;
}

Result<void> Receiver::append(std::vector<LogRecord> records) {
  GARRISON_TRY(log_.append(std::move(records)));
  return {};
}

}  // namespace garrison::ingest
