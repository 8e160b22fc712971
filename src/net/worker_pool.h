// SPDX-License-Identifier: Apache-2.0
// A fixed number of threads behind a bounded queue, and a counted set of extra threads for tasks that live long. Safe
// from any thread; stop() is for the owner.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace garrison::net {

class WorkerPool {
 public:
  WorkerPool(int num_threads, std::size_t max_queued, std::size_t max_long_tasks);
  ~WorkerPool();  // stops

  // False when the queue is full; the task then has not run and will not run. Tasks must not throw.
  bool submit(std::function<void()> task);
  // Runs the task on a thread of its own; false when too many run.
  bool submit_long(std::function<void()> task);
  // Runs what is queued, waits for all tasks, joins.
  void stop();

 private:
  void work();

  const std::size_t max_queued_;
  const std::size_t max_long_tasks_;
  Mutex mutex_;
  Condition has_work_;
  Condition long_task_ended_;
  std::deque<std::function<void()>> queue_ GARRISON_GUARDED_BY(mutex_);
  std::size_t num_idle_ GARRISON_GUARDED_BY(mutex_) = 0;
  std::size_t num_long_ GARRISON_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ GARRISON_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace garrison::net
