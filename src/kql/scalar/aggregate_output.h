// SPDX-License-Identifier: Apache-2.0
// Names and shapes of aggregate results. Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kql/scalar/fragments.h"
#include "kql/scalar/registry.h"

namespace garrison::kql {

// sum_x for a plain column x, sum_ for anything else.
std::string aggregate_name(std::string_view prefix, const Scalar& argument);
// The one output column of most aggregates.
std::vector<AggregateOutput> single_output(std::string name, Kind kind, std::string sql);
// SQL of the last argument as a condition (0/1) for the -If forms.
Result<std::string> aggregate_condition(LoweringContext& context, const Scalar& predicate);

}  // namespace garrison::kql
