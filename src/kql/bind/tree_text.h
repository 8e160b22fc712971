// SPDX-License-Identifier: Apache-2.0
// The lowered tree as indented lines, for explain. Stateless.
#pragma once

#include <string>

#include "kql/bind/plan_node.h"

namespace garrison::kql {

std::string tree_text(const Node& root);

}  // namespace garrison::kql
