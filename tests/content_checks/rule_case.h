// SPDX-License-Identifier: Apache-2.0
// A rule's cases: rows that must alert and rows that must not. Format: docs/rules.md. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ticks.h"

namespace garrison::lab {

struct CaseRows {
  std::string table;
  std::string json;  // lines
};

struct RuleCase {
  std::vector<CaseRows> positive;
  std::vector<CaseRows> negative;
};

// The two windows end at these times. CASE-0001 (kBadInput) with the line.
Result<RuleCase> parse_rule_case(std::string_view yaml, DateTime positive_end, DateTime negative_end);

}  // namespace garrison::lab
