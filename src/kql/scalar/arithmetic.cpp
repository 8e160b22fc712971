// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "kql/scalar/operator_families.h"

namespace garrison::kql {
namespace {

// Kusto's longs wrap; the compiler's signed overflow is undefined, so fold in unsigned.
std::int64_t wrap(BinaryOperator op, std::int64_t left, std::int64_t right) {
  const auto a = static_cast<std::uint64_t>(left);
  const auto b = static_cast<std::uint64_t>(right);
  switch (op) {
    case BinaryOperator::kAdd:
      return static_cast<std::int64_t>(a + b);
    case BinaryOperator::kSubtract:
      return static_cast<std::int64_t>(a - b);
    default:
      return static_cast<std::int64_t>(a * b);
  }
}

std::string_view symbol(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kAdd:
      return "+";
    case BinaryOperator::kSubtract:
      return "-";
    case BinaryOperator::kMultiply:
      return "*";
    case BinaryOperator::kDivide:
      return "/";
    default:
      return "%";
  }
}

bool is_additive(BinaryOperator op) {
  return op == BinaryOperator::kAdd || op == BinaryOperator::kSubtract;
}
bool is_ring(BinaryOperator op) {
  return is_additive(op) || op == BinaryOperator::kMultiply;
}

Scalar on_integers(BinaryOperator op, const Scalar& left, const Scalar& right, Kind result) {
  const auto a = constant_integer(left);
  const auto b = constant_integer(right);
  if (a && b && is_ring(op)) {
    Scalar out = make_long(wrap(op, *a, *b));
    out.kind = result;
    return out;
  }
  if (op == BinaryOperator::kDivide) {
    return computed(result, fmt::format("intDivOrNull({}, {})", int64_sql(left), int64_sql(right)));
  }
  if (op == BinaryOperator::kModulo) {
    return computed(result, fmt::format("toInt64(positiveModuloOrNull({}, {}))", int64_sql(left), int64_sql(right)));
  }
  return computed(result, fmt::format("({} {} {})", int64_sql(left), symbol(op), int64_sql(right)));
}

Scalar on_reals(BinaryOperator op, const Scalar& left, const Scalar& right) {
  const auto a = constant_real(left);
  const auto b = constant_real(right);
  if (a && b) {
    switch (op) {
      case BinaryOperator::kAdd:
        return make_real(*a + *b);
      case BinaryOperator::kSubtract:
        return make_real(*a - *b);
      case BinaryOperator::kMultiply:
        return make_real(*a * *b);
      case BinaryOperator::kDivide:
        return make_real(*a / *b);
      default:
        break;
    }
  }
  if (op == BinaryOperator::kModulo) {
    return computed(Kind::kReal, fmt::format("positiveModuloOrNull({}, {})", float64_sql(left), float64_sql(right)));
  }
  return computed(Kind::kReal, fmt::format("({} {} {})", float64_sql(left), symbol(op), float64_sql(right)));
}

// Products of two Decimal256 of scale 18 have scale 36; multiplyDecimal keeps the scale.
Scalar on_decimals(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right) {
  const std::string a = decimal_sql(left);
  const std::string b = decimal_sql(right);
  switch (op) {
    case BinaryOperator::kMultiply:
      return computed(Kind::kDecimal, fmt::format("toDecimal256({} * {}, 18)", a, b));
    case BinaryOperator::kDivide: {
      const std::string divisor = context.bind(b);
      return computed(Kind::kDecimal, fmt::format("({} / nullIf({}, 0))", a, divisor));
    }
    case BinaryOperator::kModulo: {
      const std::string divisor = context.bind(b);
      return computed(Kind::kDecimal,
                      fmt::format("({0} - floor({0} / nullIf({1}, 0)) * {1})", context.bind(a), divisor));
    }
    default:
      return computed(Kind::kDecimal, fmt::format("({} {} {})", a, symbol(op), b));
  }
}

Result<Scalar> on_times(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right) {
  const bool left_is_date = left.kind == Kind::kDateTime;
  const bool right_is_date = right.kind == Kind::kDateTime;
  const bool left_is_span = left.kind == Kind::kTimespan;
  const bool right_is_span = right.kind == Kind::kTimespan;
  if (left_is_date && right_is_date) {
    if (op != BinaryOperator::kSubtract) return operand_error(spelling(op), left.kind, right.kind);
    return on_integers(op, left, right, Kind::kTimespan);
  }
  if (is_additive(op) &&
      ((left_is_date && right_is_span) || (left_is_span && right_is_date && op == BinaryOperator::kAdd))) {
    const auto a = constant_integer(left);
    const auto b = constant_integer(right);
    if (a && b) return make_datetime({wrap(op, *a, *b)});
    const std::string ticks = fmt::format("({} {} {})", int64_sql(left), symbol(op), int64_sql(right));
    Scalar out = computed(Kind::kDateTime, datetime_of(context, ticks));
    if (left_is_date && b) out.shift = TimeShift{left.sql, op == BinaryOperator::kAdd ? *b : -*b};
    return out;
  }
  if (left_is_span && right_is_span) {
    if (is_additive(op) || op == BinaryOperator::kModulo) return on_integers(op, left, right, Kind::kTimespan);
    if (op == BinaryOperator::kDivide) return on_reals(op, left, right);
    return operand_error(spelling(op), left.kind, right.kind);
  }
  const Scalar& span = left_is_span ? left : right;
  const Scalar& number = left_is_span ? right : left;
  if (span.kind == Kind::kTimespan && is_number(number.kind)) {
    if (op == BinaryOperator::kMultiply) {
      if (is_integer(number.kind)) return on_integers(op, left, right, Kind::kTimespan);
      const auto a = constant_integer(span);
      const auto b = constant_real(number);
      const double product = a && b ? static_cast<double>(*a) * *b : 1e300;
      if (std::abs(product) < 9.2e18) return make_timespan({static_cast<std::int64_t>(std::round(product))});
      return computed(Kind::kTimespan, fmt::format("accurateCastOrNull(round({} * {}), 'Int64')", float64_sql(span),
                                                   float64_sql(number)));
    }
    if (op == BinaryOperator::kDivide && left_is_span) {
      if (is_integer(number.kind)) return on_integers(op, left, right, Kind::kTimespan);
      return computed(Kind::kTimespan, fmt::format("accurateCastOrNull(round({} / {}), 'Int64')", float64_sql(span),
                                                   float64_sql(number)));
    }
  }
  return operand_error(spelling(op), left.kind, right.kind);
}

// A dynamic operand takes the kind the other side asks for.
Result<Scalar> from_dynamic(LoweringContext& context, const Scalar& value, Kind other, BinaryOperator op) {
  Kind kind = other;
  if (other == Kind::kInt) kind = Kind::kLong;
  if (other == Kind::kDateTime) kind = op == BinaryOperator::kSubtract ? Kind::kDateTime : Kind::kTimespan;
  return cast_to(context, value, kind);
}

bool can_calculate(Kind kind) {
  return is_number(kind) || kind == Kind::kDateTime || kind == Kind::kTimespan;
}

}  // namespace

Result<Scalar> lower_arithmetic(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right) {
  if (left.kind == Kind::kDynamic && right.kind == Kind::kDynamic)
    return operand_error(spelling(op), left.kind, right.kind);
  if (left.kind == Kind::kDynamic) {
    GARRISON_ASSIGN(Scalar typed, from_dynamic(context, left, right.kind, op));
    return lower_arithmetic(context, op, typed, right);
  }
  if (right.kind == Kind::kDynamic) {
    GARRISON_ASSIGN(Scalar typed, from_dynamic(context, right, left.kind, op));
    return lower_arithmetic(context, op, left, typed);
  }
  if (!can_calculate(left.kind) || !can_calculate(right.kind))
    return operand_error(spelling(op), left.kind, right.kind);
  if (!is_number(left.kind) || !is_number(right.kind)) return on_times(context, op, left, right);
  if (left.kind == Kind::kReal || right.kind == Kind::kReal) return on_reals(op, left, right);
  if (left.kind == Kind::kDecimal || right.kind == Kind::kDecimal) return on_decimals(context, op, left, right);
  return on_integers(op, left, right, Kind::kLong);
}

Result<Scalar> lower_unary(LoweringContext& context, UnaryOperator op, const Scalar& operand) {
  if (operand.kind == Kind::kDynamic) {
    GARRISON_ASSIGN(Scalar typed, cast_to(context, operand, Kind::kReal));
    return lower_unary(context, op, typed);
  }
  if (!is_number(operand.kind) && operand.kind != Kind::kTimespan) {
    return bad_input("KQL-0201", fmt::format("a sign cannot stand before a {}", table::to_string(operand.kind)));
  }
  if (op == UnaryOperator::kPlus) return operand;
  const Kind kind = operand.kind == Kind::kInt ? Kind::kLong : operand.kind;
  Scalar out;
  if (const auto integer = constant_integer(operand)) {
    out = make_long(wrap(BinaryOperator::kSubtract, 0, *integer));
    out.kind = kind;
  } else if (const auto real = constant_real(operand)) {
    out = make_real(-*real);
  } else if (kind == Kind::kLong || kind == Kind::kTimespan) {
    out = computed(kind, fmt::format("(-{})", int64_sql(operand)));
  } else {
    out = computed(kind, fmt::format("(-{})", operand.sql));
  }
  out.is_aggregate = operand.is_aggregate;
  out.is_row_dependent = operand.is_row_dependent;
  return out;
}

}  // namespace garrison::kql
