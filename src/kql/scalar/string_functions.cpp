// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "kql/scalar/all.h"
#include "kql/scalar/constant_json.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

Result<std::string> text_of(LoweringContext& context, const Scalar& value) {
  GARRISON_ASSIGN(Scalar text, cast_to(context, value, Kind::kString));
  return std::move(text.sql);
}

Result<Scalar> concatenated(LoweringContext& context, Arguments parts, const Scalar* delimiter) {
  std::string constant;
  bool is_constant = delimiter == nullptr || delimiter->constant.has_value();
  std::string sql = "concat(''";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    GARRISON_ASSIGN(Scalar text, cast_to(context, parts[i], Kind::kString));
    if (i > 0 && delimiter != nullptr) {
      sql += ", " + delimiter->sql;
      constant += constant_text(*delimiter).value_or("");
    }
    sql += ", " + text.sql;
    const auto value = constant_text(text);
    is_constant = is_constant && value.has_value();
    constant += value.value_or("");
  }
  if (is_constant) return make_string(constant);
  return computed(Kind::kString, sql + ")");
}

Result<Scalar> lower_strcat(LoweringContext& context, Arguments a) {
  return concatenated(context, a, nullptr);
}
Result<Scalar> lower_strcat_delim(LoweringContext& context, Arguments a) {
  return concatenated(context, a.subspan(1), &a[0]);
}

Result<Scalar> lower_substring(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string text_sql, text_of(context, a[0]));
  const auto begin = constant_integer(a[1]);
  const bool has_length = a.size() > 2;
  const auto length = has_length ? constant_integer(a[2]) : std::nullopt;
  if (begin && *begin >= 0 && (!has_length || (length && *length >= 0))) {
    if (!has_length) return computed(Kind::kString, fmt::format("substringUTF8({}, {})", text_sql, *begin + 1));
    return computed(Kind::kString, fmt::format("substringUTF8({}, {}, {})", text_sql, *begin + 1, *length));
  }
  const std::string text = context.bind(text_sql);
  const std::string given = context.bind(fmt::format("ifNull({}, 0)", int64_sql(a[1])));
  const std::string start = context.bind(fmt::format("if({0} < 0, toInt64(lengthUTF8({1})) + {0}, {0})", given, text));
  const std::string end = has_length ? fmt::format("{} + greatest(0, ifNull({}, 0))", start, int64_sql(a[2]))
                                     : fmt::format("toInt64(lengthUTF8({}))", text);
  return computed(
      Kind::kString,
      fmt::format("substringUTF8({0}, greatest(0, {1}) + 1, greatest(0, {2} - greatest(0, {1})))", text, start, end));
}

Result<Scalar> lower_indexof(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string text_sql, text_of(context, a[0]));
  GARRISON_ASSIGN(std::string needle_sql, text_of(context, a[1]));
  const std::string needle = context.bind(needle_sql);
  if (a.size() == 2) {
    return computed(Kind::kLong,
                    fmt::format("if({1} = '', NULL, toInt64(positionUTF8({0}, {1})) - 1)", text_sql, needle));
  }
  const std::string text = context.bind(text_sql);
  const std::string size = fmt::format("toInt64(lengthUTF8({}))", text);
  const std::string given = context.bind(int64_sql(a[2]));
  const std::string start = context.bind(fmt::format("if({0} < 0, greatest(0, {1} + {0}), {0})", given, size));
  const std::string length =
      a.size() > 3 ? context.bind(fmt::format("if({0} < 0, {1}, {0})", int64_sql(a[3]), size)) : size;
  // The length bounds where a match begins, not where it ends.
  const std::string window = context.bind(fmt::format(
      "substringUTF8({}, assumeNotNull({}) + 1, assumeNotNull({}) + greatest(0, toInt64(lengthUTF8({})) - 1))", text,
      start, length, needle));
  std::string position = fmt::format("toInt64(positionUTF8({}, {}))", window, needle);
  if (a.size() > 4) {
    const std::string at = context.fresh_name("i");
    const std::string starts =
        fmt::format("arrayFilter({0} -> startsWith(substringUTF8({1}, {0}), {2}), range(1, lengthUTF8({1}) + 1))", at,
                    window, needle);
    position = fmt::format("toInt64(if({0} < 1, 0, arrayElement({1}, {0})))", context.bind(int64_sql(a[4])), starts);
  }
  const std::string found = context.bind(position);
  return computed(Kind::kLong, fmt::format("if({0} = '', NULL, if({1} = 0, -1, {1} - 1 + {2}))", needle, found, start));
}

Result<Scalar> lower_split(LoweringContext& context, Arguments a) {
  const std::string parts = fmt::format("splitByString({}, {})", a[1].sql, a[0].sql);
  if (a.size() == 2) {
    Scalar out = computed(Kind::kDynamic, fmt::format("toNullable(toJSONString({}))", parts));
    out.text_items = parts;
    return out;
  }
  const std::string bound = context.bind(parts);
  const std::string index = context.bind(int64_sql(a[2]));
  return computed(
      Kind::kDynamic,
      fmt::format("toNullable(if({0} >= 0 and {0} < toInt64(length({1})), concat('[', toJSONString(arrayElement({1}, "
                  "ifNull({0}, 0) + 1)), ']'), '[]'))",
                  index, bound));
}

Result<Scalar> lower_replace_strings(LoweringContext& context, Arguments a) {
  const auto lookups = constant_elements(a[1]);
  const auto rewrites = constant_elements(a[2]);
  if (!lookups || !rewrites) return argument_error("replace_strings() needs constant arrays of texts");
  if (lookups->size() != rewrites->size()) return argument_error("replace_strings() needs arrays of the same length");
  // One pass: a replacement is not looked at again, and the first of several texts that fit wins.
  std::string pattern = "(?s)";
  std::vector<std::string> from;
  std::vector<std::string> to;
  for (std::size_t i = 0; i < lookups->size(); ++i) {
    GARRISON_ASSIGN(Scalar lookup, cast_to(context, (*lookups)[i], Kind::kString));
    GARRISON_ASSIGN(Scalar rewrite, cast_to(context, (*rewrites)[i], Kind::kString));
    const std::string text = constant_text(lookup).value_or("");
    if (text.empty()) continue;
    pattern += quote_regex(text) + "|";
    from.push_back(lookup.sql);
    to.push_back(rewrite.sql);
  }
  if (from.empty()) return computed(Kind::kString, a[0].sql);
  const std::string piece = context.fresh_name("m");
  return computed(
      Kind::kString,
      fmt::format("arrayStringConcat(arrayMap({0} -> transform({0}, [{1}], [{2}], {0}), extractAll({3}, {4})))", piece,
                  fmt::join(from, ", "), fmt::join(to, ", "), a[0].sql, quote_text(pattern + ".")));
}

// Every start position counts: occurrences may overlap.
Result<Scalar> lower_countof(LoweringContext& context, Arguments a) {
  const std::string mode = a.size() > 2 ? constant_text(a[2]).value_or("") : "normal";
  if (mode == "regex") {
    GARRISON_ASSIGN(std::string pattern, regex_sql(a[1]));
    return total(Kind::kLong, fmt::format("toInt64(countMatches({}, {}))", a[0].sql, pattern));
  }
  if (mode != "normal") return argument_error("the third argument of countof() is 'normal' or 'regex'");
  const std::string text = context.bind(a[0].sql);
  const std::string needle = context.bind(a[1].sql);
  const std::string at = context.fresh_name("i");
  return total(Kind::kLong, fmt::format("if({1} = '', 0, toInt64(arrayCount({2} -> substring({0}, {2}, length({1})) = "
                                        "{1}, range(1, length({0}) + 1))))",
                                        text, needle, at));
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80) ++length;
    out.push_back(text.substr(i, length));
    i += length;
  }
  return out;
}

Result<Scalar> lower_translate(LoweringContext&, Arguments a) {
  const std::string search_text = constant_text(a[0]).value_or("");
  const std::string replacement_text = constant_text(a[1]).value_or("");
  const auto search = characters_of(search_text);
  const auto replacement = characters_of(replacement_text);
  std::string from;
  std::string to;
  std::string dropped;
  for (std::size_t i = 0; i < search.size(); ++i) {
    if (replacement.empty()) {
      dropped += search[i];
    } else {
      from += search[i];
      to += i < replacement.size() ? replacement[i] : replacement.back();
    }
  }
  std::string sql = a[2].sql;
  if (!dropped.empty()) {
    std::string pattern = "[";
    for (const auto character : characters_of(dropped)) pattern += quote_regex(character);
    sql = fmt::format("replaceRegexpAll({}, {}, '')", sql, quote_text(pattern + "]"));
  }
  if (!from.empty()) sql = fmt::format("translateUTF8({}, {}, {})", sql, quote_text(from), quote_text(to));
  return computed(Kind::kString, sql);
}

template <bool is_lower>
Result<Scalar> lower_letters(LoweringContext&, Arguments a) {
  if (const auto text = constant_text(a[0])) {
    const bool is_ascii =
        std::all_of(text->begin(), text->end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (is_ascii) return make_string(is_lower ? text::ascii_lower(*text) : text::ascii_upper(*text));
  }
  Scalar out = computed(Kind::kString, fmt::format("{}({})", is_lower ? "lowerUTF8" : "upperUTF8", a[0].sql));
  out.name_hint = a[0].name_hint;
  return out;
}

Result<Scalar> lower_strrep(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string text, text_of(context, a[0]));
  const std::string count = fmt::format("least(1024, greatest(0, ifNull({}, 0)))", int64_sql(a[1]));
  if (a.size() == 2) return computed(Kind::kString, fmt::format("repeat({}, {})", text, count));
  GARRISON_ASSIGN(std::string delimiter, text_of(context, a[2]));
  return computed(Kind::kString, fmt::format("arrayStringConcat(arrayResize(emptyArrayString(), {}, {}), {})", count,
                                             text, delimiter));
}

Result<Scalar> lower_strcmp(LoweringContext& context, Arguments a) {
  const std::string left = context.bind(a[0].sql);
  const std::string right = context.bind(a[1].sql);
  return total(Kind::kLong, fmt::format("toInt64(multiIf({0} < {1}, -1, {0} > {1}, 1, 0))", left, right));
}

Result<Scalar> lower_make_string(LoweringContext& context, Arguments a) {
  // Code points, also in arrays, put together.
  std::string sql = "concat(''";
  for (const auto& argument : a) {
    const std::string name = context.fresh_name("c");
    const std::string codes =
        argument.kind == Kind::kDynamic
            ? fmt::format(
                  "if({}, JSONExtract(ifNull({}, ''), 'Array(UInt32)'), [toUInt32(ifNull(JSONExtract(ifNull({}, ''), "
                  "'Nullable(UInt32)'), 0))])",
                  is_array_sql(argument.sql), argument.sql, argument.sql)
            : fmt::format("[toUInt32(ifNull({}, 0))]", int64_sql(argument));
    // UTF-8 by hand: the engine's char() writes bytes.
    sql += fmt::format(
        ", arrayStringConcat(arrayMap({0} -> multiIf({0} = 0, '', {0} < 128, char({0}), {0} < 2048, char(192 + "
        "intDiv({0}, 64), 128 + {0} % 64), "
        "{0} < 65536, char(224 + intDiv({0}, 4096), 128 + intDiv({0}, 64) % 64, 128 + {0} % 64), char(240 + "
        "intDiv({0}, 262144), 128 + "
        "intDiv({0}, 4096) % 64, 128 + intDiv({0}, 64) % 64, 128 + {0} % 64)), {1}))",
        name, codes);
  }
  return computed(Kind::kString, sql + ")");
}

Result<Scalar> lower_to_utf8(LoweringContext& context, Arguments a) {
  const std::string character = context.fresh_name("c");
  const std::string byte = fmt::format("reinterpretAsUInt8(substring({}, ", character);
  return computed(Kind::kDynamic, fmt::format("toNullable(concat('[', arrayStringConcat(arrayMap({0} -> "
                                              "toString(multiIf(length({0}) = 1, toUInt32({1}1, 1))), "
                                              "length({0}) = 2, toUInt32({1}1, 1)) % 32 * 64 + {1}2, 1)) % 64), "
                                              "length({0}) = 3, toUInt32({1}1, 1)) % 16 * 4096 + {1}2, "
                                              "1)) % 64 * 64 + {1}3, 1)) % 64), toUInt32({1}1, 1)) % 8 * 262144 + "
                                              "{1}2, 1)) % 64 * 4096 + {1}3, 1)) % 64 * 64 + {1}4, 1)) "
                                              "% 64))), extractAll({2}, '(?s).')), ','), ']'))",
                                              character, byte, a[0].sql));
}

Result<Scalar> lower_has_any_index(LoweringContext& context, Arguments a) {
  const auto needles = constant_elements(a[1]);
  if (!needles) return argument_error("has_any_index() needs a constant array of texts");
  std::string sql = "toInt64(multiIf(";
  for (std::size_t i = 0; i < needles->size(); ++i) {
    GARRISON_ASSIGN(Scalar found, lower_binary(context, BinaryOperator::kHas, a[0], (*needles)[i]));
    sql += fmt::format("{}, {}, ", found.sql, i);
  }
  return total(Kind::kLong, needles->empty() ? "toInt64(-1)" : sql + "-1))");
}

}  // namespace

const std::vector<Function>& string_functions() {
  static const std::vector<Function> kEntries = {
      function_entry("countof(text: string, search: string, kind: string!?): long",
                     "Counts the places where a text, or with 'regex' a pattern, occurs.",
                     {"print countof('aaa', 'aa')", "[[2]]"}, lower_countof),
      function_entry("has_any_index(text: string, terms: dynamic): long",
                     "Position in the array of the first term the text has, or -1.",
                     {"print has_any_index('a bee c', dynamic(['x', 'bee']))", "[[1]]"}, lower_has_any_index),
      function_entry("indexof(text: any, search: any, start: long?, length: long?, occurrence: long?): long",
                     "Position of a text inside another, or -1.", {"print indexof('abcabc', 'c', 3)", "[[5]]"},
                     lower_indexof),
      function_entry("isascii(text: string): bool", "Tells whether a text has only ASCII characters.",
                     {"print isascii('abc')", "[[true]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return total(Kind::kBool, fmt::format("isValidASCII({})", a[0].sql));
                     }),
      function_entry("isutf8(text: string): bool", "Tells whether a text is valid UTF-8.",
                     {"print isutf8('abc')", "[[true]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return total(Kind::kBool, fmt::format("isValidUTF8({})", a[0].sql));
                     }),
      function_entry("make_string(code_point: long|dynamic, others: long|dynamic*): string",
                     "Builds a text from Unicode code points.", {"print make_string(75, 81, 76)", "[[\"KQL\"]]"},
                     lower_make_string),
      function_entry(
          "replace_string(text: string, search: string, replacement: string): string",
          "Replaces every occurrence of a text.", {"print replace_string('a-b-c', '-', '+')", "[[\"a+b+c\"]]"},
          [](LoweringContext&, Arguments a) -> Result<Scalar> {
            return computed(Kind::kString, fmt::format("replaceAll({}, {}, {})", a[0].sql, a[1].sql, a[2].sql));
          }),
      function_entry("replace_strings(text: string, searches: dynamic, replacements: dynamic): string",
                     "Replaces several texts in one pass.",
                     {"print replace_strings('a-b', dynamic(['a', 'b']), dynamic(['x', 'y']))", "[[\"x-y\"]]"},
                     lower_replace_strings),
      function_entry("reverse(value: any): string", "Turns the order of the characters around.",
                     {"print reverse('abc')", "[[\"cba\"]]"},
                     [](LoweringContext& context, Arguments a) -> Result<Scalar> {
                       GARRISON_ASSIGN(std::string text, text_of(context, a[0]));
                       return computed(Kind::kString, fmt::format("reverseUTF8({})", text));
                     }),
      function_entry("split(text: string, delimiter: string, index: long?): dynamic",
                     "Splits a text into an array; with an index into an array of that one part.",
                     {"print split('a,b,c', ',')[1]", "[[\"b\"]]"}, lower_split),
      function_entry("strcat(value: any, others: any*): string", "Joins values as text.",
                     {"print strcat('a', 1, true)", "[[\"a1True\"]]"}, lower_strcat),
      function_entry("strcat_delim(delimiter: string, value: any, others: any*): string",
                     "Joins values as text with a delimiter between.",
                     {"print strcat_delim('-', 1, 'b')", "[[\"1-b\"]]"}, lower_strcat_delim),
      function_entry("strcmp(left: string, right: string): long", "Compares two texts: -1, 0 or 1.",
                     {"print strcmp('a', 'b')", "[[-1]]"}, lower_strcmp),
      function_entry("string_size(text: string): long", "Number of bytes of a text.",
                     {"print string_size('é')", "[[2]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return total(Kind::kLong, fmt::format("toInt64(length({}))", a[0].sql));
                     }),
      function_entry("strlen(text: string): long", "Number of Unicode characters of a text.",
                     {"print strlen('é')", "[[1]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return total(Kind::kLong, fmt::format("toInt64(lengthUTF8({}))", a[0].sql));
                     }),
      function_entry("strrep(value: any, count: long, delimiter: any?): string",
                     "Repeats a value, at most 1,024 times.", {"print strrep('ab', 2, '-')", "[[\"ab-ab\"]]"},
                     lower_strrep),
      function_entry("substring(text: any, start: long, length: long?): string",
                     "Part of a text from a position; a negative one counts from the end.",
                     {"print substring('abcdef', 1, 3)", "[[\"bcd\"]]"}, lower_substring),
      function_entry("to_utf8(text: string): dynamic", "Unicode code points of a text.",
                     {"print to_utf8('a')[0]", "[[97]]"}, lower_to_utf8),
      function_entry("tolower(text: string): string", "Lower case.", {"print tolower('ABC')", "[[\"abc\"]]"},
                     lower_letters<true>),
      function_entry("toupper(text: string): string", "Upper case.", {"print toupper('abc')", "[[\"ABC\"]]"},
                     lower_letters<false>),
      function_entry("translate(search: string!, replacement: string!, text: string): string",
                     "Replaces single characters by those at the same position of another list.",
                     {"print translate('abc', 'x', 'aabbz')", "[[\"xxxxz\"]]"}, lower_translate),
      function_entry("unicode_codepoints_from_string(text: string): dynamic", "Unicode code points of a text.",
                     {"print unicode_codepoints_from_string('a')[0]", "[[97]]"}, lower_to_utf8),
      function_entry("unicode_codepoints_to_string(code_point: long|dynamic, others: long|dynamic*): string",
                     "Builds a text from Unicode code points.", {"print unicode_codepoints_to_string(75)", "[[\"K\"]]"},
                     lower_make_string),
  };
  return kEntries;
}

}  // namespace garrison::kql
