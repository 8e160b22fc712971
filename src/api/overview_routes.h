// SPDX-License-Identifier: Apache-2.0
// The route of the overview page: what is open, what came in, what needs attention.
#pragma once

#include <functional>

#include "api/route.h"
#include "api/server_routes.h"
#include "base/clock.h"
#include "detect/rule_service.h"
#include "incident/incident_service.h"
#include "ingest/receiver.h"
#include "ingest/table_writer.h"
#include "workspace/query_service.h"

namespace garrison::api {

struct OverviewParts {
  incident::IncidentService& incidents;
  detect::RuleService& rules;
  ingest::Receiver& receiver;
  ingest::TableWriter& writer;
  workspace::QueryService& queries;
  workspace::TableStore& tables;
  workspace::SavedFunctions& functions;
  const Clock& clock;
  std::function<EngineStatus()> engine;
};
Routes overview_routes(const OverviewParts& parts);

}  // namespace garrison::api
