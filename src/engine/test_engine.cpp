// SPDX-License-Identifier: Apache-2.0
#include "engine/test_engine.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "base/random.h"
#include "engine/chdb_api.h"
#include "engine/http_engine.h"
#include "engine/in_process_engine.h"

namespace garrison::engine {
namespace {

const SystemClock kClock;
constexpr Timespan kPatience{60 * kTicksPerSecond};
constexpr LaneSizes kLanes{TestEngine::kNumConnections, TestEngine::kNumConnections - TestEngine::kNumBackground};

// $GARRISON_TEST_ENGINE_CHILD: a program that every engine of a test runs as. Sanitizers cannot live with the library in
// their process, so their builds name the plain build's child here.
std::string named_child() {
  const char* program = std::getenv("GARRISON_TEST_ENGINE_CHILD");
  return program ? program : "";
}

bool is_ok(const Result<void>& outcome) {
  if (!outcome.ok()) std::fprintf(stderr, "%s\n", outcome.error().to_string().c_str());
  return outcome.ok();
}

class InProcessTestEngine final : public TestEngine {
 public:
  bool open() {
    ChdbPoolOptions options;
    options.open.path = folder_.path();
    options.lanes = kLanes;
    auto opened = InProcessEngine::open(options, kClock);
    if (!opened.ok()) return is_ok(opened.error());
    engine_ = std::move(*opened);
    return true;
  }
  Engine& engine() override { return *engine_; }
  void restart() override {
    engine_.reset();
    open();
  }
  std::string data_folder() const override { return folder_.path(); }

 private:
  TestFolder folder_;
  std::unique_ptr<InProcessEngine> engine_;
};

class ChildTestEngine final : public TestEngine {
 public:
  bool open() {
    auto started = EngineSupervisor::start(supervisor_options(folder_.path()), kClock);
    if (!started.ok()) return is_ok(started.error());
    supervisor_ = std::move(*started);
    if (!is_ok(supervisor_->await_ready(kPatience))) return false;
    HttpEngineOptions options;
    options.unix_socket = supervisor_->socket();
    options.lanes = kLanes;
    engine_ = std::make_unique<HttpEngine>(options, kClock, random_);
    return true;
  }
  Engine& engine() override { return *engine_; }
  EngineSupervisor* supervisor() override { return supervisor_.get(); }
  std::string data_folder() const override { return folder_.path() + "/data"; }
  void restart() override {
    const auto before = supervisor_->health();
    ::kill(before.process_id, SIGKILL);
    while (supervisor_->health().num_restarts == before.num_restarts) std::this_thread::yield();
    while (supervisor_->health().state != EngineSupervisor::State::kReady) std::this_thread::yield();
  }

 private:
  TestFolder folder_;
  SystemRandom random_;
  std::unique_ptr<EngineSupervisor> supervisor_;
  std::unique_ptr<HttpEngine> engine_;
};

}  // namespace

TestFolder::TestFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "garrison-engine-XXXXXX").string();
  if (mkdtemp(pattern.data())) path_ = pattern;
}

TestFolder::~TestFolder() {
  std::error_code ignored_because_temporary;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored_because_temporary);
}

std::string_view to_string(EngineRoute route) {
  switch (route) {
    case EngineRoute::kInProcess: return "InProcess";
    case EngineRoute::kChild: return "Child";
  }
  return "Unknown";
}

SupervisorOptions TestEngine::supervisor_options(const std::string& folder) {
  SupervisorOptions options;
  options.program = named_child();
  if (options.program.empty()) {
    options.program = std::filesystem::read_symlink("/proc/self/exe").replace_filename("garrison_engine_child").string();
  }
  options.path = folder + "/data";
  options.socket = folder + "/engine.sock";
  return options;
}

std::string TestEngine::why_not() {
  if (const std::string child = named_child(); !child.empty()) {
    return std::filesystem::exists(child) ? std::string() : child + " does not exist";
  }
  const auto api = ChdbApi::load();
  return api.ok() ? std::string() : api.error().message;
}

std::unique_ptr<TestEngine> TestEngine::start(EngineRoute route) {
  if (route == EngineRoute::kChild || !named_child().empty()) {
    auto engine = std::make_unique<ChildTestEngine>();
    return engine->open() ? std::move(engine) : nullptr;
  }
  auto engine = std::make_unique<InProcessTestEngine>();
  return engine->open() ? std::move(engine) : nullptr;
}

}  // namespace garrison::engine
