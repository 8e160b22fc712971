// SPDX-License-Identifier: Apache-2.0
#include "ingest/record_splitter.h"

#include <gtest/gtest.h>

#include <vector>

namespace garrison::ingest {
namespace {

// Records as "line:text", with "!" in front of those that are too long. Fed in pieces of the size given.
std::vector<std::string> split(std::string_view input, std::size_t piece, std::size_t max_bytes = 1 << 20) {
  RecordSplitter splitter({max_bytes, 64, 1'000});
  std::vector<std::string> records;
  const auto drain = [&] {
    while (const auto record = splitter.next())
      records.push_back((record->is_too_long ? "!" : "") + std::to_string(record->line) + ":" +
                        std::string(record->text));
  };
  for (std::size_t at = 0; at < input.size(); at += piece) {
    splitter.append(input.substr(at, piece));
    drain();
  }
  splitter.finish();
  drain();
  return records;
}

using Records = std::vector<std::string>;

TEST(RecordSplitter, EveryLayoutInPiecesOfAnySize) {
  struct Case {
    std::string_view input;
    Records records;
  };
  const Case cases[] = {
      {"", {}},
      {" \n\r\n", {}},
      {"{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}", {"1:{\"a\":1}", "2:{\"b\":2}", "4:{\"c\":3}"}},
      {"\xEF\xBB\xBF{\"a\":1}\n", {"1:{\"a\":1}"}},
      {"[{\"a\":1},\n {\"b\":\"]},{\"}]", {"1:{\"a\":1}", "2:{\"b\":\"]},{\"}"}},
      {"[]", {}},
      {"{\n \"a\": {\"b\": \"}\\\"\"}\n}\n{\n\"c\":3}", {"1:{\n \"a\": {\"b\": \"}\\\"\"}\n}", "4:{\n\"c\":3}"}},
      {"[1,[2,3],\"x,y\"]", {"1:1", "1:[2,3]", "1:\"x,y\""}},
      {"plain text\n{\"a\":1}\n", {"1:plain text", "2:{\"a\":1}"}},
      {"{\"a\":1}\n{broken\n{\"b\":2}\n", {"1:{\"a\":1}", "2:{broken", "3:{\"b\":2}"}},
  };
  for (const Case& item : cases)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1'000}})
      EXPECT_EQ(split(item.input, piece), item.records) << item.input << " in pieces of " << piece;
}

TEST(RecordSplitter, LongRecordsAreShownOnceAndPassedOver) {
  const std::string line = "{\"a\":\"" + std::string(300, 'x') + "\"}";
  for (const std::size_t piece : {std::size_t{7}, std::size_t{5'000}}) {
    const Records records = split("{\"n\":1}\n" + line + "\n{\"n\":2}\n", piece, 100);
    ASSERT_EQ(records.size(), 3u) << piece;
    EXPECT_EQ(records[1].substr(0, 4), "!2:{");
    EXPECT_EQ(records[2], "3:{\"n\":2}");
  }
  const Records array = split("[{\"n\":1}," + line + ",{\"n\":2}]", 5'000, 100);
  ASSERT_EQ(array.size(), 3u);
  EXPECT_EQ(array[1][0], '!');
  EXPECT_EQ(array[2], "1:{\"n\":2}");
}

TEST(RecordSplitter, GoesOnBehindADamagedObject) {
  const Records records = split("{\n\"a\":1\n}\n{\n\"b\":\"open\n}\n{\n\"c\":3\n}\n", 1'000);
  ASSERT_GE(records.size(), 2u);
  EXPECT_EQ(records.front(), "1:{\n\"a\":1\n}");
}

TEST(RecordSplitter, Rewinds) {
  RecordSplitter splitter;
  splitter.append(std::string("[{\"a\":1},{\"b\":2}]"));
  splitter.finish();
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(splitter.next()->text, "{\"a\":1}");
    EXPECT_EQ(splitter.next()->text, "{\"b\":2}");
    EXPECT_FALSE(splitter.next());
    splitter.rewind();
  }
}

}  // namespace
}  // namespace garrison::ingest
