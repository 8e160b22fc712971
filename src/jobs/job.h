// SPDX-License-Identifier: Apache-2.0
// A durable unit of work: something to do once, or every so often, by a handler registered under the job's kind. Plain
// values; the rows live in the state database.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ids.h"
#include "base/ticks.h"

namespace garrison::jobs {

enum class JobState : std::uint8_t {
  kWaiting,    // for its time, or for a retry
  kRunning,    // leased by a worker
  kDone,
  kFailed,     // gave up after its attempts; periodic jobs never end here
  kCancelled,
  kUnknown,    // a crash interrupted a job that must not be repeated: a person decides
};
std::string_view to_string(JobState state);

struct NewJob {
  std::string kind;
  WorkspaceId workspace;  // empty for the server as a whole
  std::string key;        // unique within kind and workspace
  std::string payload = "{}";  // JSON
  DateTime due;
  std::optional<Timespan> period;  // set: runs again at due + n * period
};

struct Job {
  JobId id;
  std::string kind;
  WorkspaceId workspace;
  std::string key;
  std::string payload;
  DateTime due;  // the time it was meant to run, however late it does
  std::optional<Timespan> period;
  JobState state = JobState::kWaiting;
  int num_attempts = 0;   // of the present run, this one included
  double progress = 0;    // 0 .. 1
  std::string progress_text;
  std::string last_error;  // of the last attempt that failed; empty after a success
  std::string lease_owner;
  std::optional<DateTime> lease_until;
  bool cancel_requested = false;
};

// What a running handler sees. Used by the worker's thread; is_cancelled may be asked from others.
class JobContext {
 public:
  virtual ~JobContext() = default;
  virtual const Job& job() const = 0;
  // True once the job was cancelled, its lease was lost, or the server stops: return soon, with any error.
  virtual bool is_cancelled() const = 0;
  // For calls that take a flag to poll.
  virtual const std::atomic<bool>& cancel_flag() const = 0;
  // Stores how far it is (0 .. 1) and renews the lease. kConflict when the lease was lost.
  virtual Result<void> report(double fraction, std::string_view text) = 0;
  // Runs the job again at that time after a success, instead of at due + period.
  virtual void run_again_at(DateTime at) = 0;
};

using JobHandler = std::function<Result<void>(JobContext&)>;

// What to do with a job whose worker vanished while it ran.
enum class AfterCrash { kRepeat, kOutcomeUnknown };

struct JobKind {
  std::string name;            // "detect.rule"
  std::string lane = "normal";
  JobHandler handler;
  int max_attempts = 8;
  Timespan first_delay{kTicksPerSecond};   // before the second attempt; doubles each time
  Timespan max_delay{kTicksPerHour};
  Timespan lease{kTicksPerMinute};         // renewed while the handler runs
  AfterCrash after_crash = AfterCrash::kRepeat;
};

}  // namespace garrison::jobs
