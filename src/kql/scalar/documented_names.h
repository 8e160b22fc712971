// SPDX-License-Identifier: Apache-2.0
// Names of the scalar functions and aggregates that KQL documents, so that a missing one is told from a misspelt one.
// Some are lowered by the binder itself (column_ifexists, materialize, toscalar ...). Immutable; any thread may call.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace garrison::kql {

bool is_documented_function(std::string_view name);
std::span<const std::string_view> documented_functions();  // sorted
// Documented names without an entry in the registry, sorted.
std::vector<std::string_view> unsupported_functions();

}  // namespace garrison::kql
