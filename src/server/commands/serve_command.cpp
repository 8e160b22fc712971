// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "base/log.h"
#include "server/commands/all.h"
#include "server/server.h"

namespace garrison::server {
namespace {

struct ServeOptions {
  ServerOptions server;
  std::string ready_file;
  bool no_portal = false;
};

// Blocks the stop signals for every thread; the main thread waits for one.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void greet(const Server& server) {
  fmt::print("Garrison is running: {}\n", server.address());
  if (!server.tls_address().empty()) fmt::print("with TLS:            {}\n", server.tls_address());
  if (const auto& admin = server.first_admin()) {
    fmt::print("Sign in as '{}' with the password {} (shown this once)\n", admin->name, admin->password.reveal());
  }
  std::fflush(stdout);
}

int run_serve(ServeOptions options) {
  const sigset_t signals = block_stop_signals();
  if (options.server.content_folder.empty()) options.server.content_folder = content_folder();
  if (options.server.portal_folder.empty() && !options.no_portal) options.server.portal_folder = portal_folder();
  if (options.no_portal) options.server.portal_folder.clear();
  options.server.engine_program = std::filesystem::read_symlink("/proc/self/exe").string();
  SystemDisk disk;
  SystemClock clock;
  SystemRandom random;
  auto server = Server::start(options.server, disk, clock, random);
  if (!server.ok()) return report(server.error());
  greet(**server);
  if (!options.ready_file.empty()) {
    if (auto written = disk.write_file(options.ready_file, (*server)->address() + "\n"); !written.ok()) return report(written.error());
  }
  int received = 0;
  sigwait(&signals, &received);
  log::info("stopping");
  (*server)->stop();
  return 0;
}

}  // namespace

void add_serve_command(CommandRegistry& registry) {
  CLI::App* command = registry.app.add_subcommand("serve", "Run the server");
  const auto options = std::make_shared<ServeOptions>();
  ServerOptions& server = options->server;
  command->add_option("--data", server.data_folder, "Data folder; made when it does not exist")->envname("GARRISON_DATA")->capture_default_str();
  command->add_option("--listen", server.listen, "Address and port for HTTP; port 0 takes a free one")->capture_default_str();
  command->add_option("--tls-listen", server.tls_listen, "Address and port for HTTPS; the certificate is made at the first start");
  command->add_option("--tls-name", server.tls_names, "Further host name or address of the server's certificate");
  command->add_option("--content", server.content_folder, "Folder with tables and rules");
  command->add_option("--portal", server.portal_folder, "Folder with the built portal");
  command->add_flag("--no-portal", options->no_portal, "Serve no pages");
  command->add_flag("!--no-shipped-rules", server.has_shipped_rules, "Do not install the shipped rules");
  command->add_option("--engine-library", server.engine_library, "The engine library, libchdb.so");
  command->add_option("--engine-memory", server.engine_memory_bytes, "Memory limit of the engine in bytes")->capture_default_str();
  command->add_option("--ready-file", options->ready_file, "Written with the address once requests are served");
  command->callback([&registry, options] { registry.chosen = [options] { return run_serve(*options); }; });
}

}  // namespace garrison::server
