// SPDX-License-Identifier: Apache-2.0
#include "workspace/fair_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace garrison::workspace {

Result<FairQueue::Place> FairQueue::enter(const std::string& user, const engine::CancelToken& cancel) {
  const Lock lock(mutex_);
  User& mine = users_[user];
  if (mine.waiting.size() >= limits_.max_waiting_per_user) {
    return exhausted("WORKSPACE-0030", fmt::format("{} of your queries are waiting already; let some of them end first", mine.waiting.size()));
  }
  Ticket ticket;
  mine.waiting.push_back(&ticket);
  call_next();
  while (!ticket.is_called) {
    if (cancel.is_cancelled()) {
      std::erase(mine.waiting, &ticket);
      if (mine.waiting.empty() && mine.num_running == 0) users_.erase(user);
      return unavailable("WORKSPACE-0031", "the query was cancelled while it waited for its turn");
    }
    // Cancelling does not know this queue: look at the token now and then.
    changed_.wait_for(mutex_, std::chrono::milliseconds(100));
  }
  return Place(*this, user);
}

std::size_t FairQueue::num_waiting() {
  const Lock lock(mutex_);
  std::size_t total = 0;
  for (const auto& [name, user] : users_) total += user.waiting.size();
  return total;
}

void FairQueue::leave(const std::string& user) {
  const Lock lock(mutex_);
  const auto found = users_.find(user);
  --found->second.num_running;
  --num_running_;
  if (found->second.num_running == 0 && found->second.waiting.empty()) users_.erase(found);
  call_next();
}

void FairQueue::call_next() {
  while (num_running_ < limits_.max_running) {
    const auto may_run = [&](const auto& entry) {
      return !entry.second.waiting.empty() && entry.second.num_running < limits_.max_running_per_user;
    };
    auto next = std::find_if(users_.upper_bound(last_served_), users_.end(), may_run);
    if (next == users_.end()) next = std::find_if(users_.begin(), users_.end(), may_run);
    if (next == users_.end()) break;
    next->second.waiting.front()->is_called = true;
    next->second.waiting.pop_front();
    ++next->second.num_running;
    ++num_running_;
    last_served_ = next->first;
  }
  changed_.notify_all();
}

}  // namespace garrison::workspace
