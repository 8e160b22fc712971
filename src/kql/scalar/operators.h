// SPDX-License-Identifier: Apache-2.0
// Literals, operators, member access and casts on scalars. Semantics: three-valued logic, wrapping long arithmetic,
// terms, text index. One compilation, one thread.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "kql/scalar/lowering_context.h"
#include "kql/scalar/scalar.h"

namespace garrison::kql {

enum class UnaryOperator { kMinus, kPlus };
enum class BinaryOperator {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kEqualIgnoreCase,
  kNotEqualIgnoreCase,  // =~ !~
  kHas,
  kNotHas,
  kHasCs,
  kNotHasCs,
  kHasPrefix,
  kNotHasPrefix,
  kHasPrefixCs,
  kNotHasPrefixCs,
  kHasSuffix,
  kNotHasSuffix,
  kHasSuffixCs,
  kNotHasSuffixCs,
  kContains,
  kNotContains,
  kContainsCs,
  kNotContainsCs,
  kStartsWith,
  kNotStartsWith,
  kStartsWithCs,
  kNotStartsWithCs,
  kEndsWith,
  kNotEndsWith,
  kEndsWithCs,
  kNotEndsWithCs,
  kMatchesRegex,
  kAnd,
  kOr,
};
enum class ListOperator { kIn, kNotIn, kInIgnoreCase, kNotInIgnoreCase, kHasAny, kHasAll };

Scalar make_null(Kind kind);
Scalar make_bool(bool value);
Scalar make_int(std::int32_t value);
Scalar make_long(std::int64_t value);
Scalar make_real(double value);
Scalar make_string(std::string_view value);
Scalar make_datetime(DateTime value);
Scalar make_timespan(Timespan value);
Scalar make_decimal(std::string_view text);
Scalar make_guid(std::string_view text);
Scalar make_dynamic(std::string_view json_text);

// The stored or computed column with that SQL (already qualified, t.`name`).
Scalar make_column(Kind kind, std::string sql, std::string name);

Result<Scalar> lower_unary(LoweringContext& context, UnaryOperator op, const Scalar& operand);
Result<Scalar> lower_binary(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right);
// A chain of and/or of any length.
Result<Scalar> lower_logical(LoweringContext& context, BinaryOperator op, std::span<const Scalar> operands);
Result<Scalar> lower_list(LoweringContext& context, ListOperator op, const Scalar& left, std::span<const Scalar> list);
// `left in (subquery)`: the subquery is SQL of one column of the kind.
Result<Scalar> lower_in_subquery(LoweringContext& context, ListOperator op, const Scalar& left, Kind kind,
                                 std::string_view subquery);
enum class BetweenOperator { kBetween, kNotBetween };
// low .. high; high may be a timespan where left is a datetime.
Result<Scalar> lower_between(LoweringContext& context, BetweenOperator op, const Scalar& left, const Scalar& low,
                             const Scalar& high);
// d.name, d["name"]; on a non-dynamic target an error.
Result<Scalar> lower_member(LoweringContext& context, const Scalar& target, std::string_view name);
Result<Scalar> lower_element(LoweringContext& context, const Scalar& target, const Scalar& index);

// tostring(), tolong() ...: explicit cast with KQL's rules; a failed conversion gives null.
Result<Scalar> cast_to(LoweringContext& context, const Scalar& value, Kind kind);
// SQL of the value in exactly the engine type of the kind (for UNION branches, result columns, if branches).
std::string exact_sql(const Scalar& value);
// SQL of a predicate as a plain 0/1 where null counts as false.
std::string condition_sql(const Scalar& predicate);
// 'text' quoted and escaped for the engine; the only way text enters SQL.
std::string quote_text(std::string_view text);
// `name` quoted and escaped.
std::string quote_name(std::string_view name);

}  // namespace garrison::kql
