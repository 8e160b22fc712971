// SPDX-License-Identifier: Apache-2.0
// The shipped rules. Pure but for the disk.
#pragma once

#include <string>
#include <vector>

#include "base/disk.h"
#include "detect/rule.h"

namespace garrison::lab {

struct ShippedRule {
  std::string slug;  // the file's name without .yaml
  detect::Rule rule;
};

// Sorted by slug; the error names the file.
Result<std::vector<ShippedRule>> read_rules(Disk& disk, const std::string& folder);
// The same technique, or one is the other's parent.
bool is_related(std::string_view left, std::string_view right);

}  // namespace garrison::lab
