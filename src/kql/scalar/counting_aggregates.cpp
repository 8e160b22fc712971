// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/aggregate_output.h"
#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

using Outputs = std::vector<AggregateOutput>;

Outputs counted(std::string name, std::string sql) {
  Outputs out = single_output(std::move(name), Kind::kLong, fmt::format("toInt64(ifNull({}, 0))", sql));
  out[0].value.nullable = false;
  return out;
}

// All rows count, also those where the argument is null.
Result<Outputs> lower_count(LoweringContext&, const AggregateCall& call) {
  return counted(call.arguments.empty() ? "count_" : aggregate_name("count", call.arguments[0]), "count()");
}

Result<Outputs> lower_countif(LoweringContext& context, const AggregateCall& call) {
  GARRISON_ASSIGN(std::string condition, aggregate_condition(context, call.arguments[0]));
  return counted(aggregate_name("countif", call.arguments[0]), fmt::format("countIf({})", condition));
}

// Exact for small sets, an estimate within about 0.5 % for large ones.
std::string distinct_sql(const Scalar& value, std::string_view condition) {
  if (condition.empty()) return fmt::format("uniqCombined64(17)({})", value.sql);
  return fmt::format("uniqCombined64If(17)({}, {})", value.sql, condition);
}

Result<Outputs> lower_dcount(LoweringContext&, const AggregateCall& call) {
  return counted(aggregate_name("dcount", call.arguments[0]), distinct_sql(call.arguments[0], ""));
}

Result<Outputs> lower_dcountif(LoweringContext& context, const AggregateCall& call) {
  GARRISON_ASSIGN(std::string condition, aggregate_condition(context, call.arguments[1]));
  return counted(aggregate_name("dcountif", call.arguments[0]), distinct_sql(call.arguments[0], condition));
}

std::string exact_distinct(LoweringContext& context, Arguments values, std::string_view condition) {
  std::vector<std::string> parts;
  for (const auto& value : values) parts.push_back(json_element_sql(context, value));
  const std::string key = parts.size() == 1 ? values[0].sql : fmt::format("tuple({})", fmt::join(parts, ", "));
  return condition.empty() ? fmt::format("uniqExact({})", key) : fmt::format("uniqExactIf({}, {})", key, condition);
}

Result<Outputs> lower_count_distinct(LoweringContext& context, const AggregateCall& call) {
  return counted(aggregate_name("count_distinct", call.arguments[0]), exact_distinct(context, call.arguments, ""));
}

Result<Outputs> lower_count_distinctif(LoweringContext& context, const AggregateCall& call) {
  GARRISON_ASSIGN(std::string condition, aggregate_condition(context, call.arguments.back()));
  return counted(aggregate_name("count_distinctif", call.arguments[0]),
                 exact_distinct(context, call.arguments.first(call.arguments.size() - 1), condition));
}

}  // namespace

const std::vector<Aggregate>& counting_aggregates() {
  static const std::vector<Aggregate> kEntries = {
      aggregate_entry("count(value: any?): long", "Number of rows.",
                      {"range x from 1 to 3 step 1 | summarize count()", "[[3]]"}, lower_count),
      aggregate_entry("count_distinct(value: any, others: any*): long", "Exact number of distinct values.",
                      {"datatable(x: long)[1, 1, 2] | summarize count_distinct(x)", "[[2]]"}, lower_count_distinct,
                      CostClass::kHeavy),
      aggregate_entry("count_distinctif(value: any, condition: any): long",
                      "Exact number of distinct values where a condition holds.",
                      {"datatable(x: long)[1, 1, 2] | summarize count_distinctif(x, x > 1)", "[[1]]"},
                      lower_count_distinctif, CostClass::kHeavy),
      aggregate_entry("countif(condition: any): long", "Number of rows where a condition holds.",
                      {"range x from 1 to 3 step 1 | summarize countif(x > 1)", "[[2]]"}, lower_countif),
      aggregate_entry("dcount(value: any, accuracy: long?): long",
                      "Number of distinct values; an estimate for large sets.",
                      {"datatable(x: long)[1, 1, 2] | summarize dcount(x)", "[[2]]"}, lower_dcount),
      aggregate_entry("dcountif(value: any, condition: any, accuracy: long?): long",
                      "Number of distinct values where a condition holds.",
                      {"datatable(x: long)[1, 1, 2] | summarize dcountif(x, x > 1)", "[[1]]"}, lower_dcountif),
  };
  return kEntries;
}

}  // namespace garrison::kql
