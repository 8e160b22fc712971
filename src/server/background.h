// SPDX-License-Identifier: Apache-2.0
// A thread that does one thing again and again: when it is woken, and at the latest after a pause. Started by the
// constructor, joined by stop() or the destructor.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "base/mutex.h"

namespace garrison::server {

class Background {
 public:
  Background(std::chrono::milliseconds pause, std::function<void()> work);
  ~Background();
  void wake();
  // Waits for the work at hand. May be called twice.
  void stop();

 private:
  void run();

  const std::chrono::milliseconds pause_;
  const std::function<void()> work_;
  Mutex mutex_;
  Condition changed_;
  bool is_woken_ GARRISON_GUARDED_BY(mutex_) = true;
  bool is_stopping_ GARRISON_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace garrison::server
