// SPDX-License-Identifier: Apache-2.0
// Arithmetic of time series: statistics, fitted lines, filters, decomposition into trend and season, outliers. A value
// that is missing is NaN and is left out of sums. Stateless; any thread may call.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace garrison::kql {

using Series = std::vector<double>;
using SeriesView = std::span<const double>;

struct SeriesStatistics {
  double min = 0, max = 0, mean = 0, deviation = 0, variance = 0, sum = 0;
  std::size_t min_index = 0, max_index = 0, count = 0;
};
SeriesStatistics statistics_of(SeriesView series);

// y = interception + slope * x with x counted from 1; variances are sample variances, of the values and the residuals.
struct LineFit {
  double rsquare = 0, slope = 0, variance = 0, residual_variance = 0, interception = 0;
  Series line;
};
LineFit fit_line(SeriesView series);

struct TwoLinesFit {
  double rsquare = 0, variance = 0, residual_variance = 0;
  std::size_t split_index = 0;
  Series line;
  LineFit right, left;
};
TwoLinesFit fit_two_lines(SeriesView series);

// y[i] = sum of filter[j] * x[i - j], values before the start count as 0; centred filters look half their length ahead.
Series fir(SeriesView series, SeriesView filter, bool normalise, bool centred);
// y[i] = (sum of b[j] * x[i - j] - sum of a[j] * y[i - j]) / a[0]; empty when a[0] is 0.
Series iir(SeriesView series, SeriesView numerators, SeriesView denominators);

enum class Trend { kNone, kAverage, kLine };
struct DecomposeOptions {
  double period = -1;  // -1: found by autocorrelation; 0: no season
  Trend trend = Trend::kAverage;
  std::size_t test_points = 0;  // at the end, left out of the fit
  double season_threshold = 0.6;
};
// baseline = trend + season; residual = series - baseline. The season is the mean of each phase of the period in the
// series without its trend, shifted to a mean of 0.
struct Decomposition {
  Series baseline, season, trend, residual;
};
Decomposition decompose(SeriesView series, const DecomposeOptions& options);

// Distance behind the fences of Tukey's test, in units of the range between two percentiles; 0 between the fences'
// percentiles. The last `test_points` values do not count for the percentiles.
Series outlier_scores(SeriesView series, double low_percentile, double high_percentile, std::size_t test_points);

// Length of the strongest period by autocorrelation, 0 when none reaches the threshold.
std::size_t strongest_period(SeriesView series, double threshold);

}  // namespace garrison::kql
