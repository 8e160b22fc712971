// SPDX-License-Identifier: Apache-2.0
// What a compiled query is: SQL for the engine, what its rows mean, and the steps before it that SQL cannot express.
// Plain values, immutable once compiled; any thread may run a plan, several times. kql never runs one: the executor of
// the workspace does.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "kql/scalar/lowering_context.h"
#include "table/batch.h"

namespace garrison::kql {

// Sequential work on rows (scan, row_window_session ...). One instance serves one run and one thread; batches come in
// the order of the stage's SQL.
class RowOperator {
 public:
  using Emit = std::function<Result<void>(table::Batch&&)>;
  virtual ~RowOperator() = default;
  virtual Result<void> push(table::Batch&& rows, const Emit& emit) = 0;
  virtual Result<void> finish(const Emit& emit) = 0;
};

// One native function applied to each row: appends a column to the rows of the stage.
struct NativeCall {
  NativeFunction function;
  std::vector<std::size_t> arguments;  // columns of the stage so far
};

// Runs `sql`, takes its rows through the native calls in order and then the operator (when set), and stores the result
// in a temporary table. Later SQL reads that table as {garrison_scratch:Identifier}.{NAME:Identifier} with this name;
// its columns are named by `output`.
struct Stage {
  std::string name;
  std::string sql;
  table::Schema input;  // columns of the SQL
  std::vector<NativeCall> calls;
  std::function<std::unique_ptr<RowOperator>()> make_operator;
  table::Schema output;
};

// Name of the parameter that gives the database of temporary tables.
inline constexpr std::string_view kScratchParameter = "garrison_scratch";

// render CHART with (PROPERTY=VALUE, ...).
struct Render {
  std::string chart;  // empty: nothing was said, show a table
  std::vector<std::pair<std::string, std::string>> properties;
};

struct Plan {
  std::vector<Stage> stages;  // to be run in this order before `sql`
  std::string sql;
  table::Schema schema;  // of the result; the engine's columns have these kinds in this order, other names
  bool ordered = false;  // the query says the order of its rows (sort, top)
  Render render;
  std::vector<std::string> warnings;
  std::string tree;  // the lowered tree for people (explain)
};

// Names and kinds that only the data tells. The SQL gives rows (name, kind): kind is the lower-case word of a KQL type;
// several rows of one name are several kinds seen. Run it, give the rows to make_discovered and compile again.
struct DiscoveryRequest {
  std::string key;  // CompileOptions::discovered takes the answer under this key
  std::vector<Stage> stages;
  std::string sql;
  table::Schema schema;  // (name:string, kind:string)
};

// Settings that every statement of a plan is sent with.
std::span<const std::pair<std::string_view, std::string_view>> engine_settings();

}  // namespace garrison::kql
