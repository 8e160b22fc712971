// SPDX-License-Identifier: Apache-2.0
// Binary operators of expressions, and the comparisons that are turned round so that a time filter reaches the scan.
#include "kql/bind/expression_binder.h"

namespace garrison::kql {
namespace {

std::optional<BinaryOperator> scalar_operator(syntax::BinaryOperator op) {
  using S = syntax::BinaryOperator;
  using B = BinaryOperator;
  switch (op) {
    case S::kAdd: return B::kAdd;
    case S::kSubtract: return B::kSubtract;
    case S::kMultiply: return B::kMultiply;
    case S::kDivide: return B::kDivide;
    case S::kModulo: return B::kModulo;
    case S::kLess: return B::kLess;
    case S::kGreater: return B::kGreater;
    case S::kLessOrEqual: return B::kLessOrEqual;
    case S::kGreaterOrEqual: return B::kGreaterOrEqual;
    case S::kEqual: return B::kEqual;
    case S::kNotEqual: return B::kNotEqual;
    case S::kEqualTilde: return B::kEqualIgnoreCase;
    case S::kNotEqualTilde: return B::kNotEqualIgnoreCase;
    case S::kHas: return B::kHas;
    case S::kNotHas: return B::kNotHas;
    case S::kHasCs: return B::kHasCs;
    case S::kNotHasCs: return B::kNotHasCs;
    case S::kHasPrefix: return B::kHasPrefix;
    case S::kNotHasPrefix: return B::kNotHasPrefix;
    case S::kHasPrefixCs: return B::kHasPrefixCs;
    case S::kNotHasPrefixCs: return B::kNotHasPrefixCs;
    case S::kHasSuffix: return B::kHasSuffix;
    case S::kNotHasSuffix: return B::kNotHasSuffix;
    case S::kHasSuffixCs: return B::kHasSuffixCs;
    case S::kNotHasSuffixCs: return B::kNotHasSuffixCs;
    case S::kContains: return B::kContains;
    case S::kNotContains: return B::kNotContains;
    case S::kContainsCs: return B::kContainsCs;
    case S::kNotContainsCs: return B::kNotContainsCs;
    case S::kStartsWith: return B::kStartsWith;
    case S::kNotStartsWith: return B::kNotStartsWith;
    case S::kStartsWithCs: return B::kStartsWithCs;
    case S::kNotStartsWithCs: return B::kNotStartsWithCs;
    case S::kEndsWith: return B::kEndsWith;
    case S::kNotEndsWith: return B::kNotEndsWith;
    case S::kEndsWithCs: return B::kEndsWithCs;
    case S::kNotEndsWithCs: return B::kNotEndsWithCs;
    case S::kMatchesRegex: return B::kMatchesRegex;
    case S::kColon: return B::kHas;
    case S::kLike:
    case S::kNotLike:
    case S::kLikeCs:
    case S::kNotLikeCs: break;
  }
  return std::nullopt;
}

bool is_comparison(BinaryOperator op) {
  return op == BinaryOperator::kEqual || op == BinaryOperator::kLess || op == BinaryOperator::kLessOrEqual ||
         op == BinaryOperator::kGreater || op == BinaryOperator::kGreaterOrEqual;
}

// Kinds that a text beside them is read as.
bool reads_text(Kind kind) {
  return kind == Kind::kBool || kind == Kind::kInt || kind == Kind::kLong || kind == Kind::kReal || kind == Kind::kDecimal;
}

// Value of a constant time or span in ticks.
std::optional<std::int64_t> ticks_of(const Scalar& value) {
  if (value.kind != Kind::kDateTime && value.kind != Kind::kTimespan) return std::nullopt;
  if (!value.constant) return std::nullopt;
  if (const auto* ticks = std::get_if<std::int64_t>(&*value.constant)) return *ticks;
  return std::nullopt;
}

bool is_valid(std::int64_t ticks) { return ticks >= 0 && ticks <= kMaxTicks; }

}  // namespace

// `T - 1h > c` becomes `T > c + 1h`, and `bin(T, 1h) == c` a half-open range: arithmetic on the column would hide the
// sort key from the engine. Only for constants, and only where nothing leaves the years 1 to 9999.
static std::optional<Result<Scalar>> turn_round(ExpressionBinder& context, const syntax::Expression& left,
                                                BinaryOperator op, const syntax::Expression& right) {
  if (!is_comparison(op)) return std::nullopt;
  const auto* sum = left.as<syntax::Binary>();
  const auto* call = left.as<syntax::Call>();
  const syntax::Expression* column = nullptr;
  const syntax::Expression* amount = nullptr;
  std::int64_t sign = 0;
  if (sum != nullptr && (sum->op == syntax::BinaryOperator::kAdd || sum->op == syntax::BinaryOperator::kSubtract)) {
    column = sum->left.get();
    amount = sum->right.get();
    sign = sum->op == syntax::BinaryOperator::kAdd ? -1 : 1;
  } else if (call != nullptr && call->function.text == "bin" && call->arguments.size() == 2) {
    column = call->arguments[0].get();
    amount = call->arguments[1].get();
  } else {
    return std::nullopt;
  }
  const auto* name = column->as<syntax::NameRef>();
  if (name == nullptr || context.relation() == nullptr) return std::nullopt;
  const Column* found = context.relation()->find(name->name.text);
  if (found == nullptr || found->kind != Kind::kDateTime) return std::nullopt;
  const auto amount_value = context.scalar(*amount);
  const auto right_value = context.scalar(right);
  if (!amount_value.ok() || !right_value.ok()) return std::nullopt;
  const auto span = amount_value->kind == Kind::kTimespan ? ticks_of(*amount_value) : std::nullopt;
  const auto bound = right_value->kind == Kind::kDateTime ? ticks_of(*right_value) : std::nullopt;
  if (!span || !bound || *span < -kMaxTicks || *span > kMaxTicks) return std::nullopt;
  const Scalar value = to_scalar(*found);
  if (sign != 0) {
    const std::int64_t moved = *bound + sign * *span;
    if (!is_valid(moved) || *span < 0) return std::nullopt;
    return lower_binary(context, op, value, make_datetime(DateTime{moved}));
  }
  if (*span <= 0) return std::nullopt;
  const std::int64_t floor = *bound - *bound % *span;
  const auto at_least = [&](std::int64_t ticks) {
    return lower_binary(context, BinaryOperator::kGreaterOrEqual, value, make_datetime(DateTime{ticks}));
  };
  const auto below = [&](std::int64_t ticks) {
    return lower_binary(context, BinaryOperator::kLess, value, make_datetime(DateTime{ticks}));
  };
  if (!is_valid(floor + *span)) return std::nullopt;
  switch (op) {
    case BinaryOperator::kGreaterOrEqual: return at_least(floor == *bound ? floor : floor + *span);
    case BinaryOperator::kGreater: return at_least(floor + *span);
    case BinaryOperator::kLess: return below(floor == *bound ? floor : floor + *span);
    case BinaryOperator::kLessOrEqual: return below(floor + *span);
    case BinaryOperator::kEqual: {
      if (floor != *bound) return std::nullopt;
      auto low = at_least(floor);
      auto high = below(floor + *span);
      if (!low.ok() || !high.ok()) return std::nullopt;
      const Scalar terms[] = {*low, *high};
      return lower_logical(context, BinaryOperator::kAnd, terms);
    }
    default: return std::nullopt;
  }
}

Result<Scalar> ExpressionBinder::binary(const syntax::Expression& expression, const syntax::Binary& binary) {
  const auto op = scalar_operator(binary.op);
  if (!op) return binder_.not_supported(binary.op_span, syntax::to_string(binary.op));
  if (binary.left->is<syntax::Star>() && relation_ != nullptr) {
    GARRISON_ASSIGN(Scalar right, scalar(*binary.right));
    return star_predicate(expression, *op, right);
  }
  if (auto turned = turn_round(*this, *binary.left, *op, *binary.right)) return std::move(*turned);
  GARRISON_ASSIGN(Scalar left, scalar(*binary.left));
  GARRISON_ASSIGN(Scalar right, scalar(*binary.right));
  if (binary.op == syntax::BinaryOperator::kColon && left.kind != Kind::kString) {
    GARRISON_ASSIGN(left, cast_to(*this, left, Kind::kString));
  }
  // A text beside a number or bool is read as one: `ResultType == 0`, `EventID == "4624"`.
  if (is_comparison(*op) || *op == BinaryOperator::kNotEqual) {
    if (left.kind == Kind::kString && reads_text(right.kind)) {
      GARRISON_ASSIGN(left, cast_to(*this, left, right.kind));
    } else if (right.kind == Kind::kString && reads_text(left.kind)) {
      GARRISON_ASSIGN(right, cast_to(*this, right, left.kind));
    }
  }
  return lower_binary(*this, *op, left, right);
}

}  // namespace garrison::kql
