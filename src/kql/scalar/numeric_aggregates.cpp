// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/aggregate_output.h"
#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

using Outputs = std::vector<AggregateOutput>;

// Calls an aggregate of the engine, in its -If form when the call has a condition as second argument.
Result<std::string> applied(LoweringContext& context, std::string_view function, const std::string& value,
                            const AggregateCall& call) {
  if (call.arguments.size() < 2) return fmt::format("{}({})", function, value);
  GARRISON_ASSIGN(std::string condition, aggregate_condition(context, call.arguments[1]));
  return fmt::format("{}If({}, {})", function, value, condition);
}

Scalar widened(const Scalar& value) {
  if (value.kind == Kind::kInt || value.kind == Kind::kBool) return computed(Kind::kLong, int64_sql(value));
  return value;
}

Result<Outputs> lower_sum(LoweringContext& context, const AggregateCall& call, std::string_view prefix) {
  const Scalar value = widened(call.arguments[0]);
  GARRISON_ASSIGN(std::string sql, applied(context, "sum", value.sql, call));
  const bool is_decimal = value.kind == Kind::kDecimal;
  return single_output(aggregate_name(prefix, call.arguments[0]), value.kind,
                       fmt::format("ifNull({}, {})", sql, is_decimal ? "toDecimal256(0, 18)" : "0"));
}

Result<Outputs> lower_avg(LoweringContext& context, const AggregateCall& call, std::string_view prefix) {
  const Scalar& value = call.arguments[0];
  const std::string name = aggregate_name(prefix, value);
  if (value.kind == Kind::kDateTime || value.kind == Kind::kTimespan) {
    GARRISON_ASSIGN(std::string sql, applied(context, "avg", int64_sql(value), call));
    const std::string ticks = fmt::format("accurateCastOrNull(round({}), 'Int64')", sql);
    return single_output(name, value.kind, value.kind == Kind::kDateTime ? datetime_of_valid(ticks) : ticks);
  }
  GARRISON_ASSIGN(std::string sql, applied(context, "avg", float64_sql(value), call));
  return single_output(name, Kind::kReal, fmt::format("ifNull({}, nan)", sql));
}

Result<Outputs> lower_extreme(LoweringContext& context, const AggregateCall& call, std::string_view function,
                              std::string_view prefix) {
  const Scalar& value = call.arguments[0];
  if (value.kind == Kind::kDynamic) {
    // Numbers compare as numbers, everything else as text.
    const std::string raw = context.bind(value.sql);
    const std::string key = fmt::format("tuple(ifNull(toFloat64OrNull({0}), 0), ifNull({0}, ''))", raw);
    GARRISON_ASSIGN(std::string condition, call.arguments.size() > 1 ? aggregate_condition(context, call.arguments[1])
                                                                     : Result<std::string>("true"));
    return single_output(aggregate_name(prefix, value), Kind::kDynamic,
                         fmt::format("nullIf(arg{}If(ifNull({}, ''), {}, isNotNull({}) and {}), '')",
                                     function == "min" ? "Min" : "Max", raw, key, raw, condition));
  }
  GARRISON_ASSIGN(std::string sql,
                  applied(context, function,
                          value.kind == Kind::kString ? value.sql : fmt::format("toNullable({})", value.sql), call));
  return single_output(aggregate_name(prefix, value), value.kind, sql);
}

// Zero for fewer than two values, where the engine answers nan.
template <bool is_sample, bool is_deviation>
Result<Outputs> lower_spread(LoweringContext& context, const AggregateCall& call, std::string_view prefix) {
  constexpr std::string_view kFunction = is_deviation ? (is_sample ? "stddevSampStable" : "stddevPopStable")
                                                      : (is_sample ? "varSampStable" : "varPopStable");
  const std::string value = float64_sql(call.arguments[0]);
  GARRISON_ASSIGN(std::string sql, applied(context, kFunction, value, call));
  GARRISON_ASSIGN(std::string count, applied(context, "count", value, call));
  return single_output(aggregate_name(prefix, call.arguments[0]), Kind::kReal,
                       fmt::format("if({} < {}, 0, {})", count, is_sample ? 2 : 1, sql));
}

template <bool is_sample>
Result<Outputs> lower_covariance(LoweringContext& context, const AggregateCall& call, std::string_view prefix) {
  const std::string left = float64_sql(call.arguments[0]);
  const std::string right = float64_sql(call.arguments[1]);
  std::string suffix;
  std::string condition;
  if (call.arguments.size() > 2) {
    GARRISON_ASSIGN(std::string predicate, aggregate_condition(context, call.arguments[2]));
    suffix = "If";
    condition = ", " + predicate;
  }
  const std::string name = fmt::format("{}_{}_{}", prefix, call.arguments[0].name_hint, call.arguments[1].name_hint);
  return single_output(name, Kind::kReal,
                       fmt::format("ifNull({}{}({}, {}{}), nan)", is_sample ? "covarSampStable" : "covarPopStable",
                                   suffix, left, right, condition));
}

template <bool is_and>
Result<Outputs> lower_bits(LoweringContext&, const AggregateCall& call, std::string_view prefix,
                           std::string_view function) {
  return single_output(
      aggregate_name(prefix, call.arguments[0]), Kind::kLong,
      fmt::format("reinterpretAsInt64({}(reinterpretAsUInt64({})))", function, int64_sql(call.arguments[0])));
}

}  // namespace

const std::vector<Aggregate>& numeric_aggregates() {
  static const std::vector<Aggregate> kEntries = {
      aggregate_entry("avg(value: real|datetime|timespan): real", "Mean of the values; null is left out.",
                      {"range x from 1 to 4 step 1 | summarize avg(x)", "[[2.5]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_avg(c, a, "avg"); }),
      aggregate_entry("avgif(value: real|datetime|timespan, condition: any): real",
                      "Mean of the values where a condition holds.",
                      {"range x from 1 to 4 step 1 | summarize avgif(x, x > 2)", "[[3.5]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_avg(c, a, "avgif"); }),
      aggregate_entry("binary_all_and(value: long): long", "Bitwise and of all values.",
                      {"datatable(x: long)[7, 6] | summarize binary_all_and(x)", "[[6]]"},
                      [](LoweringContext& c, const AggregateCall& a) {
                        return lower_bits<true>(c, a, "binary_all_and", "groupBitAnd");
                      }),
      aggregate_entry("binary_all_or(value: long): long", "Bitwise or of all values.",
                      {"datatable(x: long)[1, 6] | summarize binary_all_or(x)", "[[7]]"},
                      [](LoweringContext& c, const AggregateCall& a) {
                        return lower_bits<false>(c, a, "binary_all_or", "groupBitOr");
                      }),
      aggregate_entry("binary_all_xor(value: long): long", "Bitwise exclusive or of all values.",
                      {"datatable(x: long)[7, 6] | summarize binary_all_xor(x)", "[[1]]"},
                      [](LoweringContext& c, const AggregateCall& a) {
                        return lower_bits<false>(c, a, "binary_all_xor", "groupBitXor");
                      }),
      aggregate_entry(
          "covariance(left: real, right: real): real", "Sample covariance of two columns.",
          {"datatable(x: real, y: real)[1.0, 2.0, 2.0, 4.0] | summarize covariance(x, y)", "[[1.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_covariance<true>(c, a, "covariance"); }),
      aggregate_entry(
          "covarianceif(left: real, right: real, condition: any): real",
          "Sample covariance of two columns where a condition holds.",
          {"datatable(x: real, y: real)[1.0, 2.0, 2.0, 4.0, 9.0, 9.0] | summarize covarianceif(x, y, x < 9)",
           "[[1.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_covariance<true>(c, a, "covarianceif"); }),
      aggregate_entry(
          "covariancep(left: real, right: real): real", "Population covariance of two columns.",
          {"datatable(x: real, y: real)[1.0, 2.0, 2.0, 4.0] | summarize covariancep(x, y)", "[[0.5]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_covariance<false>(c, a, "covariancep"); }),
      aggregate_entry(
          "covariancepif(left: real, right: real, condition: any): real",
          "Population covariance of two columns where a condition holds.",
          {"datatable(x: real, y: real)[1.0, 2.0, 2.0, 4.0, 9.0, 9.0] | summarize covariancepif(x, y, x < 9)",
           "[[0.5]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_covariance<false>(c, a, "covariancepif"); }),
      aggregate_entry("max(value: any): the type of the value", "Greatest value; null is left out.",
                      {"range x from 1 to 3 step 1 | summarize max(x)", "[[3]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_extreme(c, a, "max", "max"); }),
      aggregate_entry("maxif(value: any, condition: any): the type of the value",
                      "Greatest value where a condition holds.",
                      {"range x from 1 to 3 step 1 | summarize maxif(x, x < 3)", "[[2]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_extreme(c, a, "max", "maxif"); }),
      aggregate_entry("min(value: any): the type of the value", "Smallest value; null is left out.",
                      {"range x from 1 to 3 step 1 | summarize min(x)", "[[1]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_extreme(c, a, "min", "min"); }),
      aggregate_entry("minif(value: any, condition: any): the type of the value",
                      "Smallest value where a condition holds.",
                      {"range x from 1 to 3 step 1 | summarize minif(x, x > 1)", "[[2]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_extreme(c, a, "min", "minif"); }),
      aggregate_entry(
          "stdev(value: real): real", "Sample standard deviation.",
          {"datatable(x: long)[1, 3] | summarize round(stdev(x), 3)", "[[1.414]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<true, true>(c, a, "stdev"); }),
      aggregate_entry(
          "stdevif(value: real, condition: any): real", "Sample standard deviation where a condition holds.",
          {"datatable(x: long)[1, 3, 9] | summarize round(stdevif(x, x < 9), 3)", "[[1.414]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<true, true>(c, a, "stdevif"); }),
      aggregate_entry(
          "stdevp(value: real): real", "Population standard deviation.",
          {"datatable(x: long)[1, 3] | summarize stdevp(x)", "[[1.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<false, true>(c, a, "stdevp"); }),
      aggregate_entry(
          "stdevpif(value: real, condition: any): real", "Population standard deviation where a condition holds.",
          {"datatable(x: long)[1, 3, 9] | summarize stdevpif(x, x < 9)", "[[1.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<false, true>(c, a, "stdevpif"); }),
      aggregate_entry("sum(value: real|timespan): the type of the value", "Sum of the values; 0 without any.",
                      {"range x from 1 to 3 step 1 | summarize sum(x)", "[[6]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_sum(c, a, "sum"); }),
      aggregate_entry("sumif(value: real|timespan, condition: any): the type of the value",
                      "Sum of the values where a condition holds.",
                      {"range x from 1 to 3 step 1 | summarize sumif(x, x > 1)", "[[5]]"},
                      [](LoweringContext& c, const AggregateCall& a) { return lower_sum(c, a, "sumif"); }),
      aggregate_entry(
          "variance(value: real): real", "Sample variance.",
          {"datatable(x: long)[1, 3] | summarize variance(x)", "[[2.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<true, false>(c, a, "variance"); }),
      aggregate_entry(
          "varianceif(value: real, condition: any): real", "Sample variance where a condition holds.",
          {"datatable(x: long)[1, 3, 9] | summarize varianceif(x, x < 9)", "[[2.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<true, false>(c, a, "varianceif"); }),
      aggregate_entry(
          "variancep(value: real): real", "Population variance.",
          {"datatable(x: long)[1, 3] | summarize variancep(x)", "[[1.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<false, false>(c, a, "variancep"); }),
      aggregate_entry(
          "variancepif(value: real, condition: any): real", "Population variance where a condition holds.",
          {"datatable(x: long)[1, 3, 9] | summarize variancepif(x, x < 9)", "[[1.0]]"},
          [](LoweringContext& c, const AggregateCall& a) { return lower_spread<false, false>(c, a, "variancepif"); }),
  };
  return kEntries;
}

}  // namespace garrison::kql
