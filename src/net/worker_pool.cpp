// SPDX-License-Identifier: Apache-2.0
#include "net/worker_pool.h"

#include <system_error>

#include "base/log.h"

namespace garrison::net {

WorkerPool::WorkerPool(int num_threads, std::size_t max_queued, std::size_t max_long_tasks)
    : max_queued_(max_queued), max_long_tasks_(max_long_tasks) {
  for (int i = 0; i < num_threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::submit(std::function<void()> task) {
  const Lock lock(mutex_);
  // A task that an idle thread will take at once does not count as queued.
  if (is_stopping_ || queue_.size() >= max_queued_ + num_idle_) return false;
  queue_.push_back(std::move(task));
  has_work_.notify_one();
  return true;
}

bool WorkerPool::submit_long(std::function<void()> task) {
  {
    const Lock lock(mutex_);
    if (is_stopping_ || num_long_ >= max_long_tasks_) return false;
    ++num_long_;
  }
  const auto leave = [this] {
    const Lock lock(mutex_);
    --num_long_;
    long_task_ended_.notify_all();
  };
  try {
    std::thread([task = std::move(task), leave]() mutable {
      task();
      task = nullptr;
      leave();
    }).detach();
  } catch (const std::system_error& failure) {
    log::warning("no thread for a long task: {}", failure.what());
    leave();
    return false;
  }
  return true;
}

void WorkerPool::stop() {
  {
    const Lock lock(mutex_);
    is_stopping_ = true;
    has_work_.notify_all();
    while (num_long_ > 0) long_task_ended_.wait(mutex_);
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::work() {
  while (true) {
    std::function<void()> task;
    {
      const Lock lock(mutex_);
      ++num_idle_;
      while (queue_.empty() && !is_stopping_) has_work_.wait(mutex_);
      --num_idle_;
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace garrison::net
