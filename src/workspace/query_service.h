// SPDX-License-Identifier: Apache-2.0
// Runs KQL in a workspace for people, rules and programs: compiles against what the workspace has, waits for a fair
// turn, runs with budgets, and can be cancelled by id. The caller has checked permissions. Any thread may call.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "engine/engine.h"
#include "kql/compile.h"
#include "workspace/fair_queue.h"
#include "workspace/saved_functions.h"
#include "workspace/table_store.h"

namespace garrison::workspace {

struct QueryRequest {
  WorkspaceId workspace;
  std::string text;
  std::string user;                            // whose turn it takes
  std::string query_id;                        // empty: one is made
  std::optional<kql::TimeRange> time_filter;   // limits TimeGenerated of every table
  std::optional<DateTime> now;                 // now() of the query; the clock's without it
  std::map<std::string, std::string> parameters;
  engine::Lane lane = engine::Lane::kInteractive;
  engine::Budget budget;
};

struct QueryResult {
  table::Schema schema;
  kql::Render render;
  std::vector<std::string> warnings;
  engine::Statistics statistics;  // elapsed covers compiling and waiting too
};

class QueryService {
 public:
  // All must outlive the service.
  QueryService(engine::Engine& engine, const TableStore& tables, const SavedFunctions& functions, const Clock& clock, Random& random,
               FairQueueLimits limits = {});

  // Called with the schema once, before the first rows.
  using OnSchema = std::function<Result<void>(const table::Schema&)>;
  // Streams the result. Errors of the text carry its place; kNotFound: a table is not there.
  Result<QueryResult> run(const QueryRequest& request, const OnSchema& on_schema, const engine::BatchSink& sink,
                          std::shared_ptr<engine::CancelToken> cancel = nullptr);
  // Compiles only: every diagnostic, and the plan's schema when there are none.
  kql::Compilation check(const WorkspaceId& workspace, std::string_view text) const;
  // Stops a running or waiting query of that user; unknown ids are no error.
  Result<void> cancel(const std::string& user, const std::string& query_id);

 private:
  struct Running {
    std::string user;
    std::shared_ptr<engine::CancelToken> cancel;
  };

  engine::Engine& engine_;
  const TableStore& tables_;
  const SavedFunctions& functions_;
  const Clock& clock_;
  Random& random_;
  FairQueue queue_;
  Mutex mutex_;
  std::map<std::string, Running> running_ GARRISON_GUARDED_BY(mutex_);  // by query id
};

}  // namespace garrison::workspace
