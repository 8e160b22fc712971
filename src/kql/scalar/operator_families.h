// SPDX-License-Identifier: Apache-2.0
// The binary operators by family, behind lower_binary. Internal to the scalar folder.
#pragma once

#include <string>

#include "kql/scalar/fragments.h"
#include "kql/scalar/operators.h"

namespace garrison::kql {

// + - * / %
Result<Scalar> lower_arithmetic(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right);
// == != < <= > >= =~ !~
Result<Scalar> lower_comparison(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right);
// has, contains, startswith, endswith and their kin, matches regex.
Result<Scalar> lower_text_match(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right);
// The text a string operator works on; the text index of a stored column is kept.
Result<Scalar> as_text(LoweringContext& context, const Scalar& value);
// Brings two values of different kinds to one that they can be compared in.
Result<std::pair<Scalar, Scalar>> to_common_kind(LoweringContext& context, const Scalar& left, const Scalar& right);
std::string_view spelling(BinaryOperator op);

}  // namespace garrison::kql
