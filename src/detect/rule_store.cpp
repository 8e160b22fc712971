// SPDX-License-Identifier: Apache-2.0
#include "detect/rule_store.h"

#include <fmt/format.h>

#include "base/log.h"
#include "detect/rule_yaml.h"

namespace garrison::detect {
namespace {

constexpr std::string_view kColumns =
    "workspace, yaml, enabled, origin, created, modified, version, state, reason, failures, next_slot, suppressed_until, "
    "last_run, last_milliseconds";

SavedRule from_row(const state::Row& row) {
  SavedRule saved;
  saved.workspace = WorkspaceId(row.string(0));
  saved.yaml = row.string(1);
  // The text was checked when it was saved; a rule that a newer reader refuses is still shown, with its problem.
  RuleReading reading = read_rule(saved.yaml);
  saved.rule = std::move(reading.rule);
  saved.enabled = row.boolean(2);
  saved.origin = row.text(3) == "shipped" ? RuleOrigin::kShipped : RuleOrigin::kUser;
  saved.created = row.time(4);
  saved.modified = row.time(5);
  saved.version = row.integer(6);
  saved.state = static_cast<RuleState>(row.integer(7));
  saved.reason = row.string(8);
  saved.consecutive_failures = static_cast<int>(row.integer(9));
  saved.next_slot = row.maybe_time(10);
  saved.suppressed_until = row.maybe_time(11);
  saved.last_run = row.maybe_time(12);
  saved.last_run_milliseconds = row.number(13);
  if (!reading.problems.empty()) saved.reason = reading.problems.front().message;
  return saved;
}

RunRecord run_from_row(const state::Row& row) {
  RunRecord run;
  run.id = row.integer(0);
  run.rule = RuleId(row.string(1));
  run.window_start = row.time(2);
  run.window_end = row.time(3);
  run.started = row.time(4);
  run.milliseconds = row.number(5);
  run.state = static_cast<RunState>(row.integer(6));
  run.num_rows = row.integer(7);
  run.rows_read = row.integer(8);
  run.num_alerts = row.integer(9);
  run.error = row.string(10);
  return run;
}

Error rule_not_found(const RuleId& id) { return not_found("RULE-0030", fmt::format("there is no rule {}", id.value)); }

}  // namespace

state::MigrationSet migrations() {
  return {"detect",
          {{1, "rules and runs", R"(
CREATE TABLE detect_rule (
  workspace TEXT NOT NULL, id TEXT NOT NULL, yaml TEXT NOT NULL, enabled INTEGER NOT NULL, origin TEXT NOT NULL,
  created INTEGER NOT NULL, modified INTEGER NOT NULL, version INTEGER NOT NULL, state INTEGER NOT NULL,
  reason TEXT NOT NULL, failures INTEGER NOT NULL, next_slot INTEGER, suppressed_until INTEGER, last_run INTEGER,
  last_milliseconds REAL NOT NULL, PRIMARY KEY (workspace, id)) STRICT;
CREATE TABLE detect_run (
  id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, rule TEXT NOT NULL, window_start INTEGER NOT NULL,
  window_end INTEGER NOT NULL, started INTEGER NOT NULL, milliseconds REAL NOT NULL, state INTEGER NOT NULL,
  num_rows INTEGER NOT NULL, rows_read INTEGER NOT NULL, num_alerts INTEGER NOT NULL, error TEXT NOT NULL) STRICT;
CREATE INDEX detect_run_rule ON detect_run (workspace, rule, id);
)"}}};
}

std::string_view to_string(RuleState state) {
  switch (state) {
    case RuleState::kNotRun: return "NotRun";
    case RuleState::kHealthy: return "Healthy";
    case RuleState::kFailing: return "Failing";
    case RuleState::kWaiting: return "Waiting";
    case RuleState::kAutoDisabled: return "AutoDisabled";
  }
  return "NotRun";
}

Result<void> insert_rule(state::Transaction& transaction, const SavedRule& rule) {
  GARRISON_TRY(transaction.execute(
      "INSERT INTO detect_rule (workspace, id, yaml, enabled, origin, created, modified, version, state, reason, failures, "
      "next_slot, suppressed_until, last_run, last_milliseconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {rule.workspace, rule.rule.id, rule.yaml, rule.enabled, rule.origin == RuleOrigin::kShipped ? "shipped" : "user",
       rule.created, rule.modified, rule.version, static_cast<int>(rule.state), rule.reason, rule.consecutive_failures,
       rule.next_slot, rule.suppressed_until, rule.last_run, rule.last_run_milliseconds}));
  return {};
}

Result<void> update_rule(state::Transaction& transaction, const SavedRule& rule) {
  GARRISON_ASSIGN(const std::int64_t changed,
                  transaction.execute("UPDATE detect_rule SET yaml = ?, enabled = ?, origin = ?, modified = ?, version = ? "
                                      "WHERE workspace = ? AND id = ?",
                                      {rule.yaml, rule.enabled, rule.origin == RuleOrigin::kShipped ? "shipped" : "user",
                                       rule.modified, rule.version, rule.workspace, rule.rule.id}));
  if (changed == 0) return rule_not_found(rule.rule.id);
  return update_run_state(transaction, rule);
}

Result<void> update_run_state(state::Transaction& transaction, const SavedRule& rule) {
  GARRISON_TRY(transaction.execute(
      "UPDATE detect_rule SET enabled = ?, state = ?, reason = ?, failures = ?, next_slot = ?, suppressed_until = ?, "
      "last_run = ?, last_milliseconds = ? WHERE workspace = ? AND id = ?",
      {rule.enabled, static_cast<int>(rule.state), rule.reason, rule.consecutive_failures, rule.next_slot,
       rule.suppressed_until, rule.last_run, rule.last_run_milliseconds, rule.workspace, rule.rule.id}));
  return {};
}

Result<void> delete_rule(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& id) {
  GARRISON_ASSIGN(const std::int64_t changed,
                  transaction.execute("DELETE FROM detect_rule WHERE workspace = ? AND id = ?", {workspace, id}));
  if (changed == 0) return rule_not_found(id);
  GARRISON_TRY(transaction.execute("DELETE FROM detect_run WHERE workspace = ? AND rule = ?", {workspace, id}));
  return {};
}

Result<void> delete_rules(state::Transaction& transaction, const WorkspaceId& workspace) {
  GARRISON_TRY(transaction.execute("DELETE FROM detect_rule WHERE workspace = ?", {workspace}));
  GARRISON_TRY(transaction.execute("DELETE FROM detect_run WHERE workspace = ?", {workspace}));
  return {};
}

Result<std::optional<SavedRule>> find_rule(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& id) {
  return transaction.query_one(fmt::format("SELECT {} FROM detect_rule WHERE workspace = ? AND id = ?", kColumns),
                               {workspace, id}, from_row);
}

Result<std::vector<SavedRule>> list_rules(state::Transaction& transaction, const WorkspaceId& workspace) {
  return transaction.query_all(fmt::format("SELECT {} FROM detect_rule WHERE workspace = ? ORDER BY id", kColumns),
                               {workspace}, from_row);
}

Result<void> insert_run(state::Transaction& transaction, const WorkspaceId& workspace, const RunRecord& run) {
  GARRISON_TRY(transaction.execute(
      "INSERT INTO detect_run (workspace, rule, window_start, window_end, started, milliseconds, state, num_rows, rows_read, "
      "num_alerts, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {workspace, run.rule, run.window_start, run.window_end, run.started, run.milliseconds, static_cast<int>(run.state),
       run.num_rows, run.rows_read, run.num_alerts, run.error}));
  return {};
}

Result<std::vector<RunRecord>> list_runs(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& rule,
                                         std::int64_t before, std::int64_t limit) {
  return transaction.query_all(
      "SELECT id, rule, window_start, window_end, started, milliseconds, state, num_rows, rows_read, num_alerts, error "
      "FROM detect_run WHERE workspace = ? AND rule = ? AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?",
      {workspace, rule, before, before, limit}, run_from_row);
}

Result<std::int64_t> count_runs(state::Transaction& transaction, const WorkspaceId& workspace, const RuleId& rule) {
  GARRISON_ASSIGN(const auto count, transaction.query_one("SELECT count(*) FROM detect_run WHERE workspace = ? AND rule = ?",
                                                          {workspace, rule}, [](const state::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

}  // namespace garrison::detect
