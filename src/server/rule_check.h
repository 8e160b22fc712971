// SPDX-License-Identifier: Apache-2.0
// Checks rule files without a server: their format, and their query against the built-in tables. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/disk.h"
#include "detect/rule_yaml.h"
#include "table/catalogue.h"

namespace garrison::server {

class RuleCheck {
 public:
  RuleCheck(Disk& disk, const std::string& content_folder);
  // Every problem, with its place in the YAML text. A table or function that is not built in is no problem here: the
  // rule would wait for it.
  std::vector<detect::RuleProblem> check(const std::string& yaml) const;

 private:
  Result<std::unique_ptr<table::BuiltInTables>> tables_;
};

// The place in the rule's text of a place in its query.
Position place_in_rule(const detect::RuleReading& reading, Position in_query);

}  // namespace garrison::server
