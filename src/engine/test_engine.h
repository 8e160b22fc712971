// SPDX-License-Identifier: Apache-2.0
// Engines for tests, of this library and of those above: in this process, or a child reached over HTTP. Needs libchdb
// (GARRISON_CHDB or the build folder's lib); why_not() says what is missing. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace garrison::engine {

enum class EngineRoute { kInProcess, kChild };
std::string_view to_string(EngineRoute route);

// An engine on an empty data folder of its own, which goes away with it.
class TestEngine {
 public:
  static constexpr int kNumConnections = 8;
  static constexpr int kNumBackground = 6;

  // Why the engine cannot be started here; empty when it can.
  static std::string why_not();
  static std::vector<EngineRoute> routes();
  // Null on failure, with the reason on stderr.
  static std::unique_ptr<TestEngine> start(EngineRoute route);
  virtual ~TestEngine() = default;

  virtual Engine& engine() = 0;
  // Ends the engine as a crash would where the route allows it, and opens the same folder again.
  virtual void restart() = 0;
};

}  // namespace garrison::engine
