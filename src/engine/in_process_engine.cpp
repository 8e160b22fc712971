// SPDX-License-Identifier: Apache-2.0
#include "engine/in_process_engine.h"

#include "engine/engine_sql.h"
#include "engine/result_stream.h"

namespace garrison::engine {
namespace {

// How long DDL and inserts wait for a connection.
constexpr Timespan kPatience{5 * kTicksPerMinute};

RawStatement raw_statement(const Statement& statement) {
  RawStatement raw;
  raw.sql = statement.sql;
  raw.settings = statement.settings;
  for (const Statement::Parameter& parameter : statement.parameters) {
    raw.parameters.push_back({parameter.name, escape_parameter(parameter.value)});
  }
  return raw;
}

}  // namespace

Result<std::unique_ptr<InProcessEngine>> InProcessEngine::open(const ChdbPoolOptions& options, const Clock& clock) {
  GARRISON_ASSIGN(auto pool, ChdbPool::open(options));
  return std::unique_ptr<InProcessEngine>(new InProcessEngine(std::move(pool), clock));
}

Result<Statistics> InProcessEngine::query(const Statement& statement, const table::Schema& schema,
                                          const Budget& budget, const BatchSink& sink,
                                          std::shared_ptr<CancelToken> cancel) {
  const std::int64_t start = clock_.monotonic_ticks();
  RawStatement raw = raw_statement(statement);
  const std::vector<Setting> limits = budget_settings(budget);
  raw.settings.insert(raw.settings.begin(), limits.begin(), limits.end());
  GARRISON_ASSIGN(const auto running,
                  pool_->start(std::move(raw), statement.lane, budget.time_limit, statement.query_id,
                               [cancel] { return cancel && cancel->is_cancelled(); }));
  ResultStream stream(schema, budget, sink);
  while (true) {
    GARRISON_ASSIGN(const std::string_view bytes, running->next());
    if (bytes.empty()) break;
    GARRISON_ASSIGN(const Flow flow, stream.write(bytes));
    if (flow == Flow::kStop) break;
  }
  GARRISON_TRY(stream.finish());
  Statistics statistics;
  statistics.num_rows = stream.num_rows();
  statistics.rows_read = running->figures().rows_read;
  statistics.bytes_read = running->figures().bytes_read;
  statistics.elapsed = {clock_.monotonic_ticks() - start};
  statistics.truncated = stream.is_truncated();
  return statistics;
}

Result<void> InProcessEngine::execute(const Statement& statement) {
  GARRISON_ASSIGN(const auto running,
                  pool_->start(raw_statement(statement), statement.lane, kPatience, statement.query_id, nullptr));
  while (true) {
    GARRISON_ASSIGN(const std::string_view bytes, running->next());
    if (bytes.empty()) return {};
  }
}

Result<void> InProcessEngine::insert(const Insert& insert) {
  std::vector<Setting> settings;
  if (!insert.token.empty()) settings.push_back({"insert_deduplication_token", insert.token});
  return pool_->insert(insert_sql(insert), "Native", settings, Lane::kBackground, kPatience,
                       [&](const ChdbConnection::Append& append) { return append(insert.native); });
}

Result<void> InProcessEngine::cancel(std::string_view query_id) {
  pool_->kill(query_id);
  return {};
}

Result<std::string> InProcessEngine::version() { return pool_->version(); }

}  // namespace garrison::engine
