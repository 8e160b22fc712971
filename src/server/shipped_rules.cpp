// SPDX-License-Identifier: Apache-2.0
#include "server/shipped_rules.h"

#include <fmt/format.h>

#include "base/log.h"
#include "detect/rule_yaml.h"

namespace garrison::server {

Result<InstallReport> install_rules(Disk& disk, const std::string& folder, detect::RuleService& rules, const WorkspaceId& workspace) {
  InstallReport report;
  GARRISON_ASSIGN(const auto names, disk.list(folder));
  for (const std::string& name : names) {
    if (!name.ends_with(".yaml")) continue;
    GARRISON_ASSIGN(const std::string yaml, disk.read_file(folder + "/" + name, detect::kMaxRuleBytes));
    auto rule = detect::parse_rule(yaml);
    if (!rule.ok()) return corrupt("CONTENT-0001", fmt::format("{}/{}: {}", folder, name, rule.error().to_string()));
    const auto existing = rules.get(workspace, rule->id);
    if (!existing.ok() && existing.error().kind != ErrorKind::kNotFound) return existing.error();
    const bool keep = existing.ok() && (existing->yaml == yaml || existing->origin == detect::RuleOrigin::kUser);
    if (keep) {
      ++report.num_unchanged;
      continue;
    }
    const bool enabled = !existing.ok() || existing->enabled;
    GARRISON_TRY(rules.save(workspace, yaml, enabled, detect::RuleOrigin::kShipped));
    ++report.num_installed;
  }
  return report;
}

}  // namespace garrison::server
