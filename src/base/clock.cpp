// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <chrono>

namespace garrison {

DateTime SystemClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {kUnixEpochTicks + std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count() / 100};
}

std::int64_t SystemClock::monotonic_ticks() const {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count() / 100;
}

}  // namespace garrison
