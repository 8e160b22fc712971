// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/operator_families.h"
#include "table/text_index.h"

namespace garrison::kql {
namespace {

bool is_equality(BinaryOperator op) {
  return op == BinaryOperator::kEqual || op == BinaryOperator::kNotEqual;
}
bool ignores_case(BinaryOperator op) {
  return op == BinaryOperator::kEqualIgnoreCase || op == BinaryOperator::kNotEqualIgnoreCase;
}

std::string_view symbol(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kEqual:
      return "=";
    case BinaryOperator::kNotEqual:
      return "!=";
    case BinaryOperator::kLess:
      return "<";
    case BinaryOperator::kLessOrEqual:
      return "<=";
    case BinaryOperator::kGreater:
      return ">";
    default:
      return ">=";
  }
}

BinaryOperator mirrored(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kLess:
      return BinaryOperator::kGreater;
    case BinaryOperator::kLessOrEqual:
      return BinaryOperator::kGreaterOrEqual;
    case BinaryOperator::kGreater:
      return BinaryOperator::kLess;
    case BinaryOperator::kGreaterOrEqual:
      return BinaryOperator::kLessOrEqual;
    default:
      return op;
  }
}

// == and != are total as soon as one side is never null.
Scalar equality(LoweringContext& context, bool negated, const Scalar& left, const Scalar& right,
                const std::string& equal) {
  if (!left.nullable && !right.nullable) {
    return total(Kind::kBool, negated ? fmt::format("(not {})", equal) : equal);
  }
  if (left.nullable && right.nullable) {
    const std::string other = fmt::format("if(isNull({}) and isNull({}), NULL, {})", context.bind(left.sql),
                                          context.bind(right.sql), negated ? "true" : "false");
    return computed(Kind::kBool, fmt::format("ifNull({}, {})", negated ? fmt::format("not {}", equal) : equal, other));
  }
  return total(Kind::kBool, fmt::format("{}ifNull({}, false)", negated ? "not " : "", equal));
}

Scalar wrapped(Scalar value) {
  value.sql = "(" + value.sql + ")";
  return value;
}

std::string folded_index_literal(const std::string& text) {
  return table::text_index_expression(quote_text(text));
}

Scalar text_equality(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right) {
  const bool negated = op == BinaryOperator::kNotEqual || op == BinaryOperator::kNotEqualIgnoreCase;
  const bool fold = ignores_case(op);
  std::string equal =
      fold ? fmt::format("{} = {}", lower_sql(left), lower_sql(right)) : fmt::format("{} = {}", left.sql, right.sql);
  // The index holds the folded text; the literal is folded by the same expression, computed once. The comparison itself
  // stands in front: where the index skips nothing, only its rows are folded.
  const Scalar* column = left.text_indexed ? &left : right.text_indexed ? &right : nullptr;
  const Scalar& literal = column == &left ? right : left;
  const auto text = constant_text(literal);
  if (column != nullptr && text && !text->empty() && !negated) {
    equal =
        fmt::format("{} and {} = {}", equal, table::text_index_expression(column->sql), folded_index_literal(*text));
  }
  return equality(context, negated, left, right, fmt::format("({})", equal));
}

}  // namespace

Result<std::pair<Scalar, Scalar>> to_common_kind(LoweringContext& context, const Scalar& left, const Scalar& right) {
  if (left.kind == right.kind && left.kind != Kind::kDynamic) return std::pair(left, right);
  const auto pair_of = [&](Kind kind) -> Result<std::pair<Scalar, Scalar>> {
    GARRISON_ASSIGN(Scalar a, cast_to(context, left, kind));
    GARRISON_ASSIGN(Scalar b, cast_to(context, right, kind));
    return std::pair(std::move(a), std::move(b));
  };
  if (left.kind == Kind::kDynamic || right.kind == Kind::kDynamic) {
    const Kind other = left.kind == Kind::kDynamic ? right.kind : left.kind;
    if (other == Kind::kDynamic) return pair_of(Kind::kString);
    if (is_integer(other)) {
      GARRISON_ASSIGN(auto both, pair_of(Kind::kReal));
      return both;
    }
    return pair_of(other);
  }
  if (is_number(left.kind) && is_number(right.kind)) {
    if (left.kind == Kind::kReal || right.kind == Kind::kReal) {
      if (left.kind == Kind::kDecimal || right.kind == Kind::kDecimal) return pair_of(Kind::kReal);
      return std::pair(left, right);
    }
    if (left.kind == Kind::kDecimal || right.kind == Kind::kDecimal) return pair_of(Kind::kDecimal);
    return std::pair(left, right);
  }
  const auto either = [&](Kind a, Kind b) {
    return (left.kind == a && right.kind == b) || (left.kind == b && right.kind == a);
  };
  if (either(Kind::kDateTime, Kind::kString)) return pair_of(Kind::kDateTime);
  if (either(Kind::kTimespan, Kind::kString)) return pair_of(Kind::kTimespan);
  if (either(Kind::kGuid, Kind::kString)) return pair_of(Kind::kString);
  if ((left.kind == Kind::kBool && is_integer(right.kind)) || (right.kind == Kind::kBool && is_integer(left.kind))) {
    return pair_of(Kind::kLong);
  }
  return operand_error("a comparison", left.kind, right.kind);
}

Result<Scalar> lower_comparison(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right) {
  if (ignores_case(op)) {
    GARRISON_ASSIGN(Scalar a, as_text(context, left));
    GARRISON_ASSIGN(Scalar b, as_text(context, right));
    return wrapped(text_equality(context, op, a, b));
  }
  if (left.constant && !right.constant && (left.kind == Kind::kDateTime || right.shift)) {
    return lower_comparison(context, mirrored(op), right, left);
  }
  // column + span against a fixed time: move the span, so that the bare column can use its key.
  const auto moved_to = left.shift ? constant_integer(right) : std::nullopt;
  if (left.shift && moved_to && right.kind == Kind::kDateTime && !is_equality(op)) {
    const std::int64_t target = *moved_to - left.shift->ticks;
    if (target >= 0 && target <= kMaxTicks) {
      Scalar base = computed(Kind::kDateTime, left.shift->base_sql);
      base.name_hint = left.name_hint;
      return lower_comparison(context, op, base, make_datetime({target}));
    }
  }
  GARRISON_ASSIGN(auto both, to_common_kind(context, left, right));
  const auto& [a, b] = both;
  if (a.kind == Kind::kString) {
    if (is_equality(op)) return wrapped(text_equality(context, op, a, b));
    return total(Kind::kBool, fmt::format("({} {} {})", a.sql, symbol(op), b.sql));
  }
  if (is_equality(op)) {
    return wrapped(equality(context, op == BinaryOperator::kNotEqual, a, b, fmt::format("{} = {}", a.sql, b.sql)));
  }
  Scalar out = computed(Kind::kBool, fmt::format("({} {} {})", a.sql, symbol(op), b.sql));
  out.nullable = a.nullable || b.nullable;
  return out;
}

}  // namespace garrison::kql
