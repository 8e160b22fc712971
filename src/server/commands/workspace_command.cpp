// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

#include "server/commands/all.h"

namespace garrison::server {
namespace {

struct WorkspaceOptions {
  TargetOptions target;
  std::string name;
  std::string display_name;
};

int list(const WorkspaceOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  auto answer = (*client)->get("/api/workspaces?limit=1000");
  if (!answer.ok()) return report(answer.error());
  for (const json::value& each : json::find(*answer, "items")->get_array()) {
    fmt::print("{:<24} {:<32} {}\n", json::string_at(each, "name").value_or(""), json::string_at(each, "displayName").value_or(""),
               json::string_at(each, "createdTime").value_or(""));
  }
  return 0;
}

int create(const WorkspaceOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  json::object body{{"name", options.name}};
  if (!options.display_name.empty()) body["displayName"] = options.display_name;
  auto answer = (*client)->post("/api/workspaces", body);
  if (!answer.ok()) return report(answer.error());
  fmt::print("created workspace {}\n", options.name);
  return 0;
}

int remove(const WorkspaceOptions& options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  auto answer = (*client)->call("DELETE", "/api/workspaces/" + encode_component(options.name));
  if (!answer.ok()) return report(answer.error());
  fmt::print("deleting workspace {} with all its data\n", options.name);
  return 0;
}

}  // namespace

void add_workspace_command(CommandRegistry& registry) {
  CLI::App* command = registry.app.add_subcommand("workspace", "List, create and delete workspaces");
  command->require_subcommand(1);
  const auto options = std::make_shared<WorkspaceOptions>();
  const auto add = [&](const char* name, const char* about, int (*run)(const WorkspaceOptions&)) {
    CLI::App* sub = command->add_subcommand(name, about);
    options->target.add_to(*sub);
    sub->callback([&registry, options, run] { registry.chosen = [options, run] { return run(*options); }; });
    return sub;
  };
  add("list", "List workspaces", list);
  CLI::App* creating = add("create", "Create a workspace", create);
  creating->add_option("name", options->name, "1-32 characters of a-z, 0-9 and -, starting with a letter")->required();
  creating->add_option("--display-name", options->display_name, "Name for people");
  add("delete", "Delete a workspace with all its data", remove)->add_option("name", options->name, "Workspace to delete")->required();
}

}  // namespace garrison::server
