// SPDX-License-Identifier: Apache-2.0
#include "jobs/job.h"

namespace garrison::jobs {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::kWaiting: return "Waiting";
    case JobState::kRunning: return "Running";
    case JobState::kDone: return "Done";
    case JobState::kFailed: return "Failed";
    case JobState::kCancelled: return "Cancelled";
    case JobState::kUnknown: return "OutcomeUnknown";
  }
  return "OutcomeUnknown";
}

}  // namespace garrison::jobs
