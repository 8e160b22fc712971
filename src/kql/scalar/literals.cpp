// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "kql/scalar/fragments.h"
#include "kql/scalar/operators.h"

namespace garrison::kql {
namespace {

Scalar literal(Kind kind, std::string sql, Constant constant) {
  Scalar out;
  out.kind = kind;
  out.sql = std::move(sql);
  out.nullable = false;
  out.constant = std::move(constant);
  out.is_row_dependent = false;
  return out;
}

// The engine reads text in single quotes with backslash escapes; names in backquotes likewise.
std::string quote(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == mark || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
  out += mark;
  return out;
}

}  // namespace

std::string quote_text(std::string_view text) {
  return quote(text, '\'');
}
std::string quote_name(std::string_view name) {
  return quote(name, '`');
}

Scalar make_null(Kind kind) {
  if (kind == Kind::kString) return make_string("");
  Scalar out = literal(kind, fmt::format("CAST(NULL AS {})", table::engine_type(kind)), std::monostate{});
  out.nullable = true;
  return out;
}

Scalar make_bool(bool value) {
  return literal(Kind::kBool, value ? "true" : "false", value);
}

Scalar make_int(std::int32_t value) {
  return literal(Kind::kInt, fmt::format("toInt32({})", value), static_cast<std::int64_t>(value));
}

Scalar make_long(std::int64_t value) {
  // The smallest long is no literal of the engine: it reads the digits before the sign.
  const bool is_min = value == std::numeric_limits<std::int64_t>::min();
  return literal(Kind::kLong, is_min ? fmt::format("toInt64('{}')", value) : fmt::format("toInt64({})", value), value);
}

Scalar make_real(double value) {
  std::string sql;
  if (std::isnan(value)) {
    sql = "toFloat64(nan)";
  } else if (std::isinf(value)) {
    sql = value > 0 ? "toFloat64(inf)" : "toFloat64(-inf)";
  } else {
    // With a fraction: the engine reads -0 as a whole number and loses the sign.
    std::string digits = fmt::format("{}", value);
    if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
    sql = fmt::format("toFloat64({})", digits);
  }
  return literal(Kind::kReal, std::move(sql), value);
}

Scalar make_string(std::string_view value) {
  return literal(Kind::kString, quote_text(value), std::string(value));
}

Scalar make_datetime(DateTime value) {
  if (value.ticks < 0 || value.ticks > kMaxTicks) return make_null(Kind::kDateTime);
  std::string text = format_iso(value);
  text[10] = ' ';
  text.pop_back();
  return literal(Kind::kDateTime, fmt::format("toDateTime64('{}', 7, 'UTC')", text), value.ticks);
}

Scalar make_timespan(Timespan value) {
  Scalar out = make_long(value.ticks);
  out.kind = Kind::kTimespan;
  return out;
}

Scalar make_decimal(std::string_view text) {
  return literal(Kind::kDecimal, fmt::format("toDecimal256OrNull({}, 18)", quote_text(text)), std::string(text));
}

Scalar make_guid(std::string_view text) {
  return literal(Kind::kGuid, fmt::format("toUUIDOrNull({})", quote_text(text)), std::string(text));
}

Scalar make_dynamic(std::string_view json_text) {
  return literal(Kind::kDynamic, fmt::format("toNullable({})", quote_text(json_text)), std::string(json_text));
}

Scalar make_column(Kind kind, std::string sql, std::string name) {
  Scalar out;
  out.kind = kind;
  out.sql = std::move(sql);
  out.nullable = kind != Kind::kString;
  out.name_hint = std::move(name);
  return out;
}

}  // namespace garrison::kql
