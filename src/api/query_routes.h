// SPDX-License-Identifier: Apache-2.0
// Routes of queries, schema and tables.
#pragma once

#include "api/route.h"
#include "base/clock.h"
#include "engine/engine.h"
#include "workspace/query_service.h"

namespace garrison::api {

struct QueryRouteParts {
  workspace::QueryService& queries;
  workspace::TableStore& tables;
  workspace::SavedFunctions& functions;
  engine::Engine& engine;
  const Clock& clock;
  std::vector<std::string> unsupported;  // names of the language that are not supported yet
};
Routes query_routes(const QueryRouteParts& parts);

}  // namespace garrison::api
