// SPDX-License-Identifier: Apache-2.0
// Saved rules and their runs in the state database. Stateless functions over a transaction; see rule_service.h for what
// they mean together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "detect/rule.h"
#include "state/migration.h"
#include "state/transaction.h"

namespace garrison::detect {

state::MigrationSet migrations();

enum class RuleOrigin { kShipped, kUser };
enum class RuleState { kNotRun, kHealthy, kFailing, kWaiting, kAutoDisabled };
std::string_view to_string(RuleState state);

struct SavedRule {
  WorkspaceId workspace;
  Rule rule;
  std::string yaml;
  bool enabled = false;
  RuleOrigin origin = RuleOrigin::kUser;
  DateTime created;
  DateTime modified;
  std::int64_t version = 1;  // rises with each change by a person; the etag
  RuleState state = RuleState::kNotRun;
  std::string reason;        // why it fails, waits or was disabled
  int consecutive_failures = 0;
  std::optional<DateTime> next_slot;         // end of the next window
  std::optional<DateTime> suppressed_until;
  std::optional<DateTime> last_run;
  double last_run_milliseconds = 0;
};

enum class RunState { kSucceeded, kFailed, kWaiting };

struct RunRecord {
  std::int64_t id = 0;
  RuleId rule;
  DateTime window_start;
  DateTime window_end;
  DateTime started;
  double milliseconds = 0;
  RunState state = RunState::kSucceeded;
  std::int64_t num_rows = 0;
  std::int64_t rows_read = 0;
  std::int64_t num_alerts = 0;
  std::string error;
};

Result<void> insert_rule(state::Transaction& transaction, const SavedRule& rule);
// Everything but the run state; kNotFound when it is gone.
Result<void> update_rule(state::Transaction& transaction, const SavedRule& rule);
// State, reason, failures, slots, last run.
Result<void> update_run_state(state::Transaction& transaction, const SavedRule& rule);
Result<void> delete_rule(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& id);
Result<void> delete_rules(state::Transaction& transaction, const WorkspaceId& workspace);
Result<std::optional<SavedRule>> find_rule(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& id);
Result<std::vector<SavedRule>> list_rules(state::Transaction& transaction, const WorkspaceId& workspace);
Result<void> insert_run(state::Transaction& transaction, const WorkspaceId& workspace, const RunRecord& run);
// Newest first; before: id of the last run of the page before, 0 for the first page.
Result<std::vector<RunRecord>> list_runs(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& rule,
                                         std::int64_t before, std::int64_t limit);
Result<std::int64_t> count_runs(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& rule);

}  // namespace garrison::detect
