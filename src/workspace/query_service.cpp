// SPDX-License-Identifier: Apache-2.0
#include "workspace/query_service.h"

#include "workspace/query_executor.h"
#include "workspace/workspace_catalogue.h"

namespace garrison::workspace {

QueryService::QueryService(engine::Engine& engine, const TableStore& tables, const SavedFunctions& functions, const Clock& clock,
                           Random& random, FairQueueLimits limits)
    : engine_(engine), tables_(tables), functions_(functions), clock_(clock), random_(random), queue_(limits) {}

Result<QueryResult> QueryService::run(const QueryRequest& request, const OnSchema& on_schema, const engine::BatchSink& sink,
                                      std::shared_ptr<engine::CancelToken> cancel) {
  const std::int64_t began = clock_.monotonic_ticks();
  if (cancel == nullptr) cancel = std::make_shared<engine::CancelToken>();
  const std::string id = request.query_id.empty() ? random_.guid() : request.query_id;
  {
    const Lock lock(mutex_);
    if (!running_.emplace(id, Running{request.user, cancel}).second) {
      return conflict("WORKSPACE-0032", "a query with this id is running already");
    }
  }
  // Takes the id off the list however this ends.
  struct Done {
    QueryService& service;
    const std::string& id;
    ~Done() {
      const Lock lock(service.mutex_);
      service.running_.erase(id);
    }
  } const done{*this, id};
  GARRISON_ASSIGN(const FairQueue::Place place, queue_.enter(request.user, *cancel));

  const WorkspaceCatalogue catalogue(request.workspace, tables_, functions_);
  kql::CompileOptions options;
  options.now = request.now.value_or(clock_.now());
  options.time_filter = request.time_filter;
  options.workspace = request.workspace.value;
  options.query_parameters = request.parameters;
  QueryExecutor executor(engine_, random_);
  // The engine's own id is random: ids that callers choose may be equal in two workspaces.
  const QueryRun how{request.budget, request.lane, random_.guid(), cancel};
  GARRISON_ASSIGN(const kql::Compilation compilation, executor.compile(request.text, catalogue, options, how));
  if (!compilation.ok()) return compilation.error();
  const kql::Plan& plan = *compilation.plan();
  QueryResult result;
  result.schema = plan.schema;
  result.render = plan.render;
  result.warnings = plan.warnings;
  GARRISON_TRY(on_schema(plan.schema));
  GARRISON_ASSIGN(result.statistics, executor.execute(plan, how, sink));
  result.statistics.elapsed = Timespan{clock_.monotonic_ticks() - began};
  return result;
}

kql::Compilation QueryService::check(const WorkspaceId& workspace, std::string_view text) const {
  const WorkspaceCatalogue catalogue(workspace, tables_, functions_);
  kql::CompileOptions options;
  options.now = clock_.now();
  options.workspace = workspace.value;
  options.check_only = true;
  return kql::compile(text, catalogue, options);
}

Result<void> QueryService::cancel(const std::string& user, const std::string& query_id) {
  const Lock lock(mutex_);
  const auto found = running_.find(query_id);
  if (found != running_.end() && found->second.user == user) found->second.cancel->cancel();
  return {};
}

}  // namespace garrison::workspace
