// SPDX-License-Identifier: Apache-2.0
// Reads and checks a rule in the Sentinel YAML format. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "detect/rule.h"

namespace garrison::detect {

inline constexpr std::size_t kMaxRuleBytes = 200'000;
inline constexpr std::size_t kMaxQueryCharacters = 10'000;

// What is wrong with a rule, with its place in the YAML text.
struct RuleProblem {
  std::string code;  // RULE-00xx
  std::string path;  // "entityMappings[0].fieldMappings[1].identifier"
  std::string message;
  Position position;
};

struct RuleReading {
  Rule rule;                          // whole only when there are no problems
  std::vector<RuleProblem> problems;  // every one, in text order
  Position query_position;            // first line of the query text, for positions of KQL errors
  std::uint32_t query_indent = 0;     // columns that YAML took away from each line of the query
};

// Never fails: what cannot be read is a problem.
RuleReading read_rule(std::string_view yaml);
// The first problem as an error, for callers that want all or nothing.
Result<Rule> parse_rule(std::string_view yaml);
// "1h", "14d", "PT5M" or "00:05:00".
std::optional<Timespan> parse_rule_duration(std::string_view text);

}  // namespace garrison::detect
