// SPDX-License-Identifier: Apache-2.0
#include "measuring.h"

#include <algorithm>
#include <cmath>

namespace garrison::bench {

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
  std::vector<double> firsts, seconds, ratios;
  for (int i = 0; i < num_pairs; ++i) {
    double first_ms = 0, second_ms = 0;
    if (i % 2 == 0) {
      first_ms = milliseconds(first);
      second_ms = milliseconds(second);
    } else {
      second_ms = milliseconds(second);
      first_ms = milliseconds(first);
    }
    firsts.push_back(first_ms);
    seconds.push_back(second_ms);
    ratios.push_back(first_ms / second_ms);
  }
  return {median(firsts), median(seconds), median(ratios)};
}

}  // namespace garrison::bench
