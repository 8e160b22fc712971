// SPDX-License-Identifier: Apache-2.0
#include "engine/native_format.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/ticks.h"
#include "engine/wide_decimal.h"

namespace garrison::engine {
namespace {

using table::Batch;
using table::Kind;
using table::Nullability;
using table::Schema;

const Schema kSchema{{{"b", Kind::kBool},
                      {"i", Kind::kInt},
                      {"l", Kind::kLong},
                      {"r", Kind::kReal},
                      {"m", Kind::kDecimal},
                      {"s", Kind::kString},
                      {"t", Kind::kDateTime},
                      {"d", Kind::kTimespan},
                      {"g", Kind::kGuid},
                      {"j", Kind::kDynamic}}};

Batch sample(int num_rows) {
  Batch batch(kSchema);
  for (int row = 0; row < num_rows; ++row) {
    if (row % 3 == 1) {
      for (auto& column : batch.columns) column.append_null();
      continue;
    }
    batch.columns[0].append_integer(row % 2);
    batch.columns[1].append_integer(std::numeric_limits<std::int32_t>::min() + row);
    batch.columns[2].append_integer(std::numeric_limits<std::int64_t>::max() - row);
    batch.columns[3].append_real(row * -0.5);
    batch.columns[4].append_text(row % 2 ? "-12.5" : "340282366920938463463374607431768211456");
    batch.columns[5].append_text(std::string(static_cast<std::size_t>(row), 'x') + " \n");
    batch.columns[6].append_integer(row == 0 ? 0 : kMaxTicks);
    batch.columns[7].append_integer(-row);
    batch.columns[8].append_text("00112233-4455-6677-8899-aabbccddeeff");
    batch.columns[9].append_text("{}");
  }
  return batch;
}

std::string encoded(const Batch& batch) {
  std::string bytes;
  EXPECT_TRUE(encode_native(bytes, batch).ok());
  return bytes;
}

void expect_same(const Batch& left, const Batch& right) {
  ASSERT_EQ(left.num_rows(), right.num_rows());
  for (std::size_t column = 0; column < left.columns.size(); ++column) {
    for (std::size_t row = 0; row < left.num_rows(); ++row) {
      ASSERT_EQ(left.columns[column].is_null(row), right.columns[column].is_null(row)) << column << ' ' << row;
      ASSERT_EQ(table::to_display(left.columns[column], row), table::to_display(right.columns[column], row));
    }
  }
}

// Decodes the bytes in pieces of one size.
Result<std::vector<Batch>> decode(const Schema& schema, std::string_view bytes, std::size_t piece,
                                  NativeLimits limits = {}) {
  NativeDecoder decoder(schema, limits);
  std::vector<Batch> out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    GARRISON_TRY(decoder.write(bytes.substr(at, piece), [&](Batch&& batch) -> Result<void> {
      out.push_back(std::move(batch));
      return {};
    }));
  }
  GARRISON_TRY(decoder.finish());
  return out;
}

TEST(NativeFormat, ComesBackInPiecesOfAnySize) {
  const Batch first = sample(200);
  const Batch second = sample(3);
  const std::string bytes = encoded(first) + encoded(sample(0)) + encoded(second);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, bytes.size()}) {
    const auto blocks = decode(kSchema, bytes, piece);
    ASSERT_TRUE(blocks.ok()) << blocks.error().to_string();
    ASSERT_EQ(blocks->size(), 2u);
    expect_same(first, (*blocks)[0]);
    expect_same(second, (*blocks)[1]);
  }
}

TEST(NativeFormat, EveryShorterPrefixIsDamaged) {
  const std::string bytes = encoded(sample(4));
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    const auto blocks = decode(kSchema, std::string_view(bytes).substr(0, length), 16);
    ASSERT_FALSE(blocks.ok()) << length;
    ASSERT_EQ(blocks.error().kind, ErrorKind::kCorrupt);
  }
}

TEST(NativeFormat, NotNullColumnsRefuseNulls) {
  Batch batch(Schema{{{"t", Kind::kDateTime}}});
  batch.columns[0].append_integer(5);
  batch.columns[0].append_null();
  std::string bytes = "before";
  const Nullability not_null[] = {Nullability::kNotNull};
  const auto done = encode_native(bytes, batch, not_null);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "ENGINE-0020");
  EXPECT_NE(done.error().message.find("column t, row 1"), std::string::npos) << done.error().message;
  EXPECT_EQ(bytes, "before");
  batch.truncate(1);
  ASSERT_TRUE(encode_native(bytes, batch, not_null).ok());
  const auto blocks = decode(batch.schema, std::string_view(bytes).substr(6), 100);
  ASSERT_TRUE(blocks.ok());
  expect_same(batch, blocks->at(0));
}

TEST(NativeFormat, RefusesTextThatIsNoGuidOrDecimal) {
  for (const Kind kind : {Kind::kGuid, Kind::kDecimal}) {
    for (const char* text : {"", "x", "00112233-4455-6677-8899-aabbccddeef", "1e5", "1.2.3", "--1",
                             "00112233-4455-6677-8899-aabbccddeegg", "99999999999999999999999999999999999999999999999999999999999"}) {
      Batch batch(Schema{{{"c", kind}}});
      batch.columns[0].append_text(text);
      std::string bytes;
      const auto done = encode_native(bytes, batch);
      ASSERT_FALSE(done.ok()) << text;
      EXPECT_EQ(done.error().kind, ErrorKind::kBadInput);
    }
  }
}

// One column, one row, hand-made.
std::string block(std::string_view type, std::string_view values, char num_rows = 1) {
  std::string bytes = {1, num_rows, 1, 'c', static_cast<char>(type.size())};
  bytes += type;
  bytes += values;
  return bytes;
}

TEST(NativeFormat, ChecksTypes) {
  const auto decodes = [](Kind kind, std::string_view type, std::string_view values) {
    return decode(Schema{{{"other name", kind}}}, block(type, values), 100).ok();
  };
  const std::string eight(8, '\1');
  EXPECT_TRUE(decodes(Kind::kBool, "UInt8", "\1"));
  EXPECT_TRUE(decodes(Kind::kBool, "Bool", "\1"));
  EXPECT_FALSE(decodes(Kind::kBool, "Int8", "\1"));
  EXPECT_TRUE(decodes(Kind::kLong, "Int64", eight));
  EXPECT_FALSE(decodes(Kind::kLong, "UInt64", eight));
  EXPECT_FALSE(decodes(Kind::kLong, "Float64", eight));
  EXPECT_TRUE(decodes(Kind::kDateTime, "DateTime64(7, 'UTC')", eight));
  EXPECT_FALSE(decodes(Kind::kDateTime, "DateTime64(3, 'UTC')", eight));
  EXPECT_TRUE(decodes(Kind::kString, "Nullable(String)", std::string_view("\1\0", 2)));
  EXPECT_FALSE(decodes(Kind::kString, "LowCardinality(String)", std::string_view("\0", 1)));
  EXPECT_TRUE(decodes(Kind::kReal, "Nullable(Nothing)", "\1" "0"));
  EXPECT_FALSE(decodes(Kind::kReal, "Nullable(", "\1" "0"));
}

TEST(NativeFormat, HoldsLimits) {
  const Schema schema{{{"s", Kind::kString}}};
  const auto code = [&](std::string_view bytes, NativeLimits limits = {}) {
    const auto blocks = decode(schema, bytes, 8, limits);
    return blocks.ok() ? std::string("fits") : blocks.error().code;
  };
  EXPECT_EQ(code(block("String", "\3abc")), "fits");
  EXPECT_EQ(code(block("String", "\xff\xff\xff\xff\xff\xff\xff\x7f")), "ENGINE-0021");       // a value
  EXPECT_EQ(code("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "ENGINE-0021");            // an endless count
  EXPECT_EQ(code(std::string_view("\x01\xff\xff\xff\xff\x0f\x01s\x06String", 14)), "ENGINE-0021");  // rows
  EXPECT_EQ(code(std::string_view("\x02\x01\x01s", 4)), "ENGINE-0021");                      // columns
  EXPECT_EQ(code(std::string_view("\x01\x01\xff\xff\xff\x7f", 6)), "ENGINE-0021");           // a name
  EXPECT_EQ(code(std::string_view("\x01\x01\x00\xff\xff\x7f", 6)), "ENGINE-0021");           // a type
  EXPECT_EQ(code(std::string_view("\0\0", 2)), "fits");                                      // the empty block
  EXPECT_EQ(code(block("String", "\1a\1b", 2), {1, 64, 64}), "ENGINE-0021");
}

TEST(NativeFormat, SinkErrorsPassThrough) {
  NativeDecoder decoder(kSchema);
  const auto done = decoder.write(encoded(sample(1)), [](Batch&&) -> Result<void> { return conflict("TEST-0001", ""); });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "TEST-0001");
}

TEST(WideDecimal, ReadsAndPrints) {
  const std::string nines(58, '9');
  const std::pair<std::string, std::string> cases[] = {
      {"0", "0"},          {"-0", "0"},       {"+1", "1"},
      {"1.", "1"},         {".5", "0.5"},     {"-0.000000000000000001", "-0.000000000000000001"},
      {"007.50", "7.5"},   {"1.0000000000000000019", "1.000000000000000001"},
      {nines, nines},      {"-" + nines, "-" + nines},
      {"1000000000000000000000000000000000000", "1000000000000000000000000000000000000"},
  };
  for (const auto& [text, expected] : cases) {
    const auto bytes = decimal_from_text(text);
    ASSERT_TRUE(bytes) << text;
    std::string out;
    append_decimal(out, bytes->data());
    EXPECT_EQ(out, expected) << text;
  }
  for (const char* text : {"", "-", ".", "1,5", "0x1", " 1", "1 ", "1e2", "nan"}) {
    EXPECT_FALSE(decimal_from_text(text)) << text;
  }
}

}  // namespace
}  // namespace garrison::engine
