// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

constexpr std::int64_t kMaxElements = 1'048'576;

// A dynamic made of items where the input is an array, else null.
Scalar array_or_null(const Scalar& input, const std::string& items) {
  return computed(Kind::kDynamic, fmt::format("if({}, {}, NULL)", is_array_sql(input.sql), array_of_items(items)));
}

Result<Scalar> lower_array_length(LoweringContext& context, Arguments a) {
  if (a[0].text_items) return total(Kind::kLong, fmt::format("toInt64(length({}))", *a[0].text_items));
  const std::string raw = context.bind(a[0].sql);
  return computed(Kind::kLong,
                  fmt::format("if({}, toInt64(JSONLength(ifNull({}, ''))), NULL)", is_array_sql(raw), raw));
}

Result<Scalar> lower_pack_array(LoweringContext& context, Arguments a) {
  std::vector<std::string> items;
  for (const auto& value : a) items.push_back(json_element_sql(context, value));
  if (items.empty()) return make_dynamic("[]");
  return computed(Kind::kDynamic, fmt::format("toNullable(concat('[', {}, ']'))", fmt::join(items, ", ',', ")));
}

Result<Scalar> lower_array_concat(LoweringContext& context, Arguments a) {
  std::vector<std::string> parts;
  std::vector<std::string> checks;
  for (const auto& value : a) {
    const Scalar bound = computed(Kind::kDynamic, context.bind(value.sql));
    parts.push_back(items_sql(bound));
    checks.push_back(is_array_sql(bound.sql));
  }
  // Arguments that are no arrays are left out; nothing but such gives null.
  return computed(Kind::kDynamic, fmt::format("if({}, {}, NULL)", fmt::join(checks, " or "),
                                              array_of_items(fmt::format("arrayConcat({})", fmt::join(parts, ", ")))));
}

Result<Scalar> lower_strcat_array(LoweringContext& context, Arguments a) {
  const std::string name = context.fresh_name("v");
  const std::string texts = a[0].text_items ? *a[0].text_items
                                            : fmt::format("arrayMap({0} -> if({0} = 'null', '', {1}), {2})", name,
                                                          element_text(name), items_sql(a[0]));
  return computed(Kind::kString, fmt::format("arrayStringConcat({}, {})", texts, a[1].sql));
}

// Positions of both ends count from 0, negative ones from the end; the end is inside.
Result<Scalar> lower_array_slice(LoweringContext& context, Arguments a) {
  const std::string raw = context.bind(a[0].sql);
  const Scalar bound = computed(Kind::kDynamic, raw);
  const std::string items = context.bind(items_sql(bound));
  const std::string size = fmt::format("toInt64(length({}))", items);
  const auto position = [&](const Scalar& value) {
    const std::string given = context.bind(fmt::format("ifNull({}, 0)", int64_sql(value)));
    return context.bind(fmt::format("if({0} < 0, {1} + {0}, {0})", given, size));
  };
  const std::string start = position(a[1]);
  const std::string end = position(a[2]);
  return array_or_null(
      bound,
      fmt::format("arraySlice({0}, greatest({1}, 0) + 1, greatest(0, least({2}, {3} - 1) - greatest({1}, 0) + 1))",
                  items, start, end, size));
}

// JSON text of a value searched among elements, with numbers compared as numbers.
Result<Scalar> lower_array_index_of(LoweringContext& context, Arguments a) {
  const std::string raw = context.bind(a[0].sql);
  const Scalar bound = computed(Kind::kDynamic, raw);
  const std::string items = context.bind(items_sql(bound));
  const std::string size = fmt::format("toInt64(length({}))", items);
  const std::string name = context.fresh_name("v");
  std::string match;
  if (is_number(a[1].kind)) {
    match = fmt::format("ifNull({} = {}, false)", element_real(name), context.bind(float64_sql(a[1])));
  } else {
    const std::string element = context.bind(json_element_sql(context, a[1]));
    match = fmt::format("({0} = {1} or ifNull({2} = {3}, false))", name, element, element_real(name),
                        element_real(element));
  }
  if (a.size() == 2) {
    return computed(Kind::kLong, fmt::format("if({}, toInt64(arrayFirstIndex({} -> {}, {})) - 1, NULL)",
                                             is_array_sql(raw), name, match, items));
  }
  const std::string given = context.bind(fmt::format("ifNull({}, 0)", int64_sql(a[2])));
  const std::string start = context.bind(fmt::format("if({0} < 0, greatest(0, {1} + {0}), {0})", given, size));
  const std::string length =
      a.size() > 3 ? context.bind(fmt::format("ifNull({}, -1)", int64_sql(a[3]))) : "toInt64(-1)";
  const std::string end = context.bind(fmt::format("if({0} < 0, {1}, least({1}, {2} + {0}))", length, size, start));
  const std::string index = context.fresh_name("i");
  const std::string condition = fmt::format("{0} and {1} > {2} and {1} <= {3}", match, index, start, end);
  std::string position =
      fmt::format("arrayFirstIndex(({0}, {1}) -> {2}, {3}, arrayEnumerate({3}))", name, index, condition, items);
  if (a.size() > 4) {
    const std::string places =
        fmt::format("arrayFilter(({1}, {0}) -> {2}, arrayEnumerate({3}), {3})", name, index, condition, items);
    position = fmt::format("if(ifNull({0}, 0) < 1, 0, arrayElement({1}, ifNull({0}, 1)))",
                           context.bind(int64_sql(a[4])), places);
  }
  const std::string found = context.bind(fmt::format("toInt64({})", position));
  return computed(Kind::kLong, fmt::format("if({}, {} - 1, NULL)", is_array_sql(raw), found));
}

Result<Scalar> lower_array_sum(LoweringContext& context, Arguments a) {
  const std::string name = context.fresh_name("v");
  const std::string items = context.bind(items_sql(a[0]));
  return computed(Kind::kReal, fmt::format("if(empty({1}), NULL, arraySum({0} -> ifNull({2}, 0), {1}))", name, items,
                                           element_real(name)));
}

Result<Scalar> lower_array_reverse(LoweringContext& context, Arguments a) {
  const Scalar bound = computed(Kind::kDynamic, context.bind(a[0].sql));
  return array_or_null(bound, fmt::format("arrayReverse({})", items_sql(bound)));
}

// Moves elements by a number of places; `fill` (a JSON text) takes the freed places, empty text rotates.
Scalar moved(LoweringContext& context, const Scalar& array, const std::string& by, const std::string& fill) {
  const Scalar bound = computed(Kind::kDynamic, context.bind(array.sql));
  const std::string items = context.bind(items_sql(bound));
  const std::string size = fmt::format("toInt64(length({}))", items);
  const std::string index = context.fresh_name("i");
  const std::string source = fmt::format("toInt64({}) - 1 - {}", index, by);
  const std::string element =
      fill.empty()
          ? fmt::format("arrayElement({}, toInt64(positiveModulo({}, greatest({}, 1))) + 1)", items, source, size)
          : fmt::format("if(({0}) >= 0 and ({0}) < {1}, arrayElement({2}, {0} + 1), {3})", source, size, items, fill);
  return array_or_null(bound, fmt::format("arrayMap({} -> {}, arrayEnumerate({}))", index, element, items));
}

template <int direction>
Result<Scalar> lower_rotate(LoweringContext& context, Arguments a) {
  return moved(context, a[0], context.bind(fmt::format("({} * ifNull({}, 0))", direction, int64_sql(a[1]))), "");
}

template <int direction>
Result<Scalar> lower_shift(LoweringContext& context, Arguments a) {
  const std::string fill = a.size() > 2 ? context.bind(json_element_sql(context, a[2])) : "'null'";
  return moved(context, a[0], context.bind(fmt::format("({} * ifNull({}, 0))", direction, int64_sql(a[1]))), fill);
}

// Numbers come before texts, null last unless asked otherwise.
template <bool is_ascending>
Result<Scalar> lower_sort(LoweringContext& context, Arguments a) {
  const Scalar bound = computed(Kind::kDynamic, context.bind(a[0].sql));
  bool nulls_last = true;
  if (a.size() > 1) {
    if (a[1].kind != Kind::kBool) return argument_error("sorting several arrays at once is not supported yet");
    nulls_last = constant_integer(a[1]).value_or(1) != 0;
  }
  const std::string name = context.fresh_name("v");
  const std::string key =
      fmt::format("tuple({0} = 'null', startsWith({0}, '\"'), ifNull(toFloat64OrNull({0}), 0), {0})", name);
  const std::string values = fmt::format("arrayFilter({0} -> {0} != 'null', {1})", name, items_sql(bound));
  const std::string nulls = fmt::format("arrayFilter({0} -> {0} = 'null', {1})", name, items_sql(bound));
  const std::string sorted =
      fmt::format("{}({} -> {}, {})", is_ascending ? "arraySort" : "arrayReverseSort", name, key, values);
  return array_or_null(bound, nulls_last ? fmt::format("arrayConcat({}, {})", sorted, nulls)
                                         : fmt::format("arrayConcat({}, {})", nulls, sorted));
}

Result<Scalar> lower_array_split(LoweringContext& context, Arguments a) {
  const Scalar bound = computed(Kind::kDynamic, context.bind(a[0].sql));
  const std::string items = context.bind(items_sql(bound));
  const std::string size = fmt::format("toInt64(length({}))", items);
  const std::string index = context.fresh_name("i");
  const std::string given = is_integer(a[1].kind)
                                ? fmt::format("[ifNull({}, 0)]", int64_sql(a[1]))
                                : fmt::format("JSONExtract(ifNull({}, ''), 'Array(Int64)')", a[1].sql);
  const std::string cuts = context.bind(
      fmt::format("arrayMap({0} -> least({1}, greatest(0, if({0} < 0, {1} + {0}, {0}))), {2})", index, size, given));
  const std::string starts = fmt::format("arrayConcat([toInt64(0)], {})", cuts);
  const std::string ends = fmt::format("arrayConcat({}, [{}])", cuts, size);
  const std::string end = context.fresh_name("e");
  return array_or_null(
      bound,
      fmt::format("arrayMap(({0}, {1}) -> concat('[', arrayStringConcat(arraySlice({2}, {0} + 1, greatest(0, {1} - "
                  "{0})), ','), ']'), {3}, {4})",
                  index, end, items, starts, ends));
}

Result<Scalar> lower_array_iff(LoweringContext& context, Arguments a) {
  const std::string condition = context.fresh_name("c");
  const std::string index = context.fresh_name("i");
  const auto branch = [&](const Scalar& value) {
    if (value.kind != Kind::kDynamic) return context.bind(json_element_sql(context, value));
    const std::string items = context.bind(items_sql(value));
    return fmt::format("if({} <= length({}), arrayElement({}, {}), 'null')", index, items, items, index);
  };
  const std::string conditions = context.bind(items_sql(a[0]));
  const std::string is_true = fmt::format("({0} = 'true' or ifNull(toFloat64OrNull({0}) != 0, false))", condition);
  return array_or_null(
      a[0], fmt::format("arrayMap(({0}, {1}) -> if({0} = 'null', 'null', if({2}, {3}, {4})), {5}, arrayEnumerate({5}))",
                        condition, index, is_true, branch(a[1]), branch(a[2]), conditions));
}

Result<Scalar> lower_range(LoweringContext& context, Arguments a) {
  const bool is_real = std::any_of(a.begin(), a.end(),
                                   [](const Scalar& v) { return v.kind == Kind::kReal || v.kind == Kind::kDecimal; });
  const bool is_date = a[0].kind == Kind::kDateTime;
  const bool is_span = a[0].kind == Kind::kTimespan;
  const Scalar one = is_date || is_span ? make_timespan({kTicksPerDay}) : make_long(1);
  const Scalar& step_value = a.size() > 2 ? a[2] : one;
  const auto number = [&](const Scalar& v) {
    return context.bind(fmt::format("ifNull({}, 0)", is_real ? float64_sql(v) : int64_sql(v)));
  };
  const std::string start = number(a[0]);
  const std::string stop = number(a[1]);
  const std::string step = number(step_value);
  const std::string count = context.bind(
      fmt::format("toUInt64(if({2} = 0 or ({1} - {0}) / {2} < 0, 0, least({3}, floor(({1} - {0}) / {2} + 1e-9) + 1)))",
                  start, stop, step, kMaxElements));
  const std::string index = context.fresh_name("i");
  const std::string value = fmt::format("({} + toInt64({}) * {})", start, index, step);
  std::string item;
  if (is_date) {
    item = fmt::format("concat('\"', replaceOne(toString({}), ' ', 'T'), 'Z\"')", datetime_of_valid(value));
  } else if (is_span) {
    GARRISON_ASSIGN(Scalar text, cast_to(context, computed(Kind::kTimespan, "0"), Kind::kString));
    return argument_error("range() of timespans is not supported yet");
  } else {
    item = fmt::format("toString({})", value);
  }
  std::string nulls;
  for (const auto& v : a) {
    if (!v.constant && v.nullable) nulls += fmt::format("{}isNull({})", nulls.empty() ? "" : " or ", v.sql);
  }
  const std::string array = array_of_items(fmt::format("arrayMap({} -> {}, range({}))", index, item, count));
  return computed(Kind::kDynamic,
                  nulls.empty() ? fmt::format("toNullable({})", array) : fmt::format("if({}, NULL, {})", nulls, array));
}

Result<Scalar> lower_repeat(LoweringContext& context, Arguments a) {
  return computed(Kind::kDynamic,
                  fmt::format("if(isNull({0}) or {0} < 0, NULL, {1})", context.bind(int64_sql(a[1])),
                              array_of_items(fmt::format(
                                  "arrayResize(emptyArrayString(), least({}, greatest(0, ifNull({}, 0))), {})",
                                  kMaxElements, int64_sql(a[1]), json_element_sql(context, a[0])))));
}

Result<Scalar> lower_zip(LoweringContext& context, Arguments a) {
  std::vector<std::string> arrays;
  std::vector<std::string> lengths;
  for (const auto& value : a) {
    arrays.push_back(context.bind(items_sql(value)));
    lengths.push_back(fmt::format("length({})", arrays.back()));
  }
  const std::string index = context.fresh_name("i");
  std::vector<std::string> parts;
  for (const auto& array : arrays)
    parts.push_back(fmt::format("if({1} <= length({0}), arrayElement({0}, {1}), 'null')", array, index));
  const std::string count =
      arrays.size() == 1 ? lengths.front() : fmt::format("greatest({})", fmt::join(lengths, ", "));
  return computed(
      Kind::kDynamic,
      fmt::format("toNullable({})", array_of_items(fmt::format("arrayMap({} -> concat('[', {}, ']'), range(1, {} + 1))",
                                                               index, fmt::join(parts, ", ',', "), count))));
}

}  // namespace

const std::vector<Function>& array_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function array_length =
        function_entry("array_length(array: dynamic): long", "Number of elements; null for anything but an array.",
                       {"print array_length(dynamic([1, 2]))", "[[2]]"}, lower_array_length);
    const Function pack_array = function_entry("pack_array(value: any*): dynamic", "Builds an array of its arguments.",
                                               {"print pack_array(1, 'a')", "[[[1, \"a\"]]]"}, lower_pack_array);
    const Function strcat_array = function_entry(
        "strcat_array(array: dynamic, delimiter: string): string", "Joins the elements of an array as text.",
        {"print strcat_array(dynamic([1, 'a']), '-')", "[[\"1-a\"]]"}, lower_strcat_array);
    return std::vector<Function>{
        function_entry("array_concat(array: dynamic, others: dynamic*): dynamic", "Puts arrays one behind the other.",
                       {"print array_concat(dynamic([1]), dynamic([2, 3]))", "[[[1, 2, 3]]]"}, lower_array_concat),
        function_entry("array_iff(conditions: dynamic, then: any, otherwise: any): dynamic",
                       "Chooses element by element from two arrays.",
                       {"print array_iff(dynamic([true, false]), dynamic([1, 2]), dynamic([3, 4]))", "[[[1, 4]]]"},
                       lower_array_iff),
        spelled(function_entry("array_iff(conditions: dynamic, then: any, otherwise: any): dynamic", "",
                               {"print array_iif(dynamic([true, false]), 1, 2)", "[[[1, 2]]]"}, lower_array_iff),
                "array_iif", "Another spelling of array_iff()."),
        function_entry(
            "array_index_of(array: dynamic, value: any, start: long?, length: long?, occurrence: long?): long",
            "Position of a value in an array, or -1.", {"print array_index_of(dynamic(['a', 'b']), 'b')", "[[1]]"},
            lower_array_index_of),
        array_length,
        function_entry("array_reverse(array: dynamic): dynamic", "Turns the order of the elements around.",
                       {"print array_reverse(dynamic([1, 2]))", "[[[2, 1]]]"}, lower_array_reverse),
        function_entry("array_rotate_left(array: dynamic, count: long): dynamic",
                       "Moves elements to the left, around the end.",
                       {"print array_rotate_left(dynamic([1, 2, 3]), 1)", "[[[2, 3, 1]]]"}, lower_rotate<-1>),
        function_entry("array_rotate_right(array: dynamic, count: long): dynamic",
                       "Moves elements to the right, around the end.",
                       {"print array_rotate_right(dynamic([1, 2, 3]), 1)", "[[[3, 1, 2]]]"}, lower_rotate<1>),
        function_entry("array_shift_left(array: dynamic, count: long, fill: any?): dynamic",
                       "Moves elements to the left and fills up.",
                       {"print array_shift_left(dynamic([1, 2, 3]), 1, 0)", "[[[2, 3, 0]]]"}, lower_shift<-1>),
        function_entry("array_shift_right(array: dynamic, count: long, fill: any?): dynamic",
                       "Moves elements to the right and fills up.",
                       {"print array_shift_right(dynamic([1, 2, 3]), 1, 0)", "[[[0, 1, 2]]]"}, lower_shift<1>),
        function_entry("array_slice(array: dynamic, start: long, end: long): dynamic",
                       "Elements between two positions, both included.",
                       {"print array_slice(dynamic([1, 2, 3, 4]), 1, 2)", "[[[2, 3]]]"}, lower_array_slice),
        function_entry("array_sort_asc(array: dynamic, nulls_last: any?): dynamic", "Sorts an array, smallest first.",
                       {"print array_sort_asc(dynamic([3, 1, 2]))", "[[[1, 2, 3]]]"}, lower_sort<true>),
        function_entry("array_sort_desc(array: dynamic, nulls_last: any?): dynamic", "Sorts an array, greatest first.",
                       {"print array_sort_desc(dynamic([3, 1, 2]))", "[[[3, 2, 1]]]"}, lower_sort<false>),
        function_entry("array_split(array: dynamic, positions: long|dynamic): dynamic",
                       "Cuts an array at one or several positions.",
                       {"print array_split(dynamic([1, 2, 3]), 1)", "[[[[1], [2, 3]]]]"}, lower_array_split),
        spelled(strcat_array, "array_strcat", "Old spelling of strcat_array()."),
        function_entry("array_sum(array: dynamic): real", "Sum of the numbers in an array.",
                       {"print array_sum(dynamic([1, 2.5]))", "[[3.5]]"}, lower_array_sum),
        spelled(array_length, "arraylength", "Old spelling of array_length()."),
        pack_array,
        function_entry(
            "range(start: real|datetime|timespan, stop: real|datetime|timespan, step: real|timespan?): dynamic",
            "Array of evenly spaced values, both ends included.", {"print range(1, 7, 3)", "[[[1, 4, 7]]]"},
            lower_range),
        function_entry("repeat(value: any, count: long): dynamic", "Array of the same value again and again.",
                       {"print repeat(1, 3)", "[[[1, 1, 1]]]"}, lower_repeat),
        strcat_array,
        function_entry("zip(array: dynamic, others: dynamic*): dynamic",
                       "Array of arrays: the elements at the same position together.",
                       {"print zip(dynamic([1, 2]), dynamic([3, 4]))", "[[[[1, 3], [2, 4]]]]"}, lower_zip),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql
