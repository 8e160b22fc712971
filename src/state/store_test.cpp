// SPDX-License-Identifier: Apache-2.0
#include "state/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

#include "base/disk.h"
#include "base/random.h"

namespace garrison::state {
namespace {

const MigrationSet kNotes = {"notes", {{1, "notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT"}}};

class StoreTest : public testing::Test {
 protected:
  StoreTest() : folder_(std::filesystem::temp_directory_path() / ("garrison-" + SystemRandom().guid())) {
    std::filesystem::create_directory(folder_);
  }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "state.db").string(); }
  Result<std::unique_ptr<Store>> open(std::vector<MigrationSet> sets = {kNotes}) {
    return Store::open(path(), {}, sets, clock_);
  }
  static Result<std::int64_t> count(Store& store) {
    return store.read([](Transaction& transaction) -> Result<std::int64_t> {
      GARRISON_ASSIGN(const auto got, transaction.query_one("SELECT count(*) FROM notes", {},
                                                            [](const Row& row) { return row.integer(0); }));
      return *got;
    });
  }
  static Result<std::int64_t> add(Store& store, std::string_view text) {
    return store.write([&](Transaction& transaction) {
      return transaction.execute("INSERT INTO notes (text) VALUES (?)", {text});
    });
  }

  std::filesystem::path folder_;
  ManualClock clock_{DateTime{kUnixEpochTicks}};
};

TEST_F(StoreTest, KeepsEveryKindOfValue) {
  const MigrationSet kinds = {"kinds", {{1, "kinds", "CREATE TABLE kinds (a INTEGER, b REAL, c TEXT, d BLOB, e INTEGER) STRICT"}}};
  const auto store = open({kinds});
  ASSERT_TRUE(store.ok()) << store.error().to_string();
  const std::string bytes("\0\xFF\0x", 4);
  const auto done = (*store)->write([&](Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute("INSERT INTO kinds VALUES (?, ?, ?, ?, ?)",
                                     {INT64_MIN, 1e308, std::string("a\0b", 3), Blob{bytes}, std::optional<int>()}));
    return transaction.query("SELECT a, b, c, d, e, a + 1 FROM kinds", {}, [&](const Row& row) -> Result<void> {
      EXPECT_EQ(row.integer(0), INT64_MIN);
      EXPECT_EQ(row.number(1), 1e308);
      EXPECT_EQ(row.text(2), std::string_view("a\0b", 3));
      EXPECT_EQ(row.text(3), bytes);
      EXPECT_TRUE(row.is_null(4));
      EXPECT_EQ(row.maybe_time(4), std::nullopt);
      EXPECT_EQ(row.integer(5), INT64_MIN + 1);
      return {};
    });
  });
  EXPECT_TRUE(done.ok()) << done.error().to_string();
}

TEST_F(StoreTest, CommitsAndSurvivesReopening) {
  {
    const auto store = open();
    ASSERT_TRUE(store.ok());
    EXPECT_EQ(add(**store, "one").value(), 1);
  }
  const auto store = open();
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(count(**store).value(), 1);
  EXPECT_TRUE((*store)->verify().ok());
}

TEST_F(StoreTest, RollsBackOnErrorAndException) {
  const auto store = open();
  const auto refused = (*store)->write([](Transaction& transaction) -> Result<int> {
    GARRISON_TRY(transaction.execute("INSERT INTO notes (text) VALUES ('x')"));
    return denied("T-1", "no");
  });
  EXPECT_EQ(refused.error().code, "T-1");
  const auto thrown = (*store)->write([](Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute("INSERT INTO notes (text) VALUES ('x')"));
    throw std::runtime_error("boom");
  });
  EXPECT_EQ(thrown.error().kind, ErrorKind::kBug);
  EXPECT_EQ(count(**store).value(), 0);
}

TEST_F(StoreTest, MapsConstraintsToConflict) {
  const auto store = open();
  ASSERT_TRUE(add(**store, "one").ok());
  const auto again = add(**store, "one");
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(again.error().code, "STATE-0005");
  EXPECT_EQ((*store)->last_failure(), std::nullopt);
}

TEST_F(StoreTest, RefusesWritesInReadsAndNestedTransactions) {
  const auto store = open();
  const auto written = (*store)->read([](Transaction& transaction) -> Result<std::int64_t> {
    return transaction.execute("INSERT INTO notes (text) VALUES ('x')");
  });
  EXPECT_EQ(written.error().kind, ErrorKind::kBug);
  const auto nested = (*store)->write([&](Transaction&) { return add(**store, "y"); });
  EXPECT_EQ(nested.error().kind, ErrorKind::kBug);
  EXPECT_EQ(count(**store).value(), 0);
  // The writer is free again.
  EXPECT_TRUE(add(**store, "z").ok());
}

TEST_F(StoreTest, RefusesSeveralStatementsAndWrongParameters) {
  const auto store = open();
  for (const char* const sql : {"DELETE FROM notes; DELETE FROM notes", "DELETE FROM notes WHERE id = ?", ""}) {
    const auto done = (*store)->write([&](Transaction& transaction) { return transaction.execute(sql); });
    EXPECT_EQ(done.error().kind, ErrorKind::kBug) << sql;
  }
}

TEST_F(StoreTest, ReadersSeeASnapshotWhileAWriterCommits) {
  const auto store = open();
  ASSERT_TRUE(add(**store, "one").ok());
  const auto seen = (*store)->read([&](Transaction& transaction) -> Result<std::int64_t> {
    const auto rows = [&]() -> Result<std::optional<std::int64_t>> {
      return transaction.query_one("SELECT count(*) FROM notes", {}, [](const Row& row) { return row.integer(0); });
    };
    GARRISON_TRY(rows());
    // Another thread commits in the middle of this snapshot.
    EXPECT_TRUE(std::async(std::launch::async, [&] { return add(**store, "two").ok(); }).get());
    GARRISON_ASSIGN(const auto after, rows());
    return *after;
  });
  EXPECT_EQ(seen.value(), 1);
  EXPECT_EQ(count(**store).value(), 2);
}

TEST_F(StoreTest, SerialisesWritersOfManyThreads) {
  const auto store = open();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(add(**store, std::to_string(t * 100 + i)).ok());
        EXPECT_TRUE(count(**store).ok());
      }
    });
  }
  threads.clear();
  EXPECT_EQ(count(**store).value(), 40);
}

TEST_F(StoreTest, RunsTheSameStatementWithinItsOwnRows) {
  const auto store = open();
  ASSERT_TRUE(add(**store, "a").ok());
  ASSERT_TRUE(add(**store, "b").ok());
  int pairs = 0;
  const auto done = (*store)->read([&](Transaction& transaction) {
    return transaction.query("SELECT id FROM notes", {}, [&](const Row&) {
      return transaction.query("SELECT id FROM notes", {}, [&](const Row&) -> Result<void> {
        ++pairs;
        return {};
      });
    });
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(pairs, 4);
}

TEST_F(StoreTest, RunsActionsOnlyAfterACommit) {
  const auto store = open();
  int runs = 0;
  const auto once = [&](bool ok) {
    return (*store)->write([&](Transaction& transaction) -> Result<void> {
      transaction.after_commit([&] {
        ++runs;
        // Outside of the transaction: the store may be used.
        EXPECT_TRUE(count(**store).ok());
      });
      if (ok) return {};
      return denied("T-1", "no");
    });
  };
  EXPECT_FALSE(once(false).ok());
  EXPECT_EQ(runs, 0);
  EXPECT_TRUE(once(true).ok());
  EXPECT_EQ(runs, 1);
}

TEST_F(StoreTest, CreatesTheFileForItsOwnerOnly) {
  const auto store = open();
  ASSERT_TRUE(add(**store, "one").ok());
  for (const char* const name : {"state.db", "state.db-wal", "state.db-shm"}) {
    const auto mode = std::filesystem::status(folder_ / name).permissions();
    EXPECT_EQ(mode & std::filesystem::perms::all, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << name;
  }
}

TEST_F(StoreTest, SaysWhatIsWrongWithAFile) {
  ASSERT_TRUE(SystemDisk().write_file(path(), std::string(8'192, 'x')).ok());
  EXPECT_EQ(open().error().kind, ErrorKind::kCorrupt);
  const auto missing = Store::open((folder_ / "no" / "state.db").string(), {}, {}, clock_);
  EXPECT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("state.db"), std::string::npos);
}

TEST_F(StoreTest, AddsMigrationsAndRefusesANewerDatabase) {
  MigrationSet more = kNotes;
  more.migrations.push_back({2, "colour", "ALTER TABLE notes ADD COLUMN colour TEXT"});
  ASSERT_TRUE(open().ok());
  {
    const auto store = open({more});
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    ASSERT_TRUE((*store)->write([](Transaction& transaction) {
                 return transaction.execute("INSERT INTO notes (text, colour) VALUES ('a', 'red')");
               }).ok());
  }
  const auto older = open();
  EXPECT_EQ(older.error().code, "STATE-0010");
  EXPECT_NE(older.error().message.find("newer garrison"), std::string::npos);
  EXPECT_EQ(open({}).error().code, "STATE-0010");
  EXPECT_TRUE(open({more}).ok());
}

TEST_F(StoreTest, FindsAnEditedMigration) {
  ASSERT_TRUE(open().ok());
  MigrationSet edited = kNotes;
  edited.migrations[0].sql = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT) STRICT";
  EXPECT_EQ(open({edited}).error().code, "STATE-0011");
}

TEST_F(StoreTest, LeavesNothingOfAFailedMigration) {
  MigrationSet broken = kNotes;
  broken.migrations.push_back({2, "broken", "CREATE TABLE half (a INTEGER); NOT SQL"});
  EXPECT_FALSE(open({broken}).ok());
  const auto store = open();
  ASSERT_TRUE(store.ok()) << store.error().to_string();
  const auto half = (*store)->write([](Transaction& transaction) { return transaction.execute("DELETE FROM half"); });
  EXPECT_FALSE(half.ok());
  MigrationSet gap = kNotes;
  gap.migrations.push_back({3, "gap", "SELECT 1"});
  EXPECT_EQ(open({gap}).error().code, "STATE-0012");
}

}  // namespace
}  // namespace garrison::state
