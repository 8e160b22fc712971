// SPDX-License-Identifier: Apache-2.0
#include "engine/test_engine.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "engine/in_process_engine.h"

namespace garrison::engine {
namespace {

const SystemClock kClock;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "garrison-engine-XXXXXX").string();
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored_because_temporary;
    std::filesystem::remove_all(path_, ignored_because_temporary);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

ChdbPoolOptions pool_options(const std::string& path) {
  ChdbPoolOptions options;
  options.open.path = path;
  options.lanes.num_connections = TestEngine::kNumConnections;
  options.lanes.num_reserved = TestEngine::kNumConnections - TestEngine::kNumBackground;
  return options;
}

class InProcessTestEngine final : public TestEngine {
 public:
  bool open() {
    auto opened = InProcessEngine::open(pool_options(folder_.path()), kClock);
    if (!opened.ok()) {
      std::fprintf(stderr, "%s\n", opened.error().to_string().c_str());
      return false;
    }
    engine_ = std::move(*opened);
    return true;
  }
  Engine& engine() override { return *engine_; }
  void restart() override {
    engine_.reset();
    open();
  }

 private:
  Folder folder_;
  std::unique_ptr<InProcessEngine> engine_;
};

}  // namespace

std::string_view to_string(EngineRoute route) {
  switch (route) {
    case EngineRoute::kInProcess: return "InProcess";
    case EngineRoute::kChild: return "Child";
  }
  return "Unknown";
}

std::string TestEngine::why_not() {
  const auto api = ChdbApi::load();
  return api.ok() ? std::string() : api.error().message;
}

std::vector<EngineRoute> TestEngine::routes() { return {EngineRoute::kInProcess}; }

std::unique_ptr<TestEngine> TestEngine::start(EngineRoute) {
  auto engine = std::make_unique<InProcessTestEngine>();
  if (!engine->open()) return nullptr;
  return engine;
}

}  // namespace garrison::engine
