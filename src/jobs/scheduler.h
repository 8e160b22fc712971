// SPDX-License-Identifier: Apache-2.0
// Runs jobs when they are due. Rows are claimed by lease, so that a job runs on one worker at a time even with several
// servers, and is taken over when its worker vanished. Each lane has workers of its own: near-real-time work never
// waits behind long work. Any thread may call; owned by the server.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "jobs/job.h"
#include "state/store.h"

namespace garrison::jobs {

// The tables of this library, for Store::open.
state::MigrationSet migrations();

struct Lane {
  std::string name;
  std::size_t num_workers = 1;
};

struct SchedulerOptions {
  std::vector<Lane> lanes = {{"realtime", 2}, {"normal", 2}, {"long", 1}};
  // No other server shares the database: leases left by an earlier process are taken over at start, not at their end.
  bool sole_server = true;
};

enum class OnExisting {
  kKeep,     // leave a waiting or running job of this key as it is
  kReplace,  // new payload, time and period; a running one runs again afterwards
};

struct JobFilter {
  std::optional<WorkspaceId> workspace;
  std::optional<std::string> kind;
  std::optional<JobState> state;
  std::size_t max_jobs = 1'000;
};

class Scheduler {
 public:
  Scheduler(state::Store& store, const Clock& clock, Random& random, SchedulerOptions options = {});
  // Stops, see stop().
  ~Scheduler();

  // Before start() or run_due(). kConflict for a second kind of the same name, kBadInput for an unknown lane.
  Result<void> register_kind(JobKind kind);

  // Adds the job, or revives a finished one of the same key. JOBS-0001 (kBadInput) for a bad payload or period.
  Result<JobId> schedule(state::Transaction& transaction, const NewJob& job, OnExisting existing = OnExisting::kReplace);
  Result<JobId> schedule(const NewJob& job, OnExisting existing = OnExisting::kReplace);
  // A waiting job ends at once; a running one is told. kNotFound (JOBS-0002) when there is none.
  Result<void> cancel(const JobId& id);
  Result<void> cancel(state::Transaction& transaction, std::string_view kind, const WorkspaceId& workspace,
                      std::string_view key);
  // Removes every job of a workspace that is deleted; running ones are told to stop.
  Result<void> remove_workspace(state::Transaction& transaction, const WorkspaceId& workspace);

  Result<Job> get(const JobId& id);
  Result<std::optional<Job>> find(std::string_view kind, const WorkspaceId& workspace, std::string_view key);
  Result<std::vector<Job>> list(const JobFilter& filter = {});
  // Deletes rows of jobs that ended before that time; gives their number.
  Result<std::int64_t> delete_ended(DateTime before);

  // Runs on this thread what is due now, one after another in the order of due time, in all lanes; gives the number of
  // handler calls. For tests and for `--once` commands.
  Result<std::size_t> run_due();

  // Starts the workers. With sole_server, first frees what an earlier process left.
  Result<void> start();
  // Tells running handlers, waits for them, and gives their jobs back as waiting. May be called twice.
  void stop();
  // Lets idle workers look again, after the clock was moved.
  void wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::jobs
