// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_supervisor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "base/random.h"
#include "engine/http_engine.h"
#include "engine/native_format.h"
#include "engine/test_engine.h"

namespace garrison::engine {
namespace {

using table::Batch;
using table::Kind;
using table::Schema;

const SystemClock kClock;
constexpr Timespan kPatience{60 * kTicksPerSecond};

std::int64_t number(Engine& engine, const std::string& sql) {
  Statement statement;
  statement.sql = sql;
  std::int64_t value = -1;
  const auto done = engine.query(statement, Schema{{{"n", Kind::kLong}}}, Budget{}, [&](Batch&& batch) -> Result<void> {
    value = batch.columns[0].integer(0);
    return {};
  });
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().to_string());
  return value;
}

TEST(EngineSupervisor, SaysWhyAChildDoesNotStart) {
  TestFolder folder;
  SupervisorOptions options = TestEngine::supervisor_options(folder.path());
  options.library = folder.path() + "/no-such-library.so";
  auto supervisor = EngineSupervisor::start(options, kClock);
  ASSERT_TRUE(supervisor.ok());
  const auto ready = (*supervisor)->await_ready(kPatience);
  ASSERT_FALSE(ready.ok());
  EXPECT_EQ(ready.error().code, "ENGINE-0041");
  EXPECT_NE(ready.error().message.find("ENGINE-0001"), std::string::npos) << ready.error().message;

  options.program = folder.path() + "/no-such-program";
  supervisor = EngineSupervisor::start(options, kClock);
  ASSERT_TRUE(supervisor.ok());
  EXPECT_FALSE((*supervisor)->await_ready(kPatience).ok());
}

TEST(EngineSupervisor, ASecondEngineOnTheSameFolderIsRefused) {
  if (const std::string reason = TestEngine::why_not(); !reason.empty()) GTEST_SKIP() << reason;
  TestFolder folder;
  auto first = EngineSupervisor::start(TestEngine::supervisor_options(folder.path()), kClock);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE((*first)->await_ready(kPatience).ok());
  SupervisorOptions options = TestEngine::supervisor_options(folder.path());
  options.socket += "2";
  auto second = EngineSupervisor::start(options, kClock);
  ASSERT_TRUE(second.ok());
  const auto ready = (*second)->await_ready(kPatience);
  ASSERT_FALSE(ready.ok());
  EXPECT_NE(ready.error().message.find("ENGINE-0015"), std::string::npos) << ready.error().message;
  EXPECT_EQ((*first)->health().num_restarts, 0u);
}

TEST(EngineSupervisor, StopEndsTheChild) {
  if (const std::string reason = TestEngine::why_not(); !reason.empty()) GTEST_SKIP() << reason;
  TestFolder folder;
  auto supervisor = EngineSupervisor::start(TestEngine::supervisor_options(folder.path()), kClock);
  ASSERT_TRUE(supervisor.ok());
  ASSERT_TRUE((*supervisor)->await_ready(kPatience).ok());
  const int process = (*supervisor)->health().process_id;
  ASSERT_GT(process, 0);
  EXPECT_EQ(::kill(process, 0), 0);
  (*supervisor)->stop();
  EXPECT_EQ((*supervisor)->health().state, EngineSupervisor::State::kStopped);
  EXPECT_EQ(::kill(process, 0), -1);
}

// Kills the child again and again while batches are inserted under tokens: each is there once in the end.
TEST(EngineSupervisor, KilledDuringInsertsLosesAndDoublesNothing) {
  if (const std::string reason = TestEngine::why_not(); !reason.empty()) GTEST_SKIP() << reason;
  constexpr int kNumKills = 3;
  constexpr int kRowsABatch = 1000;
  TestFolder folder;
  auto supervisor = EngineSupervisor::start(TestEngine::supervisor_options(folder.path()), kClock);
  ASSERT_TRUE(supervisor.ok());
  ASSERT_TRUE((*supervisor)->await_ready(kPatience).ok());
  SystemRandom random;
  HttpEngineOptions options;
  options.unix_socket = (*supervisor)->socket();
  options.retry_time = kPatience;
  HttpEngine engine(options, kClock, random);
  Statement create;
  create.sql =
      "CREATE TABLE default.events (n Int64) ENGINE = MergeTree ORDER BY n SETTINGS "
      "non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1";
  ASSERT_TRUE(engine.execute(create).ok());

  std::atomic<int> num_sent{0};
  std::atomic<bool> is_done{false};
  std::thread sender([&] {
    const table::Nullability not_null[] = {table::Nullability::kNotNull};
    for (int batch_number = 0; !is_done; ++batch_number) {
      Batch batch(Schema{{{"n", Kind::kLong}}});
      for (int i = 0; i < kRowsABatch; ++i) batch.columns[0].append_integer(batch_number * kRowsABatch + i);
      std::string native;
      EXPECT_TRUE(encode_native(native, batch, not_null).ok());
      const auto done = engine.insert({"default.events", {"n"}, native, fmt::format("batch-{}", batch_number)});
      EXPECT_TRUE(done.ok()) << done.error().to_string();
      ++num_sent;
    }
  });
  for (int kill = 0; kill < kNumKills; ++kill) {
    const int wanted = num_sent + 3;
    while (num_sent < wanted) std::this_thread::yield();
    ::kill((*supervisor)->health().process_id, SIGKILL);
    while ((*supervisor)->health().num_restarts <= static_cast<std::uint64_t>(kill)) std::this_thread::yield();
    while ((*supervisor)->health().state != EngineSupervisor::State::kReady) std::this_thread::yield();
  }
  const int wanted = num_sent + 3;
  while (num_sent < wanted) std::this_thread::yield();
  is_done = true;
  sender.join();
  EXPECT_EQ(number(engine, "SELECT toInt64(count()) FROM default.events"), num_sent * kRowsABatch);
  EXPECT_EQ(number(engine, "SELECT toInt64(uniqExact(n)) FROM default.events"), num_sent * kRowsABatch);
}

TEST(EngineSupervisor, AwayIsUnavailable) {
  TestFolder folder;
  SystemRandom random;
  HttpEngineOptions options;
  options.unix_socket = folder.path() + "/nobody";
  options.retry_time = {0};
  HttpEngine engine(options, kClock, random);
  EXPECT_EQ(engine.ping().error().code, "ENGINE-0002");
  EXPECT_EQ(engine.version().error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(engine.insert({"t", {"n"}, "x", "token"}).error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(engine.execute(Statement{}).error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace garrison::engine
