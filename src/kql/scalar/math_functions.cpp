// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <numbers>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

Result<Scalar> real_of(Arguments a, std::string_view form) {
  return computed(Kind::kReal, fmt::format(fmt::runtime(form), float64_sql(a[0])));
}

// Null below zero, as the engine answers for logarithms.
Result<Scalar> logarithm(LoweringContext& context, Arguments a, std::string_view function) {
  const std::string value = context.bind(float64_sql(a[0]));
  return computed(Kind::kReal, fmt::format("if({0} < 0, NULL, {1}({0}))", value, function));
}

Result<Scalar> lower_abs(LoweringContext&, Arguments a) {
  if (is_integer(a[0].kind) || a[0].kind == Kind::kTimespan) {
    return computed(a[0].kind == Kind::kTimespan ? Kind::kTimespan : Kind::kLong,
                    fmt::format("reinterpretAsInt64(abs({}))", int64_sql(a[0])));
  }
  return computed(a[0].kind, fmt::format("abs({})", a[0].sql));
}

Result<Scalar> lower_sign(LoweringContext&, Arguments a) {
  const std::string value = float64_sql(a[0]);
  return computed(Kind::kReal, fmt::format("toFloat64(if(isNaN({0}), 0, sign({0})))", value));
}

Result<Scalar> lower_rand(LoweringContext& context, Arguments a) {
  // The engine computes equal calls once; the name makes each its own.
  const std::string tag = quote_text(context.fresh_name("rand"));
  if (a.empty()) return total(Kind::kReal, fmt::format("randCanonical({})", tag));
  const std::string upper = context.bind(int64_sql(a[0]));
  return total(Kind::kLong,
               fmt::format("toInt64(modulo(rand64({}), toUInt64(greatest(1, ifNull({}, 1)))))", tag, upper));
}

Result<Scalar> lower_isnan(LoweringContext&, Arguments a) {
  if (a[0].kind != Kind::kReal) return total(Kind::kBool, "false");
  return total(Kind::kBool, fmt::format("ifNull(isNaN({}), false)", a[0].sql));
}

Result<Scalar> lower_isinf(LoweringContext&, Arguments a) {
  if (a[0].kind != Kind::kReal) return total(Kind::kBool, "false");
  return total(Kind::kBool, fmt::format("ifNull(isInfinite({}), false)", a[0].sql));
}

Result<Scalar> lower_isfinite(LoweringContext&, Arguments a) {
  if (a[0].kind != Kind::kReal) return total(Kind::kBool, fmt::format("isNotNull({})", a[0].sql));
  return total(Kind::kBool, fmt::format("ifNull(isFinite({}), false)", a[0].sql));
}

Function each_row(Function entry) {
  entry.volatility = Volatility::kEachRow;
  return entry;
}

#define GARRISON_REAL_FORM(name, form)                 \
  Result<Scalar> name(LoweringContext&, Arguments a) { \
    return real_of(a, form);                           \
  }

GARRISON_REAL_FORM(lower_acos, "acos({})")
GARRISON_REAL_FORM(lower_asin, "asin({})")
GARRISON_REAL_FORM(lower_atan, "atan({})")
GARRISON_REAL_FORM(lower_cos, "cos({})")
GARRISON_REAL_FORM(lower_cot, "(1 / tan({}))")
GARRISON_REAL_FORM(lower_degrees, "degrees({})")
GARRISON_REAL_FORM(lower_erf, "erf({})")
GARRISON_REAL_FORM(lower_erfc, "erfc({})")
GARRISON_REAL_FORM(lower_exp, "exp({})")
GARRISON_REAL_FORM(lower_exp10, "exp10({})")
GARRISON_REAL_FORM(lower_exp2, "exp2({})")
GARRISON_REAL_FORM(lower_gamma, "tgamma({})")
GARRISON_REAL_FORM(lower_loggamma, "lgamma({})")
GARRISON_REAL_FORM(lower_radians, "radians({})")
GARRISON_REAL_FORM(lower_sin, "sin({})")
GARRISON_REAL_FORM(lower_sqrt, "sqrt({})")
GARRISON_REAL_FORM(lower_tan, "tan({})")

#undef GARRISON_REAL_FORM

}  // namespace

const std::vector<Function>& math_functions() {
  static const std::vector<Function> kEntries = {
      function_entry("abs(value: real|timespan): the type of the value", "Absolute value.", {"print abs(-5)", "[[5]]"},
                     lower_abs),
      function_entry("acos(value: real): real", "Angle of a cosine.", {"print acos(1)", "[[0.0]]"}, lower_acos),
      function_entry("asin(value: real): real", "Angle of a sine.", {"print asin(0)", "[[0.0]]"}, lower_asin),
      function_entry("atan(value: real): real", "Angle of a tangent.", {"print atan(0)", "[[0.0]]"}, lower_atan),
      function_entry("atan2(y: real, x: real): real", "Angle of a point.", {"print atan2(0, 1)", "[[0.0]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return computed(Kind::kReal, fmt::format("atan2({}, {})", float64_sql(a[0]), float64_sql(a[1])));
                     }),
      function_entry("cos(angle: real): real", "Cosine of an angle in radians.", {"print cos(0)", "[[1.0]]"},
                     lower_cos),
      function_entry("cot(angle: real): real", "Cotangent of an angle in radians.",
                     {"print round(cot(1), 3)", "[[0.642]]"}, lower_cot),
      function_entry("degrees(angle: real): real", "Converts radians to degrees.", {"print degrees(pi())", "[[180.0]]"},
                     lower_degrees),
      function_entry("erf(value: real): real", "Error function.", {"print erf(0)", "[[0.0]]"}, lower_erf),
      function_entry("erfc(value: real): real", "Complementary error function.", {"print erfc(0)", "[[1.0]]"},
                     lower_erfc),
      function_entry("exp(value: real): real", "Power of e.", {"print exp(0)", "[[1.0]]"}, lower_exp),
      function_entry("exp10(value: real): real", "Power of 10.", {"print exp10(2)", "[[100.0]]"}, lower_exp10),
      function_entry("exp2(value: real): real", "Power of 2.", {"print exp2(3)", "[[8.0]]"}, lower_exp2),
      function_entry("gamma(value: real): real", "Gamma function.", {"print gamma(5)", "[[24.0]]"}, lower_gamma),
      function_entry("isfinite(value: any): bool", "Tells whether a number is neither infinite nor no number.",
                     {"print isfinite(1.0)", "[[true]]"}, lower_isfinite),
      function_entry("isinf(value: any): bool", "Tells whether a number is infinite.",
                     {"print isinf(1.0 / 0)", "[[true]]"}, lower_isinf),
      function_entry("isnan(value: any): bool", "Tells whether a value is no number.",
                     {"print isnan(0.0 / 0)", "[[true]]"}, lower_isnan),
      function_entry("log(value: real): real", "Natural logarithm.", {"print log(1)", "[[0.0]]"},
                     [](LoweringContext& c, Arguments a) { return logarithm(c, a, "log"); }),
      function_entry("log10(value: real): real", "Logarithm to the base 10.", {"print log10(1000)", "[[3.0]]"},
                     [](LoweringContext& c, Arguments a) { return logarithm(c, a, "log10"); }),
      function_entry("log2(value: real): real", "Logarithm to the base 2.", {"print log2(8)", "[[3.0]]"},
                     [](LoweringContext& c, Arguments a) { return logarithm(c, a, "log2"); }),
      function_entry("loggamma(value: real): real", "Logarithm of the gamma function.",
                     {"print loggamma(1)", "[[0.0]]"}, lower_loggamma),
      each_row(function_entry("new_guid(): guid", "A random guid, another one in each row.",
                              {"print strlen(tostring(new_guid()))", "[[36]]"},
                              [](LoweringContext& c, Arguments) -> Result<Scalar> {
                                return computed(Kind::kGuid, fmt::format("toNullable(generateUUIDv4({}))",
                                                                         quote_text(c.fresh_name("guid"))));
                              })),
      function_entry(
          "pi(): real", "The number pi.", {"print round(pi(), 4)", "[[3.1416]]"},
          [](LoweringContext&, Arguments) -> Result<Scalar> { return make_real(std::numbers::pi); },
          CostClass::kConstant),
      function_entry("pow(base: real, exponent: real): real", "Power of a number.", {"print pow(2, 10)", "[[1024.0]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return computed(Kind::kReal, fmt::format("pow({}, {})", float64_sql(a[0]), float64_sql(a[1])));
                     }),
      function_entry("radians(angle: real): real", "Converts degrees to radians.",
                     {"print round(radians(180), 4)", "[[3.1416]]"}, lower_radians),
      each_row(function_entry("rand(limit: long?): real or long",
                              "A random number from 0 to 1, or a whole one below the limit.",
                              {"print rand() < 1, rand(1)", "[[true, 0]]"}, lower_rand)),
      function_entry("sign(value: real): real", "-1, 0 or 1.", {"print sign(-7)", "[[-1.0]]"}, lower_sign),
      function_entry("sin(angle: real): real", "Sine of an angle in radians.", {"print sin(0)", "[[0.0]]"}, lower_sin),
      function_entry("sqrt(value: real): real", "Square root.", {"print sqrt(9)", "[[3.0]]"}, lower_sqrt),
      function_entry("tan(angle: real): real", "Tangent of an angle in radians.", {"print tan(0)", "[[0.0]]"},
                     lower_tan),
  };
  return kEntries;
}

}  // namespace garrison::kql
