// SPDX-License-Identifier: Apache-2.0
#include "detect/rule_service.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/log.h"
#include "detect/rule_yaml.h"

namespace garrison::detect {
namespace {

constexpr std::string_view kSlotJob = "detect.rule";
constexpr std::string_view kReplayJob = "detect.replay";

bool is_transient(ErrorKind kind) {
  return kind == ErrorKind::kTimeout || kind == ErrorKind::kUnavailable || kind == ErrorKind::kExhausted;
}

// Between 0.5 and 1: where in its frequency a rule has its slots. The first slot after activation then never leaves a
// gap, since a period is at least as long as a frequency.
double spread(const RuleId& id) {
  std::uint32_t hash = 2166136261u;
  for (const char c : id.value) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return 0.5 + static_cast<double>(hash % 1000) / 2000.0;
}

std::string health_row(const SavedRule& saved, const RunRecord& run, DateTime now) {
  json::object row;
  row["TimeGenerated"] = format_iso(now);
  row["OperationName"] = "Scheduled analytics rule run";
  row["SentinelResourceId"] = saved.rule.id.value;
  row["SentinelResourceName"] = saved.rule.name;
  row["SentinelResourceType"] = "Analytics Rule";
  row["SentinelResourceKind"] = "Scheduled";
  row["Status"] = run.state == RunState::kSucceeded ? "Success" : run.state == RunState::kWaiting ? "Warning" : "Failure";
  row["Description"] = run.error.empty() ? "Rule executed successfully" : run.error;
  row["Reason"] = run.state == RunState::kWaiting ? "Waiting for a table or function" : run.error;
  row["WorkspaceId"] = saved.workspace.value;
  row["ExtendedProperties"] = json::object{{"QueryStartTimeUTC", format_iso(run.window_start)},
                                           {"QueryEndTimeUTC", format_iso(run.window_end)},
                                           {"ExecutionTimeMs", run.milliseconds},
                                           {"RowsReturned", run.num_rows},
                                           {"RowsRead", run.rows_read},
                                           {"AlertsGenerated", run.num_alerts}};
  return json::print(row);
}

void note_success(SavedRule& saved, const RuleOutcome& outcome, DateTime now) {
  saved.state = RuleState::kHealthy;
  saved.reason.clear();
  saved.consecutive_failures = 0;
  if (saved.rule.suppression && !outcome.alerts.empty()) saved.suppressed_until = now + saved.rule.suppression_duration;
}

void note_failure(SavedRule& saved, const Error& error) {
  const bool waits = error.kind == ErrorKind::kNotFound;
  const RuleState state = waits ? RuleState::kWaiting : RuleState::kFailing;
  saved.consecutive_failures = saved.state == state || saved.consecutive_failures == 0 ? saved.consecutive_failures + 1 : 1;
  saved.state = state;
  saved.reason = error.to_string();
  if (waits || is_transient(error.kind) || saved.consecutive_failures < kMaxPermanentFailures) return;
  saved.state = RuleState::kAutoDisabled;
  saved.enabled = false;
  saved.reason = fmt::format("AUTO DISABLED after {} failures in a row: {}", saved.consecutive_failures, saved.reason);
}

}  // namespace

Result<void> RuleService::register_jobs() {
  jobs::JobKind slot;
  slot.name = kSlotJob;
  slot.handler = [this](jobs::JobContext& context) { return run_slot(context); };
  GARRISON_TRY(parts_.scheduler.register_kind(std::move(slot)));
  jobs::JobKind replay;
  replay.name = kReplayJob;
  replay.lane = "long";
  replay.max_attempts = 3;
  replay.handler = [this](jobs::JobContext& context) { return run_replay(context); };
  return parts_.scheduler.register_kind(std::move(replay));
}

Result<SavedRule> RuleService::find(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& id,
                                    std::optional<std::int64_t> expected_version) {
  GARRISON_ASSIGN(auto found, find_rule(transaction, workspace, id));
  if (!found) return not_found("RULE-0030", fmt::format("there is no rule {}", id.value));
  if (expected_version && found->version != *expected_version) {
    return conflict("RULE-0031", "the rule has been changed meanwhile; read it again and repeat the change");
  }
  return std::move(*found);
}

Result<void> RuleService::schedule(state::Transaction& transaction, const SavedRule& saved, DateTime due) {
  if (!saved.enabled) {
    const auto cancelled = parts_.scheduler.cancel(transaction, kSlotJob, saved.workspace, saved.rule.id.value);
    if (!cancelled.ok() && cancelled.error().kind != ErrorKind::kNotFound) return cancelled.error();
    return {};
  }
  jobs::NewJob job;
  job.kind = kSlotJob;
  job.workspace = saved.workspace;
  job.key = saved.rule.id.value;
  job.due = due;
  GARRISON_TRY(parts_.scheduler.schedule(transaction, job));
  return {};
}

Result<SavedRule> RuleService::save(const WorkspaceId& workspace, std::string_view yaml, bool enabled, RuleOrigin origin,
                                    std::optional<std::int64_t> expected_version) {
  GARRISON_ASSIGN(Rule rule, parse_rule(yaml));
  // A query that cannot be bound because something is not there yet is saved and waits; a wrong one is refused.
  const auto checked = parts_.query.check(workspace, rule.query);
  if (!checked.ok() && checked.error().kind != ErrorKind::kNotFound) return checked.error();
  auto saved = parts_.store.write([&](state::Transaction& transaction) -> Result<SavedRule> {
    GARRISON_ASSIGN(auto existing, find_rule(transaction, workspace, rule.id));
    if (expected_version && (!existing || existing->version != *expected_version)) {
      return conflict("RULE-0031", "the rule has been changed meanwhile; read it again and repeat the change");
    }
    SavedRule saved = existing ? std::move(*existing) : SavedRule{};
    const bool was_enabled = existing && saved.enabled;
    const DateTime now = parts_.clock.now();
    saved.workspace = workspace;
    saved.rule = std::move(rule);
    saved.yaml = yaml;
    saved.enabled = enabled;
    saved.origin = origin;
    saved.modified = now;
    saved.state = checked.ok() ? RuleState::kNotRun : RuleState::kWaiting;
    saved.reason = checked.ok() ? "" : checked.error().to_string();
    saved.consecutive_failures = 0;
    if (enabled && !was_enabled) saved.next_slot = now;
    if (existing) {
      ++saved.version;
      GARRISON_TRY(update_rule(transaction, saved));
    } else {
      saved.created = now;
      GARRISON_TRY(insert_rule(transaction, saved));
    }
    GARRISON_TRY(schedule(transaction, saved, now));
    return saved;
  });
  parts_.scheduler.wake();
  return saved;
}

Result<SavedRule> RuleService::set_enabled(const WorkspaceId& workspace, const RuleId& id, bool enabled,
                                           std::optional<std::int64_t> expected_version) {
  auto saved = parts_.store.write([&](state::Transaction& transaction) -> Result<SavedRule> {
    GARRISON_ASSIGN(SavedRule saved, find(transaction, workspace, id, expected_version));
    if (saved.enabled == enabled) return saved;
    saved.enabled = enabled;
    saved.modified = parts_.clock.now();
    ++saved.version;
    saved.consecutive_failures = 0;
    if (saved.state == RuleState::kAutoDisabled) saved.state = RuleState::kNotRun;
    if (enabled) saved.next_slot = parts_.clock.now();
    GARRISON_TRY(update_rule(transaction, saved));
    GARRISON_TRY(schedule(transaction, saved, parts_.clock.now()));
    return saved;
  });
  parts_.scheduler.wake();
  return saved;
}

Result<void> RuleService::remove(const WorkspaceId& workspace, const RuleId& id, std::optional<std::int64_t> expected_version) {
  return parts_.store.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(SavedRule saved, find(transaction, workspace, id, expected_version));
    saved.enabled = false;
    GARRISON_TRY(schedule(transaction, saved, parts_.clock.now()));
    return delete_rule(transaction, workspace, id);
  });
}

Result<void> RuleService::remove_all(state::Transaction& transaction, const WorkspaceId& workspace) {
  return delete_rules(transaction, workspace);
}

Result<SavedRule> RuleService::get(const WorkspaceId& workspace, const RuleId& id) {
  return parts_.store.read([&](state::Transaction& transaction) { return find(transaction, workspace, id, std::nullopt); });
}

Result<std::vector<SavedRule>> RuleService::list(const WorkspaceId& workspace) {
  return parts_.store.read([&](state::Transaction& transaction) { return list_rules(transaction, workspace); });
}

Result<std::vector<RunRecord>> RuleService::runs(const WorkspaceId& workspace, const RuleId& id, std::int64_t before, std::int64_t limit) {
  return parts_.store.read([&](state::Transaction& transaction) { return list_runs(transaction, workspace, id, before, limit); });
}

Result<std::int64_t> RuleService::num_runs(const WorkspaceId& workspace, const RuleId& id) {
  return parts_.store.read([&](state::Transaction& transaction) { return count_runs(transaction, workspace, id); });
}

Result<std::optional<Error>> RuleService::run_and_store(SavedRule& saved, const QueryWindow& window, bool is_slot) {
  const std::int64_t began = parts_.clock.monotonic_ticks();
  const DateTime now = parts_.clock.now();
  const auto outcome = run_rule(parts_.query, saved.workspace, saved.rule, window, now);
  RunRecord run;
  run.rule = saved.rule.id;
  run.window_start = window.start;
  run.window_end = window.end;
  run.started = now;
  run.milliseconds = static_cast<double>(parts_.clock.monotonic_ticks() - began) / kTicksPerMillisecond;
  if (outcome.ok()) {
    run.num_rows = outcome->num_rows;
    run.rows_read = outcome->rows_read;
  } else {
    run.state = outcome.error().kind == ErrorKind::kNotFound ? RunState::kWaiting : RunState::kFailed;
    run.error = outcome.error().to_string();
  }
  GARRISON_TRY(parts_.store.write([&](state::Transaction& transaction) -> Result<void> {
    // A person may have changed or removed the rule while it ran: what they set wins.
    GARRISON_ASSIGN(auto current, find_rule(transaction, saved.workspace, saved.rule.id));
    if (!current) return {};
    if (outcome.ok() && !outcome->alerts.empty()) {
      GARRISON_ASSIGN(const std::size_t num_new, parts_.sink.accept(transaction, saved.workspace, saved.rule.incident, outcome->alerts));
      run.num_alerts = static_cast<std::int64_t>(num_new);
    }
    GARRISON_TRY(insert_run(transaction, saved.workspace, run));
    GARRISON_TRY(parts_.outbox.add(transaction, "health", saved.workspace, saved.rule.id.value, health_row(saved, run, now)));
    if (!is_slot) return {};
    if (outcome.ok()) note_success(*current, *outcome, now);
    else note_failure(*current, outcome.error());
    current->last_run = now;
    current->last_run_milliseconds = run.milliseconds;
    const bool same_slot_again = !outcome.ok() && is_transient(outcome.error().kind) && current->consecutive_failures <= kMaxTransientRetries;
    if (!same_slot_again) {
      const bool first = saved.rule.period.ticks > 0 && !saved.last_run;
      const auto step = first ? static_cast<std::int64_t>(static_cast<double>(saved.rule.frequency.ticks) * spread(saved.rule.id))
                              : saved.rule.frequency.ticks;
      if (!current->next_slot || *current->next_slot <= window.end) current->next_slot = window.end + Timespan{step};
      if (!outcome.ok() && is_transient(outcome.error().kind)) current->consecutive_failures = 0;
    }
    GARRISON_TRY(update_run_state(transaction, *current));
    saved = std::move(*current);
    return {};
  }));
  if (!outcome.ok()) return std::optional<Error>(outcome.error());
  return std::optional<Error>();
}

Result<void> RuleService::run_slot(jobs::JobContext& context) {
  const jobs::Job& job = context.job();
  GARRISON_ASSIGN(auto found, parts_.store.read([&](state::Transaction& transaction) {
    return find_rule(transaction, job.workspace, RuleId(job.key));
  }));
  if (!found || !found->enabled || !found->next_slot) return {};
  SavedRule saved = std::move(*found);
  const DateTime slot = *saved.next_slot;
  // The run at activation waits for nothing; later slots wait for late events.
  const bool activation = !saved.last_run || slot == saved.modified;
  const DateTime due = activation ? slot : slot + kSlotDelay;
  const DateTime now = parts_.clock.now();
  if (now < due) {
    context.run_again_at(due);
    return {};
  }
  if (saved.suppressed_until && now < *saved.suppressed_until) {
    saved.next_slot = slot + saved.rule.frequency;
    GARRISON_TRY(parts_.store.write([&](state::Transaction& transaction) { return update_run_state(transaction, saved); }));
    context.run_again_at(*saved.next_slot + kSlotDelay);
    return {};
  }
  GARRISON_ASSIGN(const auto failed, run_and_store(saved, window_of(saved.rule, slot), true));
  if (!saved.enabled) {
    log::warning("rule '{}' was switched off: {}", saved.rule.name, saved.reason);
    return {};
  }
  const bool same_slot = saved.next_slot && *saved.next_slot == slot;
  if (same_slot && failed) {
    context.run_again_at(now + Timespan{30 * kTicksPerSecond << saved.consecutive_failures});
  } else if (saved.next_slot) {
    context.run_again_at(*saved.next_slot + kSlotDelay);
  }
  return {};
}

Result<JobId> RuleService::replay(const WorkspaceId& workspace, const RuleId& id, DateTime from, DateTime to) {
  GARRISON_TRY(get(workspace, id));
  if (to < from) return bad_input("RULE-0032", "the replay ends before it begins");
  if ((to - from).ticks > 31 * kTicksPerDay) return bad_input("RULE-0033", "a replay covers at most 31 days");
  jobs::NewJob job;
  job.kind = kReplayJob;
  job.workspace = workspace;
  job.key = id.value;
  job.due = parts_.clock.now();
  job.payload = json::print(json::object{{"rule", id.value}, {"from", format_iso(from)}, {"to", format_iso(to)}});
  auto scheduled = parts_.scheduler.schedule(job);
  parts_.scheduler.wake();
  return scheduled;
}

Result<void> RuleService::run_replay(jobs::JobContext& context) {
  GARRISON_ASSIGN(const json::value payload, json::parse(context.job().payload));
  const auto from = parse_iso(json::string_at(payload, "from").value_or(""));
  const auto to = parse_iso(json::string_at(payload, "to").value_or(""));
  if (!from || !to) return bad_input("RULE-0034", "the replay's payload has no times");
  GARRISON_ASSIGN(SavedRule saved, get(context.job().workspace, RuleId(context.job().key)));
  const std::int64_t step = saved.rule.frequency.ticks;
  const std::int64_t num_slots = std::max<std::int64_t>(1, ((*to - *from).ticks + step - 1) / step);
  for (std::int64_t n = 0; n < num_slots; ++n) {
    if (context.is_cancelled()) return unavailable("RULE-0035", "the replay was stopped");
    const DateTime slot{to->ticks - (num_slots - 1 - n) * step};
    GARRISON_ASSIGN(const auto failed, run_and_store(saved, window_of(saved.rule, slot), false));
    if (failed) return *failed;
    GARRISON_TRY(context.report(static_cast<double>(n + 1) / static_cast<double>(num_slots),
                                fmt::format("window {} of {}", n + 1, num_slots)));
  }
  return {};
}

Result<void> RuleService::retry_waiting(const WorkspaceId& workspace) {
  GARRISON_ASSIGN(const auto rules, list(workspace));
  for (const SavedRule& saved : rules) {
    if (!saved.enabled || saved.state != RuleState::kWaiting) continue;
    const auto checked = parts_.query.check(workspace, saved.rule.query);
    if (!checked.ok()) continue;
    GARRISON_TRY(parts_.store.write([&](state::Transaction& transaction) -> Result<void> {
      GARRISON_ASSIGN(auto current, find_rule(transaction, workspace, saved.rule.id));
      if (!current || !current->enabled || current->state != RuleState::kWaiting) return {};
      current->state = RuleState::kNotRun;
      current->reason.clear();
      current->last_run.reset();
      current->next_slot = parts_.clock.now();
      GARRISON_TRY(update_run_state(transaction, *current));
      return schedule(transaction, *current, parts_.clock.now());
    }));
  }
  return {};
}

}  // namespace garrison::detect
