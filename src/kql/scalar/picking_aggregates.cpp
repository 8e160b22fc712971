// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/aggregate_output.h"
#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

using Outputs = std::vector<AggregateOutput>;

// Values of one and the same row: the tuple keeps them together, and nulls inside it.
Outputs elements_of(const std::string& row, Arguments values, std::string_view prefix) {
  Outputs out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    AggregateOutput output;
    output.name = prefix.empty() ? values[i].name_hint : aggregate_name(prefix, values[i]);
    output.value = computed(values[i].kind, fmt::format("tupleElement({}, {})", row, i + 1));
    out.push_back(std::move(output));
  }
  return out;
}

std::string row_of(Arguments values) {
  std::vector<std::string> parts;
  for (const auto& value : values) parts.push_back(exact_sql(value));
  return fmt::format("tuple({})", fmt::join(parts, ", "));
}

std::vector<Scalar> with_star(const AggregateCall& call) {
  std::vector<Scalar> values(call.arguments.begin(), call.arguments.end());
  if (!call.has_star) return values;
  for (const auto& column : call.star_columns) {
    if (values.empty() || column.name_hint != values.front().name_hint) values.push_back(column);
  }
  return values;
}

Result<Outputs> lower_arg_extreme(LoweringContext&, const AggregateCall& call, std::string_view function) {
  if (call.arguments.empty()) return argument_error("arg_max() and arg_min() need a value to order by");
  const std::vector<Scalar> values = with_star(call);
  const Scalar& key = values.front();
  if (key.kind == Kind::kDynamic)
    return argument_error("arg_max() and arg_min() cannot order by a dynamic; convert it");
  const std::string row = row_of(values);
  std::string best = fmt::format("{}({}, {})", function, row, key.sql);
  // A null key loses unless there is nothing else.
  if (key.nullable) best = fmt::format("if(count({}) = 0, any({}), {})", key.sql, row, best);
  return elements_of(best, values, "");
}

Result<Outputs> lower_any(LoweringContext&, const AggregateCall& call, std::string_view prefix) {
  const std::vector<Scalar> values = with_star(call);
  if (values.empty()) return argument_error("take_any() needs a column or *");
  return elements_of(fmt::format("any({})", row_of(values)), values, call.has_star ? "" : prefix);
}

Result<Outputs> lower_anyif(LoweringContext& context, const AggregateCall& call, std::string_view prefix) {
  GARRISON_ASSIGN(std::string condition, aggregate_condition(context, call.arguments.back()));
  const Arguments values = call.arguments.first(call.arguments.size() - 1);
  return elements_of(fmt::format("anyIf({}, {})", row_of(values), condition), values, prefix);
}

}  // namespace

const std::vector<Aggregate>& picking_aggregates() {
  static const std::vector<Aggregate> kEntries = [] {
    const Aggregate arg_max =
        aggregate_entry("arg_max(value: any?, others: any*): the columns",
                        "The row with the greatest value: the value and other columns, or * for all.",
                        {"datatable(a: long, b: string)[1, 'x', 2, 'y'] | summarize arg_max(a, b)", "[[2, \"y\"]]"},
                        [](LoweringContext& c, const AggregateCall& a) { return lower_arg_extreme(c, a, "argMax"); });
    const Aggregate arg_min =
        aggregate_entry("arg_min(value: any?, others: any*): the columns",
                        "The row with the smallest value: the value and other columns, or * for all.",
                        {"datatable(a: long, b: string)[1, 'x', 2, 'y'] | summarize arg_min(a, b)", "[[1, \"x\"]]"},
                        [](LoweringContext& c, const AggregateCall& a) { return lower_arg_extreme(c, a, "argMin"); });
    return std::vector<Aggregate>{
        aggregate_entry("any(value: any?, others: any*): the columns",
                        "Old spelling of take_any(); the result is named any_x.",
                        {"datatable(a: long)[5] | summarize any(a)", "[[5]]"},
                        [](LoweringContext& c, const AggregateCall& a) { return lower_any(c, a, "any"); }),
        aggregate_entry("anyif(value: any, condition: any): the type of the value",
                        "A value of some row where a condition holds.",
                        {"datatable(a: long)[5, 6] | summarize anyif(a, a > 5)", "[[6]]"},
                        [](LoweringContext& c, const AggregateCall& a) { return lower_anyif(c, a, "anyif"); }),
        arg_max,
        arg_min,
        spelled(arg_max, "argmax", "Old spelling of arg_max()."),
        spelled(arg_min, "argmin", "Old spelling of arg_min()."),
        aggregate_entry("take_any(value: any?, others: any*): the columns", "Values of some row.",
                        {"datatable(a: long)[5] | summarize take_any(a)", "[[5]]"},
                        [](LoweringContext& c, const AggregateCall& a) { return lower_any(c, a, ""); }),
        aggregate_entry("take_anyif(value: any, condition: any): the type of the value",
                        "A value of some row where a condition holds.",
                        {"datatable(a: long)[5, 6] | summarize take_anyif(a, a > 5)", "[[6]]"},
                        [](LoweringContext& c, const AggregateCall& a) { return lower_anyif(c, a, ""); }),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql
