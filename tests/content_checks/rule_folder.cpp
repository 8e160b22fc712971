// SPDX-License-Identifier: Apache-2.0
#include "rule_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "detect/rule_yaml.h"

namespace garrison::lab {

Result<std::vector<ShippedRule>> read_rules(Disk& disk, const std::string& folder) {
  std::vector<ShippedRule> rules;
  GARRISON_ASSIGN(const std::vector<std::string> names, disk.list(folder));
  for (const std::string& name : names) {
    if (!name.ends_with(".yaml")) continue;
    GARRISON_ASSIGN(const std::string yaml, disk.read_file(folder + "/" + name));
    auto rule = detect::parse_rule(yaml);
    if (!rule.ok()) return bad_input(rule.error().code, fmt::format("{}: {}", name, rule.error().to_string()));
    rules.push_back({name.substr(0, name.size() - 5), std::move(*rule)});
  }
  std::sort(rules.begin(), rules.end(), [](const ShippedRule& a, const ShippedRule& b) { return a.slug < b.slug; });
  return rules;
}

bool is_related(std::string_view left, std::string_view right) {
  if (left == right) return true;
  if (left.size() > right.size()) std::swap(left, right);
  return right.starts_with(left) && right.size() > left.size() && right[left.size()] == '.';
}

}  // namespace garrison::lab
