// SPDX-License-Identifier: Apache-2.0
// The rows of jobs: every statement on the table, without threads or handlers. Internal to the library; the functions
// run inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jobs/job.h"
#include "jobs/scheduler.h"
#include "state/transaction.h"

namespace garrison::jobs::table {

// A job that a worker took, with the revision it took: a change meanwhile shows as another revision.
struct Claim {
  Job job;
  std::int64_t revision = 0;
};

Result<JobId> schedule(state::Transaction& transaction, const NewJob& job, OnExisting existing);

// Takes the due job that waits longest among the kinds, or one whose lease ended. None when nothing is due.
Result<std::optional<Claim>> claim(state::Transaction& transaction, const std::vector<std::string>& kinds,
                                   std::string_view owner, DateTime now);
// Sets the end of the lease of a fresh claim, or renews it; kConflict (JOBS-0003) when it is no longer the owner's.
Result<void> set_lease(state::Transaction& transaction, const JobId& id, std::string_view owner, DateTime until);
Result<void> set_progress(state::Transaction& transaction, const JobId& id, std::string_view owner, double fraction,
                          std::string_view text);
Result<bool> is_cancel_requested(state::Transaction& transaction, const JobId& id, std::string_view owner);

// What becomes of a claim. Nothing happens when the lease was lost meanwhile.
struct Outcome {
  JobState state = JobState::kDone;
  DateTime due;          // what the job is meant for from now on
  DateTime available;    // for kWaiting: when a worker may take it
  int num_attempts = 0;  // so far of the run it waits for
  double progress = 1;
  std::string error;
};
Result<void> finish(state::Transaction& transaction, const Claim& claim, std::string_view owner, const Outcome& outcome,
                    DateTime now);

// Ends a waiting job, asks a running one to end. Gives the ids of running ones. Ended ones are left alone.
Result<std::vector<JobId>> cancel(state::Transaction& transaction, const std::vector<Job>& jobs, DateTime now);

// Ends the leases of all other owners now.
Result<void> free_leases(state::Transaction& transaction, std::string_view owner, DateTime now);
// Earliest time at which one of the kinds needs a worker.
Result<std::optional<DateTime>> next_due(state::Transaction& transaction, const std::vector<std::string>& kinds);

// The number behind an id; none matches -1.
std::int64_t row_of(const JobId& id);
Result<std::vector<Job>> select(state::Transaction& transaction, std::string_view where, const state::Params& params);

}  // namespace garrison::jobs::table
