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
  // Raw storage for encoders and decoders: nulls has one byte a row (1 = null, always 0 for a string); what
  // else a null row holds has no meaning. By kind, one more member is filled: integers, reals, or text_ends with bytes.
  struct Storage {
    std::vector<std::uint8_t> nulls;
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    std::vector<std::size_t> text_ends;  // of each row in text_bytes, rising
    std::string text_bytes;
  };

  explicit ColumnVector(Kind kind = Kind::kString) : kind_(kind) {}
  // Takes over storage that was filled in bulk. GARRISON_CHECKs that its sizes fit each other.
  ColumnVector(Kind kind, Storage storage);

  Kind kind() const { return kind_; }
  std::size_t size() const { return data_.nulls.size(); }
  void reserve(std::size_t num_rows);
  void clear();
  // Drops the rows from num_rows on.
  void truncate(std::size_t num_rows);

  // A string column has no nulls: append_null appends ''.
  void append_null();
  void append_integer(std::int64_t value);   // bool, int, long, datetime, timespan
  void append_real(double value);            // real
  void append_text(std::string_view value);  // string, dynamic, guid, decimal

  bool is_null(std::size_t row) const { return data_.nulls[row] != 0; }
  std::int64_t integer(std::size_t row) const { return data_.integers[row]; }
  double real(std::size_t row) const { return data_.reals[row]; }
  std::string_view text(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : data_.text_ends[row - 1];
    return std::string_view(data_.text_bytes).substr(begin, data_.text_ends[row] - begin);
  }

  const Storage& storage() const { return data_; }
  const std::vector<std::uint8_t>& nulls() const { return data_.nulls; }
  const std::vector<std::int64_t>& integers() const { return data_.integers; }
  const std::vector<double>& reals() const { return data_.reals; }
  const std::vector<std::size_t>& text_ends() const { return data_.text_ends; }
  const std::string& text_bytes() const { return data_.text_bytes; }
  std::size_t num_bytes() const;

  static bool is_integer(Kind kind);
  static bool is_text(Kind kind);

 private:
  Kind kind_;
  Storage data_;
};

struct Batch {
  Schema schema;
  std::vector<ColumnVector> columns;  // as many as schema.columns, all of the same size

  Batch() = default;
  explicit Batch(Schema with);
  std::size_t num_rows() const { return columns.empty() ? 0 : columns.front().size(); }
  std::size_t num_bytes() const;
  void truncate(std::size_t num_rows);
};

// The value as KQL's tostring() prints it: 'True', '1.0', '1.02:00:00', 2024-01-01T00:00:00.0000000Z; null is ''.
std::string to_display(const ColumnVector& column, std::size_t row);
// Appends the value as JSON: numbers bare, datetime and timespan quoted, dynamic as it is, null as null, NaN quoted.
void append_json(std::string& out, const ColumnVector& column, std::size_t row);

}  // namespace garrison::table
