// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

std::string all_arrays(Arguments a) {
  std::string out;
  for (const auto& value : a) out += (out.empty() ? "" : " and ") + is_array_sql(value.sql);
  return out;
}

std::vector<Scalar> bound(LoweringContext& context, Arguments a) {
  std::vector<Scalar> out;
  for (const auto& value : a) out.push_back(computed(Kind::kDynamic, context.bind(value.sql)));
  return out;
}

Scalar set_of(Arguments a, const std::string& items) {
  return computed(Kind::kDynamic, fmt::format("if({}, {}, NULL)", all_arrays(a),
                                              array_of_items(fmt::format("arrayDistinct({})", items))));
}

Result<Scalar> lower_union(LoweringContext& context, Arguments a) {
  const auto sets = bound(context, a);
  std::vector<std::string> arrays;
  for (const auto& set : sets) arrays.push_back(items_sql(set));
  return set_of(sets, fmt::format("arrayConcat({})", fmt::join(arrays, ", ")));
}

Result<Scalar> lower_intersect(LoweringContext& context, Arguments a) {
  const auto sets = bound(context, a);
  const std::string name = context.fresh_name("v");
  std::string condition = "true";
  for (std::size_t i = 1; i < sets.size(); ++i)
    condition += fmt::format(" and has({}, {})", context.bind(items_sql(sets[i])), name);
  return set_of(sets, fmt::format("arrayFilter({} -> {}, {})", name, condition, items_sql(sets[0])));
}

Result<Scalar> lower_difference(LoweringContext& context, Arguments a) {
  const auto sets = bound(context, a);
  const std::string name = context.fresh_name("v");
  std::string condition = "true";
  for (std::size_t i = 1; i < sets.size(); ++i)
    condition += fmt::format(" and not has({}, {})", context.bind(items_sql(sets[i])), name);
  return set_of(sets, fmt::format("arrayFilter({} -> {}, {})", name, condition, items_sql(sets[0])));
}

Result<Scalar> lower_has_element(LoweringContext& context, Arguments a) {
  const std::string set = context.bind(a[0].sql);
  const std::string items = items_sql(computed(Kind::kDynamic, set));
  const std::string name = context.fresh_name("v");
  std::string match;
  if (is_number(a[1].kind)) {
    match = fmt::format("arrayExists({} -> ifNull({} = {}, false), {})", name, element_real(name),
                        context.bind(float64_sql(a[1])), items);
  } else {
    match = fmt::format("has({}, {})", items, json_element_sql(context, a[1]));
  }
  return computed(Kind::kBool, fmt::format("if({}, toBool({}), NULL)", is_array_sql(set), match));
}

Result<Scalar> lower_equals(LoweringContext& context, Arguments a) {
  const auto sets = bound(context, a);
  return computed(Kind::kBool,
                  fmt::format("if({}, toBool(arraySort(arrayDistinct({})) = arraySort(arrayDistinct({}))), NULL)",
                              all_arrays(sets), items_sql(sets[0]), items_sql(sets[1])));
}

Result<Scalar> lower_jaccard(LoweringContext& context, Arguments a) {
  const auto sets = bound(context, a);
  const std::string left = context.bind(fmt::format("arrayDistinct({})", items_sql(sets[0])));
  const std::string right = context.bind(fmt::format("arrayDistinct({})", items_sql(sets[1])));
  return computed(
      Kind::kReal,
      fmt::format("if({0}, length(arrayIntersect({1}, {2})) / length(arrayDistinct(arrayConcat({1}, {2}))), NULL)",
                  all_arrays(sets), left, right));
}

}  // namespace

const std::vector<Function>& set_functions() {
  static const std::vector<Function> kEntries = {
      function_entry("jaccard_index(left: dynamic, right: dynamic): real",
                     "Size of the common part of two sets against the size of both together.",
                     {"print jaccard_index(dynamic([1, 2]), dynamic([2, 3, 4]))", "[[0.25]]"}, lower_jaccard),
      function_entry("set_difference(set: dynamic, others: dynamic*): dynamic",
                     "Elements of the first array that no other array has.",
                     {"print set_difference(dynamic([1, 2, 3]), dynamic([2]))", "[[[1, 3]]]"}, lower_difference),
      function_entry("set_equals(left: dynamic, right: dynamic): bool",
                     "Tells whether two arrays have the same distinct elements.",
                     {"print set_equals(dynamic([1, 2]), dynamic([2, 1, 1]))", "[[true]]"}, lower_equals),
      function_entry("set_has_element(set: dynamic, value: any): bool", "Tells whether an array has an element.",
                     {"print set_has_element(dynamic(['a']), 'a')", "[[true]]"}, lower_has_element),
      function_entry("set_intersect(set: dynamic, others: dynamic*): dynamic",
                     "Distinct elements that all arrays have.",
                     {"print set_intersect(dynamic([1, 2, 3]), dynamic([3, 2]))", "[[[2, 3]]]"}, lower_intersect),
      function_entry("set_union(set: dynamic, others: dynamic*): dynamic", "Distinct elements of all arrays.",
                     {"print set_union(dynamic([1, 2]), dynamic([2, 3]))", "[[[1, 2, 3]]]"}, lower_union),
  };
  return kEntries;
}

}  // namespace garrison::kql
