// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

constexpr std::string_view kWholeFrame = "rows between unbounded preceding and unbounded following";
constexpr std::string_view kFrameSoFar = "rows between unbounded preceding and current row";

// Number of restarts up to the row: rows with the same number count together.
Result<std::string> segment_of(LoweringContext& context, const std::string& order, const Scalar& restart) {
  GARRISON_ASSIGN(Scalar condition, cast_to(context, restart, Kind::kBool));
  const std::string holds = context.bind(fmt::format("toInt64({})", condition_sql(condition)));
  return context.bind(fmt::format("sum({}) over (order by {} {})", holds, order, kFrameSoFar));
}

Result<std::string> partition_of(LoweringContext& context, const std::string& order, Arguments a, std::size_t index) {
  if (a.size() <= index) return std::string();
  GARRISON_ASSIGN(std::string segment, segment_of(context, order, a[index]));
  return fmt::format("partition by {} ", segment);
}

// An argument that is a window itself is computed one level below: windows do not nest.
std::string operand(LoweringContext& context, std::string sql) {
  return sql.find(" over (") == std::string::npos ? sql : context.bind(sql);
}

Result<Scalar> shifted(LoweringContext& context, Arguments a, std::string_view function) {
  std::int64_t offset = 1;
  if (a.size() > 1) {
    const auto given = constant_integer(a[1]);
    if (!given) return bad_input("KQL-0204", "the offset of prev() and next() must be a constant");
    if (*given < 1) return argument_error("the offset of prev() and next() must be 1 or more");
    offset = *given;
  }
  GARRISON_ASSIGN(std::string order, context.row_order());
  const Scalar& value = a[0];
  std::string fallback = value.kind == Kind::kString ? "''" : "NULL";
  if (a.size() > 2) {
    if (!a[2].constant) return bad_input("KQL-0204", "the default of prev() and next() must be a constant");
    GARRISON_ASSIGN(Scalar typed, cast_to(context, a[2], value.kind));
    fallback = exact_sql(typed);
  }
  Scalar out =
      computed(value.kind, fmt::format("{}({}, {}, {}) over (order by {} {})", function,
                                       operand(context, exact_sql(value)), offset, fallback, order, kWholeFrame));
  return out;
}

Result<Scalar> lower_row_number(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string order, context.row_order());
  GARRISON_ASSIGN(std::string partition, partition_of(context, order, a, 1));
  const std::string start = a.empty() ? "1" : int64_sql(a[0]);
  return total(Kind::kLong,
               fmt::format("toInt64(row_number() over ({}order by {}) - 1 + {})", partition, order, start));
}

Result<Scalar> lower_row_cumsum(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string order, context.row_order());
  GARRISON_ASSIGN(std::string partition, partition_of(context, order, a, 1));
  const Kind kind = a[0].kind == Kind::kInt ? Kind::kLong : a[0].kind;
  const std::string value = kind == Kind::kReal ? a[0].sql : kind == Kind::kDecimal ? a[0].sql : int64_sql(a[0]);
  return computed(kind, fmt::format("ifNull(sum({}) over ({}order by {} {}), 0)", operand(context, value), partition,
                                    order, kFrameSoFar));
}

// 1 where the value differs from the row before, or a segment begins.
Result<std::string> changes(LoweringContext& context, Arguments a, const std::string& order,
                            const std::string& partition) {
  const std::string value = context.bind(json_element_sql(context, a[0]));
  const std::string number = context.bind(fmt::format("row_number() over ({}order by {})", partition, order));
  const std::string before =
      context.bind(fmt::format("lagInFrame({}, 1, '') over ({}order by {} {})", value, partition, order, kWholeFrame));
  return context.bind(fmt::format("toInt64({} = 1 or {} != {})", number, value, before));
}

Result<Scalar> lower_rank_dense(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string order, context.row_order());
  GARRISON_ASSIGN(std::string partition, partition_of(context, order, a, 1));
  GARRISON_ASSIGN(std::string changed, changes(context, a, order, partition));
  return total(Kind::kLong,
               fmt::format("toInt64(sum({}) over ({}order by {} {}))", changed, partition, order, kFrameSoFar));
}

Result<Scalar> lower_rank_min(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string order, context.row_order());
  GARRISON_ASSIGN(std::string partition, partition_of(context, order, a, 1));
  GARRISON_ASSIGN(std::string changed, changes(context, a, order, partition));
  const std::string number = context.bind(fmt::format("toInt64(row_number() over ({}order by {}))", partition, order));
  const std::string run = context.bind(fmt::format("sum({}) over (order by {} {})", changed, order, kFrameSoFar));
  return total(Kind::kLong, fmt::format("toInt64(min({}) over (partition by {}))", number, run));
}

Function of_rows(Function entry) {
  entry.volatility = Volatility::kEachRow;
  entry.cost = CostClass::kHeavy;
  return entry;
}

}  // namespace

const std::vector<Function>& window_functions() {
  static const std::vector<Function> kEntries = {
      of_rows(function_entry("next(value: any, offset: long?, default: any?): the type of the value",
                             "Value of a row further down in sorted rows.",
                             {"range x from 1 to 2 step 1 | serialize y = next(x, 1, 0)", "[[1, 2], [2, 0]]"},
                             [](LoweringContext& c, Arguments a) { return shifted(c, a, "leadInFrame"); })),
      of_rows(function_entry("prev(value: any, offset: long?, default: any?): the type of the value",
                             "Value of a row further up in sorted rows.",
                             {"range x from 1 to 2 step 1 | serialize y = prev(x, 1, 0)", "[[1, 0], [2, 1]]"},
                             [](LoweringContext& c, Arguments a) { return shifted(c, a, "lagInFrame"); })),
      of_rows(function_entry("row_cumsum(value: real|timespan, restart: any?): the type of the value",
                             "Sum of the rows so far; it begins anew where restart holds.",
                             {"range x from 1 to 3 step 1 | serialize y = row_cumsum(x)", "[[1, 1], [2, 3], [3, 6]]"},
                             lower_row_cumsum)),
      of_rows(function_entry(
          "row_number(start: long?, restart: any?): long", "Number of the row; it begins anew where restart holds.",
          {"range x from 5 to 6 step 1 | serialize y = row_number()", "[[5, 1], [6, 2]]"}, lower_row_number)),
      of_rows(function_entry(
          "row_rank_dense(value: any, restart: any?): long", "Rank of the value in sorted rows, without gaps.",
          {"datatable(x: long)[1, 1, 2] | sort by x asc | extend y = row_rank_dense(x)", "[[1, 1], [1, 1], [2, 2]]"},
          lower_rank_dense)),
      of_rows(function_entry(
          "row_rank_min(value: any, restart: any?): long",
          "Rank of the value in sorted rows, with gaps behind equal ones.",
          {"datatable(x: long)[1, 1, 2] | sort by x asc | extend y = row_rank_min(x)", "[[1, 1], [1, 1], [2, 3]]"},
          lower_rank_min)),
  };
  return kEntries;
}

}  // namespace garrison::kql
