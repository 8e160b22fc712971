// SPDX-License-Identifier: Apache-2.0
// ClickHouse's Native format, the way rows travel to and from the engine: blocks of columns, each with name, type and
// values in bulk. Encoding and decoding copy whole columns; both are on hot paths. One thread at a time.
//
// A block: varint columns, varint rows; then per column: varint-counted name and type; for Nullable one byte a row
// (1 = null); then the values. String: varint-counted bytes. Numbers little endian. Bool one byte. DateTime64(7): Int64
// ticks since 1970. UUID: the high, then the low half as UInt64. Decimal(76, 18): Int256 counting 10^-18.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "table/batch.h"

namespace garrison::engine {

// Appends the batch as one block under its schema's names. `nullability` has one entry a column, or none at all: then
// every column is kNullable (a string column never is). ENGINE-0020 (kBadInput): a null in a kNotNull column, a guid or
// decimal that is none; nothing usable was appended then.
Result<void> encode_native(std::string& out, const table::Batch& batch,
                           std::span<const table::Nullability> nullability = {});

struct NativeLimits {
  std::uint64_t max_rows = 16 << 20;         // in one block
  std::uint64_t max_text_bytes = 64 << 20;   // of one value
  std::uint64_t max_column_bytes = 1 << 30;  // of one text column in one block
};

// Decodes blocks that arrive in pieces of any size. Names are ignored, types are checked against the schema: an engine
// type fits its kind with and without Nullable; UInt8 fits bool, Nothing (an untyped NULL) fits every kind.
class NativeDecoder {
 public:
  using Sink = std::function<Result<void>(table::Batch&&)>;

  explicit NativeDecoder(table::Schema schema, NativeLimits limits = {});

  // Takes the next piece and hands on each block that became complete and has rows; an error of the sink is returned.
  // ENGINE-0021 (kCorrupt): bytes that are no Native block, types that do not fit, limits. Do not call again after an
  // error.
  Result<void> write(std::string_view bytes, const Sink& sink);
  // Call after the last piece; ENGINE-0021 when a block is cut short.
  Result<void> finish();

 private:
  enum class Stage { kCounts, kName, kType, kMask, kValues };
  // How the values of the current column are laid out.
  enum class Layout { kByte, kInt32, kInt64, kDateTime, kReal, kText, kUuid, kDecimal, kNothing };
  enum class Step { kDone, kNeedMore };

  Result<Step> step();
  Result<Step> read_counts();
  Result<Step> read_name();
  Result<Step> read_type();
  Result<Step> read_mask();
  Result<Step> read_values();
  Result<Step> read_texts();
  Result<void> choose_layout(std::string_view type);
  Result<void> end_column();
  // False when more bytes are needed.
  Result<bool> read_varint(std::size_t& at, std::uint64_t& value) const;
  Error damaged(std::string_view what) const;

  table::Schema schema_;
  NativeLimits limits_;
  std::string pending_;       // bytes kept from earlier pieces
  std::string_view input_;    // what is being read: pending_ or the caller's piece
  std::size_t position_ = 0;  // in input_

  Stage stage_ = Stage::kCounts;
  std::uint64_t num_rows_ = 0;
  std::size_t column_ = 0;
  Layout layout_ = Layout::kByte;
  bool is_nullable_ = false;
  std::size_t row_ = 0;  // next row of a text column
  table::ColumnVector::Storage storage_;
  std::vector<table::ColumnVector> done_;
};

}  // namespace garrison::engine
