// SPDX-License-Identifier: Apache-2.0
#include "state/outbox.h"

#include <gtest/gtest.h>

#include "base/fault_disk.h"
#include "base/random.h"
#include "state/sqlite_disk_vfs.h"

namespace garrison::state {
namespace {

using Ids = std::vector<std::int64_t>;

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    EXPECT_TRUE(disk_.make_folder("/data").ok());
    open();
  }

  // Opens anew, as after a start of the server.
  void open() {
    outbox_.reset();
    store_.reset();
    auto store = Store::open("/data/state.db", {.vfs = vfs_.name()}, {}, clock_);
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    store_ = std::move(*store);
    outbox_ = std::make_unique<Outbox>(*store_, clock_);
  }
  void crash() {
    disk_.cut_power();
    outbox_.reset();
    store_.reset();
    disk_.restart(random_);
    open();
  }
  std::int64_t add(std::string_view topic, std::string_view key, std::string_view payload = "{}") {
    const auto id = store_->write([&](Transaction& transaction) {
      return outbox_->add(transaction, topic, WorkspaceId("main"), key, payload);
    });
    EXPECT_TRUE(id.ok());
    return id.value_or(-1);
  }
  // A projection that notes what it gets and answers with next_answer_.
  void project(std::string name = "tables", std::vector<std::string> topics = {"news"}, std::size_t max_batch = 100) {
    ASSERT_TRUE(outbox_->register_projection({name, topics, max_batch, [this](std::span<const OutboxEntry> batch) {
      Ids ids;
      for (const OutboxEntry& entry : batch) ids.push_back(entry.id);
      batches_.push_back(ids);
      return answer_(batch);
    }}).ok());
  }
  PumpReport pump() {
    batches_.clear();
    const auto report = outbox_->pump();
    EXPECT_TRUE(report.ok()) << report.error().to_string();
    return report.value_or(PumpReport{});
  }

  ManualClock clock_{DateTime{kUnixEpochTicks}};
  SeededRandom random_{7};
  FaultDisk disk_;
  SqliteDiskVfs vfs_{disk_};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Outbox> outbox_;
  std::vector<Ids> batches_;
  std::function<Result<void>(std::span<const OutboxEntry>)> answer_ = [](std::span<const OutboxEntry>) {
    return Result<void>();
  };
};

TEST_F(OutboxTest, DeliversInOrderOnceAndForgets) {
  project("tables", {"news"}, 2);
  const Ids ids = {add("news", "a"), add("other", "a"), add("news", "b"), add("news", "a")};
  const PumpReport report = pump();
  EXPECT_EQ(report.num_delivered, 3u);
  EXPECT_EQ(batches_, (std::vector<Ids>{{ids[0], ids[2]}, {ids[3]}}));
  EXPECT_EQ(pump().num_delivered, 0u);
  const std::int64_t later = add("news", "a");
  EXPECT_GT(later, ids[3]) << "an id is never used twice";
  EXPECT_EQ(outbox_->backlog("tables").value(), 1);
  pump();
  EXPECT_EQ(batches_, (std::vector<Ids>{{later}}));
}

TEST_F(OutboxTest, GivesAllFieldsAndTellsTheListenerAfterTheCommit) {
  int told = 0;
  outbox_->set_listener([&] { ++told; });
  const auto refused = store_->write([&](Transaction& transaction) -> Result<void> {
    GARRISON_TRY(outbox_->add(transaction, "news", WorkspaceId("main"), "k", "{}"));
    return denied("T-1", "no");
  });
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(told, 0);
  OutboxEntry seen;
  answer_ = [&](std::span<const OutboxEntry> batch) {
    seen = batch[0];
    return Result<void>();
  };
  project();
  const std::int64_t id = add("news", "k", R"({"a":1})");
  EXPECT_EQ(told, 1);
  EXPECT_EQ(pump().num_delivered, 1u);
  EXPECT_EQ(seen.id, id);
  EXPECT_EQ(seen.workspace, WorkspaceId("main"));
  EXPECT_EQ(seen.key, "k");
  EXPECT_EQ(seen.payload, R"({"a":1})");
  EXPECT_EQ(seen.created, clock_.now());
}

TEST_F(OutboxTest, RepeatsTheSameBatchAfterACrashBetweenDeliveryAndMark) {
  project("tables", {"news"}, 3);
  for (const char* const key : {"a", "b"}) add("news", key);
  answer_ = [&](std::span<const OutboxEntry>) {
    disk_.cut_power();
    return Result<void>();
  };
  batches_.clear();
  EXPECT_FALSE(outbox_->pump().ok());
  const auto first = batches_;
  ASSERT_EQ(first.size(), 1u);
  crash();
  answer_ = [](std::span<const OutboxEntry>) { return Result<void>(); };
  // More entries since then must not change what the batch holds: its ids are the deduplication token.
  const std::int64_t later = add("news", "c");
  project("tables", {"news"}, 3);
  pump();
  ASSERT_EQ(batches_.size(), 2u);
  EXPECT_EQ(batches_[0], first[0]);
  EXPECT_EQ(batches_[1], Ids{later});
}

TEST_F(OutboxTest, WaitsWithBackOffWhileTheReceiverIsAway) {
  project();
  const Ids ids = {add("news", "a"), add("news", "b")};
  answer_ = [](std::span<const OutboxEntry>) { return Result<void>(unavailable("T-1", "away")); };
  PumpReport report = pump();
  EXPECT_EQ(report.retry_at, clock_.now() + Timespan{kTicksPerSecond});
  EXPECT_EQ(report.last_error->code, "T-1");
  pump();
  EXPECT_TRUE(batches_.empty()) << "not before its time";
  clock_.advance({kTicksPerSecond});
  report = pump();
  EXPECT_EQ(batches_, (std::vector<Ids>{ids}));
  EXPECT_EQ(report.retry_at, clock_.now() + Timespan{2 * kTicksPerSecond});
  for (int i = 0; i < 20; ++i) {
    clock_.advance({5 * kTicksPerMinute});
    report = pump();
    ASSERT_EQ(batches_.size(), 1u) << "never more than five minutes";
  }
  answer_ = [](std::span<const OutboxEntry>) { return Result<void>(); };
  clock_.advance({5 * kTicksPerMinute});
  EXPECT_EQ(pump().num_delivered, 2u);
}

TEST_F(OutboxTest, SetsABadEntryAsideWithTheLaterOnesOfItsKey) {
  project();
  const std::int64_t a1 = add("news", "a");
  const std::int64_t bad = add("news", "b", "bad");
  const std::int64_t b2 = add("news", "b");
  const std::int64_t a2 = add("news", "a");
  bool is_repaired = false;
  Ids applied;
  answer_ = [&](std::span<const OutboxEntry> batch) -> Result<void> {
    for (const OutboxEntry& entry : batch) {
      if (entry.payload == "bad" && !is_repaired) return bad_input("T-2", "cannot take it");
    }
    for (const OutboxEntry& entry : batch) applied.push_back(entry.id);
    return {};
  };
  const PumpReport report = pump();
  EXPECT_EQ(applied, (Ids{a1, a2}));
  EXPECT_EQ(report.num_set_aside, 2u);
  EXPECT_EQ(report.last_error->code, "T-2");
  const auto aside = outbox_->set_aside().value();
  ASSERT_EQ(aside.size(), 2u);
  EXPECT_EQ(aside[0].entry.id, bad);
  EXPECT_EQ(aside[0].num_attempts, 1);
  EXPECT_NE(aside[0].error.find("T-2"), std::string::npos);
  EXPECT_EQ(aside[1].entry.id, b2);
  EXPECT_EQ(outbox_->backlog("tables").value(), 2);
  // A restart forgets none of them; once the cause is gone they arrive, in order, with those added meanwhile.
  crash();
  project();
  const std::int64_t b3 = add("news", "b");
  is_repaired = true;
  applied.clear();
  clock_.advance({kTicksPerMinute});
  pump();
  EXPECT_EQ(applied, (Ids{bad, b2, b3}));
  EXPECT_TRUE(outbox_->set_aside().value().empty());
  EXPECT_EQ(outbox_->backlog("tables").value(), 0);
}

TEST_F(OutboxTest, GivesUpAnEntryOnlyWhenTold) {
  project();
  const std::int64_t bad = add("news", "b");
  answer_ = [](std::span<const OutboxEntry>) -> Result<void> { throw std::runtime_error("boom"); };
  for (int i = 0; i < 10; ++i) {
    pump();
    clock_.advance({kTicksPerHour});
  }
  ASSERT_EQ(outbox_->set_aside().value().size(), 1u);
  EXPECT_EQ(outbox_->set_aside().value()[0].num_attempts, 10);
  EXPECT_EQ(outbox_->discard("tables", bad + 1).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(outbox_->discard("tables", bad).ok());
  EXPECT_EQ(outbox_->backlog("tables").value(), 0);
}

TEST_F(OutboxTest, KeepsEntriesForTheSlowestProjection) {
  project("fast");
  project("slow");
  add("news", "a");
  bool is_away = true;
  answer_ = [&](std::span<const OutboxEntry>) -> Result<void> {
    if (batches_.size() == 2 && is_away) return unavailable("T-1", "away");
    return {};
  };
  pump();
  EXPECT_EQ(outbox_->backlog("fast").value(), 0);
  EXPECT_EQ(outbox_->backlog("slow").value(), 1);
  is_away = false;
  clock_.advance({kTicksPerSecond});
  EXPECT_EQ(pump().num_delivered, 1u);
  // Both have it: a projection that comes later finds nothing.
  project("late");
  EXPECT_EQ(outbox_->backlog("late").value(), 0);
  EXPECT_EQ(outbox_->backlog("never").error().code, "STATE-0020");
  EXPECT_TRUE(outbox_->forget("late").ok());
  EXPECT_EQ(outbox_->backlog("late").error().code, "STATE-0020");
}

}  // namespace
}  // namespace garrison::state
