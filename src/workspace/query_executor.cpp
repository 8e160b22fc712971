// SPDX-License-Identifier: Apache-2.0
#include "workspace/query_executor.h"

#include "base/log.h"
#include "base/text.h"
#include "engine/native_format.h"
#include "kql/scalar/operators.h"

namespace garrison::workspace {
namespace {

// Discoveries may follow from one another (bag_unpack after pivot), each needs one more compilation.
constexpr int kMaxDiscoveries = 32;

constexpr std::string_view kScratchDatabase = "garrison_scratch";

}  // namespace

// The temporary tables of one run.
class QueryExecutor::Scratch {
 public:
  explicit Scratch(QueryExecutor& executor) : executor_(executor) {}
  ~Scratch() {
    for (const auto& [stage, table] : tables_) {
      engine::Statement drop;
      drop.sql = "drop table if exists " + quoted(table) + " sync";
      if (const auto done = executor_.engine_.execute(drop); !done.ok()) {
        log::warning("query: temporary table is left behind: {}", done.error().to_string());
      }
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Result<std::string> create(const kql::Stage& stage) {
    if (tables_.empty()) {
      engine::Statement database;
      database.sql = "create database if not exists " + std::string(kScratchDatabase);
      GARRISON_TRY(executor_.engine_.execute(database));
    }
    std::string table = stage.name + "_" + text::replace_all(executor_.random_.guid(), "-", "");
    engine::Statement create;
    create.sql = "create table " + quoted(table) + " (";
    for (std::size_t i = 0; i < stage.output.columns.size(); ++i) {
      const table::Column& column = stage.output.columns[i];
      create.sql += (i == 0 ? "" : ", ") + kql::quote_name(column.name) + " " + std::string(table::engine_type(column.kind));
    }
    create.sql += ") engine = Memory";
    GARRISON_TRY(executor_.engine_.execute(create));
    tables_.emplace_back(stage.name, table);
    return quoted(table);
  }

  void add_parameters(engine::Statement& statement) const {
    if (tables_.empty()) return;
    statement.parameters.push_back({std::string(kql::kScratchParameter), std::string(kScratchDatabase)});
    for (const auto& [stage, table] : tables_) statement.parameters.push_back({stage, table});
  }

 private:
  static std::string quoted(const std::string& table) {
    return std::string(kScratchDatabase) + "." + kql::quote_name(table);
  }

  QueryExecutor& executor_;
  std::vector<std::pair<std::string, std::string>> tables_;  // stage, table
};

engine::Statement QueryExecutor::statement(const std::string& sql, const QueryRun& run) const {
  engine::Statement statement;
  statement.sql = sql;
  statement.lane = run.lane;
  for (const auto& [name, value] : kql::engine_settings()) {
    statement.settings.push_back({std::string(name), std::string(value)});
  }
  return statement;
}

Result<kql::Compilation> QueryExecutor::compile(std::string_view text, const kql::Catalogue& catalogue,
                                                kql::CompileOptions options, const QueryRun& run) {
  for (int round = 0; round < kMaxDiscoveries; ++round) {
    kql::Compilation compilation = kql::compile(text, catalogue, options);
    const kql::DiscoveryRequest* request = compilation.discovery();
    if (request == nullptr) return compilation;
    Scratch scratch(*this);
    GARRISON_TRY(run_stages(request->stages, run, scratch));
    engine::Statement question = statement(request->sql, run);
    scratch.add_parameters(question);
    table::Batch rows(request->schema);
    const auto collect = [&](table::Batch&& batch) -> Result<void> {
      for (std::size_t row = 0; row < batch.num_rows(); ++row) {
        for (std::size_t i = 0; i < rows.columns.size(); ++i) rows.columns[i].append_text(batch.columns[i].text(row));
      }
      return {};
    };
    GARRISON_TRY(engine_.query(question, request->schema, run.budget, collect, run.cancel));
    options.discovered[request->key] = kql::make_discovered(rows);
  }
  return exhausted("QUERY-0001", "the query asks the data for its columns too often; declare the columns of bag_unpack");
}

Result<void> QueryExecutor::store(const kql::Stage& stage, const QueryRun& run, Scratch& scratch) {
  GARRISON_ASSIGN(const std::string target, scratch.create(stage));
  const auto insert = [&](const table::Batch& batch) -> Result<void> {
    if (batch.num_rows() == 0) return {};
    std::string native;
    GARRISON_TRY(engine::encode_native(native, batch));
    engine::Insert rows;
    rows.table = target;
    for (const table::Column& column : stage.output.columns) rows.columns.push_back(column.name);
    rows.native = native;
    return engine_.insert(rows);
  };
  const std::unique_ptr<kql::RowOperator> rows = stage.make_operator ? stage.make_operator() : nullptr;
  const auto emit = [&](table::Batch&& batch) { return insert(batch); };
  const auto take = [&](table::Batch&& batch) -> Result<void> {
    const std::size_t num_rows = batch.num_rows();
    for (const kql::NativeCall& call : stage.calls) {
      std::vector<const table::ColumnVector*> arguments;
      for (const std::size_t index : call.arguments) arguments.push_back(&batch.columns[index]);
      table::ColumnVector result(call.function.result);
      GARRISON_TRY(call.function.run(arguments, num_rows, result));
      batch.schema.columns.push_back({std::string(call.function.name), call.function.result});
      batch.columns.push_back(std::move(result));
    }
    if (rows) return rows->push(std::move(batch), emit);
    batch.schema = stage.output;
    return insert(batch);
  };
  engine::Statement select = statement(stage.sql, run);
  scratch.add_parameters(select);
  engine::Budget budget = run.budget;
  // Rows on their way to the next stage are no result; memory bounds them.
  budget.max_result_rows = ~std::uint64_t{0};
  budget.max_result_bytes = budget.max_memory_bytes;
  GARRISON_ASSIGN(const engine::Statistics statistics, engine_.query(select, stage.input, budget, take, run.cancel));
  if (statistics.truncated) {
    return exhausted("QUERY-0002", "an intermediate result is too large; filter the rows before functions such as parse_xml");
  }
  if (rows) GARRISON_TRY(rows->finish(emit));
  return {};
}

Result<void> QueryExecutor::run_stages(const std::vector<kql::Stage>& stages, const QueryRun& run, Scratch& scratch) {
  for (const kql::Stage& stage : stages) GARRISON_TRY(store(stage, run, scratch));
  return {};
}

Result<engine::Statistics> QueryExecutor::execute(const kql::Plan& plan, const QueryRun& run,
                                                  const engine::BatchSink& sink) {
  Scratch scratch(*this);
  GARRISON_TRY(run_stages(plan.stages, run, scratch));
  engine::Statement last = statement(plan.sql, run);
  last.query_id = run.query_id;
  scratch.add_parameters(last);
  return engine_.query(last, plan.schema, run.budget, sink, run.cancel);
}

}  // namespace garrison::workspace
