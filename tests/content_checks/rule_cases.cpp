// SPDX-License-Identifier: Apache-2.0
// Runs the positive and the negative case of every shipped rule: garrison_rule_cases [RULE...]. All rows lie in one
// workspace, each case in a window of its own.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "detect/rule_runner.h"
#include "rule_case.h"
#include "rule_folder.h"
#include "rule_lab.h"

namespace garrison::lab {
namespace {

// Windows of at most 14 days, so that no case sees the rows of another.
constexpr Timespan kBetweenCases{20 * kTicksPerDay};
const DateTime kFirstEnd{kUnixEpochTicks + 9'000 * kTicksPerDay + 12 * kTicksPerHour};

struct Trial {
  const ShippedRule* rule;
  bool must_alert;
  DateTime end;
};

Result<int> run(const std::vector<std::string>& wanted) {
  SystemDisk disk;
  const std::string folder = GARRISON_SOURCE_DIR "/content/rules";
  GARRISON_ASSIGN(const std::vector<ShippedRule> rules, read_rules(disk, folder));
  GARRISON_ASSIGN(const std::unique_ptr<RuleLab> lab, RuleLab::open(GARRISON_SOURCE_DIR));
  const WorkspaceId workspace("cases");
  int num_failed = 0;
  std::vector<Trial> trials;
  std::map<std::string, std::string> rows;  // by table
  for (const ShippedRule& rule : rules) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), rule.slug) == wanted.end()) continue;
    const DateTime positive_end = kFirstEnd + Timespan{kBetweenCases.ticks * static_cast<std::int64_t>(trials.size())};
    const DateTime negative_end = positive_end + kBetweenCases;
    GARRISON_ASSIGN(const std::string yaml, disk.read_file(folder + "/cases/" + rule.slug + ".yaml"));
    const auto parsed = parse_rule_case(yaml, positive_end, negative_end);
    if (!parsed.ok()) {
      fmt::print("cases/{}.yaml: {}\n", rule.slug, parsed.error().to_string());
      ++num_failed;
      continue;
    }
    trials.push_back({&rule, true, positive_end});
    trials.push_back({&rule, false, negative_end});
    for (const auto* side : {&parsed->positive, &parsed->negative})
      for (const CaseRows& table : *side) rows[table.table] += table.json;
  }
  for (auto& [table, json] : rows) {
    GARRISON_ASSIGN(const LoadReport report, lab->load(workspace, "json", table, std::move(json)));
    if (report.num_rejected == 0) continue;
    fmt::print("{}: {} rows refused: {}\n", table, report.num_rejected, report.first_reject);
    ++num_failed;
  }
  int num_passed = 0;
  for (const Trial& trial : trials) {
    const auto outcome =
        detect::run_rule(*lab, workspace, trial.rule->rule, detect::window_of(trial.rule->rule, trial.end), trial.end);
    std::string problem;
    if (!outcome.ok())
      problem = outcome.error().to_string();
    else if (trial.must_alert && outcome->alerts.empty())
      problem = "the positive case raises no alert";
    else if (!trial.must_alert && !outcome->alerts.empty())
      problem = fmt::format("the negative case raises '{}'", outcome->alerts.front().display_name);
    else if (trial.must_alert && outcome->alerts.front().entities.empty())
      problem = "the alert names no entity";
    if (problem.empty()) {
      ++num_passed;
      continue;
    }
    ++num_failed;
    fmt::print("{}: {}\n", trial.rule->slug, problem);
  }
  fmt::print("{} passed, {} failed\n", num_passed, num_failed);
  return num_failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace garrison::lab

int main(int argc, char** argv) {
  using garrison::lab::RuleLab;
  if (const std::string reason = RuleLab::why_not(); !reason.empty()) {
    std::printf("skipped: %s\n", reason.c_str());
    return 77;
  }
  const auto result = garrison::lab::run(std::vector<std::string>(argv + 1, argv + argc));
  if (result.ok()) return *result;
  std::printf("%s\n", result.error().to_string().c_str());
  return 2;
}
