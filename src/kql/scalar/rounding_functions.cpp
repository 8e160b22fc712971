// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

bool is_time(Kind kind) {
  return kind == Kind::kDateTime || kind == Kind::kTimespan;
}

// Rounds down to a multiple of the size, counted from `origin` (empty: from zero, for datetimes from year 1).
Result<Scalar> bin_from(LoweringContext& context, const Scalar& value, const Scalar& size, const Scalar* origin) {
  if (is_time(value.kind) != (size.kind == Kind::kTimespan) &&
      !(value.kind == Kind::kTimespan && is_integer(size.kind))) {
    if (!(value.kind == Kind::kDateTime && is_number(size.kind))) return operand_error("bin", value.kind, size.kind);
  }
  if (value.kind == Kind::kReal || value.kind == Kind::kDecimal || size.kind == Kind::kReal ||
      size.kind == Kind::kDecimal) {
    const std::string step = context.bind(float64_sql(size));
    std::string sql;
    if (origin != nullptr) {
      const std::string start = context.bind(float64_sql(*origin));
      sql = fmt::format("(floor(({0} - {2}) / {1}) * {1} + {2})", float64_sql(value), step, start);
    } else {
      sql = fmt::format("(floor({0} / {1}) * {1})", float64_sql(value), step);
    }
    return computed(Kind::kReal, fmt::format("if({} > 0, {}, NULL)", step, sql));
  }
  const std::string number = context.bind(int64_sql(value));
  const std::string step = int64_sql(size);
  const std::string shifted =
      origin != nullptr ? fmt::format("{} - {}", number, context.bind(int64_sql(*origin))) : number;
  const auto fixed_step = constant_integer(size);
  if (fixed_step && *fixed_step <= 0) return make_null(value.kind);
  const std::string modulo = fixed_step ? "positiveModulo" : "positiveModuloOrNull";
  const std::string ticks = fmt::format("({} - toInt64({}({}, {})))", number, modulo, shifted, step);
  if (value.kind == Kind::kDateTime) {
    return computed(Kind::kDateTime, origin == nullptr ? datetime_of_valid(ticks) : datetime_of(context, ticks));
  }
  return computed(value.kind == Kind::kTimespan ? Kind::kTimespan : Kind::kLong, ticks);
}

Result<Scalar> lower_bin(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Scalar out, bin_from(context, a[0], a[1], nullptr));
  out.name_hint = a[0].name_hint;
  return out;
}

Result<Scalar> lower_bin_at(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Scalar out, bin_from(context, a[0], a[1], &a[2]));
  out.name_hint = a[0].name_hint;
  return out;
}

Result<Scalar> lower_ceiling(LoweringContext&, Arguments a) {
  if (is_integer(a[0].kind)) return computed(Kind::kLong, int64_sql(a[0]));
  return computed(Kind::kReal, fmt::format("ceil({})", float64_sql(a[0])));
}

// Half goes away from zero; the engine's round goes to even.
Result<Scalar> lower_round(LoweringContext& context, Arguments a) {
  if (is_integer(a[0].kind) && a.size() == 1) return computed(Kind::kReal, float64_sql(a[0]));
  const std::string value = context.bind(float64_sql(a[0]));
  if (a.size() == 1) {
    return computed(Kind::kReal, fmt::format("(sign({0}) * floor(abs({0}) + 0.5))", value));
  }
  const std::string scale = context.bind(fmt::format("exp10({})", float64_sql(a[1])));
  return computed(Kind::kReal, fmt::format("(sign({0}) * floor(abs({0}) * {1} + 0.5) / {1})", value, scale));
}

}  // namespace

const std::vector<Function>& rounding_functions() {
  static const std::vector<Function> kEntries = {
      function_entry("bin(value: real|datetime|timespan, size: real|timespan): the type of the value",
                     "Rounds down to a multiple of the size.", {"print bin(-5, 2)", "[[-6]]"}, lower_bin),
      function_entry("bin_at(value: real|datetime|timespan, size: real|timespan, origin: real|datetime|timespan): the "
                     "type of the value",
                     "Rounds down to a multiple of the size counted from a fixed point.",
                     {"print bin_at(13, 10, 11)", "[[11]]"}, lower_bin_at),
      function_entry("ceiling(value: real): real", "Rounds up to a whole number.", {"print ceiling(1.1)", "[[2.0]]"},
                     lower_ceiling),
      function_entry("floor(value: real|datetime|timespan, size: real|timespan): the type of the value",
                     "Another spelling of bin().", {"print floor(11, 4)", "[[8]]"}, lower_bin),
      function_entry("round(value: real, digits: long?): real",
                     "Rounds to a number of decimal digits, halves away from zero.",
                     {"print round(2.675, 1)", "[[2.7]]"}, lower_round),
  };
  return kEntries;
}

}  // namespace garrison::kql
