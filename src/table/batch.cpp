// SPDX-License-Identifier: Apache-2.0
#include "table/batch.h"

#include <fmt/format.h>

#include <cmath>

#include "base/json.h"
#include "base/ticks.h"

namespace garrison::table {
namespace {

std::string real_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::string out = fmt::format("{}", value);
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

bool ColumnVector::is_integer(Kind kind) {
  return kind == Kind::kBool || kind == Kind::kInt || kind == Kind::kLong || kind == Kind::kDateTime ||
         kind == Kind::kTimespan;
}

bool ColumnVector::is_text(Kind kind) {
  return kind == Kind::kString || kind == Kind::kDynamic || kind == Kind::kGuid || kind == Kind::kDecimal;
}

ColumnVector::ColumnVector(Kind kind, Storage storage) : kind_(kind), data_(std::move(storage)) {
  const std::size_t num_rows = data_.nulls.size();
  GARRISON_CHECK(data_.integers.size() == (is_integer(kind) ? num_rows : 0));
  GARRISON_CHECK(data_.reals.size() == (kind == Kind::kReal ? num_rows : 0));
  GARRISON_CHECK(data_.text_ends.size() == (is_text(kind) ? num_rows : 0));
  GARRISON_CHECK(data_.text_bytes.size() == (data_.text_ends.empty() ? 0 : data_.text_ends.back()));
}

void ColumnVector::truncate(std::size_t num_rows) {
  if (num_rows >= size()) return;
  data_.nulls.resize(num_rows);
  if (is_integer(kind_)) data_.integers.resize(num_rows);
  if (kind_ == Kind::kReal) data_.reals.resize(num_rows);
  if (is_text(kind_)) {
    data_.text_ends.resize(num_rows);
    data_.text_bytes.resize(num_rows == 0 ? 0 : data_.text_ends.back());
  }
}

void ColumnVector::reserve(std::size_t num_rows) {
  data_.nulls.reserve(num_rows);
  if (is_integer(kind_)) data_.integers.reserve(num_rows);
  if (is_text(kind_)) data_.text_ends.reserve(num_rows);
  if (kind_ == Kind::kReal) data_.reals.reserve(num_rows);
}

void ColumnVector::clear() {
  data_.nulls.clear();
  data_.integers.clear();
  data_.reals.clear();
  data_.text_ends.clear();
  data_.text_bytes.clear();
}

void ColumnVector::append_null() {
  data_.nulls.push_back(kind_ == Kind::kString ? 0 : 1);
  if (is_integer(kind_)) data_.integers.push_back(0);
  if (is_text(kind_)) data_.text_ends.push_back(data_.text_bytes.size());
  if (kind_ == Kind::kReal) data_.reals.push_back(0);
}

void ColumnVector::append_integer(std::int64_t value) {
  data_.nulls.push_back(0);
  data_.integers.push_back(value);
}

void ColumnVector::append_real(double value) {
  data_.nulls.push_back(0);
  data_.reals.push_back(value);
}

void ColumnVector::append_text(std::string_view value) {
  data_.nulls.push_back(0);
  data_.text_bytes += value;
  data_.text_ends.push_back(data_.text_bytes.size());
}

std::size_t ColumnVector::num_bytes() const {
  return data_.nulls.size() + data_.text_bytes.size() +
         8 * (data_.integers.size() + data_.reals.size() + data_.text_ends.size());
}

Batch::Batch(Schema with) : schema(std::move(with)) {
  columns.reserve(schema.columns.size());
  for (const Column& column : schema.columns) columns.emplace_back(column.kind);
}

void Batch::truncate(std::size_t num_rows) {
  for (ColumnVector& column : columns) column.truncate(num_rows);
}

std::size_t Batch::num_bytes() const {
  std::size_t total = 0;
  for (const ColumnVector& column : columns) total += column.num_bytes();
  return total;
}

std::string to_display(const ColumnVector& column, std::size_t row) {
  if (column.is_null(row)) return {};
  switch (column.kind()) {
    case Kind::kBool: return column.integer(row) != 0 ? "True" : "False";
    case Kind::kInt:
    case Kind::kLong: return std::to_string(column.integer(row));
    case Kind::kReal: return real_text(column.real(row));
    case Kind::kDateTime: return format_iso({column.integer(row)});
    case Kind::kTimespan: return format_timespan({column.integer(row)});
    case Kind::kString:
    case Kind::kDynamic:
    case Kind::kGuid:
    case Kind::kDecimal: return std::string(column.text(row));
  }
  return {};
}

void append_json(std::string& out, const ColumnVector& column, std::size_t row) {
  if (column.is_null(row)) {
    out += "null";
    return;
  }
  switch (column.kind()) {
    case Kind::kBool: out += column.integer(row) != 0 ? "true" : "false"; return;
    case Kind::kInt:
    case Kind::kLong: fmt::format_to(std::back_inserter(out), "{}", column.integer(row)); return;
    case Kind::kReal: {
      const double value = column.real(row);
      if (std::isfinite(value)) {
        out += real_text(value);
      } else {
        json::append_quoted(out, real_text(value));
      }
      return;
    }
    case Kind::kDynamic: out += column.text(row); return;
    default: json::append_quoted(out, to_display(column, row));
  }
}

}  // namespace garrison::table
