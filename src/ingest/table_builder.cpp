// SPDX-License-Identifier: Apache-2.0
#include "ingest/table_builder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>

#include "base/json.h"
#include "ingest/native_block.h"
#include "ingest/text_value.h"

namespace garrison::ingest {
namespace {

using table::Kind;
using table::Nullability;

// The engine's functions on hours and days wrap outside of these.
constexpr std::int64_t kFirstTicks = kUnixEpochTicks + 365 * kTicksPerDay;
constexpr std::int64_t kLastTicks = kUnixEpochTicks + std::int64_t{49'300} * kTicksPerDay;  // in 2104

std::int32_t day_of(std::int64_t ticks) {
  return static_cast<std::int32_t>((ticks - kUnixEpochTicks) / kTicksPerDay);
}

void append_fixed(std::string& out, const void* value, std::size_t width) {
  out.append(static_cast<const char*>(value), width);
}

void append_repeated(std::string& out, std::string_view value, std::size_t count) {
  out.reserve(out.size() + value.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += value;
}

std::string_view fixed_bytes(const std::int64_t& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

std::string counted(std::string_view text) {
  std::string out;
  append_varint(out, text.size());
  out += text;
  return out;
}

}  // namespace

TableBuilder::TableBuilder(Definition definition, BatchStamp stamp, TimeMode mode)
    : definition_(std::move(definition)), stamp_(std::move(stamp)), mode_(mode) {
  const std::vector<table::Column>& schema = definition_->schema.columns;
  columns_.reserve(schema.size() + 1);
  by_name_.reserve(schema.size());
  for (const table::Column& column : schema) {
    by_name_.emplace(column.name, columns_.size());
    if (column.name == table::kTimeGenerated) time_column_ = columns_.size();
    if (column.name == "Timestamp" && column.kind == Kind::kDateTime) fallback_time_column_ = columns_.size();
    columns_.push_back({column.name, column.kind, column.kind != Kind::kString, native_width(column.kind), 0, {}, {}});
  }
  columns_.push_back({table::kExtra, Kind::kDynamic, true, 0, 0, {}, {}});
}

std::optional<std::size_t> TableBuilder::column(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

void TableBuilder::begin_row() {
  undo_.clear();
  extra_.clear();
  row_time_.reset();
  row_fallback_time_.reset();
}

void TableBuilder::pad(Column& column, std::size_t num_rows) {
  const std::size_t missing = num_rows - column.num_rows;
  if (column.is_nullable) column.nulls.append(missing, '\1');
  column.values.append(missing * std::max<std::size_t>(column.width, 1), '\0');
  column.num_rows = num_rows;
}

bool TableBuilder::prepare(std::size_t index) {
  Column& column = columns_[index];
  const std::size_t row = times_.size();
  if (column.num_rows > row) return false;
  undo_.push_back({index, column.num_rows, column.nulls.size(), column.values.size()});
  if (column.num_rows < row) pad(column, row);
  if (column.is_nullable) column.nulls.push_back('\0');
  ++column.num_rows;
  return true;
}

bool TableBuilder::set_integer(std::size_t index, std::int64_t value) {
  if (index == time_column_) {
    if (row_time_) return false;
    row_time_ = value;
    return true;
  }
  if (!prepare(index)) return false;
  Column& column = columns_[index];
  if (fallback_time_column_ == index) row_fallback_time_ = value;
  if (column.kind == Kind::kDateTime) value -= kUnixEpochTicks;
  append_fixed(column.values, &value, column.width);  // little endian: the low bytes come first
  return true;
}

bool TableBuilder::set_real(std::size_t index, double value) {
  if (!prepare(index)) return false;
  append_fixed(columns_[index].values, &value, sizeof(value));
  return true;
}

bool TableBuilder::set_text(std::size_t index, std::string_view text) {
  if (!prepare(index)) return false;
  std::string& values = columns_[index].values;
  append_varint(values, text.size());
  values += text;
  return true;
}

bool TableBuilder::set_guid(std::size_t index, const std::array<char, 16>& bytes) {
  if (!prepare(index)) return false;
  append_fixed(columns_[index].values, bytes.data(), bytes.size());
  return true;
}

bool TableBuilder::set_from_text(std::size_t index, std::string_view text) {
  switch (columns_[index].kind) {
    case Kind::kString:
      return set_text(index, text);
    case Kind::kBool: {
      const auto value = parse_bool(text);
      return value && set_integer(index, *value ? 1 : 0);
    }
    case Kind::kInt: {
      const auto value = parse_integer(text);
      using Limits = std::numeric_limits<std::int32_t>;
      return value && *value >= Limits::min() && *value <= Limits::max() && set_integer(index, *value);
    }
    case Kind::kLong: {
      const auto value = parse_integer(text);
      return value && set_integer(index, *value);
    }
    case Kind::kReal: {
      const auto value = parse_real(text);
      return value && set_real(index, *value);
    }
    case Kind::kDateTime: {
      const auto value = parse_datetime(text);
      return value && set_integer(index, value->ticks);
    }
    case Kind::kTimespan: {
      const auto value = parse_timespan(text);
      return value && set_integer(index, value->ticks);
    }
    case Kind::kGuid: {
      const auto value = parse_guid(text);
      return value && set_guid(index, *value);
    }
    case Kind::kDecimal:
      return is_decimal(text) && set_text(index, text);
    case Kind::kDynamic: {
      std::string quoted;
      json::append_quoted(quoted, text);
      return set_text(index, quoted);
    }
  }
  return false;
}

void TableBuilder::add_extra(std::string_view name, std::string_view json) {
  if (!extra_.empty()) extra_ += ',';
  json::append_quoted(extra_, name);
  extra_ += ':';
  extra_ += json;
}

void TableBuilder::add_extra_text(std::string_view name, std::string_view text) {
  std::string quoted;
  json::append_quoted(quoted, text);
  add_extra(name, quoted);
}

void TableBuilder::commit_row() {
  std::int64_t time = row_time_.value_or(row_fallback_time_.value_or(stamp_.received.ticks));
  const bool is_far = mode_ == TimeMode::kLive ? time < stamp_.received.ticks - kMaxLateness.ticks ||
                                                     time > stamp_.received.ticks + kMaxEarliness.ticks
                                               : time < kFirstTicks || time > kLastTicks;
  if (is_far) {
    if (row_time_) add_extra_text(table::kTimeGenerated, format_iso({time}));
    time = stamp_.received.ticks;
  }
  if (!extra_.empty()) {
    extra_.insert(extra_.begin(), '{');
    extra_ += '}';
    set_text(columns_.size() - 1, extra_);
  }
  for (const Undo& undo : undo_) num_bytes_ += columns_[undo.column].values.size() - undo.num_values + 1;
  num_bytes_ += 24;  // TimeGenerated and the hidden columns
  times_.push_back(time);
  undo_.clear();
}

void TableBuilder::abort_row() {
  for (const Undo& undo : undo_) {
    Column& column = columns_[undo.column];
    column.num_rows = undo.num_rows;
    column.nulls.resize(undo.num_nulls);
    column.values.resize(undo.num_values);
  }
  begin_row();
}

void TableBuilder::write_block(DayBlock& block, const std::vector<std::uint32_t>* rows) const {
  const std::size_t num_rows = rows != nullptr ? rows->size() : times_.size();
  const auto is_default = [&](std::size_t index) { return columns_[index].num_rows == 0; };
  const auto type_column = by_name_.find("Type");
  const auto tenant_column = by_name_.find("TenantId");
  const bool sets_type = type_column != by_name_.end() && columns_[type_column->second].kind == Kind::kString &&
                         is_default(type_column->second);
  const bool sets_tenant = tenant_column != by_name_.end() && columns_[tenant_column->second].kind == Kind::kString &&
                           is_default(tenant_column->second) && !stamp_.workspace.empty();
  std::size_t num_columns = 4 + (sets_type ? 1 : 0) + (sets_tenant ? 1 : 0);  // times and the three stamps
  std::size_t num_bytes = 256 + num_rows * 40;
  for (const Column& column : columns_)
    if (column.num_rows != 0) {
      ++num_columns;
      num_bytes += column.values.size() + column.nulls.size() + column.name.size() + 32;
    }
  std::string& out = block.native;
  out.reserve(num_bytes);
  append_block_header(out, num_columns, num_rows);
  const auto not_null = [](Kind kind) { return native_type(kind, Nullability::kNotNull); };

  append_column_header(out, table::kTimeGenerated, not_null(Kind::kDateTime));
  for (std::size_t i = 0; i < num_rows; ++i) {
    const std::int64_t value = times_[rows != nullptr ? (*rows)[i] : i] - kUnixEpochTicks;
    append_fixed(out, &value, sizeof(value));
  }
  for (const Column& column : columns_) {
    if (column.num_rows == 0) continue;
    append_column_header(out, column.name,
                         native_type(column.kind, column.is_nullable ? Nullability::kNullable : Nullability::kNotNull));
    if (rows == nullptr) {
      out += column.nulls;
      out += column.values;
      continue;
    }
    if (column.is_nullable)
      for (const std::uint32_t row : *rows) out.push_back(column.nulls[row]);
    if (column.width != 0) {
      for (const std::uint32_t row : *rows) out.append(column.values, row * column.width, column.width);
      continue;
    }
    // Rows ascend, so one walk over the texts finds them all.
    std::size_t at = 0;
    std::size_t row = 0;
    for (const std::uint32_t wanted : *rows) {
      std::size_t start = at;
      for (; row <= wanted; ++row) {
        start = at;
        std::size_t length = 0;
        for (int shift = 0;; shift += 7) {
          const auto byte = static_cast<unsigned char>(column.values[at++]);
          length |= static_cast<std::size_t>(byte & 0x7f) << shift;
          if (byte < 0x80) break;
        }
        at += length;
      }
      out.append(column.values, start, at - start);
    }
  }
  if (sets_type) {
    append_column_header(out, "Type", not_null(Kind::kString));
    append_repeated(out, counted(definition_->name), num_rows);
  }
  if (sets_tenant) {
    append_column_header(out, "TenantId", not_null(Kind::kString));
    append_repeated(out, counted(stamp_.workspace), num_rows);
  }
  append_column_header(out, table::kIngestionTime, not_null(Kind::kDateTime));
  append_repeated(out, fixed_bytes(stamp_.received.ticks - kUnixEpochTicks), num_rows);
  append_column_header(out, table::kSource, not_null(Kind::kString));
  append_repeated(out, counted(stamp_.source), num_rows);
  append_column_header(out, table::kBatch, native_type(Kind::kLong, Nullability::kNotNull));
  append_repeated(out, fixed_bytes(stamp_.batch), num_rows);
}

std::vector<DayBlock> TableBuilder::finish() {
  std::vector<DayBlock> blocks;
  if (!times_.empty()) {
    for (Column& column : columns_)
      if (column.num_rows != 0) pad(column, times_.size());
    const auto [first, last] = std::minmax_element(times_.begin(), times_.end());
    if (day_of(*first) == day_of(*last)) {
      blocks.push_back({day_of(*first), static_cast<std::uint32_t>(times_.size()), {}});
      write_block(blocks.back(), nullptr);
    } else {
      std::map<std::int32_t, std::vector<std::uint32_t>> days;
      for (std::size_t row = 0; row < times_.size(); ++row)
        days[day_of(times_[row])].push_back(static_cast<std::uint32_t>(row));
      for (const auto& [day, rows] : days) {
        blocks.push_back({day, static_cast<std::uint32_t>(rows.size()), {}});
        write_block(blocks.back(), &rows);
      }
    }
  }
  times_.clear();
  num_bytes_ = 0;
  for (Column& column : columns_) {
    column.num_rows = 0;
    column.nulls.clear();
    column.values.clear();
  }
  return blocks;
}

}  // namespace garrison::ingest
