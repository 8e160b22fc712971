// SPDX-License-Identifier: Apache-2.0
// Ctrl-C (and SIGTERM) as a call instead of the end of the process, so that work can be cancelled where it runs and
// temporary files removed. The second one ends the process at once.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace garrison::server {

class Interrupt {
 public:
  // Takes the signals from here on, for this thread and all that it starts; create it before them. The function is
  // called once, on a thread of its own.
  explicit Interrupt(std::function<void()> function);
  // Gives the signals back.
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool is_interrupted() const { return is_interrupted_; }

 private:
  void watch();

  std::function<void()> function_;
  std::atomic<bool> is_interrupted_{false};
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

}  // namespace garrison::server
