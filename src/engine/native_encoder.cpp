// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>

#include "base/ticks.h"
#include "engine/native_format.h"
#include "engine/wide_decimal.h"

namespace garrison::engine {
namespace {

using table::ColumnVector;
using table::Kind;
using table::Nullability;

static_assert(std::endian::native == std::endian::little, "values are copied as they lie in memory");

constexpr std::size_t kMaxVarintBytes = 10;

char* put_varint(char* at, std::uint64_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  return at;
}

void append_varint(std::string& out, std::uint64_t value) {
  char buffer[kMaxVarintBytes];
  out.append(buffer, put_varint(buffer, value));
}

void append_counted(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

// Room for `count` values of T behind out.
template <typename T>
char* grow(std::string& out, std::size_t count) {
  const std::size_t at = out.size();
  out.resize(at + count * sizeof(T));
  return out.data() + at;
}

template <typename T>
void append_integers(std::string& out, const ColumnVector& column, std::int64_t offset) {
  const auto& values = column.integers();
  char* to = grow<T>(out, values.size());
  if constexpr (sizeof(T) == 8) {
    if (offset == 0) {
      std::memcpy(to, values.data(), values.size() * sizeof(T));
      return;
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const T value = static_cast<T>(values[i] + offset);
    std::memcpy(to + i * sizeof(T), &value, sizeof(T));
  }
}

void append_texts(std::string& out, const ColumnVector& column) {
  const std::string& bytes = column.text_bytes();
  const auto& ends = column.text_ends();
  const std::size_t start = out.size();
  out.resize(start + bytes.size() + ends.size() * kMaxVarintBytes);
  char* to = out.data() + start;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    to = put_varint(to, end - begin);
    std::memcpy(to, bytes.data() + begin, end - begin);
    to += end - begin;
    begin = end;
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// 8-4-4-4-12 hexadecimal digits to the two halves, high first.
bool parse_guid(std::string_view text, std::uint64_t (&halves)[2]) {
  if (text.size() != 36) return false;
  halves[0] = halves[1] = 0;
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return false;
    std::uint64_t& half = halves[digit / 16];
    half = half << 4 | static_cast<std::uint64_t>(value);
    ++digit;
  }
  return true;
}

Error refused(const table::Column& column, std::size_t row, std::string_view why) {
  return bad_input("ENGINE-0020", fmt::format("column {}, row {}: {}", column.name, row, why));
}

Result<void> append_guids(std::string& out, const ColumnVector& values, const table::Column& column) {
  for (std::size_t row = 0; row < values.size(); ++row) {
    std::uint64_t halves[2] = {0, 0};
    if (!values.is_null(row) && !parse_guid(values.text(row), halves)) return refused(column, row, "no guid");
    out.append(reinterpret_cast<const char*>(halves), sizeof halves);
  }
  return {};
}

Result<void> append_decimals(std::string& out, const ColumnVector& values, const table::Column& column) {
  for (std::size_t row = 0; row < values.size(); ++row) {
    std::array<unsigned char, kDecimalBytes> bytes{};
    if (!values.is_null(row)) {
      const auto parsed = decimal_from_text(values.text(row));
      if (!parsed) return refused(column, row, "no decimal of at most 58 whole digits");
      bytes = *parsed;
    }
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return {};
}

Result<void> append_column(std::string& out, const table::Column& column, const ColumnVector& values,
                           Nullability nullability) {
  append_counted(out, column.name);
  append_counted(out, engine_type(column.kind, nullability));
  const auto& nulls = values.nulls();
  if (column.kind != Kind::kString) {
    if (nullability == Nullability::kNullable) {
      out.append(reinterpret_cast<const char*>(nulls.data()), nulls.size());
    } else if (const void* null = std::memchr(nulls.data(), 1, nulls.size())) {
      return refused(column, static_cast<const std::uint8_t*>(null) - nulls.data(), "null where a value is required");
    }
  }
  switch (column.kind) {
    case Kind::kBool: append_integers<std::uint8_t>(out, values, 0); return {};
    case Kind::kInt: append_integers<std::int32_t>(out, values, 0); return {};
    case Kind::kLong:
    case Kind::kTimespan: append_integers<std::int64_t>(out, values, 0); return {};
    case Kind::kDateTime: append_integers<std::int64_t>(out, values, -kUnixEpochTicks); return {};
    case Kind::kReal:
      out.append(reinterpret_cast<const char*>(values.reals().data()), values.reals().size() * sizeof(double));
      return {};
    case Kind::kString:
    case Kind::kDynamic: append_texts(out, values); return {};
    case Kind::kGuid: return append_guids(out, values, column);
    case Kind::kDecimal: return append_decimals(out, values, column);
  }
  return {};
}

}  // namespace

Result<void> encode_native(std::string& out, const table::Batch& batch, std::span<const Nullability> nullability) {
  GARRISON_CHECK(nullability.empty() || nullability.size() == batch.columns.size());
  GARRISON_CHECK(batch.schema.columns.size() == batch.columns.size());
  const std::size_t start = out.size();
  out.reserve(start + batch.num_bytes() + batch.columns.size() * 64);
  append_varint(out, batch.columns.size());
  append_varint(out, batch.num_rows());
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    const Nullability wanted = nullability.empty() ? Nullability::kNullable : nullability[i];
    GARRISON_CHECK(batch.columns[i].size() == batch.num_rows());
    if (auto done = append_column(out, batch.schema.columns[i], batch.columns[i], wanted); !done.ok()) {
      out.resize(start);
      return done.error();
    }
  }
  return {};
}

}  // namespace garrison::engine
