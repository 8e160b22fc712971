// SPDX-License-Identifier: Apache-2.0
// The families of the registry, one sorted line each. Immutable after first use; any thread may read.
#pragma once

#include <vector>

#include "kql/scalar/registry.h"

namespace garrison::kql {

using FunctionFamily = const std::vector<Function>& (*)();
using AggregateFamily = const std::vector<Aggregate>& (*)();

const std::vector<Function>& array_functions();
const std::vector<Function>& bag_functions();
const std::vector<Function>& bitwise_functions();
const std::vector<Function>& conditional_functions();
const std::vector<Function>& conversion_functions();
const std::vector<Function>& datetime_functions();
const std::vector<Function>& encoding_functions();
const std::vector<Function>& hash_functions();
const std::vector<Function>& math_functions();
const std::vector<Function>& network_functions();
const std::vector<Function>& parse_functions();
const std::vector<Function>& regex_functions();
const std::vector<Function>& rounding_functions();
const std::vector<Function>& series_functions();
const std::vector<Function>& series_analysis_functions();
const std::vector<Function>& set_functions();
const std::vector<Function>& string_functions();
const std::vector<Function>& window_functions();

const std::vector<Aggregate>& collecting_aggregates();
const std::vector<Aggregate>& counting_aggregates();
const std::vector<Aggregate>& numeric_aggregates();
const std::vector<Aggregate>& picking_aggregates();
const std::vector<Aggregate>& statistical_aggregates();

}  // namespace garrison::kql
