// SPDX-License-Identifier: Apache-2.0
// Term search: `has` and its kin on terms (maximal runs of letters and digits), served by the text index where the
// column has one. One compilation, one thread.
#pragma once

#include <span>
#include <string>

#include "kql/scalar/lowering_context.h"
#include "kql/scalar/scalar.h"

namespace garrison::kql {

enum class Case { kIgnored, kMatters };

// Predicate SQL (0/1): the text holds the needle as whole terms. Both are strings.
std::string has_term_sql(LoweringContext& context, const Scalar& text, const Scalar& needle, Case letters);
// Predicate SQL: the text holds at least one of the needles.
std::string has_any_term_sql(LoweringContext& context, const Scalar& text, std::span<const Scalar> needles);

}  // namespace garrison::kql
