// SPDX-License-Identifier: Apache-2.0
// `garrison engine`: the child process that holds libchdb, serves it on a Unix socket and lives in a sandbox, so that
// neither a crash nor a statement in it reaches the rest of the product.
#pragma once

#include <cstdint>
#include <string>

namespace garrison::engine {

struct EngineServerOptions {
  std::string path;                    // data folder; made when absent
  std::string socket;                  // Unix socket, mode 0600; best in a folder of its own
  std::uint64_t max_memory_bytes = 0;  // of the whole engine; 0: the engine's default
  std::string library;                 // empty: see find_chdb_library()
  int parent_process_id = 0;           // not 0: ends with that process
  int num_connections = 32;            // statements at once
};

// Serves until SIGTERM or SIGINT. Call on the main thread before any other exists. Returns the exit code: 0, 1 with the
// reason in the log when it cannot serve. The sandbox is not optional: without Landlock and seccomp it does not start.
int run_engine(const EngineServerOptions& options);

}  // namespace garrison::engine
