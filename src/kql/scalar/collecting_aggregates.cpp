// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "kql/scalar/aggregate_output.h"
#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

using Outputs = std::vector<AggregateOutput>;

constexpr std::int64_t kMaxElements = 1'048'576;
constexpr std::int64_t kMaxElementsOfOldSpelling = 128;

struct Shape {
  std::string_view prefix;  // list, set
  std::int64_t max_elements = kMaxElements;
  bool is_set = false;
  bool has_condition = false;
  bool with_nulls = false;
};

Result<std::int64_t> limit_of(const Shape& shape, const AggregateCall& call) {
  const std::size_t at = shape.has_condition ? 2 : 1;
  if (call.arguments.size() <= at) return shape.max_elements;
  const auto limit = constant_integer(call.arguments[at]);
  if (!limit) return bad_input("KQL-0204", "the greatest number of elements must be a constant");
  // Zero and less mean no limit of one's own.
  return *limit <= 0 ? kMaxElements : std::min(*limit, kMaxElements);
}

// Dynamic arrays are put together element by element; nulls of other kinds are left out.
Result<Outputs> collected(LoweringContext& context, const AggregateCall& call, const Shape& shape) {
  GARRISON_ASSIGN(std::int64_t limit, limit_of(shape, call));
  const Scalar& value = call.arguments[0];
  std::string suffix;
  std::string condition;
  if (shape.has_condition) {
    GARRISON_ASSIGN(std::string predicate, aggregate_condition(context, call.arguments[1]));
    suffix = "If";
    condition = ", " + predicate;
  }
  std::string items;
  if (value.kind == Kind::kDynamic) {
    const Scalar bound = computed(Kind::kDynamic, context.bind(value.sql));
    const std::string element =
        fmt::format("if({}, {}, [ifNull({}, 'null')])", is_array_sql(bound.sql), items_sql(bound), bound.sql);
    items = fmt::format("arrayFlatten(groupArray{}({})({}{}))", suffix, limit, element, condition);
    if (shape.is_set) items = fmt::format("arrayFilter(v -> v != 'null', arrayDistinct({}))", items);
    items = fmt::format("arraySlice({}, 1, {})", items, limit);
  } else {
    const std::string element =
        shape.with_nulls || value.kind == Kind::kString ? json_element_sql(context, value) : json_sql(context, value);
    if (shape.is_set) {
      items = fmt::format("arraySlice(groupArrayDistinct{}({}{}), 1, {})", suffix, element, condition, limit);
    } else {
      items = fmt::format("groupArray{}({})({}{})", suffix, limit, element, condition);
    }
  }
  return single_output(aggregate_name(shape.prefix, value), Kind::kDynamic,
                       fmt::format("toNullable({})", array_of_items(items)));
}

template <bool has_condition>
Result<Outputs> lower_make_bag(LoweringContext& context, const AggregateCall& call) {
  const Scalar& value = call.arguments[0];
  const std::string bag = context.bind(value.sql);
  std::string condition = is_bag_sql(bag);
  if (has_condition) {
    GARRISON_ASSIGN(std::string predicate, aggregate_condition(context, call.arguments[1]));
    condition = fmt::format("{} and {}", condition, predicate);
  }
  // The first value of a key wins.
  const std::string pairs = fmt::format(
      "arrayFlatten(groupArrayIf({})(JSONExtractKeysAndValuesRaw(ifNull({}, '')), {}))", kMaxElements, bag, condition);
  const std::string pair = context.fresh_name("p");
  const std::string index = context.fresh_name("i");
  const std::string all = context.fresh_name("a");
  const std::string text = fmt::format(
      "arrayMap({2} -> concat('{{', arrayStringConcat(arrayMap({0} -> concat(toJSONString({0}.1), ':', {0}.2), "
      "arrayFilter(({0}, {1}) -> {1} = 1, {2}, "
      "arrayEnumerateUniq(arrayMap({0} -> {0}.1, {2})))), ','), '}}'), [{3}])[1]",
      pair, index, all, pairs);
  return single_output(aggregate_name("bag", value), Kind::kDynamic, fmt::format("toNullable({})", text));
}

}  // namespace

const std::vector<Aggregate>& collecting_aggregates() {
  static const std::vector<Aggregate> kEntries = {
      aggregate_entry("make_bag(bag: dynamic, max: long?): dynamic", "Joins bags; the first value of a key wins.",
                      {"datatable(d: dynamic)[dynamic({'a': 1}), dynamic({'b': 2})] | summarize make_bag(d)",
                       "[[{\"a\": 1, \"b\": 2}]]"},
                      lower_make_bag<false>, CostClass::kHeavy),
      aggregate_entry("make_bag_if(bag: dynamic, condition: any, max: long?): dynamic",
                      "Joins bags where a condition holds.",
                      {"datatable(n: long, d: dynamic)[1, dynamic({'a': 1}), 2, dynamic({'b': 2})] | summarize "
                       "make_bag_if(d, n > 1)",
                       "[[{\"b\": 2}]]"},
                      lower_make_bag<true>, CostClass::kHeavy),
      aggregate_entry(
          "make_list(value: any, max: long?): dynamic", "Array of the values in their order; null is left out.",
          {"range x from 1 to 3 step 1 | summarize make_list(x)", "[[[1, 2, 3]]]"},
          [](LoweringContext& c, const AggregateCall& a) { return collected(c, a, {.prefix = "list"}); },
          CostClass::kHeavy),
      aggregate_entry(
          "make_list_if(value: any, condition: any, max: long?): dynamic",
          "Array of the values where a condition holds.",
          {"range x from 1 to 3 step 1 | summarize make_list_if(x, x > 1)", "[[[2, 3]]]"},
          [](LoweringContext& c, const AggregateCall& a) {
            return collected(c, a, {.prefix = "list", .has_condition = true});
          },
          CostClass::kHeavy),
      aggregate_entry(
          "make_list_with_nulls(value: any): dynamic", "Array of the values, null included.",
          {"datatable(x: long)[1, long(null)] | summarize make_list_with_nulls(x)", "[[[1, null]]]"},
          [](LoweringContext& c, const AggregateCall& a) {
            return collected(c, a, {.prefix = "list", .with_nulls = true});
          },
          CostClass::kHeavy),
      aggregate_entry(
          "make_set(value: any, max: long?): dynamic", "Array of the distinct values.",
          {"datatable(x: long)[1, 1, 2] | summarize make_set(x)", "[[[1, 2]]]"},
          [](LoweringContext& c, const AggregateCall& a) { return collected(c, a, {.prefix = "set", .is_set = true}); },
          CostClass::kHeavy),
      aggregate_entry(
          "make_set_if(value: any, condition: any, max: long?): dynamic",
          "Array of the distinct values where a condition holds.",
          {"datatable(x: long)[1, 1, 2] | summarize make_set_if(x, x > 1)", "[[[2]]]"},
          [](LoweringContext& c, const AggregateCall& a) {
            return collected(c, a, {.prefix = "set", .is_set = true, .has_condition = true});
          },
          CostClass::kHeavy),
      aggregate_entry(
          "makelist(value: any, max: long?): dynamic", "Old spelling of make_list() with at most 128 elements.",
          {"range x from 1 to 3 step 1 | summarize makelist(x)", "[[[1, 2, 3]]]"},
          [](LoweringContext& c, const AggregateCall& a) {
            return collected(c, a, {.prefix = "list", .max_elements = kMaxElementsOfOldSpelling});
          },
          CostClass::kHeavy),
      aggregate_entry(
          "makeset(value: any, max: long?): dynamic", "Old spelling of make_set() with at most 128 elements.",
          {"datatable(x: long)[1, 1, 2] | summarize makeset(x)", "[[[1, 2]]]"},
          [](LoweringContext& c, const AggregateCall& a) {
            return collected(c, a, {.prefix = "set", .max_elements = kMaxElementsOfOldSpelling, .is_set = true});
          },
          CostClass::kHeavy),
  };
  return kEntries;
}

}  // namespace garrison::kql
