// SPDX-License-Identifier: Apache-2.0
#include "base/fault_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace garrison {
namespace {

std::unique_ptr<DiskFile> open(FaultDisk& disk, const std::string& path) {
  auto file = disk.open(path, OpenMode::kReadWrite);
  EXPECT_TRUE(file.ok());
  return std::move(*file);
}

TEST(FaultDisk, BehavesAsADiskWhileNothingIsBroken) {
  FaultDisk disk;
  EXPECT_EQ(disk.open("d/a", OpenMode::kReadWrite).error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(disk.make_folder("d/e").ok());
  ASSERT_TRUE(disk.write_file("d/a", "hello").ok());
  EXPECT_EQ(disk.read_file("d/../d/a").value(), "hello");
  EXPECT_EQ(disk.list("d").value(), (std::vector<std::string>{"a", "e"}));
  EXPECT_EQ(disk.open("d/a", OpenMode::kCreateNew).error().kind, ErrorKind::kConflict);
  EXPECT_FALSE(disk.open("d/a", OpenMode::kRead).value()->write_at(0, "x").ok());
  ASSERT_TRUE(disk.rename("d/a", "d/b").ok());
  EXPECT_FALSE(disk.exists("d/a"));
  ASSERT_TRUE(disk.remove("d/b").ok());
  ASSERT_TRUE(disk.remove("d/b").ok());
  EXPECT_TRUE(disk.list("d/e").value().empty());
}

TEST(FaultDisk, KeepsWhatWasSyncedAndMayLoseTheRest) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    FaultDisk disk;
    auto file = open(disk, "a");
    ASSERT_TRUE(file->write_at(0, "1111").ok());
    ASSERT_TRUE(file->sync().ok());
    ASSERT_TRUE(disk.sync_folder(".").ok());
    ASSERT_TRUE(file->write_at(4, "22").ok());
    ASSERT_TRUE(file->write_at(6, "33").ok());
    disk.cut_power();
    EXPECT_FALSE(file->sync().ok());
    disk.restart(random);
    EXPECT_FALSE(file->size().ok()) << "opened before the cut";
    const std::string left = disk.read_file("a").value();
    EXPECT_EQ(left.substr(0, 4), "1111");
    outcomes.insert(left);
  }
  EXPECT_TRUE(outcomes.contains("1111"));
  EXPECT_TRUE(outcomes.contains("11112"));
  EXPECT_TRUE(outcomes.contains("111122" "3"));
  EXPECT_TRUE(outcomes.contains("11112233"));
  EXPECT_TRUE(outcomes.contains(std::string("1111\0\0" "33", 8))) << "writes may arrive in another order";
}

TEST(FaultDisk, LosesNamesWithoutAFolderSync) {
  std::set<bool> outcomes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    FaultDisk disk;
    auto file = open(disk, "a");
    ASSERT_TRUE(file->write_at(0, "1").ok());
    ASSERT_TRUE(file->sync().ok());
    disk.cut_power();
    disk.restart(random);
    outcomes.insert(disk.exists("a"));
  }
  EXPECT_EQ(outcomes.size(), 2u);
}

TEST(FaultDisk, CutsThePowerAtTheOperationAskedFor) {
  FaultDisk disk;
  auto file = open(disk, "a");
  disk.cut_power_after(2);
  EXPECT_TRUE(file->write_at(0, "1").ok());
  EXPECT_FALSE(file->write_at(1, "2").ok());
  EXPECT_TRUE(disk.power_is_cut());
  EXPECT_EQ(disk.open("a", OpenMode::kRead).error().kind, ErrorKind::kUnavailable);
}

TEST(FaultDisk, DoesNotStoreLaterWhatASyncFailedToStore) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    FaultDisk disk;
    auto file = open(disk, "a");
    ASSERT_TRUE(disk.sync_folder(".").ok());
    disk.fail_sync_after(1, FaultDisk::Repeat::kOnce);
    ASSERT_TRUE(file->write_at(0, "lost").ok());
    EXPECT_FALSE(file->sync().ok());
    EXPECT_TRUE(file->sync().ok());
    disk.cut_power();
    disk.restart(random);
    outcomes.insert(disk.read_file("a").value());
    file = open(disk, "a");
    ASSERT_TRUE(file->write_at(0, "kept").ok());
    ASSERT_TRUE(file->sync().ok());
    disk.cut_power();
    disk.restart(random);
    EXPECT_EQ(disk.read_file("a").value(), "kept");
  }
  EXPECT_TRUE(outcomes.contains("")) << "the second sync stored nothing";
}

TEST(FaultDisk, FailsWritesAndFillsUp) {
  FaultDisk disk;
  auto file = open(disk, "a");
  disk.fail_write_after(2, FaultDisk::Repeat::kForever);
  EXPECT_TRUE(file->write_at(0, "1").ok());
  EXPECT_EQ(file->write_at(1, "2").error().kind, ErrorKind::kUnavailable);
  EXPECT_FALSE(file->write_at(1, "2").ok());
  disk.heal();
  EXPECT_TRUE(file->write_at(1, "2").ok());
  disk.set_capacity(4);
  EXPECT_EQ(disk.free_bytes(".").value(), 2u);
  EXPECT_EQ(file->write_at(2, "345").error().kind, ErrorKind::kExhausted);
  EXPECT_TRUE(file->write_at(0, "99").ok()) << "what is there may be overwritten";
  ASSERT_TRUE(disk.remove("a").ok());
  EXPECT_EQ(disk.free_bytes(".").value(), 4u);
}

TEST(FaultDisk, LocksOnce) {
  FaultDisk disk;
  auto held = disk.lock("l");
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(disk.lock("l").error().kind, ErrorKind::kConflict);
  held->reset();
  EXPECT_TRUE(disk.lock("l").ok());
}

}  // namespace
}  // namespace garrison
