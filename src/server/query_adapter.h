// SPDX-License-Identifier: Apache-2.0
// Connects detection's questions to the workspace's query service. Any thread.
#pragma once

#include "detect/rule_query.h"
#include "workspace/query_service.h"

namespace garrison::server {

class QueryAdapter final : public detect::RuleQuery {
 public:
  explicit QueryAdapter(workspace::QueryService& queries) : queries_(queries) {}
  Result<detect::QueryAnswer> run(const WorkspaceId& workspace, std::string_view kql, const detect::QueryWindow& window) override;
  Result<table::Schema> check(const WorkspaceId& workspace, std::string_view kql) override;

 private:
  workspace::QueryService& queries_;
};

}  // namespace garrison::server
