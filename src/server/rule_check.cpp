// SPDX-License-Identifier: Apache-2.0
#include "server/rule_check.h"

#include "base/clock.h"
#include "kql/compile.h"
#include "server/built_in_catalogue.h"

namespace garrison::server {
namespace {

bool waits(const kql::Diagnostic& diagnostic) {
  return diagnostic.code == kql::kUnknownTable || diagnostic.code == kql::kUnknownFunction;
}

}  // namespace

RuleCheck::RuleCheck(Disk& disk, const std::string& content_folder)
    : tables_(table::BuiltInTables::open(disk, content_folder + "/tables")) {}

std::vector<detect::RuleProblem> RuleCheck::check(const std::string& yaml) const {
  detect::RuleReading reading = detect::read_rule(yaml);
  if (reading.rule.query.empty()) return reading.problems;
  if (!tables_.ok()) {
    reading.problems.push_back({tables_.error().code, "", tables_.error().message, {1, 1}});
    return reading.problems;
  }
  const BuiltInCatalogue catalogue(**tables_);
  kql::CompileOptions options;
  options.now = SystemClock().now();
  options.check_only = true;
  const kql::Compilation compilation = kql::compile(reading.rule.query, catalogue, options);
  for (const kql::Diagnostic& diagnostic : compilation.diagnostics) {
    if (waits(diagnostic)) continue;
    reading.problems.push_back({diagnostic.code, "query", diagnostic.message, place_in_rule(reading, diagnostic.position)});
  }
  return reading.problems;
}

Position place_in_rule(const detect::RuleReading& reading, Position in_query) {
  return {reading.query_position.line + in_query.line - 1, reading.query_indent + in_query.column};
}

}  // namespace garrison::server
