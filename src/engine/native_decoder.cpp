// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"
#include "base/ticks.h"
#include "engine/native_format.h"
#include "engine/wide_decimal.h"

namespace garrison::engine {
namespace {

using table::ColumnVector;
using table::Kind;

constexpr std::uint64_t kMaxNameBytes = 16 << 20;  // an unnamed expression is its own name
constexpr std::uint64_t kMaxTypeBytes = 64 << 10;

template <typename T>
void widen(std::vector<std::int64_t>& out, const char* from, std::size_t count, std::int64_t offset = 0) {
  out.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, from + i * sizeof(T), sizeof(T));
    // Wraps instead of overflowing for values no engine sends.
    out[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) +
                                       static_cast<std::uint64_t>(offset));
  }
}

void append_guid(std::string& out, const char* bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char text[36];
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    // Each half is little endian; the text starts with the most significant byte.
    const auto byte = static_cast<unsigned char>(bytes[i / 8 * 8 + 7 - i % 8]);
    text[at++] = kDigits[byte >> 4];
    text[at++] = kDigits[byte & 15];
  }
  out.append(text, sizeof text);
}

}  // namespace

NativeDecoder::NativeDecoder(table::Schema schema, NativeLimits limits)
    : schema_(std::move(schema)), limits_(limits) {}

Error NativeDecoder::damaged(std::string_view what) const {
  if (stage_ == Stage::kCounts || column_ >= schema_.columns.size()) {
    return corrupt("ENGINE-0021", fmt::format("the engine's answer cannot be read: {}", what));
  }
  return corrupt("ENGINE-0021", fmt::format("the engine's answer cannot be read: column {} ({}): {}", column_ + 1,
                                            schema_.columns[column_].name, what));
}

Result<bool> NativeDecoder::read_varint(std::size_t& at, std::uint64_t& value) const {
  value = 0;
  for (int shift = 0; shift < 63; shift += 7) {
    if (at >= input_.size()) return false;
    const auto byte = static_cast<unsigned char>(input_[at++]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return damaged("a count is too long");
}

Result<void> NativeDecoder::write(std::string_view bytes, const Sink& sink) {
  if (pending_.empty()) {
    input_ = bytes;
  } else {
    pending_ += bytes;
    input_ = pending_;
  }
  position_ = 0;
  while (position_ < input_.size() || stage_ != Stage::kCounts) {
    GARRISON_ASSIGN(const Step result, step());
    if (result == Step::kNeedMore) break;
    if (stage_ == Stage::kName && column_ == schema_.columns.size()) {
      stage_ = Stage::kCounts;
      table::Batch batch;
      batch.schema = schema_;
      batch.columns = std::move(done_);
      done_.clear();
      if (num_rows_ > 0) GARRISON_TRY(sink(std::move(batch)));
    }
  }
  if (pending_.empty()) {
    pending_ = input_.substr(position_);
  } else {
    pending_.erase(0, position_);
  }
  input_ = {};
  position_ = 0;
  return {};
}

Result<void> NativeDecoder::finish() {
  if (stage_ != Stage::kCounts || !pending_.empty()) return damaged("it ends too early");
  return {};
}

Result<NativeDecoder::Step> NativeDecoder::step() {
  switch (stage_) {
    case Stage::kCounts: return read_counts();
    case Stage::kName: return read_name();
    case Stage::kType: return read_type();
    case Stage::kMask: return read_mask();
    case Stage::kValues: return layout_ == Layout::kText ? read_texts() : read_values();
  }
  return bug("unknown stage");
}

Result<NativeDecoder::Step> NativeDecoder::read_counts() {
  std::size_t at = position_;
  std::uint64_t num_columns = 0;
  GARRISON_ASSIGN(const bool has_columns, read_varint(at, num_columns));
  if (!has_columns) return Step::kNeedMore;
  GARRISON_ASSIGN(const bool has_rows, read_varint(at, num_rows_));
  if (!has_rows) return Step::kNeedMore;
  // The block without columns is how some writers mark the end.
  if (num_columns == 0 && num_rows_ == 0) {
    position_ = at;
    return Step::kDone;
  }
  if (num_columns == 0 || num_columns != schema_.columns.size()) {
    return damaged(fmt::format("{} columns where {} are expected", num_columns, schema_.columns.size()));
  }
  if (num_rows_ > limits_.max_rows) return damaged(fmt::format("a block of {} rows", num_rows_));
  position_ = at;
  column_ = 0;
  stage_ = Stage::kName;
  return Step::kDone;
}

Result<NativeDecoder::Step> NativeDecoder::read_name() {
  std::size_t at = position_;
  std::uint64_t length = 0;
  GARRISON_ASSIGN(const bool has_length, read_varint(at, length));
  if (!has_length) return Step::kNeedMore;
  if (length > kMaxNameBytes) return damaged("a name is too long");
  if (input_.size() - at < length) return Step::kNeedMore;
  position_ = at + length;
  stage_ = Stage::kType;
  return Step::kDone;
}

Result<NativeDecoder::Step> NativeDecoder::read_type() {
  std::size_t at = position_;
  std::uint64_t length = 0;
  GARRISON_ASSIGN(const bool has_length, read_varint(at, length));
  if (!has_length) return Step::kNeedMore;
  if (length > kMaxTypeBytes) return damaged("a type is too long");
  if (input_.size() - at < length) return Step::kNeedMore;
  GARRISON_TRY(choose_layout(input_.substr(at, length)));
  position_ = at + length;
  storage_ = {};
  row_ = 0;
  if (num_rows_ == 0) {
    GARRISON_TRY(end_column());
    return Step::kDone;
  }
  stage_ = is_nullable_ ? Stage::kMask : Stage::kValues;
  return Step::kDone;
}

Result<void> NativeDecoder::choose_layout(std::string_view type) {
  const std::string_view whole = type;
  constexpr std::string_view kNullable = "Nullable(";
  is_nullable_ = type.starts_with(kNullable) && type.ends_with(")");
  if (is_nullable_) type = type.substr(kNullable.size(), type.size() - kNullable.size() - 1);
  const Kind kind = schema_.columns[column_].kind;
  const auto fits = [&](std::initializer_list<std::string_view> names, Layout layout) {
    if (std::find(names.begin(), names.end(), type) == names.end()) return false;
    layout_ = layout;
    return true;
  };
  if (fits({"Nothing"}, Layout::kNothing)) return {};
  bool is_fit = false;
  switch (kind) {
    case Kind::kBool: is_fit = fits({"Bool", "UInt8"}, Layout::kByte); break;
    case Kind::kInt: is_fit = fits({"Int32"}, Layout::kInt32); break;
    case Kind::kLong:
    case Kind::kTimespan: is_fit = fits({"Int64"}, Layout::kInt64); break;
    case Kind::kReal: is_fit = fits({"Float64"}, Layout::kReal); break;
    case Kind::kDateTime: is_fit = fits({"DateTime64(7, 'UTC')", "DateTime64(7)"}, Layout::kDateTime); break;
    case Kind::kDecimal: is_fit = fits({"Decimal(76, 18)"}, Layout::kDecimal); break;
    case Kind::kGuid: is_fit = fits({"UUID"}, Layout::kUuid); break;
    case Kind::kString:
    case Kind::kDynamic: is_fit = fits({"String"}, Layout::kText); break;
  }
  if (is_fit) return {};
  return damaged(fmt::format("type {} does not fit {}", text::escape_control(whole.substr(0, 200)), to_string(kind)));
}

Result<NativeDecoder::Step> NativeDecoder::read_mask() {
  if (input_.size() - position_ < num_rows_) return Step::kNeedMore;
  const auto* mask = reinterpret_cast<const std::uint8_t*>(input_.data() + position_);
  storage_.nulls.assign(mask, mask + num_rows_);
  for (std::uint8_t& null : storage_.nulls) null = null != 0 ? 1 : 0;
  position_ += num_rows_;
  stage_ = Stage::kValues;
  return Step::kDone;
}

Result<NativeDecoder::Step> NativeDecoder::read_values() {
  static constexpr std::size_t kWidths[] = {1, 4, 8, 8, 8, 0, 16, kDecimalBytes, 1};
  const std::size_t width = kWidths[static_cast<std::size_t>(layout_)];
  if (input_.size() - position_ < num_rows_ * width) return Step::kNeedMore;
  const char* from = input_.data() + position_;
  const auto is_null = [&](std::size_t row) { return is_nullable_ && storage_.nulls[row] != 0; };
  switch (layout_) {
    case Layout::kByte: widen<std::uint8_t>(storage_.integers, from, num_rows_); break;
    case Layout::kInt32: widen<std::int32_t>(storage_.integers, from, num_rows_); break;
    case Layout::kInt64:
      storage_.integers.resize(num_rows_);
      std::memcpy(storage_.integers.data(), from, num_rows_ * width);
      break;
    case Layout::kDateTime: widen<std::int64_t>(storage_.integers, from, num_rows_, kUnixEpochTicks); break;
    case Layout::kReal:
      storage_.reals.resize(num_rows_);
      std::memcpy(storage_.reals.data(), from, num_rows_ * width);
      break;
    case Layout::kUuid:
    case Layout::kDecimal:
      storage_.text_ends.reserve(num_rows_);
      for (std::size_t row = 0; row < num_rows_; ++row) {
        const char* value = from + row * width;
        if (is_null(row)) {
          // Holds nothing.
        } else if (layout_ == Layout::kUuid) {
          append_guid(storage_.text_bytes, value);
        } else {
          append_decimal(storage_.text_bytes, reinterpret_cast<const unsigned char*>(value));
        }
        storage_.text_ends.push_back(storage_.text_bytes.size());
      }
      break;
    case Layout::kNothing: break;
    case Layout::kText: return bug("texts are read elsewhere");
  }
  position_ += num_rows_ * width;
  GARRISON_TRY(end_column());
  return Step::kDone;
}

Result<NativeDecoder::Step> NativeDecoder::read_texts() {
  if (row_ == 0) storage_.text_ends.reserve(std::min<std::size_t>(num_rows_, input_.size() - position_));
  for (; row_ < num_rows_; ++row_) {
    std::size_t at = position_;
    std::uint64_t length = 0;
    if (at < input_.size() && static_cast<unsigned char>(input_[at]) < 0x80) {
      length = static_cast<unsigned char>(input_[at++]);
    } else {
      GARRISON_ASSIGN(const bool has_length, read_varint(at, length));
      if (!has_length) return Step::kNeedMore;
      if (length > limits_.max_text_bytes) return damaged(fmt::format("a value of {} bytes", length));
      if (storage_.text_bytes.size() > limits_.max_column_bytes) return damaged("a block is too large");
    }
    if (input_.size() - at < length) return Step::kNeedMore;
    if (!is_nullable_ || storage_.nulls[row_] == 0) storage_.text_bytes.append(input_.data() + at, length);
    storage_.text_ends.push_back(storage_.text_bytes.size());
    position_ = at + length;
  }
  GARRISON_TRY(end_column());
  return Step::kDone;
}

Result<void> NativeDecoder::end_column() {
  const Kind kind = schema_.columns[column_].kind;
  if (layout_ == Layout::kNothing) {
    storage_.nulls.assign(num_rows_, 1);
    if (ColumnVector::is_integer(kind)) storage_.integers.assign(num_rows_, 0);
    if (ColumnVector::is_text(kind)) storage_.text_ends.assign(num_rows_, 0);
    if (kind == Kind::kReal) storage_.reals.assign(num_rows_, 0);
  }
  // A string is never null: a null one is ''.
  if (!is_nullable_ && layout_ != Layout::kNothing) storage_.nulls.assign(num_rows_, 0);
  if (kind == Kind::kString) std::fill(storage_.nulls.begin(), storage_.nulls.end(), 0);
  done_.emplace_back(kind, std::move(storage_));
  storage_ = {};
  ++column_;
  stage_ = Stage::kName;
  return {};
}

}  // namespace garrison::engine
