// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

#include "base/text.h"
#include "server/commands/all.h"

namespace garrison::server {
namespace {

struct StatusOptions {
  TargetOptions target;
  bool unsupported = false;
  bool as_json = false;
};

void print_unsupported(const json::value& status) {
  const json::value* parts = json::find(status, "unsupported");
  if (parts == nullptr || !parts->is_array()) return;
  for (const json::value& part : parts->get_array()) {
    fmt::print("{:<24} {:<40} {}\n", json::string_at(part, "kind").value_or(""), json::string_at(part, "name").value_or(""),
               json::string_at(part, "remark").value_or(""));
  }
  fmt::print("{} parts are not supported yet\n", parts->get_array().size());
}

int run_status(const StatusOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  auto status = (*client)->get("/api/status");
  if (!status.ok()) return report(status.error());
  if (options.as_json) {
    fmt::print("{}\n", json::print_pretty(*status));
    return 0;
  }
  if (options.unsupported) {
    print_unsupported(*status);
    return 0;
  }
  const json::value& engine = *json::find(*status, "engine");
  fmt::print("version   {}\n", json::string_at(*status, "version").value_or("?"));
  fmt::print("running   {} s\n", json::integer_at(*status, "uptimeSeconds").value_or(0));
  fmt::print("engine    {} {} ({}, restarted {} times)\n", json::string_at(engine, "state").value_or("?"),
             json::string_at(engine, "version").value_or(""), json::string_at(engine, "mode").value_or(""),
             json::integer_at(engine, "restarts").value_or(0));
  fmt::print("not yet   {} parts are not supported yet; 'garrison status --unsupported' names them\n",
             json::find(*status, "unsupported")->get_array().size());
  return json::string_at(engine, "state") == "running" ? 0 : 1;
}

}  // namespace

void add_status_command(CommandRegistry& registry) {
  CLI::App* command = registry.app.add_subcommand("status", "How the running server is");
  const auto options = std::make_shared<StatusOptions>();
  options->target.add_to(*command);
  command->add_flag("--unsupported", options->unsupported, "Name every part that is not supported yet");
  command->add_flag("--json", options->as_json, "As JSON");
  command->callback([&registry, options] { registry.chosen = [options] { return run_status(*options); }; });
}

}  // namespace garrison::server
