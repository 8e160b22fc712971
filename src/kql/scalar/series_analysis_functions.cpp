// SPDX-License-Identifier: Apache-2.0
// Functions on whole series that our own code computes between two statements of the engine.
#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "base/json.h"
#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"
#include "kql/scalar/path_access.h"
#include "kql/scalar/series_math.h"

namespace garrison::kql {
namespace {

using Columns = std::vector<const table::ColumnVector*>;

// Numbers of a JSON array, missing ones as NaN; none when the text is no array.
std::optional<Series> read_series(std::string_view text) {
  const auto document = json::parse(text);
  if (!document.ok() || !document->is_array()) return std::nullopt;
  Series out;
  for (const auto& element : document->get_array()) {
    if (element.is_int64()) {
      out.push_back(static_cast<double>(element.get_int64()));
    } else if (element.is_double()) {
      out.push_back(element.get_double());
    } else {
      out.push_back(std::nan(""));
    }
  }
  return out;
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::string array(const Series& values) {
  std::string out = "[";
  for (const double v : values) out += (out.size() > 1 ? "," : "") + number(v);
  return out + "]";
}

double option(const Columns& arguments, std::size_t index, std::size_t row, double fallback) {
  if (index >= arguments.size() || arguments[index]->is_null(row)) return fallback;
  return arguments[index]->kind() == Kind::kReal ? arguments[index]->real(row)
                                                 : static_cast<double>(arguments[index]->integer(row));
}

template <std::string (*describe)(const Series& series, const Columns& arguments, std::size_t row)>
Result<void> run(const Columns& arguments, std::size_t num_rows, table::ColumnVector& result) {
  for (std::size_t row = 0; row < num_rows; ++row) {
    const auto series = arguments[0]->is_null(row) ? std::nullopt : read_series(arguments[0]->text(row));
    const std::string text = series ? describe(*series, arguments, row) : "";
    if (text.empty()) {
      result.append_null();
    } else {
      result.append_text(text);
    }
  }
  return {};
}

std::string describe_stats(const Series& series, const Columns&, std::size_t) {
  const SeriesStatistics s = statistics_of(series);
  return fmt::format(
      R"({{"min":{},"min_idx":{},"max":{},"max_idx":{},"avg":{},"stdev":{},"variance":{},"sum":{},"len":{}}})",
      number(s.min), s.min_index, number(s.max), s.max_index, number(s.mean), number(s.deviation), number(s.variance),
      number(s.sum), series.size());
}

std::string describe_line(const Series& series, const Columns&, std::size_t) {
  const LineFit fit = fit_line(series);
  return fmt::format(R"({{"rsquare":{},"slope":{},"variance":{},"rvariance":{},"interception":{},"line_fit":{}}})",
                     number(fit.rsquare), number(fit.slope), number(fit.variance), number(fit.residual_variance),
                     number(fit.interception), array(fit.line));
}

std::string side(const LineFit& fit) {
  return fmt::format(R"({{"rsquare":{},"slope":{},"interception":{},"variance":{},"rvariance":{}}})",
                     number(fit.rsquare), number(fit.slope), number(fit.interception), number(fit.variance),
                     number(fit.residual_variance));
}

std::string describe_two_lines(const Series& series, const Columns&, std::size_t) {
  const TwoLinesFit fit = fit_two_lines(series);
  return fmt::format(
      R"({{"rsquare":{},"split_idx":{},"variance":{},"rvariance":{},"line_fit":{},"right":{},"left":{}}})",
      number(fit.rsquare), fit.split_index, number(fit.variance), number(fit.residual_variance), array(fit.line),
      side(fit.right), side(fit.left));
}

std::string describe_fir(const Series& series, const Columns& arguments, std::size_t row) {
  const auto filter = read_series(arguments[1]->text(row));
  if (!filter) return "";
  bool has_negative = false;
  for (const double f : *filter) has_negative = has_negative || f < 0;
  const bool normalise = option(arguments, 2, row, has_negative ? 0 : 1) != 0;
  if (normalise && has_negative) return "";
  return array(fir(series, *filter, normalise, option(arguments, 3, row, 0) != 0));
}

std::string describe_iir(const Series& series, const Columns& arguments, std::size_t row) {
  const auto numerators = read_series(arguments[1]->text(row));
  const auto denominators = read_series(arguments[2]->text(row));
  if (!numerators || !denominators || denominators->empty() || denominators->front() == 0) return "";
  return array(iir(series, *numerators, *denominators));
}

// Whole numbers stay whole; nothing but missing values becomes 0.
std::string describe_fill_linear(const Series& series, const Columns& arguments, std::size_t row) {
  const double missing = option(arguments, 1, row, std::nan(""));
  const bool fill_edges = option(arguments, 2, row, 1) != 0;
  const double constant = option(arguments, 3, row, 0);
  const bool is_whole = arguments[0]->text(row).find('.') == std::string_view::npos;
  Series values = series;
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == missing) values[i] = std::nan("");
    if (!std::isnan(values[i])) known.push_back(i);
  }
  if (known.empty()) return array(Series(values.size(), constant));
  for (std::size_t k = 0; k + 1 < known.size(); ++k) {
    const std::size_t from = known[k];
    const std::size_t to = known[k + 1];
    for (std::size_t i = from + 1; i < to; ++i) {
      const double step = (values[to] - values[from]) / static_cast<double>(to - from);
      const double filled = values[from] + step * static_cast<double>(i - from);
      values[i] = is_whole ? std::trunc(filled) : filled;
    }
  }
  if (fill_edges) {
    for (std::size_t i = 0; i < known.front(); ++i) values[i] = values[known.front()];
    for (std::size_t i = known.back() + 1; i < values.size(); ++i) values[i] = values[known.back()];
  }
  return array(values);
}

DecomposeOptions decompose_options(const Columns& arguments, std::size_t first, std::size_t row) {
  DecomposeOptions out;
  out.period = option(arguments, first, row, -1);
  if (first + 1 < arguments.size()) {
    const std::string_view trend = arguments[first + 1]->text(row);
    out.trend = trend == "none" ? Trend::kNone : trend == "linefit" ? Trend::kLine : Trend::kAverage;
  }
  out.test_points = static_cast<std::size_t>(std::max(0.0, option(arguments, first + 2, row, 0)));
  return out;
}

std::string describe_decompose(const Series& series, const Columns& arguments, std::size_t row) {
  DecomposeOptions options = decompose_options(arguments, 1, row);
  options.season_threshold = option(arguments, 4, row, 0.6);
  const Decomposition parts = decompose(series, options);
  return fmt::format(R"({{"baseline":{},"seasonal":{},"trend":{},"residual":{}}})", array(parts.baseline),
                     array(parts.season), array(parts.trend), array(parts.residual));
}

std::string describe_anomalies(const Series& series, const Columns& arguments, std::size_t row) {
  const double threshold = option(arguments, 1, row, 1.5);
  DecomposeOptions options = decompose_options(arguments, 2, row);
  const bool is_plain_tukey = arguments.size() > 5 && arguments[5]->text(row) == "tukey";
  options.season_threshold = option(arguments, 6, row, 0.6);
  const Decomposition parts = decompose(series, options);
  const Series scores =
      outlier_scores(parts.residual, is_plain_tukey ? 25 : 10, is_plain_tukey ? 75 : 90, options.test_points);
  Series flags(scores.size(), 0.0);
  for (std::size_t i = 0; i < scores.size(); ++i)
    flags[i] = scores[i] >= threshold ? 1 : scores[i] <= -threshold ? -1 : 0;
  return fmt::format(R"({{"ad_flag":{},"ad_score":{},"baseline":{}}})", array(flags), array(scores),
                     array(parts.baseline));
}

std::string describe_outliers(const Series& series, const Columns& arguments, std::size_t row) {
  const bool is_plain_tukey = arguments.size() > 1 && arguments[1]->text(row) == "tukey";
  Series values = series;
  const double ignored = option(arguments, 2, row, std::nan(""));
  for (double& v : values) {
    if (v == ignored) v = std::nan("");
  }
  return array(outlier_scores(values, option(arguments, 3, row, is_plain_tukey ? 25 : 10),
                              option(arguments, 4, row, is_plain_tukey ? 75 : 90), 0));
}

struct Part {
  std::string_view name;
  Kind kind;
};

// The parts of a result under names of their own, as columns that may be taken one by one.
Result<Scalar> split_up(LoweringContext& context, std::string_view function, const Scalar& whole,
                        const Scalar& argument, std::initializer_list<Part> parts) {
  Scalar out;
  std::vector<Scalar> columns;
  for (const Part& part : parts) {
    GARRISON_ASSIGN(Scalar value, lower_member(context, whole, part.name));
    GARRISON_ASSIGN(value, cast_to(context, value, part.kind));
    value.name_hint = fmt::format("{}_{}_{}", function, argument.name_hint, part.name);
    columns.push_back(std::move(value));
  }
  out = columns.front();
  out.name_hint.clear();
  out.columns = std::move(columns);
  return out;
}

Result<Scalar> lower_stats(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Scalar whole, context.native({"series_stats", Kind::kDynamic, run<describe_stats>}, a.first(1)));
  return split_up(context, "series_stats", whole, a[0],
                  {{"min", Kind::kReal},
                   {"min_idx", Kind::kLong},
                   {"max", Kind::kReal},
                   {"max_idx", Kind::kLong},
                   {"avg", Kind::kReal},
                   {"stdev", Kind::kReal},
                   {"variance", Kind::kReal}});
}

Result<Scalar> lower_fit_line(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Scalar whole, context.native({"series_fit_line", Kind::kDynamic, run<describe_line>}, a.first(1)));
  return split_up(context, "series_fit_line", whole, a[0],
                  {{"rsquare", Kind::kReal},
                   {"slope", Kind::kReal},
                   {"variance", Kind::kReal},
                   {"rvariance", Kind::kReal},
                   {"interception", Kind::kReal},
                   {"line_fit", Kind::kDynamic}});
}

Result<Scalar> lower_fit_2lines(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Scalar whole,
                  context.native({"series_fit_2lines", Kind::kDynamic, run<describe_two_lines>}, a.first(1)));
  return split_up(context, "series_fit_2lines", whole, a[0],
                  {{"rsquare", Kind::kReal},
                   {"split_idx", Kind::kLong},
                   {"variance", Kind::kReal},
                   {"rvariance", Kind::kReal},
                   {"line_fit", Kind::kDynamic}});
}

Result<Scalar> lower_decompose(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Scalar whole, context.native({"series_decompose", Kind::kDynamic, run<describe_decompose>}, a));
  return split_up(context, "series_decompose", whole, a[0],
                  {{"baseline", Kind::kDynamic},
                   {"seasonal", Kind::kDynamic},
                   {"trend", Kind::kDynamic},
                   {"residual", Kind::kDynamic}});
}

Result<Scalar> lower_anomalies(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Scalar whole,
                  context.native({"series_decompose_anomalies", Kind::kDynamic, run<describe_anomalies>}, a));
  return split_up(context, "series_decompose_anomalies", whole, a[0],
                  {{"ad_flag", Kind::kDynamic}, {"ad_score", Kind::kDynamic}, {"baseline", Kind::kDynamic}});
}

template <std::string (*describe)(const Series& series, const Columns& arguments, std::size_t row)>
Result<Scalar> lower_whole(LoweringContext& context, Arguments a) {
  return context.native({"series function", Kind::kDynamic, run<describe>}, a);
}

}  // namespace

const std::vector<Function>& series_analysis_functions() {
  static const std::vector<Function> kEntries = {
      function_entry(
          "series_decompose(series: dynamic, period: real?, trend: string?, test_points: long?, threshold: real?): "
          "four series",
          "Splits a series into baseline, season, trend and residual.",
          {"print s = dynamic([1, 2, 1, 2, 1, 2, 1, 2]) | extend (b, e, t, r) = series_decompose(s, 2) | project r",
           "[[[0, 0, 0, 0, 0, 0, 0, 0]]]"},
          lower_decompose, CostClass::kHeavy),
      function_entry("series_decompose_anomalies(series: dynamic, threshold: real?, period: real?, trend: string?, "
                     "test_points: long?, method: string?, season_threshold: real?): three series",
                     "Marks the values that the trend and season of a series do not explain: flag, score, baseline.",
                     {"print s = dynamic([1, 2, 1, 2, 1, 9, 2, 1, 2, 1]) | extend (f, s2, b) = "
                      "series_decompose_anomalies(s, 1.5, 0) | project f[5]",
                      "[[1]]"},
                     lower_anomalies, CostClass::kHeavy),
      function_entry("series_fill_linear(series: dynamic, missing: real?, fill_edges: bool?, constant: real?): dynamic",
                     "Fills missing values along straight lines.",
                     {"print series_fill_linear(dynamic([1.0, null, 2.0]))", "[[[1, 1.5, 2]]]"},
                     lower_whole<describe_fill_linear>, CostClass::kHeavy),
      function_entry("series_fir(series: dynamic, filter: dynamic, normalise: bool?, centred: bool?): dynamic",
                     "Applies a finite impulse response filter.",
                     {"print series_fir(dynamic([1, 2, 4]), dynamic([1, -1]), false)", "[[[1, 1, 2]]]"},
                     lower_whole<describe_fir>, CostClass::kHeavy),
      function_entry(
          "series_fit_2lines(series: dynamic): five values", "Fits two lines that meet at the best place.",
          {"print s = dynamic([1, 2, 3, 9, 8, 7]) | extend (r, i) = series_fit_2lines(s) | project i", "[[3]]"},
          lower_fit_2lines, CostClass::kHeavy),
      function_entry(
          "series_fit_2lines_dynamic(series: dynamic): dynamic",
          "Fits two lines that meet at the best place; everything in one bag.",
          {"print s = dynamic([1, 2, 3, 9, 8, 7]) | project series_fit_2lines_dynamic(s).split_idx", "[[3]]"},
          lower_whole<describe_two_lines>, CostClass::kHeavy),
      function_entry(
          "series_fit_line(series: dynamic): six values",
          "Fits a line: rsquare, slope, variance, residual variance, interception, fitted values.",
          {"print s = dynamic([2, 4, 6]) | extend (r, slope) = series_fit_line(s) | project slope", "[[2.0]]"},
          lower_fit_line, CostClass::kHeavy),
      function_entry("series_fit_line_dynamic(series: dynamic): dynamic", "Fits a line; everything in one bag.",
                     {"print s = dynamic([2, 4, 6]) | project series_fit_line_dynamic(s).slope", "[[2]]"},
                     lower_whole<describe_line>, CostClass::kHeavy),
      function_entry("series_iir(series: dynamic, numerators: dynamic, denominators: dynamic): dynamic",
                     "Applies an infinite impulse response filter.",
                     {"print series_iir(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))", "[[[1, 3, 6]]]"},
                     lower_whole<describe_iir>, CostClass::kHeavy),
      function_entry("series_outliers(series: dynamic, kind: string?, ignored: real?, low_percentile: real?, "
                     "high_percentile: real?): dynamic",
                     "Scores how far each value lies outside the usual range.",
                     {"print series_outliers(dynamic([1, 2, 1, 2, 1, 2, 1, 2, 1, 50]))[0]", "[[0]]"},
                     lower_whole<describe_outliers>, CostClass::kHeavy),
      function_entry(
          "series_stats(series: dynamic): seven values",
          "Least and greatest value with their positions, mean, deviation and variance.",
          {"print s = dynamic([1, 2, 3]) | extend (least, at) = series_stats(s) | project least, at", "[[1.0, 0]]"},
          lower_stats, CostClass::kHeavy),
      function_entry("series_stats_dynamic(series: dynamic): dynamic", "Statistics of a series in one bag.",
                     {"print s = dynamic([1, 2, 3]) | project series_stats_dynamic(s).sum", "[[6]]"},
                     lower_whole<describe_stats>, CostClass::kHeavy),
  };
  return kEntries;
}

}  // namespace garrison::kql
