// SPDX-License-Identifier: Apache-2.0
// Every subcommand of `garrison`, sorted by name. Add one: write its file, add its two lines.
#pragma once

#include <array>

#include "server/commands/command.h"

namespace garrison::server {

void add_demo_command(CommandRegistry& registry);
void add_engine_command(CommandRegistry& registry);
void add_ingest_command(CommandRegistry& registry);
void add_kql_command(CommandRegistry& registry);
void add_query_command(CommandRegistry& registry);
void add_rules_command(CommandRegistry& registry);
void add_serve_command(CommandRegistry& registry);
void add_status_command(CommandRegistry& registry);
void add_workspace_command(CommandRegistry& registry);

inline constexpr std::array<AddCommand, 9> kCommands = {
    add_demo_command,
    add_engine_command,
    add_ingest_command,
    add_kql_command,
    add_query_command,
    add_rules_command,
    add_serve_command,
    add_status_command,
    add_workspace_command,
};

}  // namespace garrison::server
