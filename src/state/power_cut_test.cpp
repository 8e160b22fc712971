// SPDX-License-Identifier: Apache-2.0
// Cuts the power at seeded moments, and breaks the disk in other ways, under a store that commits.
#include <gtest/gtest.h>

#include "base/fault_disk.h"
#include "base/random.h"
#include "state/sqlite_disk_vfs.h"
#include "state/store.h"

namespace garrison::state {
namespace {

const MigrationSet kRows = {
    "rows", {{1, "rows", "CREATE TABLE rows (txn INTEGER, part INTEGER, body TEXT, PRIMARY KEY (txn, part)) STRICT"}}};
constexpr int kParts = 3;

class Fixture {
 public:
  explicit Fixture(std::uint64_t seed) : random_(seed) { EXPECT_TRUE(disk_.make_folder("/data").ok()); }

  Result<void> open() {
    store_.reset();
    GARRISON_ASSIGN(store_, Store::open("/data/state.db", {.vfs = vfs_.name()}, std::span(&kRows, 1), clock_));
    return {};
  }

  // One transaction of several rows, some larger than a page.
  Result<void> commit(std::int64_t txn) {
    const std::string body(random_.below(6'000), static_cast<char>('a' + txn % 26));
    return store_->write([&](Transaction& transaction) -> Result<void> {
      for (int part = 0; part < kParts; ++part) {
        GARRISON_TRY(transaction.execute("INSERT INTO rows VALUES (?, ?, ?)", {txn, part, body}));
      }
      return {};
    });
  }

  // Numbers of the transactions that are there; a torn one fails the test.
  std::vector<std::int64_t> transactions() {
    const auto got = store_->read([](Transaction& transaction) {
      return transaction.query_all(
          "SELECT txn, count(*), min(length(body)) = max(length(body)) FROM rows GROUP BY txn ORDER BY txn", {},
          [](const Row& row) {
            EXPECT_EQ(row.integer(1), kParts);
            EXPECT_TRUE(row.boolean(2));
            return row.integer(0);
          });
    });
    EXPECT_TRUE(got.ok());
    return got.ok() ? *got : std::vector<std::int64_t>{};
  }

  ManualClock clock_{DateTime{kUnixEpochTicks}};
  SeededRandom random_;
  FaultDisk disk_;
  SqliteDiskVfs vfs_{disk_};
  std::unique_ptr<Store> store_;
};

// Commits until the power goes; gives how many commits were acknowledged.
std::int64_t commit_until_cut(Fixture& fixture, std::int64_t first) {
  if (!fixture.open().ok()) return first;
  std::int64_t next = first;
  while (next < first + 40 && fixture.commit(next).ok()) ++next;
  return next;
}

TEST(PowerCut, LosesNoCommitAndTearsNoneAtAThousandPoints) {
  int num_cut = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Fixture fixture(seed);
    std::int64_t acknowledged = 0;
    // Twice in a row: the second time on what the first left, so that recovery itself is cut, too.
    for (int round = 0; round < 2; ++round) {
      fixture.disk_.cut_power_after(1 + fixture.random_.below(round == 0 ? 160 : 60));
      acknowledged = commit_until_cut(fixture, acknowledged);
      num_cut += fixture.disk_.power_is_cut() ? 1 : 0;
      fixture.disk_.cut_power();
      fixture.store_.reset();
      fixture.disk_.restart(fixture.random_);
      const auto opened = fixture.open();
      ASSERT_TRUE(opened.ok()) << "seed " << seed << ": " << opened.error().to_string();
      const auto there = fixture.transactions();
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
      // The one under way when the power went may be there, too.
      const auto found = static_cast<std::int64_t>(there.size());
      ASSERT_GE(found, acknowledged) << "seed " << seed;
      ASSERT_LE(found, acknowledged + 1) << "seed " << seed;
      ASSERT_TRUE(fixture.store_->verify().ok()) << "seed " << seed;
      acknowledged = found;
      fixture.store_.reset();
    }
  }
  EXPECT_GT(num_cut, 900);
}

TEST(PowerCut, AFailedSyncIsNeverAcknowledgedAndHarmsNoLaterCommit) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Fixture fixture(seed);
    ASSERT_TRUE(fixture.open().ok());
    std::vector<std::int64_t> acknowledged;
    int num_failed = 0;
    for (std::int64_t txn = 0; txn < 20; ++txn) {
      if (txn == 8) fixture.disk_.fail_sync_after(1 + seed % 3, FaultDisk::Repeat::kOnce);
      if (txn == 14) fixture.disk_.fail_write_after(1 + seed % 5, FaultDisk::Repeat::kOnce);
      const auto done = fixture.commit(txn);
      if (done.ok()) {
        acknowledged.push_back(txn);
        EXPECT_EQ(fixture.store_->last_failure(), std::nullopt);
      } else {
        ++num_failed;
        EXPECT_EQ(done.error().kind, ErrorKind::kUnavailable);
        EXPECT_NE(fixture.store_->last_failure(), std::nullopt);
      }
    }
    EXPECT_GE(num_failed, 1);
    EXPECT_EQ(fixture.transactions(), acknowledged) << "seed " << seed;
    fixture.disk_.cut_power();
    fixture.store_.reset();
    fixture.disk_.restart(fixture.random_);
    ASSERT_TRUE(fixture.open().ok()) << "seed " << seed;
    EXPECT_EQ(fixture.transactions(), acknowledged) << "seed " << seed;
  }
}

TEST(PowerCut, ABrokenDiskFailsEveryWriteAndKeepsWhatWasThere) {
  Fixture fixture(1);
  ASSERT_TRUE(fixture.open().ok());
  ASSERT_TRUE(fixture.commit(0).ok());
  fixture.disk_.fail_sync_after(1, FaultDisk::Repeat::kForever);
  EXPECT_FALSE(fixture.commit(1).ok());
  EXPECT_FALSE(fixture.commit(2).ok());
  EXPECT_EQ(fixture.transactions(), std::vector<std::int64_t>{0});
  fixture.disk_.heal();
  EXPECT_TRUE(fixture.commit(3).ok());
  EXPECT_EQ(fixture.transactions(), (std::vector<std::int64_t>{0, 3}));
}

TEST(PowerCut, AFullDiskRefusesWritesUntilThereIsSpaceAgain) {
  Fixture fixture(1);
  ASSERT_TRUE(fixture.open().ok());
  ASSERT_TRUE(fixture.commit(0).ok());
  const auto capacity = 200'000;
  fixture.disk_.set_capacity(capacity);
  std::int64_t txn = 1;
  while (txn < 1'000) {
    const auto done = fixture.commit(txn);
    if (!done.ok()) {
      EXPECT_EQ(done.error().kind, ErrorKind::kExhausted);
      break;
    }
    ++txn;
  }
  ASSERT_LT(txn, 1'000);
  EXPECT_EQ(fixture.transactions().size(), static_cast<std::size_t>(txn));
  fixture.disk_.set_capacity(10 * capacity);
  EXPECT_TRUE(fixture.commit(txn).ok());
  EXPECT_TRUE(fixture.store_->verify().ok());
}

TEST(PowerCut, FindsFlippedBytes) {
  Fixture fixture(1);
  ASSERT_TRUE(fixture.open().ok());
  for (std::int64_t txn = 0; txn < 20; ++txn) ASSERT_TRUE(fixture.commit(txn).ok());
  fixture.store_.reset();
  ASSERT_TRUE(fixture.disk_.flip_byte("/data/state.db", 3, 0xFF));
  const auto opened = fixture.open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace garrison::state
