// SPDX-License-Identifier: Apache-2.0
// Routes of analytics rules.
#pragma once

#include "api/route.h"
#include "base/clock.h"
#include "detect/rule_service.h"
#include "incident/incident_service.h"

namespace garrison::api {

struct RuleRouteParts {
  detect::RuleService& rules;
  detect::RuleQuery& query;
  incident::IncidentService& incidents;  // for the alerts of the last week
  jobs::Scheduler& scheduler;
  const Clock& clock;
};
Routes rule_routes(const RuleRouteParts& parts);

}  // namespace garrison::api
