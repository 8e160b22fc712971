// SPDX-License-Identifier: Apache-2.0
// Lets a bounded number of tasks run at once and shares the places fairly: users take turns, whoever has many tasks
// waiting. Any thread may call.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/mutex.h"
#include "engine/engine.h"

namespace garrison::workspace {

struct FairQueueLimits {
  std::size_t max_running = 12;
  std::size_t max_running_per_user = 5;
  std::size_t max_waiting_per_user = 200;  // WORKSPACE-0030 (kExhausted) above
};

class FairQueue {
 public:
  explicit FairQueue(FairQueueLimits limits) : limits_(limits) {}

  // A place to run; given back when it is destroyed.
  class Place {
   public:
    Place(FairQueue& queue, std::string user) : queue_(&queue), user_(std::move(user)) {}
    Place(Place&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)), user_(std::move(other.user_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (queue_ != nullptr) queue_->leave(user_);
    }

   private:
    FairQueue* queue_;
    std::string user_;
  };

  // Waits for a place. WORKSPACE-0031 (kUnavailable) when the token is cancelled while it waits.
  Result<Place> enter(const std::string& user, const engine::CancelToken& cancel);
  std::size_t num_waiting();

 private:
  struct Ticket {
    bool is_called = false;
  };
  struct User {
    std::size_t num_running = 0;
    std::deque<Ticket*> waiting;
  };
  void leave(const std::string& user);
  // Calls waiting tickets while there are places, starting behind the user that was served last.
  void call_next() GARRISON_REQUIRES(mutex_);

  const FairQueueLimits limits_;
  Mutex mutex_;
  Condition changed_;
  std::map<std::string, User> users_ GARRISON_GUARDED_BY(mutex_);
  std::string last_served_ GARRISON_GUARDED_BY(mutex_);
  std::size_t num_running_ GARRISON_GUARDED_BY(mutex_) = 0;
};

}  // namespace garrison::workspace
