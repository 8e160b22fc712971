// SPDX-License-Identifier: Apache-2.0
// How many public data sets of recorded attacks the shipped rules find by their technique. Each data set is loaded into
// a workspace of its own and every rule runs once over its time:
//   garrison_mordor            all data sets; writes docs/detection-on-mordor.md
//   garrison_mordor --check    all data sets; fails when one is not found that the document says is
//   garrison_mordor --quick    the same for some twenty of them
//   garrison_mordor TEXT...    the data sets whose file name has one of the texts; shows every rule that alerts
// The data sets are read from GARRISON_CORPUS (default: ../shared/corpus beside the sources), folder mordor.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "detect/rule_runner.h"
#include "net/compression.h"
#include "rule_folder.h"
#include "rule_lab.h"

namespace garrison::lab {
namespace {

constexpr std::string_view kDocument = GARRISON_SOURCE_DIR "/docs/detection-on-mordor.md";
constexpr std::string_view kNotes = GARRISON_SOURCE_DIR "/tests/content_checks/mordor-not-found.txt";

constexpr int kNumThreads = 3;
constexpr std::int64_t kMaxQuickEvents = 9'000;

struct DataSet {
  std::string file;  // below the folder
  std::string name;  // of the file, without what follows "__"
  std::string title;
  std::string id;
  std::int64_t num_events = 0;
  std::vector<std::string> techniques;
};

struct Outcome {
  std::vector<std::string> alerting;  // slugs of all rules that alerted
  std::vector<std::string> finding;   // of those with the data set's technique
  std::string failure;
};

std::string corpus_folder() {
  const char* folder = std::getenv("GARRISON_CORPUS");
  return std::string(folder != nullptr ? folder : GARRISON_SOURCE_DIR "/../shared/corpus") + "/mordor";
}

Result<std::vector<DataSet>> read_index(Disk& disk, const std::string& folder) {
  GARRISON_ASSIGN(const std::string text, disk.read_file(folder + "/index.ndjson"));
  std::vector<DataSet> sets;
  for (const std::string_view line : text::split(text, '\n')) {
    if (text::trim(line).empty()) continue;
    GARRISON_ASSIGN(const json::value entry, json::parse(line));
    DataSet set;
    set.file = json::string_at(entry, "file").value_or("");
    const std::string name = std::filesystem::path(set.file).filename().string();
    set.name = name.substr(0, name.find("__"));
    set.title = json::string_at(entry, "title").value_or(set.name);
    set.id = json::string_at(entry, "id").value_or("");
    set.num_events = json::integer_at(entry, "events").value_or(0);
    if (const json::value* attack = json::find(entry, "attack"); attack != nullptr && attack->is_array()) {
      for (const json::value& label : attack->as_array()) {
        std::string technique = json::string_at(label, "technique").value_or("");
        if (const auto sub = json::string_at(label, "sub")) technique += "." + *sub;
        if (std::find(set.techniques.begin(), set.techniques.end(), technique) == set.techniques.end())
          set.techniques.push_back(technique);
      }
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

Result<std::string> unpack(const std::string& packed) {
  std::string text;
  const auto reader = net::Decompressor::create(net::Encoding::kZstd, {.max_bytes = 1u << 30, .max_ratio = 100'000});
  GARRISON_TRY(reader->write(packed, [&](std::string_view piece) -> Result<void> {
    text += piece;
    return {};
  }));
  GARRISON_TRY(reader->finish());
  return text;
}

// A rule without rows in any of its tables alerts never (all triggers are "more than").
bool reads_anything(const RuleLab& lab, const WorkspaceId& workspace, const detect::Rule& rule) {
  return std::any_of(rule.connectors.begin(), rule.connectors.end(),
                     [&](const auto& connector) { return lab.has_any(workspace, connector.second); });
}

Result<Outcome> examine(RuleLab& lab, Disk& disk, const std::string& folder, const DataSet& set,
                        const std::vector<ShippedRule>& rules, const WorkspaceId& workspace) {
  Outcome outcome;
  if (set.num_events == 0) return outcome;
  GARRISON_ASSIGN(const std::string packed, disk.read_file(folder + "/" + set.file));
  GARRISON_ASSIGN(std::string text, unpack(packed));
  // Rows of Defender name no table; they are of this one.
  const bool is_defender = set.name.find("Defender") != std::string::npos;
  GARRISON_ASSIGN(const LoadReport report, lab.load(workspace, is_defender ? "json" : "",
                                                    is_defender ? "DeviceEvents" : "Lab_CL", std::move(text)));
  if (report.num_rejected > 0)
    outcome.failure =
        fmt::format("{} of {} events refused: {}", report.num_rejected, report.num_records, report.first_reject);
  const auto span = lab.span(workspace);
  if (!span.ok()) return outcome;
  for (const ShippedRule& rule : rules) {
    if (!reads_anything(lab, workspace, rule.rule)) continue;
    const auto alerts = detect::run_rule(lab, workspace, rule.rule, *span, span->end);
    if (!alerts.ok()) {
      outcome.failure = fmt::format("{}: {}", rule.slug, alerts.error().to_string());
      continue;
    }
    if (alerts->alerts.empty()) continue;
    outcome.alerting.push_back(rule.slug);
    const bool is_found = std::any_of(set.techniques.begin(), set.techniques.end(), [&](const std::string& wanted) {
      return std::any_of(rule.rule.techniques.begin(), rule.rule.techniques.end(),
                         [&](const std::string& has) { return is_related(wanted, has); });
    });
    if (is_found) outcome.finding.push_back(rule.slug);
  }
  return outcome;
}

// "name: why", a line each.
std::map<std::string, std::string> read_notes(Disk& disk) {
  std::map<std::string, std::string> notes;
  const auto text = disk.read_file(std::string(kNotes));
  if (!text.ok()) return notes;
  for (const std::string_view line : text::split(*text, '\n')) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos && !line.starts_with('#'))
      notes[std::string(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return notes;
}

std::string why_not_found(const DataSet& set, const std::map<std::string, std::string>& notes) {
  if (set.num_events == 0) return "the archive holds no events";
  if (set.techniques.empty()) return "the data set names no technique";
  const auto note = notes.find(set.name);
  return note == notes.end() ? "no rule for what it shows" : note->second;
}

// How the row of a data set begins.
std::string row_start(const DataSet& set) {
  return fmt::format("| {} ({}) | {} | ", set.title, set.name, set.id);
}

std::string render(const std::vector<DataSet>& sets, const std::vector<Outcome>& outcomes,
                   const std::vector<ShippedRule>& rules, std::size_t num_found,
                   const std::map<std::string, std::string>& notes) {
  std::string out = fmt::format(
      "# Detection on recorded attacks\n\n"
      "The public data sets of the Security Datasets project (\"mordor\") are recordings of attacks with their ATT&CK "
      "techniques. "
      "`garrison_mordor` loads each with the format `windows-events` (or `aws-cloudtrail`) into an empty workspace, "
      "runs all {} shipped "
      "rules once over its time, and calls it found when an alert has a technique of the data set, its parent or a "
      "sub-technique. "
      "This page is written by that program; the test `mordor` fails when a data set is found no more.\n\n"
      "**Found: {} of {}.** {} archives hold no events, {} more name no technique and cannot be found this way.\n\n"
      "## Data sets\n\n| data set | id | techniques | found by |\n|---|---|---|---|\n",
      rules.size(), num_found, sets.size(),
      std::count_if(sets.begin(), sets.end(), [](const DataSet& s) { return s.num_events == 0; }),
      std::count_if(sets.begin(), sets.end(),
                    [](const DataSet& s) { return s.num_events > 0 && s.techniques.empty(); }));
  std::map<std::string, std::pair<std::size_t, std::size_t>> fires;  // slug: data sets, of those with its technique
  for (std::size_t i = 0; i < sets.size(); ++i) {
    for (const std::string& slug : outcomes[i].alerting) ++fires[slug].first;
    for (const std::string& slug : outcomes[i].finding) ++fires[slug].second;
    const std::string found = outcomes[i].finding.empty() ? "not found: " + why_not_found(sets[i], notes)
                                                          : text::join(outcomes[i].finding, ", ");
    out += fmt::format("{}{} | {} |\n", row_start(sets[i]), text::join(sets[i].techniques, " "), found);
  }
  out +=
      "\n## How often each rule fires\n\nThe data sets carry the background of their machines, and most hold more "
      "steps of an attack than their labels "
      "name. A rule that fires nearly everywhere would be too loose.\n\n| rule | data sets | of these with its "
      "technique |\n|---|---|---|\n";
  for (const ShippedRule& rule : rules) {
    const auto& [all, matching] = fires[rule.slug];
    if (all > 0) out += fmt::format("| {} | {} | {} |\n", rule.slug, all, matching);
  }
  out +=
      "\nThe other rules do not fire: what they look for (sign-ins, mail, cloud, firewalls, Linux) is not in these "
      "data sets.\n";
  return out;
}

// Whether the document says that the data set is found.
bool is_stated(std::string_view document, const DataSet& set) {
  const std::size_t at = document.find(row_start(set));
  if (at == std::string_view::npos) return false;
  return document.substr(at, document.find('\n', at) - at).find("not found: ") == std::string_view::npos;
}

// Prints each data set that the document calls found and that was not; false when there is one.
bool holds(std::string_view document, const std::vector<DataSet>& sets, const std::vector<Outcome>& outcomes) {
  bool all = true;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (!outcomes[i].finding.empty() || !is_stated(document, sets[i])) continue;
    fmt::print("{} was found when docs/detection-on-mordor.md was written\n", sets[i].name);
    all = false;
  }
  return all;
}

Result<int> run(const std::vector<std::string>& arguments) {
  SystemDisk disk;
  const std::string folder = corpus_folder();
  GARRISON_ASSIGN(std::vector<DataSet> sets, read_index(disk, folder));
  GARRISON_ASSIGN(const std::vector<ShippedRule> rules, read_rules(disk, GARRISON_SOURCE_DIR "/content/rules"));
  const bool is_quick = !arguments.empty() && arguments.front() == "--quick";
  const bool is_check = is_quick || (!arguments.empty() && arguments.front() == "--check");
  const bool is_part = !arguments.empty() && !is_check;
  if (is_quick) {
    std::vector<DataSet> some;
    for (std::size_t i = 0; i < sets.size(); i += 4)
      if (sets[i].num_events > 0 && sets[i].num_events < kMaxQuickEvents) some.push_back(sets[i]);
    sets = std::move(some);
  }
  if (is_part) {
    std::erase_if(sets, [&](const DataSet& set) {
      return std::none_of(arguments.begin(), arguments.end(),
                          [&](const std::string& text) { return set.file.find(text) != std::string::npos; });
    });
  }
  GARRISON_ASSIGN(const std::unique_ptr<RuleLab> lab, RuleLab::open(GARRISON_SOURCE_DIR));
  std::vector<Outcome> outcomes(sets.size());
  std::vector<std::optional<Error>> errors(sets.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < sets.size(); i = next++) {
      const WorkspaceId workspace(fmt::format("set{}", i));
      auto outcome = examine(*lab, disk, folder, sets[i], rules, workspace);
      if (outcome.ok())
        outcomes[i] = std::move(*outcome);
      else
        errors[i] = outcome.error();
      fmt::print(stderr, "{}: {}\n", sets[i].name,
                 outcomes[i].finding.empty() ? "not found" : text::join(outcomes[i].finding, ", "));
      if (const auto dropped = lab->drop(workspace); !dropped.ok()) errors[i] = dropped.error();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kNumThreads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (errors[i]) return Error(corrupt(errors[i]->code, fmt::format("{}: {}", sets[i].file, errors[i]->message)));
    if (!outcomes[i].failure.empty()) fmt::print("{}: {}\n", sets[i].name, outcomes[i].failure);
    if (is_part)
      fmt::print("{} [{}]\n  found by: {}\n  all alerts: {}\n", sets[i].name, text::join(sets[i].techniques, " "),
                 text::join(outcomes[i].finding, ", "), text::join(outcomes[i].alerting, ", "));
  }
  const auto num_found = static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return !o.finding.empty(); }));
  fmt::print("{} of {}\n", num_found, sets.size());
  if (is_check) {
    GARRISON_ASSIGN(const std::string document, disk.read_file(std::string(kDocument)));
    return holds(document, sets, outcomes) ? 0 : 1;
  }
  if (!is_part)
    GARRISON_TRY(disk.write_file(std::string(kDocument), render(sets, outcomes, rules, num_found, read_notes(disk))));
  return 0;
}

}  // namespace
}  // namespace garrison::lab

int main(int argc, char** argv) {
  using namespace garrison::lab;
  if (const std::string reason = RuleLab::why_not(); !reason.empty()) {
    std::printf("skipped: %s\n", reason.c_str());
    return 77;
  }
  if (!std::filesystem::exists(corpus_folder() + "/index.ndjson")) {
    std::printf("skipped: %s/index.ndjson is not there; set GARRISON_CORPUS to the unpacked corpus\n",
                corpus_folder().c_str());
    return 77;
  }
  const auto result = run(std::vector<std::string>(argv + 1, argv + argc));
  if (result.ok()) return *result;
  std::printf("%s\n", result.error().to_string().c_str());
  return 2;
}
