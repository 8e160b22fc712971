// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/fragments.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "kql/scalar/operators.h"

namespace garrison::kql {

Scalar computed(Kind kind, std::string sql) {
  Scalar out;
  out.kind = kind;
  out.sql = std::move(sql);
  out.nullable = kind != Kind::kString;
  return out;
}

Scalar total(Kind kind, std::string sql) {
  Scalar out = computed(kind, std::move(sql));
  out.nullable = false;
  return out;
}

bool is_integer(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kLong;
}
bool is_number(Kind kind) {
  return is_integer(kind) || kind == Kind::kReal || kind == Kind::kDecimal;
}

std::optional<std::int64_t> constant_integer(const Scalar& value) {
  if (!value.constant) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&*value.constant)) return *integer;
  if (const auto* flag = std::get_if<bool>(&*value.constant)) return *flag ? 1 : 0;
  return std::nullopt;
}

std::optional<double> constant_real(const Scalar& value) {
  if (!value.constant) return std::nullopt;
  if (const auto* real = std::get_if<double>(&*value.constant)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&*value.constant)) return static_cast<double>(*integer);
  return std::nullopt;
}

std::optional<std::string> constant_text(const Scalar& value) {
  if (!value.constant) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&*value.constant)) return *text;
  return std::nullopt;
}

bool is_constant_null(const Scalar& value) {
  return value.constant && std::holds_alternative<std::monostate>(*value.constant);
}

std::string int64_sql(const Scalar& value) {
  switch (value.kind) {
    case Kind::kLong:
    case Kind::kTimespan:
      return value.sql;
    case Kind::kInt:
      if (const auto constant = constant_integer(value)) return make_long(*constant).sql;
      return fmt::format("toInt64({})", value.sql);
    case Kind::kDateTime:
      if (const auto constant = constant_integer(value)) return make_long(*constant).sql;
      return ticks_of(value.sql);
    default:
      return fmt::format("toInt64({})", value.sql);
  }
}

std::string float64_sql(const Scalar& value) {
  if (value.kind == Kind::kReal) return value.sql;
  if (is_integer(value.kind)) {
    if (const auto constant = constant_real(value)) return make_real(*constant).sql;
  }
  return fmt::format("toFloat64({})", value.sql);
}

std::string decimal_sql(const Scalar& value) {
  if (value.kind == Kind::kDecimal) return value.sql;
  if (value.kind == Kind::kReal) return fmt::format("toDecimal256OrNull(toString({}), 18)", value.sql);
  return fmt::format("toDecimal256({}, 18)", value.sql);
}

std::string ticks_of(std::string_view datetime_sql) {
  return fmt::format("(reinterpretAsInt64({}) + {})", datetime_sql, kUnixEpochTicks);
}

std::string datetime_of_valid(std::string_view ticks_sql) {
  return fmt::format("reinterpret(toInt64({} - {}), 'DateTime64(7,\\'UTC\\')')", ticks_sql, kUnixEpochTicks);
}

std::string datetime_of(LoweringContext& context, const std::string& ticks_sql) {
  const std::string ticks = context.bind(ticks_sql);
  return fmt::format("if({0} < 0 or {0} > {1}, NULL, {2})", ticks, kMaxTicks, datetime_of_valid(ticks));
}

std::string json_sql(LoweringContext& context, const Scalar& value) {
  switch (value.kind) {
    case Kind::kDynamic:
      return value.sql;
    case Kind::kString:
      return fmt::format("toNullable(toJSONString({}))", value.sql);
    case Kind::kBool:
      return fmt::format("toNullable(if(isNull({0}), NULL, if({0}, 'true', 'false')))", context.bind(value.sql));
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kDecimal:
      return fmt::format("toNullable(toString({}))", value.sql);
    case Kind::kReal: {
      const std::string real = context.bind(value.sql);
      return fmt::format(
          "multiIf(isNaN({0}), '\"NaN\"', isInfinite({0}), if({0} > 0, '\"Infinity\"', '\"-Infinity\"'), "
          "match(toString({0}), '^-?[0-9]+$'), concat(toString({0}), '.0'), toString({0}))",
          real);
    }
    case Kind::kDateTime:
      return fmt::format("concat('\"', replaceOne(toString({}), ' ', 'T'), 'Z\"')", value.sql);
    case Kind::kTimespan: {
      auto text = cast_to(context, value, Kind::kString);
      return fmt::format("if(isNull({}), NULL, concat('\"', {}, '\"'))", context.bind(value.sql),
                         text.ok() ? text->sql : "''");
    }
    case Kind::kGuid:
      return fmt::format("concat('\"', toString({}), '\"')", value.sql);
  }
  return value.sql;
}

std::string json_element_sql(LoweringContext& context, const Scalar& value) {
  if (value.kind == Kind::kString) return fmt::format("toJSONString({})", value.sql);
  return fmt::format("ifNull({}, 'null')", json_sql(context, value));
}

std::string items_sql(const Scalar& dynamic) {
  return fmt::format("JSONExtractArrayRaw(ifNull({}, ''))", dynamic.sql);
}

std::string array_of_items(std::string_view items_sql) {
  return fmt::format("concat('[', arrayStringConcat({}, ','), ']')", items_sql);
}

std::string element_text(const std::string& element_sql) {
  return fmt::format("if(startsWith({0}, '\"'), JSONExtractString({0}), {0})", element_sql);
}

std::string element_real(const std::string& element_sql) {
  return fmt::format("if(startsWith({0}, '\"'), NULL, toFloat64OrNull({0}))", element_sql);
}

std::string is_array_sql(std::string_view json_sql) {
  return fmt::format("startsWith(ifNull({}, ''), '[')", json_sql);
}
std::string is_bag_sql(std::string_view json_sql) {
  return fmt::format("startsWith(ifNull({}, ''), '{{')", json_sql);
}

std::string lower_sql(const Scalar& text) {
  return fmt::format("lowerUTF8({})", text.sql);
}

Result<std::string> checked_regex(std::string_view pattern) {
  std::string text = "(?-s)";
  text += pattern;
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 compiled(text, options);
  if (!compiled.ok()) {
    return bad_input("KQL-0205", fmt::format("the regular expression cannot be read: {} in {}", compiled.error(),
                                             compiled.error_arg()));
  }
  return text;
}

Result<std::string> regex_sql(const Scalar& pattern) {
  if (const auto text = constant_text(pattern)) {
    GARRISON_ASSIGN(auto checked, checked_regex(*text));
    return quote_text(checked);
  }
  return fmt::format("concat('(?-s)', {})", pattern.sql);
}

std::string quote_regex(std::string_view text) {
  return RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

std::string call(std::string_view name, std::initializer_list<std::string> arguments) {
  std::string out(name);
  out += '(';
  bool is_first = true;
  for (const auto& argument : arguments) {
    if (!is_first) out += ", ";
    is_first = false;
    out += argument;
  }
  out += ')';
  return out;
}

Error operand_error(std::string_view what, Kind left, Kind right) {
  return bad_input("KQL-0201", fmt::format("{} cannot be applied to {} and {}; convert one of them", what,
                                           table::to_string(left), table::to_string(right)));
}

Error argument_error(std::string_view message) {
  return bad_input("KQL-0206", std::string(message));
}

}  // namespace garrison::kql
