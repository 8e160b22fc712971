// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <memory>

#include "engine/engine_server.h"
#include "server/commands/all.h"

namespace garrison::server {

void add_engine_command(CommandRegistry& registry) {
  CLI::App* command = registry.app.add_subcommand("engine", "The storage engine as a sandboxed process of its own; 'serve' starts it by itself");
  const auto options = std::make_shared<engine::EngineServerOptions>();
  command->add_option("--path", options->path, "Data folder of the engine")->required();
  command->add_option("--socket", options->socket, "Unix socket to serve on")->required();
  command->add_option("--max-memory", options->max_memory_bytes, "Memory limit in bytes");
  command->add_option("--library", options->library, "The engine library, libchdb.so");
  command->add_option("--parent", options->parent_process_id, "End with this process");
  command->callback([&registry, options] { registry.chosen = [options] { return engine::run_engine(*options); }; });
}

}  // namespace garrison::server
