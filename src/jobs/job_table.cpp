// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_table.h"

#include <fmt/format.h>

#include <charconv>

#include "base/json.h"
#include "base/text.h"

namespace garrison::jobs {

state::MigrationSet migrations() {
  return {"jobs",
          {{1, "jobs", R"sql(
-- revision rises whenever the job is scheduled anew: a worker that took an earlier one leaves the new plan alone.
-- available is when a worker may take it: due, the time of a retry, or the end of the lease.
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  workspace TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  due INTEGER NOT NULL,
  period INTEGER,
  state INTEGER NOT NULL,
  num_attempts INTEGER NOT NULL,
  progress REAL NOT NULL,
  progress_text TEXT NOT NULL,
  last_error TEXT NOT NULL,
  lease_owner TEXT NOT NULL,
  lease_until INTEGER,
  cancel_requested INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  available INTEGER,
  ended INTEGER,
  UNIQUE (kind, workspace, key)
) STRICT;
CREATE INDEX jobs_available ON jobs (available) WHERE available IS NOT NULL;
CREATE INDEX jobs_workspace ON jobs (workspace);
)sql"}}};
}

namespace table {
namespace {

constexpr std::string_view kColumns =
    "id, kind, workspace, key, payload, due, period, state, num_attempts, progress, progress_text, last_error, "
    "lease_owner, lease_until, cancel_requested, revision";

Job job_of(const state::Row& row) {
  Job job;
  job.id = JobId(std::to_string(row.integer(0)));
  job.kind = row.string(1);
  job.workspace = WorkspaceId(row.string(2));
  job.key = row.string(3);
  job.payload = row.string(4);
  job.due = row.time(5);
  if (!row.is_null(6)) job.period = Timespan{row.integer(6)};
  job.state = static_cast<JobState>(row.integer(7));
  job.num_attempts = static_cast<int>(row.integer(8));
  job.progress = row.number(9);
  job.progress_text = row.string(10);
  job.last_error = row.string(11);
  job.lease_owner = row.string(12);
  job.lease_until = row.maybe_time(13);
  job.cancel_requested = row.boolean(14);
  return job;
}

std::string marks(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

Result<void> check(const NewJob& job) {
  if (job.kind.empty() || job.kind.size() > 100 || job.key.size() > 500) {
    return bad_input("JOBS-0001", "a job needs a kind of at most 100 and a key of at most 500 bytes");
  }
  if (job.period && job.period->ticks < kTicksPerSecond) {
    return bad_input("JOBS-0001", "the period of a job is at least one second");
  }
  const auto payload = json::parse(job.payload, {.max_bytes = 1 << 20});
  if (!payload.ok()) return bad_input("JOBS-0001", "the payload of a job: " + payload.error().to_string());
  return {};
}

Error lease_lost(const JobId& id) {
  return conflict("JOBS-0003", fmt::format("the lease of job {} went to another worker", id.value));
}

}  // namespace

Result<JobId> schedule(state::Transaction& transaction, const NewJob& job, OnExisting existing) {
  GARRISON_TRY(check(job));
  const auto kept = [](const state::Row& row) { return std::pair(row.integer(0), static_cast<JobState>(row.integer(1))); };
  GARRISON_ASSIGN(const auto old, transaction.query_one(
      "SELECT id, state FROM jobs WHERE kind = ? AND workspace = ? AND key = ?", {job.kind, job.workspace, job.key}, kept));
  if (!old) {
    GARRISON_ASSIGN(const auto id, transaction.query_one(
        "INSERT INTO jobs (kind, workspace, key, payload, due, period, state, num_attempts, progress, progress_text, "
        "last_error, lease_owner, cancel_requested, revision, available) "
        "VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, '', '', '', 0, 1, ?) RETURNING id",
        {job.kind, job.workspace, job.key, job.payload, job.due, job.period, job.due},
        [](const state::Row& row) { return row.integer(0); }));
    return JobId(std::to_string(*id));
  }
  const JobId id(std::to_string(old->first));
  const bool is_active = old->second == JobState::kWaiting || old->second == JobState::kRunning;
  if (is_active && existing == OnExisting::kKeep) return id;
  if (old->second == JobState::kRunning) {
    // The worker keeps its lease; what it finds when it ends is the new plan.
    GARRISON_TRY(transaction.execute(
        "UPDATE jobs SET payload = ?, due = ?, period = ?, cancel_requested = 0, revision = revision + 1 WHERE id = ?",
        {job.payload, job.due, job.period, old->first}));
    return id;
  }
  GARRISON_TRY(transaction.execute(
      "UPDATE jobs SET payload = ?, due = ?, period = ?, state = 0, num_attempts = 0, progress = 0, progress_text = '', "
      "last_error = '', lease_owner = '', lease_until = NULL, cancel_requested = 0, revision = revision + 1, "
      "available = ?, ended = NULL WHERE id = ?",
      {job.payload, job.due, job.period, job.due, old->first}));
  return id;
}

Result<std::optional<Claim>> claim(state::Transaction& transaction, const std::vector<std::string>& kinds,
                                   std::string_view owner, DateTime now) {
  std::vector<state::Value> params = {now};
  params.insert(params.end(), kinds.begin(), kinds.end());
  GARRISON_ASSIGN(auto found, transaction.query_one(
      fmt::format("SELECT {} FROM jobs WHERE available <= ? AND kind IN ({}) ORDER BY available, id LIMIT 1", kColumns,
                  marks(kinds.size())),
      params, [](const state::Row& row) { return Claim{job_of(row), row.integer(15)}; }));
  if (!found) return std::optional<Claim>();
  GARRISON_TRY(transaction.execute(
      "UPDATE jobs SET state = 1, num_attempts = num_attempts + 1, lease_owner = ?, lease_until = ?, available = ?, "
      "progress = 0, progress_text = '' WHERE id = ?",
      {owner, now, now, row_of(found->job.id)}));
  ++found->job.num_attempts;
  return found;
}

Result<void> set_lease(state::Transaction& transaction, const JobId& id, std::string_view owner, DateTime until) {
  GARRISON_ASSIGN(const std::int64_t changed, transaction.execute(
      "UPDATE jobs SET lease_until = ?, available = ? WHERE id = ? AND state = 1 AND lease_owner = ?",
      {until, until, row_of(id), owner}));
  if (changed == 0) return lease_lost(id);
  return {};
}

Result<void> set_progress(state::Transaction& transaction, const JobId& id, std::string_view owner, double fraction,
                          std::string_view text) {
  GARRISON_ASSIGN(const std::int64_t changed, transaction.execute(
      "UPDATE jobs SET progress = ?, progress_text = ? WHERE id = ? AND state = 1 AND lease_owner = ?",
      {fraction, text::to_valid_utf8(text.substr(0, 1'000)), row_of(id), owner}));
  if (changed == 0) return lease_lost(id);
  return {};
}

Result<bool> is_cancel_requested(state::Transaction& transaction, const JobId& id, std::string_view owner) {
  GARRISON_ASSIGN(const auto requested, transaction.query_one(
      "SELECT cancel_requested FROM jobs WHERE id = ? AND state = 1 AND lease_owner = ?", {row_of(id), owner},
      [](const state::Row& row) { return row.boolean(0); }));
  return requested.value_or(true);
}

Result<void> finish(state::Transaction& transaction, const Claim& claim, std::string_view owner,
                    const Outcome& outcome, DateTime now) {
  const bool waits = outcome.state == JobState::kWaiting;
  const std::optional<DateTime> available = waits ? std::optional(outcome.available) : std::nullopt;
  const std::optional<DateTime> ended = waits ? std::nullopt : std::optional(now);
  GARRISON_ASSIGN(const std::int64_t changed, transaction.execute(
      "UPDATE jobs SET state = ?, due = ?, num_attempts = ?, progress = ?, last_error = ?, lease_owner = '', "
      "lease_until = NULL, cancel_requested = 0, available = ?, ended = ? "
      "WHERE id = ? AND state = 1 AND lease_owner = ? AND revision = ?",
      {static_cast<int>(outcome.state), outcome.due, outcome.num_attempts, outcome.progress, outcome.error, available,
       ended, row_of(claim.job.id), owner, claim.revision}));
  if (changed > 0) return {};
  // Scheduled anew while it ran: the new plan starts afresh.
  GARRISON_TRY(transaction.execute(
      "UPDATE jobs SET state = 0, num_attempts = 0, progress = 0, lease_owner = '', lease_until = NULL, available = due "
      "WHERE id = ? AND state = 1 AND lease_owner = ?",
      {row_of(claim.job.id), owner}));
  return {};
}

Result<std::vector<JobId>> cancel(state::Transaction& transaction, const std::vector<Job>& jobs, DateTime now) {
  std::vector<JobId> running;
  for (const Job& job : jobs) {
    if (job.state == JobState::kWaiting) {
      GARRISON_TRY(transaction.execute("UPDATE jobs SET state = ?, available = NULL, ended = ? WHERE id = ?",
                                       {static_cast<int>(JobState::kCancelled), now, row_of(job.id)}));
    } else if (job.state == JobState::kRunning) {
      GARRISON_TRY(transaction.execute("UPDATE jobs SET cancel_requested = 1 WHERE id = ?", {row_of(job.id)}));
      running.push_back(job.id);
    }
  }
  return running;
}

std::int64_t row_of(const JobId& id) {
  std::int64_t number = -1;
  const char* const end = id.value.data() + id.value.size();
  const auto [stop, code] = std::from_chars(id.value.data(), end, number);
  return code == std::errc() && stop == end ? number : -1;
}

Result<void> free_leases(state::Transaction& transaction, std::string_view owner, DateTime now) {
  GARRISON_TRY(transaction.execute("UPDATE jobs SET lease_until = ?, available = ? WHERE state = 1 AND lease_owner <> ?",
                                   {now, now, owner}));
  return {};
}

Result<std::optional<DateTime>> next_due(state::Transaction& transaction, const std::vector<std::string>& kinds) {
  return transaction.query_one(
      fmt::format("SELECT available FROM jobs WHERE available IS NOT NULL AND kind IN ({}) ORDER BY available LIMIT 1",
                  marks(kinds.size())),
      std::vector<state::Value>(kinds.begin(), kinds.end()), [](const state::Row& row) { return row.time(0); });
}

Result<std::vector<Job>> select(state::Transaction& transaction, std::string_view where, const state::Params& params) {
  return transaction.query_all(fmt::format("SELECT {} FROM jobs WHERE {}", kColumns, where), params, job_of);
}

}  // namespace table
}  // namespace garrison::jobs
