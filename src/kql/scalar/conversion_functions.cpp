// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

template <Kind kind>
Result<Scalar> convert(LoweringContext& context, Arguments a) {
  return cast_to(context, a[0], kind);
}

// todynamic of a text reads it as JSON; any other value stands as itself.
Result<Scalar> lower_parse_json(LoweringContext& context, Arguments a) {
  return cast_to(context, a[0], Kind::kDynamic);
}

std::string_view type_name(Kind kind) {
  return kind == Kind::kReal ? "real" : table::to_string(kind);
}

Result<Scalar> lower_gettype(LoweringContext& context, Arguments a) {
  if (a[0].kind == Kind::kString) return make_string("string");
  if (a[0].kind != Kind::kDynamic) return make_string(type_name(a[0].kind));
  const std::string raw = context.bind(fmt::format("ifNull({}, '')", a[0].sql));
  std::string number = fmt::format("match({}, '^-?[0-9]+$')", raw);
  if (a[0].path) {
    std::string steps;
    bool has_index = false;
    for (const auto& step : a[0].path->steps) {
      has_index = has_index || !std::holds_alternative<std::string>(step);
      if (!has_index) steps += ", " + quote_text(std::get<std::string>(step));
    }
    // Reading a path rewrites 118.0 as 118; the kind is still known at the root.
    if (!has_index) number = fmt::format("JSONType(ifNull({}, ''){}) != 'Double'", a[0].path->root, steps);
  }
  return computed(
      Kind::kString,
      fmt::format(
          "multiIf({0} in ('', 'null'), 'null', startsWith({0}, '\"'), 'string', startsWith({0}, '['), 'array', "
          "startsWith({0}, '{{'), 'dictionary', {0} in ('true', 'false'), 'bool', {1}, 'long', 'double')",
          raw, number));
}

Result<Scalar> lower_tohex(LoweringContext& context, Arguments a) {
  const std::string digits = a[0].kind == Kind::kInt ? fmt::format("lower(hex(reinterpretAsUInt32({})))", a[0].sql)
                                                     : fmt::format("lower(hex(reinterpretAsUInt64({})))", a[0].sql);
  const std::string plain =
      context.bind(fmt::format("ifNull(if({0} = 0, '0', replaceRegexpOne({1}, '^0+', '')), '')", a[0].sql, digits));
  if (a.size() == 1) return computed(Kind::kString, plain);
  const std::string width = int64_sql(a[1]);
  return computed(Kind::kString,
                  fmt::format("concat(repeat('0', greatest(0, {} - length({}))), {})", width, plain, plain));
}

}  // namespace

const std::vector<Function>& conversion_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function tobool = function_entry("tobool(value: any): bool", "Converts a value to bool; null when it cannot.",
                                           {"print tobool('TRUE')", "[[true]]"}, convert<Kind::kBool>);
    const Function todynamic =
        function_entry("todynamic(json: any): dynamic", "Reads a text as JSON; text that is no JSON becomes a string.",
                       {"print todynamic('{\"a\": [1]}').a[0]", "[[1]]"}, lower_parse_json);
    const Function toreal = function_entry("toreal(value: any): real", "Converts a value to real; null when it cannot.",
                                           {"print toreal('1.5')", "[[1.5]]"}, convert<Kind::kReal>);
    return std::vector<Function>{
        function_entry("gettype(value: any): string", "Names the type of a value, also of one inside a dynamic.",
                       {"print gettype(dynamic([1]))", "[[\"array\"]]"}, lower_gettype),
        spelled(todynamic, "parse_json", "Reads a text as JSON; text that is no JSON becomes a string."),
        spelled(todynamic, "parsejson", "Old spelling of parse_json()."),
        tobool,
        spelled(tobool, "toboolean", "Another spelling of tobool()."),
        function_entry("todatetime(value: any): datetime", "Converts a text or ticks to datetime; null when it cannot.",
                       {"print todatetime('2024-05-06 07:08')", "[[\"2024-05-06T07:08:00.0000000Z\"]]"},
                       convert<Kind::kDateTime>),
        function_entry("todecimal(value: any): decimal", "Converts a value to decimal; null when it cannot.",
                       {"print tostring(todecimal('1.25'))", "[[\"1.25\"]]"}, convert<Kind::kDecimal>),
        spelled(toreal, "todouble", "Another spelling of toreal()."),
        todynamic,
        spelled(todynamic, "toobject", "Old spelling of todynamic()."),
        function_entry(
            "toguid(value: any): guid", "Converts a text to guid; null when it cannot.",
            {"print toguid('70fc66f7-8279-44fc-9092-d364d70fce44')", "[[\"70fc66f7-8279-44fc-9092-d364d70fce44\"]]"},
            convert<Kind::kGuid>),
        function_entry("tohex(value: long, least_digits: long?): string",
                       "Writes a whole number in hexadecimal digits.", {"print tohex(255, 4)", "[[\"00ff\"]]"},
                       lower_tohex),
        function_entry("toint(value: any): int", "Converts a value to int; fractions are cut off, null when it cannot.",
                       {"print toint('42')", "[[42]]"}, convert<Kind::kInt>),
        function_entry("tolong(value: any): long",
                       "Converts a value to long; fractions are cut off, null when it cannot.",
                       {"print tolong('0xFF')", "[[255]]"}, convert<Kind::kLong>),
        toreal,
        function_entry("tostring(value: any): string", "Prints a value as text; null becomes the empty text.",
                       {"print tostring(1d + 2h)", "[[\"1.02:00:00\"]]"}, convert<Kind::kString>),
        function_entry("totimespan(value: any): timespan", "Converts a text or ticks to timespan; null when it cannot.",
                       {"print totimespan('1.02:03:04')", "[[\"1.02:03:04\"]]"}, convert<Kind::kTimespan>),
        spelled(function_entry("totimespan(value: any): timespan", "",
                               {"print totime('0.00:01:00')", "[[\"00:01:00\"]]"}, convert<Kind::kTimespan>),
                "totime", "Another spelling of totimespan()."),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql
