// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/aggregate_output.h"
#include "kql/scalar/all.h"
#include "kql/scalar/constant_json.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

using Outputs = std::vector<AggregateOutput>;

std::string number_of(const Scalar& value) {
  return value.kind == Kind::kDateTime ? int64_sql(value) : value.sql;
}

std::string from_number(const Scalar& value, const std::string& sql) {
  return value.kind == Kind::kDateTime ? datetime_of_valid(sql) : sql;
}

// Nearest rank: the smallest value with at least p percent of the values at or below it.
std::string nearest_rank(const Scalar& value, const std::string& percent, std::string_view condition) {
  const std::string number = number_of(value);
  const std::string suffix = condition.empty() ? "" : "If";
  const std::string tail = condition.empty() ? "" : fmt::format(", {}", condition);
  const std::string count = fmt::format("count{}({}{})", suffix, number, tail);
  return fmt::format(
      "if({0} = 0, NULL, arraySort(groupArray{1}({2}{3}))[toUInt64(greatest(1, ceil({4} * {0} / 100)))])", count,
      suffix, number, tail, percent);
}

std::string weighted_rank(const Scalar& value, const Scalar& weight, const std::string& percent) {
  const std::string pairs =
      fmt::format("arraySort(groupArrayIf(tuple(assumeNotNull({0}), assumeNotNull({1})), isNotNull({0}) and {1} > 0))",
                  number_of(value), int64_sql(weight));
  return fmt::format(
      "arrayMap(q -> if(empty(q), NULL, q[arrayFirstIndex(c -> c >= arraySum(q.2) * {} / 100, arrayCumSum(q.2))].1), "
      "[{}])[1]",
      percent, pairs);
}

std::string percent_name(const Scalar& percent) {
  const auto integer = constant_integer(percent);
  if (integer) return std::to_string(*integer);
  const auto real = constant_real(percent);
  std::string out = real ? fmt::format("{}", *real) : "";
  for (char& c : out) {
    if (c == '.') c = '_';
  }
  return out;
}

// Percentiles may stand alone or in a constant array.
std::vector<Scalar> percents_of(Arguments given) {
  std::vector<Scalar> out;
  for (const auto& value : given) {
    if (auto elements = constant_elements(value)) {
      out.insert(out.end(), elements->begin(), elements->end());
    } else {
      out.push_back(value);
    }
  }
  return out;
}

Result<Outputs> each_percentile(LoweringContext&, const AggregateCall& call, bool is_weighted) {
  const Scalar& value = call.arguments[0];
  Outputs out;
  for (const auto& percent : percents_of(call.arguments.subspan(is_weighted ? 2 : 1))) {
    const std::string p = float64_sql(percent);
    const std::string sql = is_weighted ? weighted_rank(value, call.arguments[1], p) : nearest_rank(value, p, "");
    AggregateOutput output;
    output.name = fmt::format("percentile_{}_{}", value.name_hint, percent_name(percent));
    output.value = computed(value.kind, from_number(value, sql));
    out.push_back(std::move(output));
  }
  return out;
}

Result<Outputs> percentile_array(LoweringContext& context, const AggregateCall& call, bool is_weighted) {
  const Scalar& value = call.arguments[0];
  std::vector<std::string> items;
  for (const auto& percent : percents_of(call.arguments.subspan(is_weighted ? 2 : 1))) {
    const std::string p = float64_sql(percent);
    const std::string sql = is_weighted ? weighted_rank(value, call.arguments[1], p) : nearest_rank(value, p, "");
    // The value is made of aggregates, so nothing of it may be bound before the grouping.
    const std::string text = fmt::format("toString({})", from_number(value, sql));
    const bool is_text = value.kind == Kind::kDateTime;
    items.push_back(fmt::format("ifNull({}, 'null')",
                                is_text ? fmt::format("concat('\"', replaceOne({}, ' ', 'T'), 'Z\"')", text) : text));
  }
  static_cast<void>(context);
  return single_output(fmt::format("percentiles_{}", value.name_hint), Kind::kDynamic,
                       fmt::format("toNullable(concat('[', {}, ']'))", fmt::join(items, ", ',', ")));
}

Result<Outputs> lower_percentileif(LoweringContext& context, const AggregateCall& call) {
  GARRISON_ASSIGN(std::string condition, aggregate_condition(context, call.arguments[2]));
  const Scalar& value = call.arguments[0];
  return single_output(fmt::format("percentileif_{}_{}", value.name_hint, percent_name(call.arguments[1])), value.kind,
                       from_number(value, nearest_rank(value, float64_sql(call.arguments[1]), condition)));
}

}  // namespace

const std::vector<Aggregate>& statistical_aggregates() {
  static const std::vector<Aggregate> kEntries = {
      aggregate_entry(
          "percentile(value: real|datetime|timespan, percent: real): the type of the value",
          "Value at a percentile, by nearest rank.",
          {"range x from 1 to 10 step 1 | summarize percentile(x, 50)", "[[5]]"},
          [](LoweringContext& c, const AggregateCall& a) { return each_percentile(c, a, false); }, CostClass::kHeavy),
      aggregate_entry(
          "percentileif(value: real|datetime|timespan, percent: real, condition: any): the type of the value",
          "Value at a percentile where a condition holds.",
          {"range x from 1 to 10 step 1 | summarize percentileif(x, 50, x > 5)", "[[8]]"}, lower_percentileif,
          CostClass::kHeavy),
      aggregate_entry(
          "percentiles(value: real|datetime|timespan, percent: real, others: real*): one column a percentile",
          "Values at several percentiles.",
          {"range x from 1 to 10 step 1 | summarize percentiles(x, 50, 90)", "[[5, 9]]"},
          [](LoweringContext& c, const AggregateCall& a) { return each_percentile(c, a, false); }, CostClass::kHeavy),
      aggregate_entry(
          "percentiles_array(value: real|datetime|timespan, percent: real|dynamic, others: real*): dynamic",
          "Values at several percentiles as an array.",
          {"range x from 1 to 10 step 1 | summarize percentiles_array(x, 50, 90)", "[[[5, 9]]]"},
          [](LoweringContext& c, const AggregateCall& a) { return percentile_array(c, a, false); }, CostClass::kHeavy),
      aggregate_entry(
          "percentilesw(value: real|datetime|timespan, weight: long, percent: real, others: real*): one column a "
          "percentile",
          "Values at several percentiles, each value counted by its weight.",
          {"datatable(x: long, w: long)[1, 1, 2, 3] | summarize percentilesw(x, w, 50)", "[[2]]"},
          [](LoweringContext& c, const AggregateCall& a) { return each_percentile(c, a, true); }, CostClass::kHeavy),
      aggregate_entry(
          "percentilesw_array(value: real|datetime|timespan, weight: long, percent: real|dynamic, others: real*): "
          "dynamic",
          "Values at several percentiles as an array, each value counted by its weight.",
          {"datatable(x: long, w: long)[1, 1, 2, 3] | summarize percentilesw_array(x, w, 10, 50)", "[[[1, 2]]]"},
          [](LoweringContext& c, const AggregateCall& a) { return percentile_array(c, a, true); }, CostClass::kHeavy),
      aggregate_entry(
          "percentilew(value: real|datetime|timespan, weight: long, percent: real): the type of the value",
          "Value at a percentile, each value counted by its weight.",
          {"datatable(x: long, w: long)[1, 1, 2, 3] | summarize percentilew(x, w, 50)", "[[2]]"},
          [](LoweringContext& c, const AggregateCall& a) { return each_percentile(c, a, true); }, CostClass::kHeavy),
  };
  return kEntries;
}

}  // namespace garrison::kql
