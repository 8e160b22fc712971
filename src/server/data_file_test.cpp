// SPDX-License-Identifier: Apache-2.0
#include "server/data_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "net/compression.h"
#include "server/csv_splitter.h"
#include "server/inferred_table.h"

namespace garrison::server {
namespace {

using table::Kind;

class DataFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / "garrison-data-file-XXXXXX";
    std::string name = folder_.string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return (folder_ / name).string();
  }

  // Reads the file twice, as the command does.
  table::Batch read(const std::string& path) {
    auto file = DataFile::open(disk_, path);
    EXPECT_TRUE(file.ok());
    SchemaInference inference(file->format());
    DataFile::Sinks sinks;
    sinks.record = [&](const std::vector<Field>& record) -> Result<void> {
      inference.add(record);
      return {};
    };
    sinks.rejected = [&](const RejectedRecord& record) { rejected_.push_back(record.line); };
    sinks.progress = [](double) -> Result<void> { return {}; };
    outcome_ = file->read(sinks);
    InferredRows rows(inference.schema());
    sinks.record = [&](const std::vector<Field>& record) -> Result<void> {
      rows.add(record);
      return {};
    };
    sinks.rejected = [](const RejectedRecord&) {};
    if (outcome_.ok()) outcome_ = file->read(sinks);
    return rows.take();
  }

  static std::vector<std::string> texts(const table::Batch& batch, std::size_t column) {
    std::vector<std::string> out;
    for (std::size_t row = 0; row < batch.num_rows(); ++row) {
      out.push_back(batch.columns[column].is_null(row) ? "null" : table::to_display(batch.columns[column], row));
    }
    return out;
  }

  std::filesystem::path folder_;
  SystemDisk disk_;
  std::vector<std::uint64_t> rejected_;
  Result<void> outcome_;
};

TEST_F(DataFileTest, KindsComeFromAllValues) {
  const auto batch = read(write(
      "a.jsonl",
      R"({"n":1,"r":1,"t":"2024-05-06T07:08:09Z","b":true,"d":{"x":1},"m":1,"e":"","q":"2024-05-06"})"
      "\n"
      R"({"n":-2,"r":2.5,"t":"2024-05-06 07:08:09.5","b":false,"d":"text","m":"x","late":9223372036854775808,"q":"soon"})"
      "\n"));
  EXPECT_EQ(batch.schema.to_string(),
            "n:long, r:real, t:datetime, b:bool, d:dynamic, m:string, e:string, q:string, late:real");
  EXPECT_EQ(texts(batch, 1), (std::vector<std::string>{"1.0", "2.5"}));
  EXPECT_EQ(texts(batch, 4), (std::vector<std::string>{R"({"x":1})", R"("text")"}));
  EXPECT_EQ(texts(batch, 5), (std::vector<std::string>{"1", "x"}));
  EXPECT_EQ(texts(batch, 8)[0], "null");
}

TEST_F(DataFileTest, CompressionIsToldByTheFirstBytes) {
  const std::string text = "{\"a\":1}\n{\"a\":2}\n";
  EXPECT_EQ(read(write("a.json", net::compress(net::Encoding::kGzip, text))).num_rows(), 2u);
  EXPECT_EQ(read(write("b.log", net::compress(net::Encoding::kZstd, text))).num_rows(), 2u);
  // Two members one after the other, as `cat a.gz b.gz` makes.
  const std::string member = net::compress(net::Encoding::kGzip, text);
  EXPECT_EQ(read(write("c.gz", member + member)).num_rows(), 4u);
  EXPECT_TRUE(outcome_.ok());
  read(write("d.gz", member.substr(0, member.size() - 6)));
  ASSERT_FALSE(outcome_.ok());
  EXPECT_EQ(outcome_.error().code, "NET-0120");
}

TEST_F(DataFileTest, ArraysAndObjectsOverLinesAreRead) {
  EXPECT_EQ(read(write("a.json", "[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n")).num_rows(), 2u);
  EXPECT_EQ(read(write("b.json", "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n")).num_rows(), 2u);
}

TEST_F(DataFileTest, BrokenLinesCostThemselvesOnly) {
  const auto batch = read(write("a.jsonl", "{\"a\":1}\n{\"a\":\n[1]\n{\"a\":2}\n"));
  EXPECT_EQ(texts(batch, 0), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(rejected_, (std::vector<std::uint64_t>{2, 3}));
}

TEST_F(DataFileTest, EmptyFilesHaveNoColumns) {
  EXPECT_TRUE(read(write("a.jsonl", "")).schema.columns.empty());
  EXPECT_TRUE(read(write("b.csv", "x,y\n")).schema.columns.empty());
}

TEST_F(DataFileTest, CsvCellsTakeTheirKindsFromText) {
  const auto batch = read(write(
      "a.csv", "id,zip,ok,when,x,x,\r\n1,00501,true,2024-05-06,1.5,a,\r\n2,10001,FALSE,,,\"b\r\n\"\"c\"\"\",z\r\n"));
  EXPECT_EQ(batch.schema.to_string(),
            "id:long, zip:string, ok:bool, when:datetime, x:real, x_2:string, column_7:string");
  EXPECT_EQ(texts(batch, 1), (std::vector<std::string>{"00501", "10001"}));
  EXPECT_EQ(texts(batch, 3)[1], "null");
  EXPECT_EQ(texts(batch, 5)[1], "b\r\n\"c\"");
}

TEST_F(DataFileTest, CsvRecordsWithTooManyCellsAreRejected) {
  const auto batch = read(write("a.csv", "a;b\n1;2\n1;2;3\n4\n"));
  EXPECT_EQ(texts(batch, 0), (std::vector<std::string>{"1", "4"}));
  EXPECT_EQ(rejected_, (std::vector<std::uint64_t>{3}));
}

TEST_F(DataFileTest, FieldsBeyondTheLimitAreKept) {
  std::string line = "{";
  for (int i = 0; i < 1'005; ++i) line += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":" + std::to_string(i);
  const auto batch = read(write("a.jsonl", line + "}\n"));
  EXPECT_EQ(batch.schema.columns.size(), 1'000u);
  EXPECT_EQ(texts(batch, 999)[0], R"({"f999":999,"f1000":1000,"f1001":1001,"f1002":1002,"f1003":1003,"f1004":1004})");
}

TEST_F(DataFileTest, AbsentFilesAndFoldersAreBadInput) {
  EXPECT_EQ(DataFile::open(disk_, (folder_ / "none").string()).error().code, "QUERY-0010");
  EXPECT_EQ(DataFile::open(disk_, folder_.string()).error().code, "QUERY-0010");
}

TEST(TableName, ComesFromTheFile) {
  EXPECT_EQ(table_name_of("/x/y/events.jsonl.gz"), "events");
  EXPECT_EQ(table_name_of("SecurityEvent.JSON"), "SecurityEvent");
  EXPECT_EQ(table_name_of("2024-05 logs.csv.zst"), "_2024_05_logs");
  EXPECT_EQ(table_name_of("plain"), "plain");
  EXPECT_EQ(table_name_of(".jsonl"), "_");
}

TEST(CsvSplitter, PiecesOfAnySizeGiveTheSame) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a,b\r\n\"1\"\"x\",\"y,\n\"\r\n\r\n3,";
  const std::vector<std::vector<std::string>> expected = {{"a", "b"}, {"1\"x", "y,\n"}, {"3", ""}};
  for (const std::size_t size : {1u, 2u, 5u, 100u}) {
    std::vector<std::vector<std::string>> records;
    CsvSplitter splitter([&](const std::vector<std::string>& cells, std::uint64_t) -> Result<void> {
      records.push_back(cells);
      return {};
    });
    for (std::size_t at = 0; at < text.size(); at += size)
      ASSERT_TRUE(splitter.append(std::string_view(text).substr(at, size)).ok());
    ASSERT_TRUE(splitter.finish().ok());
    EXPECT_EQ(records, expected) << size;
  }
}

TEST(CsvSplitter, AnOpenQuoteEndsAtTheLimit) {
  CsvSplitter splitter([](const std::vector<std::string>&, std::uint64_t) -> Result<void> { return {}; });
  ASSERT_TRUE(splitter.append("a\n\"").ok());
  const std::string piece(1 << 20, 'x');
  Result<void> outcome;
  for (int i = 0; i < 17 && outcome.ok(); ++i) outcome = splitter.append(piece);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, "QUERY-0011");
}

}  // namespace
}  // namespace garrison::server
