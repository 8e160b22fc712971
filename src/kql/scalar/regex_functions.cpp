// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <re2/re2.h>

#include "kql/scalar/all.h"
#include "kql/scalar/constant_json.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

struct Pattern {
  std::string text;  // with the prefix that KQL's dot asks for
  int num_groups = 0;
  std::map<std::string, int> names;
};

// Groups are counted at compile time, so the pattern has to be constant there.
Result<Pattern> pattern_of(std::string_view function, const Scalar& value) {
  const auto text = constant_text(value);
  if (!text) {
    return bad_input("KQL-0204", fmt::format("the regular expression of {}() must be a constant", function));
  }
  GARRISON_ASSIGN(std::string checked, checked_regex(*text));
  const RE2 compiled(checked, RE2::Quiet);
  return Pattern{checked, compiled.NumberOfCapturingGroups(), compiled.NamedCapturingGroups()};
}

std::string_view without_prefix(const Pattern& pattern) {
  return std::string_view(pattern.text).substr(5);
}

Result<Scalar> lower_extract(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Pattern pattern, pattern_of("extract", a[0]));
  const auto group = constant_integer(a[1]);
  if (!group) return bad_input("KQL-0204", "the group of extract() must be a constant");
  if (*group < 0 || *group > pattern.num_groups) {
    return argument_error(
        fmt::format("extract() asks for group {}; the expression has {}", *group, pattern.num_groups));
  }
  const std::string whole = quote_text(fmt::format("(?-s)({})", without_prefix(pattern)));
  Scalar text = computed(Kind::kString, fmt::format("extractGroups({}, {})[{}]", a[2].sql, whole, *group + 1));
  if (a.size() == 3) return text;
  return cast_to(context, text, a[3].kind);
}

Result<std::vector<int>> groups_of(const Pattern& pattern, const Scalar& value) {
  const auto wanted = constant_elements(value);
  if (!wanted) return bad_input("KQL-0204", "the groups of extract_all() must be a constant array");
  std::vector<int> out;
  for (const auto& item : *wanted) {
    int group = -1;
    if (const auto number = constant_integer(item)) {
      group = static_cast<int>(*number);
    } else if (const auto name = constant_text(item)) {
      const auto found = pattern.names.find(*name);
      if (found != pattern.names.end()) group = found->second;
    }
    if (group < 0 || group > pattern.num_groups)
      return argument_error("extract_all() asks for a group that the expression does not have");
    out.push_back(group);
  }
  if (out.empty()) return argument_error("extract_all() needs at least one group");
  return out;
}

Result<Scalar> lower_extract_all(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Pattern pattern, pattern_of("extract_all", a[0]));
  std::vector<int> groups;
  const bool is_chosen = a.size() == 3;
  if (is_chosen) {
    GARRISON_ASSIGN(groups, groups_of(pattern, a[1]));
  } else {
    if (pattern.num_groups == 0) return argument_error("extract_all() needs a capturing group in its expression");
    for (int i = 1; i <= pattern.num_groups; ++i) groups.push_back(i);
  }
  GARRISON_ASSIGN(Scalar text, cast_to(context, a.back(), Kind::kString));
  const std::string whole = quote_text(fmt::format("(?-s)({})", without_prefix(pattern)));
  const std::string matches = fmt::format("extractAllGroupsVertical({}, {})", text.sql, whole);
  const std::string match = context.fresh_name("m");
  std::string element;
  if (groups.size() == 1) {
    element = fmt::format("toJSONString({}[{}])", match, groups.front() + 1);
  } else {
    std::vector<std::string> parts;
    for (const int group : groups) parts.push_back(fmt::format("{}[{}]", match, group + 1));
    element = fmt::format("toJSONString([{}])", fmt::join(parts, ", "));
  }
  const std::string items = context.bind(fmt::format("arrayMap({} -> {}, {})", match, element, matches));
  return computed(Kind::kDynamic, fmt::format("if(empty({}), NULL, {})", items, array_of_items(items)));
}

// A backslash before anything but a digit would be refused by the engine at run time.
std::string rewrite_of(const Scalar& value) {
  const auto text = constant_text(value);
  if (!text) return value.sql;
  std::string out;
  for (std::size_t i = 0; i < text->size(); ++i) {
    out += (*text)[i];
    if ((*text)[i] != '\\') continue;
    const bool has_next = i + 1 < text->size();
    const char next = has_next ? (*text)[i + 1] : ' ';
    if (has_next && ((next >= '0' && next <= '9') || next == '\\')) {
      out += next;
      ++i;
    } else {
      out += '\\';
    }
  }
  return quote_text(out);
}

Result<Scalar> replaced(const Scalar& text, const Scalar& pattern, const Scalar& rewrite) {
  if (const auto literal = constant_text(pattern); literal && literal->empty()) return text;
  GARRISON_ASSIGN(std::string regex, regex_sql(pattern));
  return computed(Kind::kString, fmt::format("replaceRegexpAll({}, {}, {})", text.sql, regex, rewrite_of(rewrite)));
}

enum class Side { kStart, kEnd, kBoth };

// One match is removed on each side, not all of them.
template <Side side>
Result<Scalar> lower_trim(LoweringContext&, Arguments a) {
  std::string sql = a[1].sql;
  const auto literal = constant_text(a[0]);
  if (literal) GARRISON_TRY(checked_regex(*literal));
  const auto pattern = [&](std::string_view before, std::string_view after) {
    if (literal) return quote_text(fmt::format("{}(?:{}){}", before, *literal, after));
    return fmt::format("concat({}, {}, {})", quote_text(fmt::format("{}(?:", before)), a[0].sql,
                       quote_text(fmt::format("){}", after)));
  };
  if (side != Side::kEnd) sql = fmt::format("replaceRegexpOne({}, {}, '')", sql, pattern("(?-s)^", ""));
  if (side != Side::kStart) sql = fmt::format("replaceRegexpOne({}, {}, '')", sql, pattern("(?-s)", "$"));
  return computed(Kind::kString, sql);
}

Result<Scalar> lower_indexof_regex(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Pattern pattern, pattern_of("indexof_regex", a[1]));
  const std::string text = context.bind(a[0].sql);
  const std::string size = fmt::format("toInt64(lengthUTF8({}))", text);
  const std::string given = a.size() > 2 ? context.bind(fmt::format("ifNull({}, 0)", int64_sql(a[2]))) : "toInt64(0)";
  const std::string start = context.bind(fmt::format("if({0} < 0, greatest(0, {1} + {0}), {0})", given, size));
  const std::string length =
      a.size() > 3
          ? fmt::format("if({0} < 0, {1}, {0})", context.bind(fmt::format("ifNull({}, -1)", int64_sql(a[3]))), size)
          : size;
  const std::string window = context.bind(fmt::format("substringUTF8({}, {} + 1, {})", text, start, length));
  if (a.size() > 4 && constant_integer(a[4]) != 1) {
    const auto occurrence = constant_integer(a[4]);
    if (!occurrence || *occurrence < 1 || *occurrence > 100)
      return argument_error("the occurrence of indexof_regex() must be a constant from 1 to 100");
    // The text before the n-th match, taken by a lazy prefix.
    const std::string regex =
        quote_text(fmt::format("(?s)^((?:.*?(?-s:{0})){{{1}}}.*?)(?-s:{0})", without_prefix(pattern), *occurrence - 1));
    const std::string found = context.bind(fmt::format("extractGroups({}, {})", window, regex));
    return total(Kind::kLong, fmt::format("if(empty({0}), -1, toInt64(lengthUTF8({0}[1])) + {1})", found, start));
  }
  const std::string regex = quote_text(fmt::format("(?s)^(.*?)(?-s:{})", without_prefix(pattern)));
  const std::string found = context.bind(fmt::format("extractGroups({}, {})", window, regex));
  return total(Kind::kLong, fmt::format("if(empty({0}), -1, toInt64(lengthUTF8({0}[1])) + {1})", found, start));
}

}  // namespace

const std::vector<Function>& regex_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function replace_regex =
        function_entry("replace_regex(text: string, pattern: string, rewrite: string): string",
                       "Replaces every match of a pattern; \\1 stands for the first group.",
                       {"print replace_regex('a1b2', '[0-9]', '#')", "[[\"a#b#\"]]"},
                       [](LoweringContext&, Arguments a) { return replaced(a[0], a[1], a[2]); });
    return std::vector<Function>{
        function_entry("extract(pattern: string, group: long, text: string, type: any?): string or the type",
                       "Takes one group of the first match; without a match the empty text, or null of the type.",
                       {"print extract('x=([0-9]+)', 1, 'a x=42', typeof(long))", "[[42]]"}, lower_extract,
                       CostClass::kScan),
        function_entry("extract_all(pattern: string, groups_or_text: any, text: any?): dynamic",
                       "Takes the groups of all matches as an array; null without a match.",
                       {"print extract_all('([a-z])[0-9]', 'a1b2')[1]", "[[\"b\"]]"}, lower_extract_all,
                       CostClass::kScan),
        function_entry(
            "indexof_regex(text: string, pattern: string!, start: long?, length: long?, occurrence: long?): long",
            "Position of a match, or -1.", {"print indexof_regex('abc12', '[0-9]+')", "[[3]]"}, lower_indexof_regex,
            CostClass::kScan),
        function_entry("regex_quote(text: string): string", "Quotes a text so that a pattern matches it literally.",
                       {"print regex_quote('a.b')", "[[\"a\\\\.b\"]]"},
                       [](LoweringContext&, Arguments a) -> Result<Scalar> {
                         return computed(
                             Kind::kString,
                             fmt::format(
                                 "replaceRegexpAll({}, '([\\\\\\\\.+*?()|\\\\[\\\\]{{}}^$#&~-])', '\\\\\\\\\\\\1')",
                                 a[0].sql));
                       }),
        function_entry("replace(pattern: string, rewrite: string, text: string): string",
                       "Old form of replace_regex().", {"print replace('[0-9]', '#', 'a1b2')", "[[\"a#b#\"]]"},
                       [](LoweringContext&, Arguments a) { return replaced(a[2], a[0], a[1]); }),
        replace_regex,
        function_entry("trim(pattern: string, text: string): string", "Removes one match of a pattern at both ends.",
                       {"print trim('x', 'xxabcxx')", "[[\"xabcx\"]]"}, lower_trim<Side::kBoth>),
        function_entry("trim_end(pattern: string, text: string): string", "Removes one match of a pattern at the end.",
                       {"print trim_end('x', 'abcx')", "[[\"abc\"]]"}, lower_trim<Side::kEnd>),
        function_entry("trim_start(pattern: string, text: string): string",
                       "Removes one match of a pattern at the start.", {"print trim_start('x', 'xabc')", "[[\"abc\"]]"},
                       lower_trim<Side::kStart>),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql
