// SPDX-License-Identifier: Apache-2.0
// A compilation for people: the lowered tree, stages and SQL, for `garrison query --explain`.
#pragma once

#include <string>

#include "kql/compile.h"

namespace garrison::kql {

std::string explain(const Compilation& compilation);

}  // namespace garrison::kql
