// SPDX-License-Identifier: Apache-2.0
// Time is passed in, so that tests can bend it. Implementations are safe to call from any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/ticks.h"

namespace garrison {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time in UTC; may jump.
  virtual DateTime now() const = 0;
  // Ticks of a clock that only goes forward; the origin has no meaning.
  virtual std::int64_t monotonic_ticks() const = 0;
};

class SystemClock final : public Clock {
 public:
  DateTime now() const override;
  std::int64_t monotonic_ticks() const override;
};

// Stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(DateTime start) : ticks_(start.ticks) {}
  DateTime now() const override { return {ticks_.load()}; }
  std::int64_t monotonic_ticks() const override { return monotonic_.load(); }
  // Moves wall and monotonic time forward.
  void advance(Timespan by) {
    ticks_ += by.ticks;
    monotonic_ += by.ticks;
  }
  // Sets wall time only, as an administrator or NTP would.
  void set(DateTime at) { ticks_ = at.ticks; }

 private:
  std::atomic<std::int64_t> ticks_;
  std::atomic<std::int64_t> monotonic_{0};
};

}  // namespace garrison
