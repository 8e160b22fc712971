// SPDX-License-Identifier: Apache-2.0
// Saved rules and their schedule. A rule that is switched on runs at once over its period, then at each slot, five
// minutes after the slot's end; slots of many rules are spread by a hash of the id. The next slot is stored in the
// transaction that stores a run's alerts, so a restart neither skips nor repeats a window: slots missed while the
// server was away are run one after another. Any thread may call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "detect/alert_sink.h"
#include "detect/rule_query.h"
#include "detect/rule_runner.h"
#include "detect/rule_store.h"
#include "jobs/scheduler.h"
#include "state/outbox.h"
#include "state/store.h"

namespace garrison::detect {

// Failures of the same permanent kind in a row after which a rule is switched off.
inline constexpr int kMaxPermanentFailures = 5;
// Retries of a slot after transient failures, 30 s apart and doubling, before the next slot is tried instead.
inline constexpr int kMaxTransientRetries = 5;
inline constexpr Timespan kSlotDelay{5 * kTicksPerMinute};

class RuleService {
 public:
  struct Parts {
    state::Store& store;
    state::Outbox& outbox;
    jobs::Scheduler& scheduler;
    RuleQuery& query;
    AlertSink& sink;
    const Clock& clock;
  };
  explicit RuleService(const Parts& parts) : parts_(parts) {}

  // Registers the job kinds; call once before the scheduler starts.
  Result<void> register_jobs();

  // Creates or replaces the rule. expected_version: kConflict (RULE-0031) when the stored one differs.
  Result<SavedRule> save(const WorkspaceId& workspace, std::string_view yaml, bool enabled, RuleOrigin origin,
                         std::optional<std::int64_t> expected_version = std::nullopt);
  Result<SavedRule> set_enabled(const WorkspaceId& workspace, const RuleId& id, bool enabled,
                                std::optional<std::int64_t> expected_version = std::nullopt);
  Result<void> remove(const WorkspaceId& workspace, const RuleId& id, std::optional<std::int64_t> expected_version = std::nullopt);
  Result<void> remove_all(state::Transaction& transaction, const WorkspaceId& workspace);
  Result<SavedRule> get(const WorkspaceId& workspace, const RuleId& id);
  Result<std::vector<SavedRule>> list(const WorkspaceId& workspace);
  Result<std::vector<RunRecord>> runs(const WorkspaceId& workspace, const RuleId& id, std::int64_t before, std::int64_t limit);
  Result<std::int64_t> num_runs(const WorkspaceId& workspace, const RuleId& id);

  // Starts a job that runs the rule over every slot between the times, or once over its period ending at `to` when
  // they are equal. Its schedule is not touched.
  Result<JobId> replay(const WorkspaceId& workspace, const RuleId& id, DateTime from, DateTime to);
  // Binds rules that wait for a table again, soon. Call when the catalogue has changed.
  Result<void> retry_waiting(const WorkspaceId& workspace);

 private:
  Result<void> run_slot(jobs::JobContext& context);
  Result<void> run_replay(jobs::JobContext& context);
  // Runs a window and stores run, alerts and health; gives the error of the run, if any.
  Result<std::optional<Error>> run_and_store(SavedRule& saved, const QueryWindow& window, bool is_slot);
  Result<void> schedule(state::Transaction& transaction, const SavedRule& saved, DateTime due);
  Result<SavedRule> find(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& id,
                         std::optional<std::int64_t> expected_version);

  Parts parts_;
};

}  // namespace garrison::detect
