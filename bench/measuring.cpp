// SPDX-License-Identifier: Apache-2.0
#include "measuring.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

namespace garrison::bench {

namespace {

double used_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) { return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3; };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

}  // namespace

double processor_ms(const std::function<void()>& call) {
  const double before = used_ms();
  call();
  return used_ms() - before;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - std::floor(place));
}

PairFigures measure_pairs(int num_pairs, const std::function<void()>& first, const std::function<void()>& second) {
  first();
  second();
  std::vector<double> firsts, seconds, ratios, processor_ratios;
  for (int i = 0; i < num_pairs; ++i) {
    double first_ms = 0, second_ms = 0, first_used = 0, second_used = 0;
    const auto run_first = [&] { first_used = processor_ms([&] { first_ms = milliseconds(first); }); };
    const auto run_second = [&] { second_used = processor_ms([&] { second_ms = milliseconds(second); }); };
    if (i % 2 == 0) {
      run_first();
      run_second();
    } else {
      run_second();
      run_first();
    }
    processor_ratios.push_back(first_used / second_used);
    firsts.push_back(first_ms);
    seconds.push_back(second_ms);
    ratios.push_back(first_ms / second_ms);
  }
  return {median(firsts), median(seconds), median(ratios), median(processor_ratios)};
}

}  // namespace garrison::bench
