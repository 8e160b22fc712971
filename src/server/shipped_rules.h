// SPDX-License-Identifier: Apache-2.0
// Installs the rules of content/rules in a workspace: new ones are switched on, changed ones are replaced unless a
// person has edited them. Safe to call again at every start.
#pragma once

#include <string>

#include "base/disk.h"
#include "detect/rule_service.h"

namespace garrison::server {

struct InstallReport {
  std::size_t num_installed = 0;
  std::size_t num_unchanged = 0;
};
Result<InstallReport> install_rules(Disk& disk, const std::string& folder, detect::RuleService& rules, const WorkspaceId& workspace);

}  // namespace garrison::server
