// SPDX-License-Identifier: Apache-2.0
#include "server/file_query.h"

#include <limits>

#include "kql/explain.h"
#include "workspace/query_executor.h"

namespace garrison::server {
namespace {

// A person waits and can press Ctrl-C: only memory is limited.
workspace::QueryRun how(const FileQueryRequest& request) {
  workspace::QueryRun run;
  run.budget.time_limit = Timespan{24 * kTicksPerHour};
  run.budget.max_memory_bytes = 8ull << 30;
  run.budget.max_result_rows = request.max_rows;
  run.budget.max_result_bytes = std::numeric_limits<std::int64_t>::max();
  run.cancel = request.cancel;
  return run;
}

}  // namespace

Result<kql::Compilation> FileQuery::compile(const FileQueryRequest& request) {
  kql::CompileOptions options;
  options.now = clock_.now();
  options.time_filter = request.time_filter;
  workspace::QueryExecutor executor(tables_.engine(), random_);
  return executor.compile(request.text, tables_, options, how(request));
}

Result<FileQueryOutcome> FileQuery::run(const FileQueryRequest& request, ResultPrinter& printer) {
  const std::int64_t began = clock_.monotonic_ticks();
  GARRISON_ASSIGN(const kql::Compilation compilation, compile(request));
  FileQueryOutcome outcome;
  outcome.diagnostics = compilation.diagnostics;
  if (!compilation.ok()) return outcome;
  const kql::Plan& plan = *compilation.plan();
  outcome.warnings = plan.warnings;
  GARRISON_TRY(printer.begin(plan.schema));
  workspace::QueryExecutor executor(tables_.engine(), random_);
  GARRISON_ASSIGN(outcome.statistics, executor.execute(plan, how(request), [&](table::Batch&& rows) {
    return printer.add(std::move(rows));
  }));
  GARRISON_TRY(printer.end(plan.render));
  outcome.statistics.elapsed = Timespan{clock_.monotonic_ticks() - began};
  return outcome;
}

Result<std::string> FileQuery::explain(const FileQueryRequest& request) {
  GARRISON_ASSIGN(const kql::Compilation compilation, compile(request));
  std::string out = kql::explain(compilation);
  const kql::Plan* plan = compilation.plan();
  // Statements behind a stage read tables that exist only while the query runs.
  if (plan == nullptr || !plan->stages.empty()) return out;
  engine::Statement statement;
  statement.sql = "SELECT explain FROM (EXPLAIN indexes = 1 " + plan->sql + ")";
  for (const auto& [name, value] : kql::engine_settings())
    statement.settings.push_back({std::string(name), std::string(value)});
  const table::Schema schema{{{"explain", table::Kind::kString}}};
  out += "engine\n";
  GARRISON_TRY(tables_.engine().query(
      statement, schema, how(request).budget,
      [&](table::Batch&& rows) -> Result<void> {
        for (std::size_t row = 0; row < rows.num_rows(); ++row)
          out += "  " + std::string(rows.columns[0].text(row)) + "\n";
        return {};
      },
      request.cancel));
  return out;
}

}  // namespace garrison::server
