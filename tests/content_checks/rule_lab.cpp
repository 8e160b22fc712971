// SPDX-License-Identifier: Apache-2.0
#include "rule_lab.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/native_block.h"
#include "ingest/record_splitter.h"
#include "workspace/migrations.h"
#include "workspace/workspace_catalogue.h"

namespace garrison::lab {

Result<std::unique_ptr<RuleLab>> RuleLab::open(const std::string& source_folder) {
  std::unique_ptr<RuleLab> lab(new RuleLab());
  GARRISON_TRY(lab->start(source_folder));
  return lab;
}

RuleLab::~RuleLab() = default;

Result<void> RuleLab::start(const std::string& source_folder) {
  engine_ = engine::TestEngine::start(engine::EngineRoute::kInProcess);
  if (engine_ == nullptr) return unavailable("LAB-0001", "the engine does not start");
  GARRISON_TRY(disk_.make_folder("/s"));
  const std::vector<state::MigrationSet> sets{workspace::migrations()};
  GARRISON_ASSIGN(store_, state::Store::open("/s/state.sqlite", {.vfs = vfs_.name()}, sets, clock_));
  GARRISON_ASSIGN(built_in_, table::BuiltInTables::open(files_, source_folder + "/content/tables"));
  tables_ = std::make_unique<workspace::TableStore>(engine_->engine(), *store_, *built_in_);
  GARRISON_TRY(tables_->load());
  functions_ = std::make_unique<workspace::SavedFunctions>(*store_);
  GARRISON_TRY(functions_->load());
  executor_ = std::make_unique<workspace::QueryExecutor>(engine_->engine(), random_);
  return {};
}

Result<LoadReport> RuleLab::load(const WorkspaceId& workspace, std::string_view format_name, std::string_view table,
                                 std::string bytes) {
  LoadReport report;
  ingest::RecordSplitter splitter;
  splitter.append(std::move(bytes));
  splitter.finish();
  const auto resolver = [&](std::string_view name) { return tables_->find(workspace, name); };
  ingest::BatchOutput output(resolver, {clock_.now(), "lab", 1, workspace.value}, ingest::TimeMode::kBackfill);
  std::unique_ptr<ingest::FormatReader> reader;
  while (const auto record = splitter.next()) {
    if (reader == nullptr) {
      const ingest::Format* format = ingest::detect_format(record->text, {});
      if (!format_name.empty()) {
        GARRISON_ASSIGN(format, ingest::find_format(format_name));
      }
      reader = format->make({output, std::string(table), {}});
    }
    ++report.num_records;
    const auto read = reader->read(record->text);
    if (read.ok()) continue;
    if (report.num_rejected++ == 0) report.first_reject = read.error().to_string();
  }
  for (const ingest::LogRecord& record : output.finish(workspace)) {
    GARRISON_ASSIGN(const ingest::NativeBlock block, ingest::read_native_block(*record.native));
    std::vector<std::string> columns;
    for (const ingest::NativeColumn& column : block.columns) columns.emplace_back(column.name);
    GARRISON_TRY(
        tables_->insert({workspace, record.table, columns, *record.native, fmt::format("lab-{}", ++num_inserts_)}));
    report.num_rows += record.num_rows;
  }
  return report;
}

bool RuleLab::has_any(const WorkspaceId& workspace, const std::vector<std::string>& tables) const {
  const auto snapshot = tables_->snapshot(workspace);
  return std::any_of(tables.begin(), tables.end(),
                     [&](const std::string& table) { return snapshot->existing.count(table) > 0; });
}

Result<detect::QueryWindow> RuleLab::span(const WorkspaceId& workspace) {
  std::string kql;
  for (const std::string& table : tables_->snapshot(workspace)->existing)
    kql += fmt::format("{}({} | summarize First = min(TimeGenerated), Last = max(TimeGenerated))",
                       kql.empty() ? "union " : ", ", table);
  if (kql.empty()) return not_found("LAB-0002", "no rows");
  kql += " | summarize First = min(First), Last = max(Last)";
  GARRISON_ASSIGN(const detect::QueryAnswer answer, run(workspace, kql, {{0}, {kMaxTicks}}));
  if (answer.batches.empty() || answer.batches.front().columns[0].is_null(0)) return not_found("LAB-0002", "no rows");
  const table::Batch& batch = answer.batches.front();
  return detect::QueryWindow{{batch.columns[0].integer(0)}, {batch.columns[1].integer(0) + 1}};
}

Result<detect::QueryAnswer> RuleLab::run(const WorkspaceId& workspace, std::string_view kql,
                                         const detect::QueryWindow& window) {
  const workspace::WorkspaceCatalogue catalogue(workspace, *tables_, *functions_);
  kql::CompileOptions options;
  options.now = window.end;
  options.time_filter = kql::TimeRange{window.start, window.end};
  workspace::QueryRun how;
  how.lane = engine::Lane::kBackground;
  how.budget.max_threads = 1;
  GARRISON_ASSIGN(const kql::Compilation compilation, executor_->compile(kql, catalogue, options, how));
  if (!compilation.ok()) return compilation.error();
  detect::QueryAnswer answer;
  answer.schema = compilation.plan()->schema;
  GARRISON_ASSIGN(const engine::Statistics statistics,
                  executor_->execute(*compilation.plan(), how, [&](table::Batch&& batch) -> Result<void> {
                    batch.schema = answer.schema;
                    answer.num_rows += static_cast<std::int64_t>(batch.num_rows());
                    answer.batches.push_back(std::move(batch));
                    return {};
                  }));
  answer.rows_read = static_cast<std::int64_t>(statistics.rows_read);
  return answer;
}

Result<table::Schema> RuleLab::check(const WorkspaceId& workspace, std::string_view kql) {
  const workspace::WorkspaceCatalogue catalogue(workspace, *tables_, *functions_);
  kql::CompileOptions options;
  options.now = clock_.now();
  const kql::Compilation compilation = kql::compile(kql, catalogue, options);
  if (!compilation.ok()) return compilation.error();
  return compilation.plan() != nullptr ? compilation.plan()->schema : table::Schema{};
}

}  // namespace garrison::lab
