// SPDX-License-Identifier: Apache-2.0
// `garrison`: the server and its command line.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/log.h"
#include "server/commands/all.h"
#include "server/version.h"

int main(int argc, char** argv) {
  using namespace garrison;
  CLI::App app("Garrison: a self-hosted security platform. Each command has its own --help.", "garrison");
  app.set_version_flag("--version", std::string(server::kVersion));
  app.require_subcommand(1);
  bool is_verbose = false;
  bool is_quiet = false;
  app.add_flag("-v,--verbose", is_verbose, "Log more");
  app.add_flag("-q,--quiet", is_quiet, "Log errors only");
  server::CommandRegistry registry{app, {}};
  for (const server::AddCommand add : server::kCommands) add(registry);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    // CLI11 prints help, version and what is wrong; wrong use is exit code 2 here as everywhere.
    return app.exit(wrong) == 0 ? 0 : 2;
  }
  if (is_verbose) log::set_level(log::Level::kDebug);
  if (is_quiet) log::set_level(log::Level::kError);
  try {
    return registry.chosen ? registry.chosen() : 2;
  } catch (const CheckFailed& failed) {
    fmt::print(stderr, "garrison: {}\n", failed.text);
  } catch (const std::exception& thrown) {
    fmt::print(stderr, "garrison: {}\n", thrown.what());
  }
  return 2;
}
