// SPDX-License-Identifier: Apache-2.0
// The demo's attack is found by the shipped rules whatever the seed, and a day without it raises nothing High:
// garrison_demo_rules [SEED...].
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "demo/simulation.h"
#include "detect/rule_runner.h"
#include "rule_folder.h"
#include "rule_lab.h"

namespace garrison::lab {
namespace {

const DateTime kEnd = *parse_iso("2026-03-04T17:40:00Z");

struct Found {
  std::set<std::string> rules;    // ids that alerted
  std::vector<std::string> high;  // what the High ones said
};

// Runs every slot of the day, as the schedule would. A rule that looks at each event by itself gives the same over the
// whole day at once, which is quicker.
Result<Found> run_day(RuleLab& lab, const WorkspaceId& workspace, const std::vector<ShippedRule>& rules) {
  Found found;
  for (const ShippedRule& shipped : rules) {
    const detect::Rule& rule = shipped.rule;
    const bool is_local = rule.period == rule.frequency && rule.query.find("ago(") == std::string::npos;
    std::vector<detect::QueryWindow> windows;
    if (is_local) {
      windows.push_back({kEnd - Timespan{kTicksPerDay}, kEnd});
    } else {
      for (int hour = 23; hour >= 0; --hour)
        windows.push_back(detect::window_of(rule, kEnd - Timespan{hour * kTicksPerHour}));
    }
    for (const detect::QueryWindow& window : windows) {
      GARRISON_ASSIGN(const detect::RuleOutcome outcome, detect::run_rule(lab, workspace, rule, window, window.end));
      for (const entity::Alert& alert : outcome.alerts) {
        found.rules.insert(rule.id.value);
        if (alert.severity == entity::Severity::kHigh)
          found.high.push_back(fmt::format("{}: {}", shipped.slug, alert.display_name));
      }
    }
  }
  return found;
}

Result<void> load_day(RuleLab& lab, const demo::Simulation& simulation, const WorkspaceId& workspace,
                      std::uint64_t seed, demo::Attack attack) {
  return simulation.generate({seed, kEnd, attack}, [&](demo::EventBatch&& batch) -> Result<void> {
    GARRISON_ASSIGN(const LoadReport report, lab.load(workspace, "json", batch.stream, std::move(batch.json)));
    if (report.num_rejected > 0)
      return bad_input("DEMO-0003", fmt::format("{}: {}", batch.stream, report.first_reject));
    return {};
  });
}

Result<int> run(const std::vector<std::uint64_t>& seeds) {
  SystemDisk disk;
  GARRISON_ASSIGN(const std::vector<ShippedRule> rules, read_rules(disk, GARRISON_SOURCE_DIR "/content/rules"));
  GARRISON_ASSIGN(const demo::Simulation simulation, demo::Simulation::open(disk, GARRISON_SOURCE_DIR "/content/demo"));
  GARRISON_ASSIGN(const std::unique_ptr<RuleLab> lab, RuleLab::open(GARRISON_SOURCE_DIR));
  int num_problems = 0;
  if (simulation.expected().empty()) {
    fmt::print("attack.yaml expects no rule\n");
    ++num_problems;
  }
  std::vector<ShippedRule> expected;
  for (const std::string& id : simulation.expected()) {
    const auto rule =
        std::find_if(rules.begin(), rules.end(), [&](const ShippedRule& r) { return r.rule.id.value == id; });
    if (rule != rules.end())
      expected.push_back(*rule);
    else
      ++num_problems, fmt::print("attack.yaml expects the unknown rule {}\n", id);
  }
  for (const std::uint64_t seed : seeds) {
    const WorkspaceId workspace(fmt::format("seed{}", seed));
    GARRISON_TRY(load_day(*lab, simulation, workspace, seed, demo::Attack::kIncluded));
    GARRISON_ASSIGN(const Found found, run_day(*lab, workspace, expected));
    for (const ShippedRule& rule : expected) {
      if (found.rules.count(rule.rule.id.value) > 0) continue;
      fmt::print("seed {}: {} does not find the attack\n", seed, rule.slug);
      ++num_problems;
    }
    GARRISON_TRY(lab->drop(workspace));
  }
  const WorkspaceId quiet("quiet");
  GARRISON_TRY(load_day(*lab, simulation, quiet, 99, demo::Attack::kNone));
  GARRISON_ASSIGN(const Found found, run_day(*lab, quiet, rules));
  for (const std::string& alert : found.high) {
    fmt::print("a day without attack: {}\n", alert);
    ++num_problems;
  }
  fmt::print("{} seeds, {} rules expected, {} rules alert on a quiet day, {} problems\n", seeds.size(), expected.size(),
             found.rules.size(), num_problems);
  return num_problems == 0 ? 0 : 1;
}

}  // namespace
}  // namespace garrison::lab

int main(int argc, char** argv) {
  using garrison::lab::RuleLab;
  if (const std::string reason = RuleLab::why_not(); !reason.empty()) {
    std::printf("skipped: %s\n", reason.c_str());
    return 77;
  }
  std::vector<std::uint64_t> seeds;
  for (int i = 1; i < argc; ++i) seeds.push_back(std::strtoull(argv[i], nullptr, 10));
  if (seeds.empty()) seeds = {2, 3, 4, 5, 6};
  const auto result = garrison::lab::run(seeds);
  if (result.ok()) return *result;
  std::printf("%s\n", result.error().to_string().c_str());
  return 2;
}
