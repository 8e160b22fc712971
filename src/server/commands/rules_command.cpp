// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <thread>

#include "base/disk.h"
#include "base/text.h"
#include "detect/rule_yaml.h"
#include "server/commands/all.h"
#include "server/rule_check.h"

namespace garrison::server {
namespace {

struct RulesOptions {
  TargetOptions target;
  std::vector<std::string> files;
  std::string rule;
  std::string timespan;
  bool disabled = false;
};

// Files as they are, folders by their .yaml and .yml files, sorted.
std::vector<std::string> rule_files(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      out.push_back(path);
      continue;
    }
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      const auto ending = entry.path().extension();
      if (entry.is_regular_file() && (ending == ".yaml" || ending == ".yml")) out.push_back(entry.path().string());
    }
    std::sort(out.begin() + first, out.end());
  }
  return out;
}

// Without a server: format, and the query against the built-in tables.
int check(const RulesOptions& options) {
  SystemDisk disk;
  RuleCheck checker(disk, content_folder());
  std::size_t num_wrong = 0;
  const auto files = rule_files(options.files);
  for (const std::string& file : files) {
    const auto text = disk.read_file(file, 4 << 20);
    if (!text.ok()) {
      fmt::print("{}\n", text::escape_control(text.error().to_string()));
      ++num_wrong;
      continue;
    }
    const auto problems = checker.check(*text);
    for (const detect::RuleProblem& problem : problems) {
      fmt::print("{}:{}:{}: {}: {}\n", file, problem.position.line, problem.position.column, problem.code, text::escape_control(problem.message));
    }
    num_wrong += problems.empty() ? 0 : 1;
  }
  fmt::print("{} rules checked, {} with problems\n", files.size(), num_wrong);
  return num_wrong == 0 ? 0 : 2;
}

int add(const RulesOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  SystemDisk disk;
  int code = 0;
  for (const std::string& file : rule_files(options.files)) {
    const auto text = disk.read_file(file, 4 << 20);
    if (!text.ok()) {
      code = report(text.error());
      continue;
    }
    const auto rule = detect::parse_rule(*text);
    if (!rule.ok()) {
      fmt::print(stderr, "{}: {}\n", file, text::escape_control(rule.error().to_string()));
      code = 2;
      continue;
    }
    const json::object body{{"yaml", *text}, {"enabled", !options.disabled}};
    auto answer = (*client)->call("PUT", options.target.path("/rules/" + encode_component(rule->id.value)), json::print(body));
    if (!answer.ok()) {
      fmt::print(stderr, "{}: {}\n", file, text::escape_control(answer.error().to_string()));
      code = 2;
      continue;
    }
    fmt::print("{} {}\n", options.disabled ? "saved" : "enabled", text::escape_control(rule->name));
  }
  return code;
}

int list(const RulesOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  auto answer = (*client)->get(options.target.path("/rules?limit=1000"));
  if (!answer.ok()) return report(answer.error());
  for (const json::value& rule : json::find(*answer, "items")->get_array()) {
    const json::value& health = *json::find(rule, "health");
    fmt::print("{}  {:<13} {:<12} {:>6}  {}\n", json::string_at(rule, "id").value_or(""), json::string_at(rule, "severity").value_or(""),
               json::string_at(health, "state").value_or(""), json::integer_at(rule, "alertsLastWeek").value_or(0),
               text::escape_control(json::string_at(rule, "displayName").value_or("")));
  }
  return 0;
}

// Runs one rule, or every enabled one, over its period or over every slot of the timespan, and waits.
int run(const RulesOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  std::vector<std::string> ids;
  if (!options.rule.empty()) {
    ids.push_back(options.rule);
  } else {
    auto answer = (*client)->get(options.target.path("/rules?limit=1000&enabled=true"));
    if (!answer.ok()) return report(answer.error());
    for (const json::value& rule : json::find(*answer, "items")->get_array()) ids.push_back(json::string_at(rule, "id").value_or(""));
  }
  json::object body;
  if (!options.timespan.empty()) body["timespan"] = options.timespan;
  std::vector<std::string> jobs;
  for (const std::string& id : ids) {
    auto job = (*client)->post(options.target.path("/rules/" + encode_component(id) + "/run"), body);
    if (!job.ok()) return report(job.error());
    jobs.push_back(json::string_at(*job, "id").value_or(""));
  }
  std::size_t num_failed = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    for (;;) {
      auto job = (*client)->get("/api/jobs/" + encode_component(jobs[i]));
      if (!job.ok()) return report(job.error());
      const std::string state = json::string_at(*job, "state").value_or("");
      if (state == "Succeeded") break;
      if (state == "Failed" || state == "Cancelled") {
        fmt::print(stderr, "{}: {}\n", ids[i], text::escape_control(json::string_at(*job, "message").value_or(state)));
        ++num_failed;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (isatty(fileno(stderr)) != 0) fmt::print(stderr, "\rran {} of {} rules ", i + 1, jobs.size());
  }
  if (isatty(fileno(stderr)) != 0) fmt::print(stderr, "\n");
  fmt::print("{} rules run, {} failed\n", jobs.size(), num_failed);
  return num_failed == 0 ? 0 : 1;
}

}  // namespace

void add_rules_command(CommandRegistry& registry) {
  CLI::App* command = registry.app.add_subcommand("rules", "Check, add, list and run analytics rules");
  command->require_subcommand(1);
  const auto options = std::make_shared<RulesOptions>();
  const auto sub = [&](const char* name, const char* about, int (*function)(const RulesOptions&)) {
    CLI::App* added = command->add_subcommand(name, about);
    added->callback([&registry, options, function] { registry.chosen = [options, function] { return function(*options); }; });
    return added;
  };
  sub("check", "Check rule files without a server; exit code 2 when one has a problem", check)
      ->add_option("files", options->files, "Rule files or folders")->required()->check(CLI::ExistingPath);
  CLI::App* adding = sub("add", "Save rules in a workspace and switch them on", add);
  options->target.add_to(*adding);
  adding->add_option("files", options->files, "Rule files or folders")->required()->check(CLI::ExistingPath);
  adding->add_flag("--disabled", options->disabled, "Save without switching on");
  options->target.add_to(*sub("list", "List the rules of a workspace with their health", list));
  CLI::App* running = sub("run", "Run a rule, or all enabled ones, now", run);
  options->target.add_to(*running);
  running->add_option("rule", options->rule, "Id of the rule; all enabled ones without it");
  running->add_option("--timespan", options->timespan, "Run every slot of this time, e.g. P1D; without it once over the rule's period");
}

}  // namespace garrison::server
