// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/series_math.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace garrison::kql {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double sample_variance(SeriesView values) {
  double sum = 0;
  std::size_t count = 0;
  for (const double v : values) {
    if (std::isnan(v)) continue;
    sum += v;
    ++count;
  }
  if (count < 2) return 0;
  const double mean = sum / static_cast<double>(count);
  double squares = 0;
  for (const double v : values) {
    if (!std::isnan(v)) squares += (v - mean) * (v - mean);
  }
  return squares / static_cast<double>(count - 1);
}

double mean_of(SeriesView values) {
  double sum = 0;
  std::size_t count = 0;
  for (const double v : values) {
    if (std::isnan(v)) continue;
    sum += v;
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

// Linear interpolation between the sorted values.
double percentile_of(const Series& sorted, double percent) {
  if (sorted.empty()) return 0;
  const double at = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(at));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

Series trend_of(SeriesView values, std::size_t num_fitted, Trend trend) {
  Series out(values.size(), 0.0);
  if (trend == Trend::kAverage) std::fill(out.begin(), out.end(), mean_of(values.first(num_fitted)));
  if (trend == Trend::kLine) {
    const LineFit fit = fit_line(values.first(num_fitted));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = fit.interception + fit.slope * static_cast<double>(i + 1);
  }
  return out;
}

Series season_of(const Series& detrended, std::size_t num_fitted, double period) {
  Series out(detrended.size(), 0.0);
  const auto length = static_cast<std::size_t>(std::lround(period));
  if (length < 2 || length > num_fitted / 2) return out;
  Series phases(length, 0.0);
  std::vector<std::size_t> counts(length, 0);
  for (std::size_t i = 0; i < num_fitted; ++i) {
    if (std::isnan(detrended[i])) continue;
    phases[i % length] += detrended[i];
    ++counts[i % length];
  }
  for (std::size_t phase = 0; phase < length; ++phase) {
    if (counts[phase] > 0) phases[phase] /= static_cast<double>(counts[phase]);
  }
  const double mean = mean_of(phases);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = phases[i % length] - mean;
  return out;
}

Series minus(SeriesView left, const Series& right) {
  Series out(left.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = left[i] - right[i];
  return out;
}

}  // namespace

SeriesStatistics statistics_of(SeriesView series) {
  SeriesStatistics out;
  out.min = out.max = kMissing;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double v = series[i];
    if (std::isnan(v)) continue;
    if (out.count == 0 || v < out.min) {
      out.min = v;
      out.min_index = i;
    }
    if (out.count == 0 || v > out.max) {
      out.max = v;
      out.max_index = i;
    }
    out.sum += v;
    ++out.count;
  }
  out.mean = out.count == 0 ? kMissing : out.sum / static_cast<double>(out.count);
  out.variance = sample_variance(series);
  out.deviation = std::sqrt(out.variance);
  return out;
}

LineFit fit_line(SeriesView series) {
  LineFit out;
  double n = 0, sum_x = 0, sum_y = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (std::isnan(series[i])) continue;
    n += 1;
    sum_x += static_cast<double>(i + 1);
    sum_y += series[i];
  }
  out.line.assign(series.size(), 0.0);
  if (n == 0) return out;
  const double mean_x = sum_x / n;
  const double mean_y = sum_y / n;
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (std::isnan(series[i])) continue;
    const double dx = static_cast<double>(i + 1) - mean_x;
    const double dy = series[i] - mean_y;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  out.slope = xx > 0 ? xy / xx : 0;
  out.interception = mean_y - out.slope * mean_x;
  out.rsquare = xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 0;
  for (std::size_t i = 0; i < series.size(); ++i)
    out.line[i] = out.interception + out.slope * static_cast<double>(i + 1);
  out.variance = sample_variance(series);
  out.residual_variance = sample_variance(minus(series, out.line));
  return out;
}

TwoLinesFit fit_two_lines(SeriesView series) {
  TwoLinesFit best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t split = 1; split + 1 < series.size(); ++split) {
    LineFit left = fit_line(series.first(split));
    LineFit right = fit_line(series.subspan(split));
    double squares = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const double fitted = i < split ? left.line[i] : right.line[i - split];
      if (!std::isnan(series[i])) squares += (series[i] - fitted) * (series[i] - fitted);
    }
    if (squares >= least) continue;
    least = squares;
    best.split_index = split;
    best.left = std::move(left);
    best.right = std::move(right);
  }
  best.line = best.left.line;
  best.line.insert(best.line.end(), best.right.line.begin(), best.right.line.end());
  best.line.resize(series.size(), 0.0);
  best.variance = sample_variance(series);
  best.residual_variance = sample_variance(minus(series, best.line));
  best.rsquare = best.variance > 0 ? 1 - best.residual_variance / best.variance : 0;
  return best;
}

Series fir(SeriesView series, SeriesView filter, bool normalise, bool centred) {
  double scale = 1;
  if (normalise) {
    double sum = 0;
    for (const double f : filter) sum += f;
    if (sum != 0) scale = 1 / sum;
  }
  const auto shift = static_cast<std::ptrdiff_t>(centred ? filter.size() / 2 : 0);
  Series out(series.size(), 0.0);
  for (std::size_t i = 0; i < series.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < filter.size(); ++j) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) + shift - static_cast<std::ptrdiff_t>(j);
      if (at < 0 || at >= static_cast<std::ptrdiff_t>(series.size())) continue;
      const double v = series[static_cast<std::size_t>(at)];
      if (!std::isnan(v)) sum += filter[j] * v;
    }
    out[i] = sum * scale;
  }
  return out;
}

Series iir(SeriesView series, SeriesView numerators, SeriesView denominators) {
  if (denominators.empty() || denominators[0] == 0) return {};
  Series out(series.size(), 0.0);
  for (std::size_t i = 0; i < series.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < numerators.size() && j <= i; ++j) {
      if (!std::isnan(series[i - j])) sum += numerators[j] * series[i - j];
    }
    for (std::size_t j = 1; j < denominators.size() && j <= i; ++j) sum -= denominators[j] * out[i - j];
    out[i] = sum / denominators[0];
  }
  return out;
}

std::size_t strongest_period(SeriesView series, double threshold) {
  const double mean = mean_of(series);
  double power = 0;
  for (const double v : series) power += std::isnan(v) ? 0 : (v - mean) * (v - mean);
  if (power <= 0) return 0;
  const std::size_t longest = series.size() / 2;
  Series correlation(longest + 1, 0.0);
  for (std::size_t lag = 1; lag <= longest; ++lag) {
    double sum = 0;
    for (std::size_t i = lag; i < series.size(); ++i) {
      if (!std::isnan(series[i]) && !std::isnan(series[i - lag])) sum += (series[i] - mean) * (series[i - lag] - mean);
    }
    // Fewer pairs at long lags: compare means.
    correlation[lag] = sum / power * static_cast<double>(series.size()) / static_cast<double>(series.size() - lag);
  }
  std::size_t best = 0;
  for (std::size_t lag = 2; lag < longest; ++lag) {
    const bool is_peak = correlation[lag] > correlation[lag - 1] && correlation[lag] >= correlation[lag + 1];
    if (is_peak && correlation[lag] >= threshold && (best == 0 || correlation[lag] > correlation[best] + 1e-9))
      best = lag;
  }
  return best;
}

Decomposition decompose(SeriesView series, const DecomposeOptions& options) {
  Decomposition out;
  const std::size_t num_fitted = series.size() - std::min(options.test_points, series.size());
  out.trend = trend_of(series, num_fitted, options.trend);
  Series detrended = minus(series, out.trend);
  double period = options.period;
  if (period < 0) {
    const Series level = minus(series, trend_of(series, num_fitted, Trend::kLine));
    period = static_cast<double>(strongest_period(SeriesView(level).first(num_fitted), options.season_threshold));
  }
  out.season = season_of(detrended, num_fitted, period);
  if (options.trend != Trend::kNone) out.trend = trend_of(minus(series, out.season), num_fitted, options.trend);
  out.baseline.resize(series.size());
  for (std::size_t i = 0; i < series.size(); ++i) out.baseline[i] = out.trend[i] + out.season[i];
  out.residual = minus(series, out.baseline);
  return out;
}

Series outlier_scores(SeriesView series, double low_percentile, double high_percentile, std::size_t test_points) {
  Series sorted;
  for (const double v : series.first(series.size() - std::min(test_points, series.size()))) {
    if (!std::isnan(v)) sorted.push_back(v);
  }
  std::sort(sorted.begin(), sorted.end());
  const double low = percentile_of(sorted, low_percentile);
  const double high = percentile_of(sorted, high_percentile);
  const double range = high - low;
  Series out(series.size(), 0.0);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double v = series[i];
    if (std::isnan(v) || range <= 0) continue;
    if (v > high) out[i] = (v - high) / range;
    if (v < low) out[i] = (v - low) / range;
  }
  return out;
}

}  // namespace garrison::kql
