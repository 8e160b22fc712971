// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "kql/scalar/fragments.h"
#include "kql/scalar/operators.h"
#include "kql/scalar/path_access.h"
#include "kql/scalar/timespan_text.h"

namespace garrison::kql {
namespace {

// Removes the blanks Kusto ignores around numbers; the engine's own trim takes plain blanks only.
std::string trimmed(const std::string& sql) {
  return fmt::format("trim(BOTH ' \\t\\r\\n' FROM {})", sql);
}

std::string text_of_real(LoweringContext& context, const Scalar& value) {
  const std::string real = context.bind(value.sql);
  return fmt::format(
      "ifNull(multiIf(isNaN({0}), 'NaN', isInfinite({0}), if({0} > 0, 'Infinity', '-Infinity'), "
      "match(toString({0}), '^-?[0-9]+$'), concat(toString({0}), '.0'), "
      "replaceRegexpOne(toString({0}), 'e([0-9])', 'E+\\\\1')), '')",
      real);
}

std::string text_of_timespan(LoweringContext& context, const Scalar& value) {
  const std::string ticks = context.bind(value.sql);
  const std::string size = context.bind(fmt::format("abs({})", ticks));
  return fmt::format(
      "ifNull(concat(if({0} < 0, '-', ''), if({1} >= {2}, concat(toString(intDiv({1}, {2})), '.'), ''), "
      "leftPad(toString(intDiv({1}, {3}) % 24), 2, '0'), ':', leftPad(toString(intDiv({1}, {4}) % 60), 2, '0'), ':', "
      "leftPad(toString(intDiv({1}, {5}) % 60), 2, '0'), "
      "if({1} % {5} = 0, '', concat('.', leftPad(toString({1} % {5}), 7, '0')))), '')",
      ticks, size, kTicksPerDay, kTicksPerHour, kTicksPerMinute, kTicksPerSecond);
}

std::string text_of_dynamic(LoweringContext& context, const Scalar& value) {
  if (value.text_item) return *value.text_item;
  if (value.path) {
    if (auto direct = typed_path_sql(*value.path, "Nullable(String)")) return fmt::format("ifNull({}, '')", *direct);
  }
  const std::string raw = context.bind(value.sql);
  return fmt::format("ifNull(if(startsWith({0}, '\"'), JSONExtractString({0}), {0}), '')", raw);
}

Scalar to_text(LoweringContext& context, const Scalar& value) {
  switch (value.kind) {
    case Kind::kString:
      return value;
    case Kind::kBool: {
      const std::string flag = context.bind(value.sql);
      return computed(Kind::kString, fmt::format("multiIf(isNull({0}), '', {0}, 'True', 'False')", flag));
    }
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kDecimal:
    case Kind::kGuid:
      return computed(Kind::kString, fmt::format("ifNull(toString({}), '')", value.sql));
    case Kind::kReal:
      return computed(Kind::kString, text_of_real(context, value));
    case Kind::kDateTime:
      return computed(Kind::kString,
                      fmt::format("ifNull(concat(replaceOne(toString({}), ' ', 'T'), 'Z'), '')", value.sql));
    case Kind::kTimespan:
      return computed(Kind::kString, text_of_timespan(context, value));
    case Kind::kDynamic:
      if (value.text_item) return total(Kind::kString, fmt::format("ifNull({}, '')", *value.text_item));
      return computed(Kind::kString, text_of_dynamic(context, value));
  }
  return value;
}

// Blanks are not forgiven here, hexadecimal digits are.
std::string bool_of_text(const std::string& text) {
  return fmt::format(
      "multiIf(lowerUTF8({0}) = 'true', true, lowerUTF8({0}) = 'false', false, match({0}, "
      "'^0[xX][0-9a-fA-F]{{1,16}}$'), "
      "match({0}, '[1-9a-fA-F]'), toInt64OrNull({0}) != 0)",
      text);
}

Scalar to_bool(LoweringContext& context, const Scalar& value) {
  if (value.kind == Kind::kString) return computed(Kind::kBool, bool_of_text(context.bind(value.sql)));
  if (value.kind == Kind::kDynamic) {
    const std::string raw = context.bind(value.sql);
    return computed(Kind::kBool,
                    fmt::format("multiIf({0} = 'true', true, {0} = 'false', false, "
                                "startsWith(ifNull({0}, ''), '\"'), {1}, toFloat64OrNull(ifNull({0}, '')) != 0)",
                                raw, bool_of_text(fmt::format("JSONExtractString(ifNull({}, ''))", raw))));
  }
  return computed(Kind::kBool, fmt::format("({} != 0)", value.sql));
}

// Long (or int) of a text: decimal or hexadecimal digits, anything else is null.
std::string integer_of_text(LoweringContext& context, const std::string& sql, Kind kind) {
  const std::string text = context.bind(trimmed(sql));
  const std::string_view type = kind == Kind::kInt ? "Int32" : "Int64";
  return fmt::format(
      "multiIf(match({0}, '^[+-]?[0-9]+$'), to{1}OrNull({0}), match({0}, '^0[xX][0-9a-fA-F]{{1,16}}$'), "
      "accurateCastOrNull(reinterpretAsInt64(reverse(unhex(leftPad(substring({0}, 3), 16, '0')))), '{1}'), NULL)",
      text, type);
}

std::string integer_of_real(LoweringContext& context, const std::string& sql, Kind kind) {
  const std::string real = context.bind(sql);
  if (kind == Kind::kInt) {
    return fmt::format(
        "multiIf(isNaN({0}) or isInfinite({0}), NULL, {0} >= 2147483647, toInt32(2147483647), {0} <= -2147483648, "
        "toInt32(-2147483648), accurateCastOrNull(trunc({0}), 'Int32'))",
        real);
  }
  return fmt::format(
      "multiIf(isNaN({0}) or isInfinite({0}), NULL, {0} >= 9223372036854775807., toInt64(9223372036854775807), "
      "{0} <= -9223372036854775808., toInt64('-9223372036854775808'), accurateCastOrNull(trunc({0}), 'Int64'))",
      real);
}

Scalar to_integer(LoweringContext& context, const Scalar& value, Kind kind) {
  switch (value.kind) {
    case Kind::kString:
      return computed(kind, integer_of_text(context, value.sql, kind));
    case Kind::kReal:
      return computed(kind, integer_of_real(context, value.sql, kind));
    case Kind::kDecimal:
      return computed(
          kind, fmt::format("accurateCastOrNull(trunc({}), '{}')", value.sql, kind == Kind::kInt ? "Int32" : "Int64"));
    case Kind::kDynamic: {
      if (value.text_item) return computed(kind, integer_of_text(context, *value.text_item, kind));
      std::string sql;
      std::optional<std::string> direct;
      if (value.path) direct = typed_path_sql(*value.path, "Nullable(Int64)");
      if (direct) {
        sql = *direct;
      } else {
        const std::string raw = context.bind(value.sql);
        const std::string text = context.bind(
            fmt::format("if(startsWith(ifNull({0}, ''), '\"'), JSONExtractString({0}), ifNull({0}, ''))", raw));
        // Whole numbers keep their low bits, fractions are clamped.
        const std::string_view narrow = kind == Kind::kInt ? "toInt32" : "toInt64";
        return computed(kind,
                        fmt::format("multiIf({1} = 'true', {4}(1), {1} = 'false', {4}(0), startsWith({1}, '\"'), {2}, "
                                    "match({0}, '^-?[0-9]+$'), "
                                    "{4}(toInt64OrNull({0})), {3})",
                                    text, fmt::format("ifNull({}, '')", raw), integer_of_text(context, text, kind),
                                    integer_of_real(context, fmt::format("toFloat64OrNull({})", text), kind), narrow));
      }
      return computed(kind, kind == Kind::kInt ? fmt::format("toInt32({})", sql) : sql);
    }
    case Kind::kInt:
      if (kind == Kind::kInt) return value;
      return computed(kind, int64_sql(value));
    default: {
      if (kind == Kind::kInt) return computed(kind, fmt::format("toInt32({})", int64_sql(value)));
      return computed(kind, int64_sql(value));
    }
  }
}

Scalar to_real(LoweringContext& context, const Scalar& value) {
  if (value.kind == Kind::kString || value.text_item) {
    const std::string text = context.bind(trimmed(value.text_item.value_or(value.sql)));
    return computed(Kind::kReal, fmt::format("if({0} = 'INF' or {0} = '-INF', NULL, toFloat64OrNull({0}))", text));
  }
  if (value.kind == Kind::kDynamic) {
    if (value.path) {
      if (auto direct = typed_path_sql(*value.path, "Nullable(Float64)")) return computed(Kind::kReal, *direct);
    }
    return computed(Kind::kReal, fmt::format("JSONExtract(ifNull({}, ''), 'Nullable(Float64)')", value.sql));
  }
  if (value.kind == Kind::kDateTime) return computed(Kind::kReal, fmt::format("toFloat64({})", int64_sql(value)));
  return computed(Kind::kReal, float64_sql(value));
}

Scalar to_decimal(LoweringContext& context, const Scalar& value) {
  if (value.kind == Kind::kString || value.kind == Kind::kDynamic) {
    const Scalar text = to_text(context, value);
    return computed(Kind::kDecimal, fmt::format("toDecimal256OrNull({}, 18)", trimmed(text.sql)));
  }
  if (value.kind == Kind::kBool)
    return computed(Kind::kDecimal, fmt::format("toDecimal256(toInt64({}), 18)", value.sql));
  if (value.kind == Kind::kTimespan || value.kind == Kind::kDateTime) {
    return computed(Kind::kDecimal, fmt::format("toDecimal256({}, 18)", int64_sql(value)));
  }
  return computed(Kind::kDecimal, decimal_sql(value));
}

Scalar to_datetime(LoweringContext& context, const Scalar& value) {
  if (is_integer(value.kind) || value.kind == Kind::kTimespan) {
    return computed(Kind::kDateTime, datetime_of(context, int64_sql(value)));
  }
  if (value.kind == Kind::kReal) {
    return computed(Kind::kDateTime, datetime_of(context, integer_of_real(context, value.sql, Kind::kLong)));
  }
  const std::string text = context.bind(trimmed(to_text(context, value).sql));
  // The engine's reader also takes bare years, times of day and unix seconds, which KQL does not: ask for a date with
  // separators first. Slashes mean month first.
  return computed(Kind::kDateTime,
                  fmt::format("multiIf(match({0}, '^[0-9]{{1,2}}[-/][0-9]{{1,2}}[-/][0-9]{{4}}'), "
                              "parseDateTime64BestEffortUSOrNull({0}, 7, 'UTC'), "
                              "match({0}, '[0-9]{{4}}[-/.][0-9]{{1,2}}|[A-Za-z]{{3}}|^[0-9]{{8}}$|^[0-9]{{8}}T') and "
                              "not match({0}, 'T?24:'), "
                              "parseDateTime64BestEffortOrNull({0}, 7, 'UTC'), NULL)",
                              text));
}

Scalar to_timespan(LoweringContext& context, const Scalar& value) {
  if (is_integer(value.kind)) return computed(Kind::kTimespan, int64_sql(value));
  if (value.kind == Kind::kReal) return computed(Kind::kTimespan, integer_of_real(context, value.sql, Kind::kLong));
  if (value.kind == Kind::kDateTime) return computed(Kind::kTimespan, int64_sql(value));
  const std::string text = context.bind(trimmed(to_text(context, value).sql));
  const std::string clock = context.bind(
      fmt::format("extractGroups({}, "
                  "'^(-?)(?:([0-9]+)[.])?([0-9]{{1,2}}):([0-9]{{1,2}})(?::([0-9]{{1,2}})(?:[.]([0-9]{{1,7}}))?)?$')",
                  text));
  const std::string unit = context.bind(fmt::format(
      "extractGroups({}, '^(-?[0-9]+(?:[.][0-9]+)?)\\\\s*(days?|d|hours?|hrs?|h|minutes?|min|milliseconds?|ms|"
      "seconds?|sec|m|s|microseconds?|ticks?)$|^(-?[0-9]+)$')",
      text));
  const auto part = [&](int index) { return fmt::format("toInt64(toInt64OrZero({}[{}]))", clock, index); };
  const std::string clock_ticks = fmt::format(
      "if({0} > 23 or {1} > 59 or {2} > 59, NULL, if({3}[1] = '-', -1, 1) * ({4} * {5} + {0} * {6} + {1} * {7} + {2} * "
      "{8} + "
      "toInt64(toInt64OrZero(rightPad({3}[6], 7, '0')))))",
      part(3), part(4), part(5), clock, part(2), kTicksPerDay, kTicksPerHour, kTicksPerMinute, kTicksPerSecond);
  const std::string factor = fmt::format(
      "multiIf({0} in ('', 'd', 'day', 'days'), {1}, startsWith({0}, 'h'), {2}, {0} in ('m', 'min', 'minute', "
      "'minutes'), {3}, "
      "{0} in ('s', 'sec', 'second', 'seconds'), {4}, {0} in ('ms', 'millisecond', 'milliseconds'), {5}, "
      "startsWith({0}, 'micro'), {6}, 1)",
      unit + "[2]", kTicksPerDay, kTicksPerHour, kTicksPerMinute, kTicksPerSecond, kTicksPerMillisecond,
      kTicksPerMicrosecond);
  return computed(
      Kind::kTimespan,
      fmt::format("multiIf(notEmpty({0}), {1}, notEmpty({2}), "
                  "accurateCastOrNull(round(toFloat64OrZero(if({2}[2] = '', {2}[3], {2}[1])) * {3}), 'Int64'), NULL)",
                  clock, clock_ticks, unit, factor));
}

Scalar to_dynamic(LoweringContext& context, const Scalar& value) {
  if (value.kind != Kind::kString) return computed(Kind::kDynamic, json_sql(context, value));
  const std::string text = context.bind(trimmed(value.sql));
  return computed(Kind::kDynamic,
                  fmt::format("multiIf({0} in ('', 'null'), NULL, isValidJSON({0}), {0}, toJSONString({1}))", text,
                              context.bind(value.sql)));
}

std::optional<std::int64_t> integer_in(std::string_view text) {
  text = text::trim(text);
  const bool is_hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (is_hex) text.remove_prefix(2);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::int64_t out = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out, is_hex ? 16 : 10);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return out;
}

// Values of literals, so that time windows and list constants reach the engine folded.
std::optional<Scalar> fold(const Scalar& value, Kind kind) {
  if (!value.constant) return std::nullopt;
  if (is_constant_null(value)) return make_null(kind);
  const auto integer = constant_integer(value);
  if (is_integer(value.kind) && integer) {
    if (kind == Kind::kLong) return make_long(*integer);
    if (kind == Kind::kInt && *integer >= std::numeric_limits<std::int32_t>::min() &&
        *integer <= std::numeric_limits<std::int32_t>::max()) {
      return make_int(static_cast<std::int32_t>(*integer));
    }
    if (kind == Kind::kReal) return make_real(static_cast<double>(*integer));
    if (kind == Kind::kString) return make_string(std::to_string(*integer));
    if (kind == Kind::kTimespan) return make_timespan({*integer});
    if (kind == Kind::kBool) return make_bool(*integer != 0);
    if (kind == Kind::kDynamic) return make_dynamic(std::to_string(*integer));
    if (kind == Kind::kDateTime && *integer >= 0 && *integer <= kMaxTicks) return make_datetime({*integer});
  }
  if (value.kind == Kind::kBool && integer) {
    if (kind == Kind::kString) return make_string(*integer ? "True" : "False");
    if (kind == Kind::kDynamic) return make_dynamic(*integer ? "true" : "false");
  }
  if (value.kind == Kind::kDateTime && integer) {
    if (kind == Kind::kString) return make_string(format_iso({*integer}));
    if (kind == Kind::kLong) return make_long(*integer);
    if (kind == Kind::kDynamic) return make_dynamic("\"" + format_iso({*integer}) + "\"");
  }
  if (value.kind == Kind::kTimespan && integer) {
    if (kind == Kind::kString) return make_string(format_timespan({*integer}));
    if (kind == Kind::kLong) return make_long(*integer);
    if (kind == Kind::kReal) return make_real(static_cast<double>(*integer));
    if (kind == Kind::kDynamic) return make_dynamic("\"" + format_timespan({*integer}) + "\"");
  }
  if (value.kind == Kind::kString) {
    const std::string text = constant_text(value).value_or("");
    if (kind == Kind::kLong || kind == Kind::kInt) {
      const auto number = integer_in(text);
      if (number && kind == Kind::kLong) return make_long(*number);
      if (number && *number >= std::numeric_limits<std::int32_t>::min() &&
          *number <= std::numeric_limits<std::int32_t>::max()) {
        return make_int(static_cast<std::int32_t>(*number));
      }
    }
    if (kind == Kind::kDateTime) {
      if (const auto at = parse_iso(text::trim(text))) return make_datetime(*at);
    }
    if (kind == Kind::kTimespan) {
      if (const auto span = parse_timespan(text)) return make_timespan(*span);
    }
    if (kind == Kind::kGuid) return make_guid(text);
  }
  if (value.kind == Kind::kGuid && kind == Kind::kString) return make_string(constant_text(value).value_or(""));
  return std::nullopt;
}

}  // namespace

Result<Scalar> cast_to(LoweringContext& context, const Scalar& value, Kind kind) {
  if (value.kind == kind) return value;
  if (auto folded = fold(value, kind)) {
    folded->name_hint = value.name_hint;
    return std::move(*folded);
  }
  Scalar out;
  switch (kind) {
    case Kind::kString:
      out = to_text(context, value);
      break;
    case Kind::kBool:
      out = to_bool(context, value);
      break;
    case Kind::kInt:
    case Kind::kLong:
      out = to_integer(context, value, kind);
      break;
    case Kind::kReal:
      out = to_real(context, value);
      break;
    case Kind::kDecimal:
      out = to_decimal(context, value);
      break;
    case Kind::kDateTime:
      out = to_datetime(context, value);
      break;
    case Kind::kTimespan:
      out = to_timespan(context, value);
      break;
    case Kind::kGuid:
      out = computed(Kind::kGuid, fmt::format("toUUIDOrNull({})", trimmed(to_text(context, value).sql)));
      break;
    case Kind::kDynamic:
      out = to_dynamic(context, value);
      break;
  }
  out.is_aggregate = value.is_aggregate;
  out.is_row_dependent = value.is_row_dependent;
  out.name_hint = value.name_hint;
  return out;
}

std::string exact_sql(const Scalar& value) {
  if (value.kind == Kind::kString) return value.sql;
  if (value.kind == Kind::kDynamic) return fmt::format("toNullable({})", value.sql);
  return fmt::format("CAST({} AS {})", value.sql, table::engine_type(value.kind));
}

std::string condition_sql(const Scalar& predicate) {
  if (!predicate.nullable) return predicate.sql;
  return fmt::format("ifNull({}, false)", predicate.sql);
}

}  // namespace garrison::kql
