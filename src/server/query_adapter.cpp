// SPDX-License-Identifier: Apache-2.0
#include "server/query_adapter.h"

namespace garrison::server {
namespace {

// Rules share the places of one caller, so that they never take all of them from people.
constexpr const char* kRuleUser = "analytics rules";
constexpr std::uint64_t kMaxRuleRows = 10'000;

// Something the query names is not there: the rule waits for it.
Error as_waiting(Error error) {
  if (error.code == kql::kUnknownTable || error.code == kql::kUnknownFunction) error.kind = ErrorKind::kNotFound;
  return error;
}

}  // namespace

Result<detect::QueryAnswer> QueryAdapter::run(const WorkspaceId& workspace, std::string_view kql, const detect::QueryWindow& window) {
  workspace::QueryRequest request;
  request.workspace = workspace;
  request.text = kql;
  request.user = kRuleUser;
  request.time_filter = kql::TimeRange{window.start, window.end};
  request.now = window.end;
  request.lane = engine::Lane::kBackground;
  request.budget.max_result_rows = kMaxRuleRows;
  detect::QueryAnswer answer;
  auto result = queries_.run(
      request,
      [&](const table::Schema& schema) -> Result<void> {
        answer.schema = schema;
        return {};
      },
      [&](table::Batch&& batch) -> Result<void> {
        batch.schema = answer.schema;
        answer.num_rows += static_cast<std::int64_t>(batch.num_rows());
        answer.batches.push_back(std::move(batch));
        return {};
      });
  if (!result.ok()) return as_waiting(result.error());
  answer.rows_read = static_cast<std::int64_t>(result->statistics.rows_read);
  return answer;
}

Result<table::Schema> QueryAdapter::check(const WorkspaceId& workspace, std::string_view kql) {
  const kql::Compilation compilation = queries_.check(workspace, kql);
  if (!compilation.ok()) return as_waiting(compilation.error());
  return compilation.plan() != nullptr ? compilation.plan()->schema : table::Schema{};
}

}  // namespace garrison::server
