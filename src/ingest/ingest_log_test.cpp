// SPDX-License-Identifier: Apache-2.0
// The log and the writer behind it under power cuts, crashes, failing disks, an absent engine and rows it refuses.
#include "ingest/ingest_log.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/fault_disk.h"
#include "base/log.h"
#include "ingest/table_writer.h"
#include "ingest/test_rows.h"

namespace garrison::ingest {
namespace {

using std::chrono::milliseconds;
using table::Kind;

constexpr std::int32_t kDay = 20'000;
const std::string kPath = "/d/ingest.log.sqlite";

TableBuilder::Definition numbers_table() {
  return make_table("N_CL", {{{"TimeGenerated", Kind::kDateTime}, {"n", Kind::kLong}}});
}
TableBuilder::Definition rejects_table() {
  return make_table("GarrisonRejects", {{{"TimeGenerated", Kind::kDateTime},
                                         {"TableName", Kind::kString},
                                         {"Source", Kind::kString},
                                         {"Reason", Kind::kString},
                                         {"Row", Kind::kString}}});
}

LogRecord record_of(const std::vector<std::int64_t>& numbers, const std::string& table = "N_CL") {
  TableBuilder builder(numbers_table(), {DateTime{kUnixEpochTicks + kDay * kTicksPerDay}, "t", 1, ""}, TimeMode::kLive);
  for (const std::int64_t number : numbers) {
    builder.begin_row();
    builder.set_integer(*builder.column("n"), number);
    builder.commit_row();
  }
  DayBlock block = std::move(builder.finish().at(0));
  return {WorkspaceId("main"), table, block.day, block.num_rows,
          std::make_shared<const std::string>(std::move(block.native))};
}

std::vector<LogRecord> one(LogRecord record) {
  std::vector<LogRecord> records;
  records.push_back(std::move(record));
  return records;
}

std::multiset<std::int64_t> numbers_in(const std::vector<std::string>& rows) {
  std::multiset<std::int64_t> numbers;
  for (const std::string& row : rows)
    if (const std::size_t at = row.find("\"n\":"); at != std::string::npos)
      numbers.insert(std::stoll(row.substr(at + 4)));
  return numbers;
}

class IngestLogTest : public testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::Level::kOff);
    ASSERT_TRUE(disk_.make_folder("/d"));
    ASSERT_TRUE(disk_.sync_folder("/"));
  }
  void TearDown() override { log::set_level(log::Level::kInfo); }

  std::unique_ptr<IngestLog> open() {
    IngestLogOptions options;
    options.max_delay = milliseconds(0);
    options.max_bytes = max_bytes_;
    auto log = IngestLog::open(disk_, kPath, options, random_, clock_);
    if (!log) {
      open_error_ = log.error().to_string();
      return nullptr;
    }
    return std::move(*log);
  }
  std::unique_ptr<TableWriter> write(IngestLog& log) {
    TableWriterOptions options;
    options.num_threads = 1;
    options.min_age = milliseconds(3'600'000);  // only flush() writes
    options.max_age = options.min_age;
    options.first_retry = milliseconds(1);
    options.max_retry = milliseconds(2);
    auto writer = std::make_unique<TableWriter>(log, target_, rejects_table(), clock_, options);
    const auto started = writer->start();
    EXPECT_TRUE(started) << started.error().to_string();
    return writer;
  }

  SystemClock clock_;
  SeededRandom random_{7};
  FaultDisk disk_;
  MemoryTarget target_;
  std::uint64_t max_bytes_ = 1 << 30;
  std::string open_error_;
};

TEST_F(IngestLogTest, AcknowledgedEntriesAreThereAfterAPowerCut) {
  auto log = open();
  ASSERT_NE(log, nullptr) << open_error_;
  const auto first = log->append(one(record_of({1, 2})));
  ASSERT_TRUE(first) << first.error().to_string();
  std::vector<LogRecord> two;
  two.push_back(record_of({3}));
  two.push_back(record_of({4}, "Other_CL"));
  const auto both = log->append(std::move(two));
  ASSERT_TRUE(both);
  EXPECT_LT(first->at(0).position, both->at(0).position);
  disk_.cut_power();
  log.reset();
  disk_.restart(random_);
  log = open();
  ASSERT_NE(log, nullptr) << open_error_;
  const auto entries = log->entries();
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ(entries->at(2).table, "Other_CL");
  EXPECT_EQ(numbers_in(rows_of(*log->read(entries->at(0)))), (std::multiset<std::int64_t>{1, 2}));
  EXPECT_EQ(log->figures().num_entries, 3u);
}

TEST_F(IngestLogTest, ManySendersShareCommits) {
  auto log = open();
  ASSERT_NE(log, nullptr);
  std::vector<std::future<Result<std::vector<LogEntry>>>> futures;
  for (int i = 0; i < 200; ++i) futures.push_back(log->append_later(one(record_of({i}))));
  std::set<LogPosition> positions;
  for (auto& future : futures) {
    const auto done = future.get();
    ASSERT_TRUE(done);
    positions.insert(done->at(0).position);
  }
  EXPECT_EQ(positions.size(), 200u);
  EXPECT_LT(log->figures().num_commits, 200u);
}

TEST_F(IngestLogTest, FullLogRefusesAndRecovers) {
  max_bytes_ = 2'000;
  auto log = open();
  auto writer = write(*log);
  int taken = 0;
  Result<std::vector<LogEntry>> last = log->append(one(record_of({0})));
  while (last && taken < 100) {
    ++taken;
    last = log->append(one(record_of({taken})));
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, "INGEST-0021");
  EXPECT_EQ(http_status(last.error().kind), 429);
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(log->figures().num_bytes, 0u);
  EXPECT_TRUE(log->append(one(record_of({7}))));
}

TEST_F(IngestLogTest, NothingIsAcknowledgedWhenTheDiskFails) {
  auto log = open();
  ASSERT_TRUE(log->append(one(record_of({1}))));
  disk_.fail_sync_after(1, FaultDisk::Repeat::kForever);
  EXPECT_FALSE(log->append(one(record_of({2}))));
  EXPECT_TRUE(log->figures().last_failure.has_value());
  disk_.heal();
  log.reset();
  log = open();
  ASSERT_NE(log, nullptr) << open_error_;
  ASSERT_TRUE(log->append(one(record_of({3}))));
  const auto entries = log->entries();
  ASSERT_TRUE(entries);
  EXPECT_EQ(numbers_in(rows_of(*log->read(entries->front()))), std::multiset<std::int64_t>{1});
}

TEST_F(IngestLogTest, WriterMovesRowsAndTrims) {
  auto log = open();
  auto writer = write(*log);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(log->append(one(record_of({i}))));
  ASSERT_TRUE(writer->flush(WorkspaceId("main"), "N_CL"));
  EXPECT_EQ(target_.num_inserts, 1);
  EXPECT_EQ(numbers_in(target_.rows("N_CL")), (std::multiset<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(log->entries()->empty());
  EXPECT_TRUE(log->plans()->empty());
  EXPECT_EQ(writer->figures().num_rows_waiting, 0u);
  EXPECT_EQ(writer->figures().num_rows_inserted, 5u);
}

TEST_F(IngestLogTest, EngineAwayIsOnlyALongerLog) {
  auto log = open();
  auto writer = write(*log);
  target_.is_away = true;
  ASSERT_TRUE(log->append(one(record_of({1}))));
  const auto waited = writer->flush(milliseconds(30));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, "INGEST-0031");
  EXPECT_NE(waited.error().message.find("T-1"), std::string::npos) << waited.error().message;
  ASSERT_TRUE(log->append(one(record_of({2}))));  // senders do not notice
  target_.is_away = false;
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(numbers_in(target_.rows("N_CL")), (std::multiset<std::int64_t>{1, 2}));
}

TEST_F(IngestLogTest, AnInsertOfUnknownOutcomeIsRepeatedUnderItsToken) {
  auto log = open();
  auto writer = write(*log);
  target_.fails_after_insert = true;
  ASSERT_TRUE(log->append(one(record_of({1, 2}))));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(target_.num_repeated, 1);
  EXPECT_EQ(numbers_in(target_.rows("N_CL")), (std::multiset<std::int64_t>{1, 2}));
}

TEST_F(IngestLogTest, CrashBetweenInsertAndTrimRepeatsTheSameBatch) {
  auto log = open();
  auto writer = write(*log);
  ASSERT_TRUE(log->append(one(record_of({1}))));
  ASSERT_TRUE(log->append(one(record_of({2}))));
  target_.fails_after_insert = true;
  target_.before_insert = [&] { disk_.cut_power(); };  // the engine gets the rows, the trim is lost
  EXPECT_FALSE(writer->flush(milliseconds(100)));
  writer.reset();
  log.reset();
  target_.before_insert = nullptr;
  disk_.restart(random_);
  log = open();
  ASSERT_NE(log, nullptr) << open_error_;
  ASSERT_EQ(log->plans()->size(), 1u);
  writer = write(*log);
  ASSERT_TRUE(log->append(one(record_of({3}))));  // must not join the interrupted batch
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(numbers_in(target_.rows("N_CL")), (std::multiset<std::int64_t>{1, 2, 3}));
  EXPECT_GE(target_.num_repeated, 1);
}

TEST_F(IngestLogTest, RefusedRowsAreFoundAndKeptAside) {
  auto log = open();
  auto writer = write(*log);
  target_.poison = "\"n\":666";
  std::vector<std::int64_t> numbers;
  for (int i = 0; i < 100; ++i) numbers.push_back(i == 37 || i == 80 ? 666 : i);
  ASSERT_TRUE(log->append(one(record_of(numbers))));
  ASSERT_TRUE(writer->flush());
  ASSERT_TRUE(writer->flush());  // the rejects, appended by the first one
  EXPECT_EQ(target_.rows("N_CL").size(), 98u);
  const std::vector<std::string> rejects = target_.rows("GarrisonRejects");
  ASSERT_EQ(rejects.size(), 2u);
  EXPECT_NE(rejects[0].find("T-2: poison"), std::string::npos) << rejects[0];
  EXPECT_NE(rejects[0].find("N_CL"), std::string::npos);
  EXPECT_EQ(writer->figures().num_rows_refused, 2u);
  EXPECT_TRUE(log->entries()->empty());
}

TEST_F(IngestLogTest, ADamagedEntryCostsOnlyItself) {
  auto log = open();
  ASSERT_TRUE(log->append(one(record_of({1}))));
  const auto bad = log->append(one(record_of({2})));
  ASSERT_TRUE(log->append(one(record_of({3}))));
  const auto plan = log->make_plan(WorkspaceId("main"), "N_CL", kDay, {1, 2, 3});
  ASSERT_TRUE(plan);
  ASSERT_TRUE(log->set_damaged(bad->at(0).position, "test"));
  auto writer = write(*log);
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(numbers_in(target_.rows("N_CL")), (std::multiset<std::int64_t>{1, 3}));
  EXPECT_EQ(log->figures().num_damaged, 1u);
}

TEST_F(IngestLogTest, ARemovedWorkspaceLeavesNothing) {
  auto log = open();
  auto writer = write(*log);
  ASSERT_TRUE(log->append(one(record_of({1}))));
  writer->remove_workspace(WorkspaceId("main"));
  ASSERT_TRUE(log->remove_workspace(WorkspaceId("main")));
  EXPECT_TRUE(log->entries()->empty());
  EXPECT_EQ(writer->figures().num_rows_waiting, 0u);
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(target_.num_tries, 0);
}

// The power is cut at 1,000 points of appending, planning, inserting and trimming: whatever was acknowledged is in the
// engine once, and nothing is there twice.
TEST_F(IngestLogTest, ThousandPowerCuts) {
  std::set<std::int64_t> acknowledged;
  std::int64_t next = 0;
  SeededRandom random(20'260'506);
  for (int point = 0; point < 1'000; ++point) {
    auto log = open();
    ASSERT_NE(log, nullptr) << "point " << point << ": " << open_error_;
    {
      auto writer = write(*log);
      disk_.cut_power_after(1 + random.below(60));
      for (int i = 0; i < 6 && !disk_.power_is_cut(); ++i) {
        std::vector<std::int64_t> numbers;
        for (std::uint64_t n = 0; n <= random.below(3); ++n) numbers.push_back(next++);
        target_.fails_after_insert = random.below(4) == 0;
        if (log->append(one(record_of(numbers)))) acknowledged.insert(numbers.begin(), numbers.end());
        if (random.below(2) == 0) static_cast<void>(writer->flush(milliseconds(disk_.power_is_cut() ? 0 : 4)));
      }
    }
    log.reset();
    if (!disk_.power_is_cut()) disk_.cut_power();
    disk_.restart(random);
  }
  target_.fails_after_insert = false;
  auto log = open();
  ASSERT_NE(log, nullptr) << open_error_;
  auto writer = write(*log);
  ASSERT_TRUE(writer->flush());
  const std::multiset<std::int64_t> stored = numbers_in(target_.rows("N_CL"));
  std::size_t lost = 0;
  for (const std::int64_t number : acknowledged) lost += stored.count(number) == 0 ? 1 : 0;
  std::size_t twice = 0;
  for (auto at = stored.begin(); at != stored.end(); at = stored.upper_bound(*at))
    twice += stored.count(*at) > 1 ? 1 : 0;
  EXPECT_EQ(lost, 0u) << "of " << acknowledged.size();
  EXPECT_EQ(twice, 0u);
  EXPECT_GT(acknowledged.size(), 500u);
}

}  // namespace
}  // namespace garrison::ingest
