// SPDX-License-Identifier: Apache-2.0
// Turns one window of one rule into alerts. Pure but for the query; any thread.
#pragma once

#include <vector>

#include "base/error.h"
#include "detect/rule.h"
#include "detect/rule_query.h"

namespace garrison::detect {

// AlertPerResult: at most this many alerts a run; beyond it the last one stands for all the rest.
inline constexpr std::size_t kMaxAlertsPerRun = 150;

struct RuleOutcome {
  std::vector<entity::Alert> alerts;
  std::int64_t num_rows = 0;
  std::int64_t rows_read = 0;
};

// Window of the slot: the period before its end.
QueryWindow window_of(const Rule& rule, DateTime slot);
// Runs the query and builds alerts where the threshold is passed.
Result<RuleOutcome> run_rule(RuleQuery& query, const WorkspaceId& workspace, const Rule& rule, const QueryWindow& window,
                             DateTime now);
// The alerts of rows already there; for tests and backtests.
std::vector<entity::Alert> build_alerts(const Rule& rule, const QueryWindow& window, const QueryAnswer& answer, DateTime now);

}  // namespace garrison::detect
