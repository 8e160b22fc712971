// SPDX-License-Identifier: Apache-2.0
// Engines for tests, of this library and of those above: in this process, or a child reached over HTTP. Needs libchdb
// (GARRISON_CHDB or the build folder's lib); why_not() says what is missing. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "engine/engine_supervisor.h"

namespace garrison::engine {

enum class EngineRoute { kInProcess, kChild };
std::string_view to_string(EngineRoute route);

// An empty folder that goes away with the object.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// An engine on an empty data folder of its own, which goes away with it.
class TestEngine {
 public:
  static constexpr int kNumConnections = 8;
  static constexpr int kNumBackground = 6;

  // Why the engine cannot be started here; empty when it can.
  static std::string why_not();
  // Null on failure, with the reason on stderr.
  static std::unique_ptr<TestEngine> start(EngineRoute route);
  virtual ~TestEngine() = default;

  virtual Engine& engine() = 0;
  // Ends the engine (the child by SIGKILL) and opens the same folder again.
  virtual void restart() = 0;
  virtual std::string data_folder() const = 0;
  // Of the child; null in process.
  virtual EngineSupervisor* supervisor() { return nullptr; }

  // For a child whose data and socket lie in the folder. The program is garrison_engine_child beside the test.
  static SupervisorOptions supervisor_options(const std::string& folder);
};

}  // namespace garrison::engine
