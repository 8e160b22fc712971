// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_server.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "base/disk.h"
#include "base/log.h"
#include "base/random.h"
#include "engine/engine_service.h"
#include "engine/sandbox.h"

namespace garrison::engine {
namespace {

// What the engine reads of the machine: clocks, processors, limits of memory, its own state.
const std::vector<std::string> kReadable = {
    "/proc/self",          "/proc/meminfo", "/proc/sys/vm", "/proc/cpuinfo",       "/proc/stat",
    "/sys/fs/cgroup",      "/sys/devices/system",           "/sys/kernel/mm/transparent_hugepage",
    "/dev/urandom",        "/dev/null",     "/dev/zero",    "/usr/share/zoneinfo", "/etc/localtime",
};

Result<void> prepare_folder(const EngineServerOptions& options) {
  SystemDisk disk;
  GARRISON_TRY(disk.make_folder(options.path));
  // The library looks for configuration files in the current folder.
  if (::chdir(options.path.c_str()) != 0) {
    return unavailable("ENGINE-0015", "cannot enter the data folder " + options.path);
  }
  // A stale socket is in the way, and the sandbox forbids to remove it.
  return disk.remove(options.socket);
}

Result<std::unique_ptr<net::HttpServer>> serve(const EngineServerOptions& options, EngineService& service,
                                               Random& random) {
  net::HttpServerOptions server;
  net::Listener listener;
  listener.unix_path = options.socket;
  server.listeners.push_back(std::move(listener));
  // Parameters and settings travel in the URL.
  server.max_header_bytes = 4 << 20;
  server.body_policy = EngineService::body_policy;
  server.transfer_timeout = std::chrono::minutes(10);
  server.num_workers = options.num_connections + 4;
  return net::HttpServer::start(
      std::move(server), [&service](net::Request& request) { return service.handle(request); }, random);
}

Result<void> run(EngineServerOptions options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // all threads started from here on

  options.path = std::filesystem::absolute(options.path).string();
  options.socket = std::filesystem::absolute(options.socket).string();
  if (options.library.empty()) options.library = find_chdb_library();
  GARRISON_TRY(harden_process(options.parent_process_id));
  // Loaded before the sandbox closes, so that no library folder needs to be readable.
  GARRISON_TRY(ChdbApi::load(options.library));
  GARRISON_TRY(prepare_folder(options));
  FileRules rules;
  rules.writable_folders = {options.path};
  rules.readable_paths = kReadable;
  rules.socket_folders = {std::filesystem::path(options.socket).parent_path().string()};
  GARRISON_TRY(restrict_files(rules));

  ChdbPoolOptions pool_options;
  pool_options.library = options.library;
  pool_options.open.path = options.path;
  pool_options.open.max_memory_bytes = options.max_memory_bytes;
  pool_options.lanes = {static_cast<std::size_t>(options.num_connections), 0};
  GARRISON_ASSIGN(const auto pool, ChdbPool::open(pool_options));
  EngineService service(*pool);
  SystemRandom random;
  GARRISON_ASSIGN(const auto server, serve(options, service, random));
  GARRISON_TRY(restrict_system_calls());
  log::info("engine {} serves {}", pool->version(), options.path);

  int signal = 0;
  sigwait(&signals, &signal);
  log::info("engine stops");
  server->stop();
  return {};
}

}  // namespace

int run_engine(const EngineServerOptions& options) {
  const auto done = run(options);
  if (done.ok()) return 0;
  log::error("the engine cannot serve: {}", done.error().to_string());
  return 1;
}

}  // namespace garrison::engine
