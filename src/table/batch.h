// SPDX-License-Identifier: Apache-2.0
// Rows in columns: what receivers write and queries return. One Batch is owned by one thread at a time.
// Values by kind: bool, int, long as integers (bool 0/1); datetime as ticks since year 1; timespan as ticks; real as
// double; string, dynamic (JSON text), guid (lower case text with dashes) and decimal (plain text) as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/schema.h"

namespace garrison::table {

class ColumnVector {
 public:
  explicit ColumnVector(Kind kind = Kind::kString) : kind_(kind) {}

  Kind kind() const { return kind_; }
  std::size_t size() const { return nulls_.size(); }
  void reserve(std::size_t num_rows);
  void clear();

  // A string column has no nulls: append_null appends ''.
  void append_null();
  void append_integer(std::int64_t value);   // bool, int, long, datetime, timespan
  void append_real(double value);            // real
  void append_text(std::string_view value);  // string, dynamic, guid, decimal

  bool is_null(std::size_t row) const { return nulls_[row] != 0; }
  std::int64_t integer(std::size_t row) const { return integers_[row]; }
  double real(std::size_t row) const { return reals_[row]; }
  std::string_view text(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
    return std::string_view(bytes_).substr(begin, ends_[row] - begin);
  }

  // Raw storage for encoders: one byte a row (1 = null); integers or reals a row; or text ends and bytes.
  const std::vector<std::uint8_t>& nulls() const { return nulls_; }
  const std::vector<std::int64_t>& integers() const { return integers_; }
  const std::vector<double>& reals() const { return reals_; }
  const std::vector<std::size_t>& text_ends() const { return ends_; }
  const std::string& text_bytes() const { return bytes_; }
  std::size_t num_bytes() const;

  static bool is_integer(Kind kind);
  static bool is_text(Kind kind);

 private:
  Kind kind_;
  std::vector<std::uint8_t> nulls_;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
  std::vector<std::size_t> ends_;
  std::string bytes_;
};

struct Batch {
  Schema schema;
  std::vector<ColumnVector> columns;  // as many as schema.columns, all of the same size

  Batch() = default;
  explicit Batch(Schema with);
  std::size_t num_rows() const { return columns.empty() ? 0 : columns.front().size(); }
  std::size_t num_bytes() const;
};

// The value as KQL's tostring() prints it: 'True', '1.0', '1.02:00:00', 2024-01-01T00:00:00.0000000Z; null is ''.
std::string to_display(const ColumnVector& column, std::size_t row);
// Appends the value as JSON: numbers bare, datetime and timespan quoted, dynamic as it is, null as null, NaN quoted.
void append_json(std::string& out, const ColumnVector& column, std::size_t row);

}  // namespace garrison::table
