// SPDX-License-Identifier: Apache-2.0
// The engine child as a program of its own: for tests and benchmarks, and for running the engine apart.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/engine_server.h"

int main(int argc, char** argv) {
  garrison::engine::EngineServerOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "engine" && i == 1) continue;
    if (i + 1 == argc) {
      std::fprintf(stderr, "%s needs a value\n", argv[i]);
      return 2;
    }
    const std::string value = argv[++i];
    if (name == "--path") {
      options.path = value;
    } else if (name == "--socket") {
      options.socket = value;
    } else if (name == "--max-memory") {
      options.max_memory_bytes = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--parent") {
      options.parent_process_id = std::atoi(value.c_str());
    } else {
      std::fprintf(stderr, "unknown option %s; known: --path --socket --max-memory --parent\n", argv[i - 1]);
      return 2;
    }
  }
  if (options.path.empty() || options.socket.empty()) {
    std::fprintf(stderr, "--path and --socket are needed\n");
    return 2;
  }
  return garrison::engine::run_engine(options);
}
