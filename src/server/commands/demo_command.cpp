// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/disk.h"
#include "base/text.h"
#include "demo/simulation.h"
#include "server/commands/all.h"

namespace garrison::server {
namespace {

struct DemoOptions {
  TargetOptions target;
  std::uint64_t seed = 1;
  bool without_attack = false;
  int wait_seconds = 120;
};

bool is_terminal() { return isatty(fileno(stderr)) != 0; }

// Sends the day through the Logs Ingestion API, then runs every rule over each slot of it.
Result<std::size_t> load(const DemoOptions& options) {
  GARRISON_ASSIGN(const auto client, options.target.connect());
  SystemDisk disk;
  GARRISON_ASSIGN(const auto simulation, demo::Simulation::open(disk, content_folder() + "/demo"));
  std::size_t num_events = 0;
  demo::GenerateOptions day;
  day.seed = options.seed;
  day.end = SystemClock().now();
  day.attack = options.without_attack ? demo::Attack::kNone : demo::Attack::kIncluded;
  GARRISON_TRY(simulation.generate(day, [&](demo::EventBatch&& batch) -> Result<void> {
    const std::string path = fmt::format("/dataCollectionRules/dcr-{}/streams/Custom-{}?api-version=2023-01-01", encode_component(options.target.workspace),
                                         encode_component(batch.stream));
    GARRISON_TRY(client->call("POST", path, batch.json));
    num_events += batch.num_events;
    if (is_terminal()) fmt::print(stderr, "\rLoading the demo: {} events ", num_events);
    return {};
  }));
  if (is_terminal()) fmt::print(stderr, "\n");
  return num_events;
}

// Waits until the sent events are readable, then runs all enabled rules over the day.
Result<void> run_rules(const DemoOptions& options, LocalClient& client) {
  GARRISON_TRY(client.post(options.target.path("/ingest/flush"), json::object{}));
  GARRISON_ASSIGN(const json::value rules, client.get(options.target.path("/rules?limit=1000&enabled=true")));
  std::vector<std::string> jobs;
  for (const json::value& rule : json::find(rules, "items")->get_array()) {
    const std::string id = json::string_at(rule, "id").value_or("");
    GARRISON_ASSIGN(const json::value job, client.post(options.target.path("/rules/" + id + "/run"), json::object{{"timespan", "P1D"}}));
    jobs.push_back(json::string_at(job, "id").value_or(""));
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    for (;;) {
      GARRISON_ASSIGN(const json::value job, client.get("/api/jobs/" + jobs[i]));
      const std::string state = json::string_at(job, "state").value_or("");
      if (state == "Failed") return unavailable("DEMO-0001", "a rule failed: " + json::string_at(job, "message").value_or(""));
      if (state != "Waiting" && state != "Running") break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    if (is_terminal()) fmt::print(stderr, "\rRunning the rules over the day: {} of {} ", i + 1, jobs.size());
  }
  if (is_terminal()) fmt::print(stderr, "\n");
  return {};
}

int run_load(const DemoOptions& options) {
  const auto num_events = load(options);
  if (!num_events.ok()) return report(num_events.error());
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  if (auto ran = run_rules(options, **client); !ran.ok()) return report(ran.error());
  auto incidents = (*client)->get(options.target.path("/incidents?limit=1"));
  if (!incidents.ok()) return report(incidents.error());
  fmt::print("The demo is loaded: {} events, {} incidents.\n", *num_events, json::integer_at(*incidents, "total").value_or(0));
  return 0;
}

// Prints the incidents and checks that each rule the attack must trip has one.
int run_verify(const DemoOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  SystemDisk disk;
  const auto simulation = demo::Simulation::open(disk, content_folder() + "/demo");
  if (!simulation.ok()) return report(simulation.error());
  auto incidents = (*client)->get(options.target.path("/incidents?limit=1000&sort=createdTime"));
  if (!incidents.ok()) return report(incidents.error());
  std::set<std::string> found;
  for (const json::value& incident : json::find(*incidents, "items")->get_array()) {
    fmt::print("#{:<4} {:<13} {:<60} {} alerts\n", json::integer_at(incident, "number").value_or(0), json::string_at(incident, "severity").value_or(""),
               text::escape_control(json::string_at(incident, "title").value_or("")), json::integer_at(incident, "alertsCount").value_or(0));
    for (const json::value& rule : json::find(incident, "ruleIds")->get_array()) found.insert(std::string(rule.get_string()));
  }
  std::size_t num_missing = 0;
  for (const std::string& rule : simulation->expected()) {
    if (found.contains(rule)) continue;
    const auto known = (*client)->get(options.target.path("/rules/" + rule));
    const std::string name = known.ok() ? json::string_at(*known, "displayName").value_or("") : "not installed";
    fmt::print(stderr, "missing: an incident of the rule '{}' ({})\n", text::escape_control(name), rule);
    ++num_missing;
  }
  if (num_missing > 0) return 1;
  fmt::print("All {} rules that the demo's attack must trip have an incident.\n", simulation->expected().size());
  return 0;
}

}  // namespace

void add_demo_command(CommandRegistry& registry) {
  CLI::App* command = registry.app.add_subcommand("demo", "A simulated day of a small company with one attack in it");
  command->require_subcommand(1);
  const auto options = std::make_shared<DemoOptions>();
  CLI::App* loading = command->add_subcommand("load", "Send the day's events and run the rules over them");
  options->target.add_to(*loading);
  loading->add_option("--seed", options->seed, "Other hosts, users, times")->capture_default_str();
  loading->add_flag("--without-attack", options->without_attack, "An ordinary day");
  loading->callback([&registry, options] { registry.chosen = [options] { return run_load(*options); }; });
  CLI::App* verifying = command->add_subcommand("verify", "List the incidents; exit code 1 when one of the attack is missing");
  options->target.add_to(*verifying);
  verifying->callback([&registry, options] { registry.chosen = [options] { return run_verify(*options); }; });
}

}  // namespace garrison::server
