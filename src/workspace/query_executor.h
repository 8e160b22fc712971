// SPDX-License-Identifier: Apache-2.0
// Runs KQL: compiles, answers the compiler's questions to the data, runs the stages before the last statement and
// streams the result. Knows no workspaces and no permissions; QueryService does. Any thread may call.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "engine/engine.h"
#include "kql/compile.h"

namespace garrison::workspace {

// How a query may use the engine.
struct QueryRun {
  engine::Budget budget;
  engine::Lane lane = engine::Lane::kInteractive;
  std::string query_id;                         // of the last statement; stages and discoveries are cancelled by token
  std::shared_ptr<engine::CancelToken> cancel;  // may be null
};

class QueryExecutor {
 public:
  // Both must outlive the executor. Names of temporary tables are random.
  QueryExecutor(engine::Engine& engine, Random& random) : engine_(engine), random_(random) {}

  // A compilation that holds a plan or diagnostics, never a discovery request: those are run and compiled again. The
  // error is the engine's.
  Result<kql::Compilation> compile(std::string_view text, const kql::Catalogue& catalogue, kql::CompileOptions options,
                                   const QueryRun& run);

  // Batches have plan.schema. Temporary tables are gone when it returns.
  Result<engine::Statistics> execute(const kql::Plan& plan, const QueryRun& run, const engine::BatchSink& sink);

 private:
  class Scratch;

  engine::Statement statement(const std::string& sql, const QueryRun& run) const;
  Result<void> run_stages(const std::vector<kql::Stage>& stages, const QueryRun& run, Scratch& scratch);
  Result<void> store(const kql::Stage& stage, const QueryRun& run, Scratch& scratch);

  engine::Engine& engine_;
  Random& random_;
};

}  // namespace garrison::workspace
