// SPDX-License-Identifier: Apache-2.0
// Real recordings of attacks: every record of a file that is detected as Windows events becomes rows, and none is
// refused.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/disk.h"
#include "ingest/formats/all.h"
#include "ingest/record_splitter.h"
#include "ingest/test_rows.h"
#include "net/compression.h"
#include "table/catalogue.h"

namespace garrison::ingest {
namespace {

constexpr std::size_t kRecordsPerFile = 200;
constexpr std::size_t kBytesPerFile = 2 << 20;

// The beginning of a packed file.
std::string beginning(SystemDisk& disk, const std::string& path) {
  const auto file = disk.open(path, OpenMode::kRead);
  const auto bytes = file ? (*file)->read_at(0, 1 << 20) : Result<std::string>(file.error());
  std::string out;
  if (!bytes) return out;
  const auto unpacker = net::Decompressor::create(net::Encoding::kZstd, {UINT64_MAX, UINT64_MAX});
  static_cast<void>(unpacker->write(*bytes, [&](std::string_view piece) -> Result<void> {
    out += piece;
    return out.size() > kBytesPerFile ? Result<void>(exhausted("T-1", "enough")) : Result<void>();
  }));
  return out;
}

TEST(WindowsCorpus, RecordedAttacksBecomeRows) {
  const char* given = std::getenv("GARRISON_CORPUS");
  const std::filesystem::path corpus =
      given != nullptr ? given : std::string(GARRISON_SOURCE_DIR) + "/../shared/corpus";
  if (!std::filesystem::exists(corpus / "mordor/index.ndjson"))
    GTEST_SKIP() << "no corpus of recorded attacks (GARRISON_CORPUS)";
  SystemDisk disk;
  const auto tables = table::BuiltInTables::open(disk, std::string(GARRISON_SOURCE_DIR) + "/content/tables");
  ASSERT_TRUE(tables);
  std::map<std::string, std::size_t> rows;
  std::size_t num_files = 0;
  std::size_t num_refused = 0;
  std::size_t num_extra = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus / "mordor")) {
    if (entry.path().extension() != ".zst") continue;
    RecordSplitter splitter;
    splitter.append(beginning(disk, entry.path().string()));
    BatchOutput output([&](std::string_view name) { return (*tables)->find(name); },
                       {*parse_iso("2026-05-06T12:00:00Z"), "t", 1, "w"}, TimeMode::kBackfill);
    std::unique_ptr<FormatReader> reader;
    for (std::size_t count = 0; count < kRecordsPerFile; ++count) {
      const auto record = splitter.next();
      if (!record) break;
      if (reader == nullptr) {
        const Format* format = detect_format(record->text, {});
        // Rows of other products, and exported rows, have no rules of ours to check.
        if (format->table_choice == TableChoice::kRequired || format->name == "log-analytics") break;
        reader = format->make({output, "", {}});
        ++num_files;
      }
      if (const auto done = reader->read(record->text); !done && ++num_refused < 5)
        ADD_FAILURE() << entry.path().filename() << " line " << record->line << ": " << done.error().to_string() << " "
                      << record->text.substr(0, 300);
    }
    for (const LogRecord& block : output.finish(WorkspaceId("w"))) {
      rows[block.table] += block.num_rows;
      for (const std::string& row : rows_of(*block.native)) {
        if (block.table == "AWSCloudTrail" || row.find("\"_Extra\"") == std::string::npos) continue;
        if (++num_extra < 5)
          ADD_FAILURE() << entry.path().filename() << " " << block.table << " "
                        << row.substr(row.find("\"_Extra\""), 200);
      }
    }
  }
  EXPECT_GE(num_files, 95u);
  EXPECT_EQ(num_refused, 0u);
  EXPECT_EQ(num_extra, 0u) << "values of these senders that fit no column";
  for (const char* table :
       {"SecurityEvent", "Event", "DeviceProcessEvents", "DeviceNetworkEvents", "DeviceFileEvents",
        "DeviceRegistryEvents", "DeviceImageLoadEvents", "DeviceEvents", "DeviceLogonEvents", "AWSCloudTrail"})
    EXPECT_GT(rows[table], 0u) << table;
}

}  // namespace
}  // namespace garrison::ingest
