// SPDX-License-Identifier: Apache-2.0
// One kind for several values, as iff, case, coalesce and array literals need it. One compilation, one thread.
#pragma once

#include <string>
#include <vector>

#include "kql/scalar/fragments.h"

namespace garrison::kql {

struct Branches {
  Kind kind = Kind::kString;
  std::vector<std::string> sql;  // each of exactly the engine type of the kind
};

// Integers widen to long and real, anything meets dynamic in dynamic, null takes every kind. KQL-0203 otherwise.
Result<Branches> unify(LoweringContext& context, std::string_view function, Arguments values);

}  // namespace garrison::kql
