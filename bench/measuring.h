// SPDX-License-Identifier: Apache-2.0
// What a benchmark makes of its measurements. Machines differ and are shared, so a figure is a ratio of two things done
// in turn within one run, and the median of many such pairs. Stateless.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

namespace garrison::bench {

// Of a copy, sorted; `share` in [0, 1]. An empty list gives 0.
double percentile(std::vector<double> values, double share);
inline double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

// Milliseconds that one call takes.
template <typename Call>
double milliseconds(Call&& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// Milliseconds of processor time that this process spends in one call, all its threads together: a busy machine hardly
// changes them.
double processor_ms(const std::function<void()>& call);

struct PairFigures {
  double first_ms = 0;   // medians
  double second_ms = 0;
  double ratio = 0;      // median of first / second of each pair
  double processor_ratio = 0;  // likewise of the processor time
};

// Calls both once to warm up, then `num_pairs` times in turn; which goes first alternates, so that neither gains by its
// place.
PairFigures measure_pairs(int num_pairs, const std::function<void()>& first, const std::function<void()>& second);

}  // namespace garrison::bench
