// SPDX-License-Identifier: Apache-2.0
#include "ingest/native_block.h"

#include <gtest/gtest.h>

#include "ingest/log_payload.h"
#include "ingest/test_rows.h"

namespace garrison::ingest {
namespace {

using table::Kind;

std::string block(const std::vector<std::pair<std::string, std::string>>& rows) {
  TableBuilder builder(
      make_table("T",
                 {{{"TimeGenerated", Kind::kDateTime}, {"a", Kind::kLong}, {"b", Kind::kString}, {"c", Kind::kReal}}}),
      {DateTime{kUnixEpochTicks + 20'000 * kTicksPerDay}, "t", 1, ""}, TimeMode::kLive);
  for (const auto& [column, value] : rows) {
    builder.begin_row();
    EXPECT_TRUE(builder.set_from_text(*builder.column(column), value));
    builder.commit_row();
  }
  return builder.finish().at(0).native;
}

std::vector<std::string> short_rows(std::string_view native) {
  std::vector<std::string> rows = rows_of(native);
  for (std::string& row : rows) row.erase(1, row.find("Z\"") + 1);
  return rows;
}

TEST(NativeBlock, MergesBlocksWithDifferentColumns) {
  const std::string first = block({{"a", "1"}, {"b", "x"}});
  const std::string second = block({{"c", "2.5"}, {"b", std::string(300, 'y')}});
  EXPECT_FALSE(has_same_columns(first, second));
  EXPECT_TRUE(has_same_columns(first, first));
  const std::string_view blocks[] = {first, second};
  const auto merged = merge_native_blocks(blocks);
  ASSERT_TRUE(merged) << merged.error().to_string();
  EXPECT_EQ(short_rows(*merged), (std::vector<std::string>{R"({,"a":1})", R"({,"b":"x"})", R"({,"c":2.5})",
                                                           R"({,"b":")" + std::string(300, 'y') + "\"}"}));
}

TEST(NativeBlock, SlicesRows) {
  const std::string whole = block({{"a", "1"}, {"b", "x"}, {"b", "zz"}, {"a", "4"}});
  const auto part = slice_native_block(whole, 1, 3);
  ASSERT_TRUE(part);
  EXPECT_EQ(short_rows(*part), (std::vector<std::string>{R"({,"b":"x"})", R"({,"b":"zz"})"}));
}

TEST(NativeBlock, EveryCutAndFlipIsFoundOrHarmless) {
  const std::string whole = block({{"a", "1"}, {"b", "x"}, {"c", "2"}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_native_block(whole.substr(0, size))) << size;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const unsigned char mask : {0x01, 0x80, 0xff}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ mask);
      if (const auto read = read_native_block(changed)) {
        std::string json;
        for (std::size_t row = 0; row < read->num_rows; ++row) append_row_json(json, *read, row);
      }
    }
}

TEST(LogPayload, RoundTripAndEveryFlipIsFound) {
  const PayloadHeader header{"main", "T_CL", 20'000, 3};
  const std::string native = block({{"a", "1"}, {"b", "x"}, {"c", "2"}});
  const auto packed = pack_payload(header, native);
  ASSERT_TRUE(packed);
  EXPECT_EQ(*unpack_payload(header, *packed), native);
  EXPECT_EQ(unpack_payload({"main", "T_CL", 20'001, 3}, *packed).error().code, "INGEST-0023");
  for (std::size_t at = 0; at < packed->size(); ++at) {
    std::string changed = *packed;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const auto read = unpack_payload(header, changed);
    EXPECT_TRUE(!read || *read == native) << at;  // a flag without meaning for the content may change
  }
  for (std::size_t size = 0; size < packed->size(); ++size)
    EXPECT_FALSE(unpack_payload(header, packed->substr(0, size))) << size;
}

TEST(NativeBlock, ExampleOfTheFormatPage) {
  std::string native;
  append_block_header(native, 1, 2);
  append_column_header(native, "n", native_type(Kind::kLong, table::Nullability::kNullable));
  native += std::string("\0\1\7", 3) + std::string(15, '\0');
  const unsigned char page[] = {0x01, 0x02, 0x01, 0x6e, 0x0f, 0x4e, 0x75, 0x6c, 0x6c, 0x61, 0x62, 0x6c, 0x65,
                                0x28, 0x49, 0x6e, 0x74, 0x36, 0x34, 0x29, 0x00, 0x01, 0x07, 0x00, 0x00, 0x00,
                                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  EXPECT_EQ(native, std::string(reinterpret_cast<const char*>(page), sizeof(page)));
}

}  // namespace
}  // namespace garrison::ingest
