// SPDX-License-Identifier: Apache-2.0
// Dynamic literals taken apart at compile time. Stateless.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kql/scalar/scalar.h"

namespace garrison::kql {

// The elements of a constant dynamic array as scalars of their own kinds; none when the value is no such array.
std::optional<std::vector<Scalar>> constant_elements(const Scalar& value);
// A JSON scalar as a KQL literal; arrays and bags stay dynamic.
Scalar scalar_of_json(std::string_view json_text);

}  // namespace garrison::kql
