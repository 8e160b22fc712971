// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "base/json.h"
#include "kql/scalar/all.h"
#include "kql/scalar/constant_json.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

std::string pairs_sql(const std::string& bag) {
  return fmt::format("JSONExtractKeysAndValuesRaw(ifNull({}, ''))", bag);
}

std::string bag_of_pairs(LoweringContext& context, const std::string& pairs) {
  const std::string pair = context.fresh_name("p");
  return fmt::format(
      "concat('{{', arrayStringConcat(arrayMap({0} -> concat(toJSONString({0}.1), ':', {0}.2), {1}), ','), '}}')", pair,
      pairs);
}

Result<Scalar> lower_pack(LoweringContext& context, Arguments a) {
  if (a.size() % 2 != 0) return argument_error("bag_pack() needs pairs of key and value");
  if (a.empty()) return make_dynamic("{}");
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < a.size(); i += 2) {
    GARRISON_ASSIGN(Scalar key, cast_to(context, a[i], Kind::kString));
    const auto constant = constant_text(key);
    parts.push_back(fmt::format("toJSONString({}), ':', {}", key.sql, json_element_sql(context, a[i + 1])));
  }
  return computed(Kind::kDynamic, fmt::format("toNullable(concat('{{', {}, '}}'))", fmt::join(parts, ", ',', ")));
}

Result<Scalar> lower_pack_columns(LoweringContext& context, Arguments a) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::string name = a[i].name_hint.empty() ? fmt::format("Column{}", i + 1) : a[i].name_hint;
    parts.push_back(fmt::format("toJSONString({}), ':', {}", quote_text(name), json_element_sql(context, a[i])));
  }
  return computed(Kind::kDynamic, fmt::format("toNullable(concat('{{', {}, '}}'))", fmt::join(parts, ", ',', ")));
}

Result<Scalar> lower_bag_keys(LoweringContext& context, Arguments a) {
  const std::string bag = context.bind(a[0].sql);
  return computed(Kind::kDynamic,
                  fmt::format("if({}, toJSONString(JSONExtractKeys(ifNull({}, ''))), NULL)", is_bag_sql(bag), bag));
}

// The leftmost value of a key wins.
Result<Scalar> lower_bag_merge(LoweringContext& context, Arguments a) {
  std::vector<std::string> parts;
  std::vector<std::string> checks;
  for (const auto& value : a) {
    const std::string bag = context.bind(value.sql);
    parts.push_back(pairs_sql(bag));
    checks.push_back(is_bag_sql(bag));
  }
  const std::string pairs = context.bind(fmt::format("arrayConcat({})", fmt::join(parts, ", ")));
  const std::string pair = context.fresh_name("p");
  const std::string index = context.fresh_name("i");
  const std::string first =
      fmt::format("arrayFilter(({0}, {1}) -> indexOf(arrayMap(q -> q.1, {2}), {0}.1) = {1}, {2}, arrayEnumerate({2}))",
                  pair, index, pairs);
  return computed(Kind::kDynamic,
                  fmt::format("if({}, {}, NULL)", fmt::join(checks, " or "), bag_of_pairs(context, first)));
}

// '$.a.b' as steps; a name without the prefix is one step.
Result<std::vector<std::string>> steps_of(std::string_view function, std::string_view path) {
  if (path.substr(0, 2) != "$." && path.substr(0, 2) != "$[") return std::vector<std::string>{std::string(path)};
  std::vector<std::string> out;
  for (std::size_t i = 1; i < path.size();) {
    std::string step;
    if (path[i] == '.') {
      const std::size_t end = path.find_first_of(".[", i + 1);
      step = path.substr(i + 1, end == std::string_view::npos ? path.size() : end - i - 1);
      i = end == std::string_view::npos ? path.size() : end;
    } else {
      const std::size_t end = path.find(']', i);
      if (end == std::string_view::npos || end < i + 3)
        return argument_error(fmt::format("{}() cannot read the path {}", function, path));
      step = path.substr(i + 2, end - i - 3);
      i = end + 1;
    }
    if (step.empty()) return argument_error(fmt::format("{}() cannot read the path {}", function, path));
    out.push_back(std::move(step));
  }
  return out;
}

Result<Scalar> lower_bag_has_key(LoweringContext& context, Arguments a) {
  const std::string bag = context.bind(a[0].sql);
  std::string keys = a[1].sql;
  if (const auto constant = constant_text(a[1])) {
    GARRISON_ASSIGN(auto steps, steps_of("bag_has_key", *constant));
    std::vector<std::string> quoted;
    for (const auto& step : steps) quoted.push_back(quote_text(step));
    keys = fmt::format("{}", fmt::join(quoted, ", "));
  }
  return computed(Kind::kBool,
                  fmt::format("if({}, toBool(JSONHas(ifNull({}, ''), {})), NULL)", is_bag_sql(bag), bag, keys));
}

Scalar without_key(LoweringContext& context, const std::string& bag, const std::vector<std::string>& steps,
                   std::size_t depth) {
  const std::string pair = context.fresh_name("p");
  if (depth + 1 == steps.size()) {
    return computed(Kind::kDynamic, bag_of_pairs(context, fmt::format("arrayFilter({0} -> {0}.1 != {1}, {2})", pair,
                                                                      quote_text(steps[depth]), pairs_sql(bag))));
  }
  const Scalar inner = without_key(context, pair + ".2", steps, depth + 1);
  return computed(
      Kind::kDynamic,
      bag_of_pairs(
          context,
          fmt::format("arrayMap({0} -> if({0}.1 = {1} and startsWith({0}.2, '{{'), tuple({0}.1, {2}), {0}), {3})", pair,
                      quote_text(steps[depth]), inner.sql, pairs_sql(bag))));
}

Result<Scalar> lower_bag_remove_keys(LoweringContext& context, Arguments a) {
  const std::string bag = context.bind(a[0].sql);
  const auto keys = constant_elements(a[1]);
  std::string out = bag;
  if (keys) {
    for (const auto& key : *keys) {
      GARRISON_ASSIGN(auto steps, steps_of("bag_remove_keys", constant_text(key).value_or("")));
      out = without_key(context, out, steps, 0).sql;
    }
  } else {
    const std::string pair = context.fresh_name("p");
    const std::string names = context.bind(fmt::format("JSONExtract(ifNull({}, ''), 'Array(String)')", a[1].sql));
    out =
        bag_of_pairs(context, fmt::format("arrayFilter({0} -> not has({1}, {0}.1), {2})", pair, names, pairs_sql(bag)));
  }
  return computed(Kind::kDynamic, fmt::format("if({}, {}, NULL)", is_bag_sql(bag), out));
}

std::string with_key(LoweringContext& context, const std::string& bag, const std::vector<std::string>& steps,
                     std::size_t depth, const std::string& value) {
  const std::string pair = context.fresh_name("p");
  const std::string key = quote_text(steps[depth]);
  const bool is_last = depth + 1 == steps.size();
  std::string fresh = value;
  for (std::size_t i = steps.size(); i > depth + 1; --i) {
    fresh = fmt::format("concat('{{', toJSONString({}), ':', {}, '}}')", quote_text(steps[i - 1]), fresh);
  }
  const std::string inner = is_last ? value : with_key(context, pair + ".2", steps, depth + 1, value);
  return bag_of_pairs(
      context,
      fmt::format(
          "if(arrayExists({0} -> {0}.1 = {1}, {2}), arrayMap({0} -> if({0}.1 = {1}, tuple({0}.1, {3}), {0}), {2}), "
          "arrayPushBack({2}, tuple({1}, {4})))",
          pair, key, pairs_sql(bag), inner, fresh));
}

Result<Scalar> lower_bag_set_key(LoweringContext& context, Arguments a) {
  const std::string bag = context.bind(a[0].sql);
  GARRISON_ASSIGN(auto steps, steps_of("bag_set_key", constant_text(a[1]).value_or("")));
  const std::string value = context.bind(json_element_sql(context, a[2]));
  return computed(Kind::kDynamic,
                  fmt::format("if({}, {}, NULL)", is_bag_sql(bag), with_key(context, bag, steps, 0, value)));
}

Result<Scalar> lower_bag_zip(LoweringContext& context, Arguments a) {
  const std::string keys = context.bind(items_sql(a[0]));
  const std::string values = context.bind(items_sql(a[1]));
  const std::string key = context.fresh_name("k");
  const std::string index = context.fresh_name("i");
  const std::string pairs = fmt::format(
      "arrayFilter(q -> startsWith(q.3, '\"'), arrayMap(({0}, {1}) -> tuple(JSONExtractString({0}), if({1} <= "
      "length({2}), arrayElement({2}, {1}), "
      "'null'), {0}), {3}, arrayEnumerate({3})))",
      key, index, values, keys);
  return computed(Kind::kDynamic, fmt::format("if({} and {}, {}, NULL)", is_array_sql(a[0].sql), is_array_sql(a[1].sql),
                                              bag_of_pairs(context, pairs)));
}

json::value with_sorted_keys(const json::value& value) {
  if (value.is_array()) {
    json::array out;
    for (const auto& element : value.get_array()) out.push_back(with_sorted_keys(element));
    return out;
  }
  if (!value.is_object()) return value;
  std::map<std::string, const json::value*> members;
  for (const auto& member : value.get_object()) members[std::string(member.key())] = &member.value();
  json::object out;
  for (const auto& [key, member] : members) out.emplace(key, with_sorted_keys(*member));
  return out;
}

Result<void> run_dynamic_to_json(const std::vector<const table::ColumnVector*>& arguments, std::size_t num_rows,
                                 table::ColumnVector& result) {
  for (std::size_t row = 0; row < num_rows; ++row) {
    const auto document =
        arguments[0]->is_null(row) ? Result<json::value>(json::value(nullptr)) : json::parse(arguments[0]->text(row));
    if (document.ok() && !document->is_null()) {
      result.append_text(json::print(with_sorted_keys(*document)));
    } else {
      result.append_null();
    }
  }
  return {};
}

// Keys of every level in order of the alphabet, as the engine prints them.
Result<Scalar> lower_dynamic_to_json(LoweringContext& context, Arguments a) {
  return context.native({"dynamic_to_json", Kind::kString, run_dynamic_to_json}, a);
}

}  // namespace

const std::vector<Function>& bag_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function bag_pack =
        function_entry("bag_pack(key_or_value: any*): dynamic", "Builds a bag from keys and values in turn.",
                       {"print bag_pack('a', 1)", "[[{\"a\": 1}]]"}, lower_pack);
    return std::vector<Function>{
        function_entry("bag_has_key(bag: dynamic, key: string): bool",
                       "Tells whether a bag has a key or a path such as $.a.b.",
                       {"print bag_has_key(dynamic({'a': 1}), 'a')", "[[true]]"}, lower_bag_has_key),
        function_entry("bag_keys(bag: dynamic): dynamic", "Array of the keys of a bag.",
                       {"print bag_keys(dynamic({'a': 1}))", "[[[\"a\"]]]"}, lower_bag_keys),
        function_entry("bag_merge(bag: dynamic, others: dynamic*): dynamic",
                       "Joins bags; the leftmost value of a key wins.",
                       {"print bag_merge(dynamic({'a': 1}), dynamic({'a': 2, 'b': 3}))", "[[{\"a\": 1, \"b\": 3}]]"},
                       lower_bag_merge),
        bag_pack,
        function_entry("bag_pack_columns(column: any*): dynamic", "Builds a bag from columns under their names.",
                       {"print a = 1 | project bag_pack_columns(a)", "[[{\"a\": 1}]]"}, lower_pack_columns),
        function_entry("bag_remove_keys(bag: dynamic, keys: dynamic): dynamic", "Leaves out keys or paths of a bag.",
                       {"print bag_remove_keys(dynamic({'a': 1, 'b': 2}), dynamic(['a']))", "[[{\"b\": 2}]]"},
                       lower_bag_remove_keys),
        function_entry("bag_set_key(bag: dynamic, key: string!, value: any): dynamic", "Sets one key or path of a bag.",
                       {"print bag_set_key(dynamic({'a': 1}), 'b', 2)", "[[{\"a\": 1, \"b\": 2}]]"}, lower_bag_set_key),
        function_entry("bag_zip(keys: dynamic, values: dynamic): dynamic",
                       "Builds a bag from an array of keys and one of values.",
                       {"print bag_zip(dynamic(['a']), dynamic([1]))", "[[{\"a\": 1}]]"}, lower_bag_zip),
        function_entry("dynamic_to_json(value: dynamic): string", "Prints a dynamic as JSON with sorted keys.",
                       {"print dynamic_to_json(dynamic({'b': 1, 'a': 2}))", "[[\"{\\\"a\\\":2,\\\"b\\\":1}\"]]"},
                       lower_dynamic_to_json),
        spelled(bag_pack, "pack", "Old spelling of bag_pack()."),
        spelled(bag_pack, "pack_dictionary", "Old spelling of bag_pack()."),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql
