// SPDX-License-Identifier: Apache-2.0
// Keeps the engine child alive: starts it, notices when it answers, starts it again when it ends (at once the first
// time, then with growing pauses of at most a second), writes its log into ours. One thread of its own does the work;
// any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"

namespace garrison::engine {

struct SupervisorOptions {
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments = {"engine"};  // before those the supervisor adds: --path --socket ...
  std::string path;                                 // data folder
  std::string socket;                               // see EngineServerOptions::socket
  std::uint64_t max_memory_bytes = 0;
  std::string library;                              // of libchdb; empty: see find_chdb_library()
};

class EngineSupervisor {
 public:
  enum class State { kStarting, kReady, kRestarting, kStopped };
  struct Health {
    State state = State::kStarting;
    int process_id = 0;              // 0: none runs
    std::uint64_t num_restarts = 0;  // since start()
    std::string last_words;          // last line of the log of a child that ended
  };

  // Returns at once. `clock` must outlive the supervisor. ENGINE-0040 when no pipe or thread can be had.
  static Result<std::unique_ptr<EngineSupervisor>> start(SupervisorOptions options, const Clock& clock);
  ~EngineSupervisor();  // stops
  EngineSupervisor(const EngineSupervisor&) = delete;
  EngineSupervisor& operator=(const EngineSupervisor&) = delete;

  // Returns once the child answers. ENGINE-0041 (kUnavailable) when it ended before it ever did, with its last words;
  // ENGINE-0042 (kTimeout).
  Result<void> await_ready(Timespan patience);
  Health health() const;
  const std::string& socket() const { return options_.socket; }
  // Ends the child (SIGTERM, after 10 s SIGKILL) and waits for it.
  void stop();

 private:
  struct Child;
  EngineSupervisor(SupervisorOptions options, const Clock& clock, int wake_descriptor);
  void run();
  Result<Child> spawn();
  void attend(Child& child);
  void take_log(Child& child);
  bool answers();
  void change(State state, int process_id);

  const SupervisorOptions options_;
  const Clock& clock_;
  const int wake_descriptor_;  // an eventfd, written to by stop()

  mutable Mutex mutex_;
  Condition changed_;
  Health health_ GARRISON_GUARDED_BY(mutex_);
  bool is_stopping_ GARRISON_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace garrison::engine
