// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

// Array(Nullable(Float64)) of a series; a number stands for a series of that number of any length.
struct Operand {
  std::string values;  // empty for a number
  std::string number;
};

Operand operand_of(LoweringContext& context, const Scalar& value) {
  if (value.kind != Kind::kDynamic) return {"", context.bind(float64_sql(value))};
  const std::string raw = context.bind(fmt::format("ifNull({}, '')", value.sql));
  return {context.bind(fmt::format("if(startsWith({0}, '['), JSONExtract({0}, 'Array(Nullable(Float64))'), "
                                   "[JSONExtract({0}, 'Nullable(Float64)')])",
                                   raw)),
          ""};
}

std::string series_sql(LoweringContext& context, const Scalar& value) {
  return context.bind(fmt::format("JSONExtract(ifNull({}, ''), 'Array(Nullable(Float64))')", value.sql));
}

Scalar series_of(const std::string& values) {
  return computed(Kind::kDynamic, fmt::format("toNullable(toJSONString({}))", values));
}

// Element by element; where one series is shorter the result is null.
Result<Scalar> on_two(LoweringContext& context, Arguments a, std::string_view form) {
  Operand left = operand_of(context, a[0]);
  Operand right = operand_of(context, a[1]);
  if (left.values.empty() && right.values.empty()) return argument_error("one of the two must be a series");
  const std::string x = context.fresh_name("x");
  const std::string y = context.fresh_name("y");
  if (left.values.empty())
    return series_of(
        fmt::format("arrayMap({} -> {}, {})", y, fmt::format(fmt::runtime(form), left.number, y), right.values));
  if (right.values.empty())
    return series_of(
        fmt::format("arrayMap({} -> {}, {})", x, fmt::format(fmt::runtime(form), x, right.number), left.values));
  const std::string size = context.bind(fmt::format("greatest(length({}), length({}))", left.values, right.values));
  return series_of(fmt::format("arrayMap(({0}, {1}) -> {2}, arrayResize({3}, {5}, NULL), arrayResize({4}, {5}, NULL))",
                               x, y, fmt::format(fmt::runtime(form), x, y), left.values, right.values, size));
}

Result<Scalar> on_one(LoweringContext& context, Arguments a, std::string_view form) {
  const std::string x = context.fresh_name("x");
  return series_of(
      fmt::format("arrayMap({} -> {}, {})", x, fmt::format(fmt::runtime(form), x), series_sql(context, a[0])));
}

Result<Scalar> lower_sum(LoweringContext& context, Arguments a) {
  return computed(Kind::kReal, fmt::format("arraySum(v -> ifNull(v, 0), {})", series_sql(context, a[0])));
}

Result<Scalar> lower_product(LoweringContext& context, Arguments a) {
  return computed(Kind::kReal, fmt::format("arrayProduct(v -> ifNull(v, 1), {})", series_sql(context, a[0])));
}

std::string dot(const std::string& left, const std::string& right) {
  return fmt::format(
      "arraySum((v, w) -> ifNull(v * w, 0), arrayResize({0}, least(length({0}), length({1}))), arrayResize({1}, "
      "least(length({0}), length({1}))))",
      left, right);
}

Result<Scalar> lower_dot_product(LoweringContext& context, Arguments a) {
  const Operand left = operand_of(context, a[0]);
  const Operand right = operand_of(context, a[1]);
  if (right.values.empty())
    return computed(Kind::kReal, fmt::format("arraySum(v -> ifNull(v * {}, 0), {})", right.number, left.values));
  if (left.values.empty())
    return computed(Kind::kReal, fmt::format("arraySum(v -> ifNull(v * {}, 0), {})", left.number, right.values));
  return computed(Kind::kReal, dot(left.values, right.values));
}

Result<Scalar> lower_magnitude(LoweringContext& context, Arguments a) {
  return computed(Kind::kReal, fmt::format("sqrt(arraySum(v -> ifNull(v * v, 0), {}))", series_sql(context, a[0])));
}

Result<Scalar> lower_cosine(LoweringContext& context, Arguments a) {
  const std::string left = series_sql(context, a[0]);
  const std::string right = series_sql(context, a[1]);
  return computed(
      Kind::kReal,
      fmt::format("({} / (sqrt(arraySum(v -> ifNull(v * v, 0), {})) * sqrt(arraySum(v -> ifNull(v * v, 0), {}))))",
                  dot(left, right), left, right));
}

Result<Scalar> lower_pearson(LoweringContext& context, Arguments a) {
  const std::string left = series_sql(context, a[0]);
  const std::string right = series_sql(context, a[1]);
  return computed(Kind::kReal, fmt::format("if(length({0}) != length({1}), NULL, arrayReduce('corrStable', arrayMap(v "
                                           "-> ifNull(v, 0), {0}), arrayMap(v -> ifNull(v, 0), {1})))",
                                           left, right));
}

// The texts of the elements stay: whole numbers remain whole.
Result<Scalar> lower_fill_const(LoweringContext& context, Arguments a) {
  const std::string name = context.fresh_name("v");
  const std::string missing = a.size() > 2 ? context.bind(json_element_sql(context, a[2])) : "'null'";
  const std::string fill = context.bind(json_element_sql(context, a[1]));
  return computed(Kind::kDynamic,
                  fmt::format("toNullable({})", array_of_items(fmt::format(
                                                    "arrayMap({0} -> if({0} = {1} or {0} = 'null', {2}, {0}), {3})",
                                                    name, missing, fill, items_sql(a[0])))));
}

Result<Scalar> filled(LoweringContext& context, Arguments a, std::string_view function) {
  const std::string name = context.fresh_name("v");
  const std::string missing = a.size() > 1 ? context.bind(json_element_sql(context, a[1])) : "'null'";
  return computed(
      Kind::kDynamic,
      fmt::format("toNullable({})",
                  array_of_items(fmt::format(
                      "{0}({1} -> {1} != {2} and {1} != 'null', arrayMap({1} -> if({1} = {2}, 'null', {1}), {3}))",
                      function, name, missing, items_sql(a[0])))));
}

struct Named {
  std::string_view signature;
  std::string_view description;
  Example example;
  LowerFunction lower;
};

}  // namespace

const std::vector<Function>& series_functions() {
  static const std::vector<Function> kEntries = [] {
    const Named kNamed[] = {
        {"series_abs(series: dynamic): dynamic",
         "Absolute value of each element.",
         {"print series_abs(dynamic([-1, 2]))", "[[[1, 2]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "abs({})"); }},
        {"series_acos(series: dynamic): dynamic",
         "Angle of each cosine.",
         {"print series_acos(dynamic([1]))", "[[[0]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "acos({})"); }},
        {"series_add(left: dynamic|real, right: dynamic|real): dynamic",
         "Adds two series element by element.",
         {"print series_add(dynamic([1, 2]), dynamic([3, 4]))", "[[[4, 6]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "{} + {}"); }},
        {"series_asin(series: dynamic): dynamic",
         "Angle of each sine.",
         {"print series_asin(dynamic([0]))", "[[[0]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "asin({})"); }},
        {"series_atan(series: dynamic): dynamic",
         "Angle of each tangent.",
         {"print series_atan(dynamic([0]))", "[[[0]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "atan({})"); }},
        {"series_ceiling(series: dynamic): dynamic",
         "Rounds each element up.",
         {"print series_ceiling(dynamic([1.2]))", "[[[2]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "ceil({})"); }},
        {"series_cos(series: dynamic): dynamic",
         "Cosine of each element.",
         {"print series_cos(dynamic([0]))", "[[[1]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "cos({})"); }},
        {"series_cosine_similarity(left: dynamic, right: dynamic): real",
         "Cosine of the angle between two series as vectors.",
         {"print series_cosine_similarity(dynamic([1, 0]), dynamic([2, 0]))", "[[1.0]]"},
         lower_cosine},
        {"series_divide(left: dynamic|real, right: dynamic|real): dynamic",
         "Divides two series element by element.",
         {"print series_divide(dynamic([4]), dynamic([2]))", "[[[2]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "{} / {}"); }},
        {"series_dot_product(left: dynamic|real, right: dynamic|real): real",
         "Sum of the products of two series.",
         {"print series_dot_product(dynamic([1, 2]), dynamic([3, 4]))", "[[11.0]]"},
         lower_dot_product},
        {"series_equals(left: dynamic|real, right: dynamic|real): dynamic",
         "Compares two series element by element: equal.",
         {"print series_equals(dynamic([1, 2]), dynamic([1, 3]))", "[[[true, false]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "toBool({} = {})"); }},
        {"series_exp(series: dynamic): dynamic",
         "Power of e of each element.",
         {"print series_exp(dynamic([0]))", "[[[1]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "exp({})"); }},
        {"series_fill_backward(series: dynamic, missing: any?): dynamic",
         "Fills missing values with the next one.",
         {"print series_fill_backward(dynamic([null, 2]))", "[[[2, 2]]]"},
         [](LoweringContext& c, Arguments a) { return filled(c, a, "arrayReverseFill"); }},
        {"series_fill_const(series: dynamic, value: any, missing: any?): dynamic",
         "Fills missing values with a constant.",
         {"print series_fill_const(dynamic([1, null]), 0)", "[[[1, 0]]]"},
         lower_fill_const},
        {"series_fill_forward(series: dynamic, missing: any?): dynamic",
         "Fills missing values with the one before.",
         {"print series_fill_forward(dynamic([1, null]))", "[[[1, 1]]]"},
         [](LoweringContext& c, Arguments a) { return filled(c, a, "arrayFill"); }},
        {"series_floor(series: dynamic): dynamic",
         "Rounds each element down.",
         {"print series_floor(dynamic([1.8]))", "[[[1]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "floor({})"); }},
        {"series_greater(left: dynamic|real, right: dynamic|real): dynamic",
         "Compares two series element by element: greater.",
         {"print series_greater(dynamic([1, 2]), 1)", "[[[false, true]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "toBool({} > {})"); }},
        {"series_greater_equals(left: dynamic|real, right: dynamic|real): dynamic",
         "Compares two series element by element: greater or equal.",
         {"print series_greater_equals(dynamic([1, 2]), 2)", "[[[false, true]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "toBool({} >= {})"); }},
        {"series_less(left: dynamic|real, right: dynamic|real): dynamic",
         "Compares two series element by element: less.",
         {"print series_less(dynamic([1, 2]), 2)", "[[[true, false]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "toBool({} < {})"); }},
        {"series_less_equals(left: dynamic|real, right: dynamic|real): dynamic",
         "Compares two series element by element: less or equal.",
         {"print series_less_equals(dynamic([1, 3]), 2)", "[[[true, false]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "toBool({} <= {})"); }},
        {"series_log(series: dynamic): dynamic",
         "Natural logarithm of each element.",
         {"print series_log(dynamic([1]))", "[[[0]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "log({})"); }},
        {"series_magnitude(series: dynamic): real",
         "Length of a series as a vector.",
         {"print series_magnitude(dynamic([3, 4]))", "[[5.0]]"},
         lower_magnitude},
        {"series_multiply(left: dynamic|real, right: dynamic|real): dynamic",
         "Multiplies two series element by element.",
         {"print series_multiply(dynamic([1, 2]), 3)", "[[[3, 6]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "{} * {}"); }},
        {"series_not_equals(left: dynamic|real, right: dynamic|real): dynamic",
         "Compares two series element by element: not equal.",
         {"print series_not_equals(dynamic([1, 2]), 2)", "[[[true, false]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "toBool({} != {})"); }},
        {"series_pearson_correlation(left: dynamic, right: dynamic): real",
         "Correlation of two series.",
         {"print series_pearson_correlation(dynamic([1, 2, 3]), dynamic([2, 4, 6]))", "[[1.0]]"},
         lower_pearson},
        {"series_pow(left: dynamic|real, right: dynamic|real): dynamic",
         "Powers of two series element by element.",
         {"print series_pow(dynamic([2, 3]), 2)", "[[[4, 9]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "pow({}, {})"); }},
        {"series_product(series: dynamic): real",
         "Product of all elements.",
         {"print series_product(dynamic([2, 3]))", "[[6.0]]"},
         lower_product},
        {"series_sign(series: dynamic): dynamic",
         "Sign of each element.",
         {"print series_sign(dynamic([-5, 5]))", "[[[-1, 1]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "sign({})"); }},
        {"series_sin(series: dynamic): dynamic",
         "Sine of each element.",
         {"print series_sin(dynamic([0]))", "[[[0]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "sin({})"); }},
        {"series_subtract(left: dynamic|real, right: dynamic|real): dynamic",
         "Subtracts two series element by element.",
         {"print series_subtract(dynamic([5, 6]), dynamic([1, 2]))", "[[[4, 4]]]"},
         [](LoweringContext& c, Arguments a) { return on_two(c, a, "{} - {}"); }},
        {"series_sum(series: dynamic): real",
         "Sum of all elements.",
         {"print series_sum(dynamic([1, 2]))", "[[3.0]]"},
         lower_sum},
        {"series_tan(series: dynamic): dynamic",
         "Tangent of each element.",
         {"print series_tan(dynamic([0]))", "[[[0]]]"},
         [](LoweringContext& c, Arguments a) { return on_one(c, a, "tan({})"); }},
    };
    std::vector<Function> entries;
    for (const Named& named : kNamed)
      entries.push_back(function_entry(named.signature, named.description, named.example, named.lower));
    return entries;
  }();
  return kEntries;
}

}  // namespace garrison::kql
