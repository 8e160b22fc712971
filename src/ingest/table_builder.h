// SPDX-License-Identifier: Apache-2.0
// Collects rows of one table directly in the Native layout, so that a value is written once between the parser and the
// ingest log. Columns that no row sets cost nothing. What fits no column goes to _Extra, never away. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ticks.h"
#include "table/table_definition.h"

namespace garrison::ingest {

// What every row of a batch shares: the hidden columns, and the columns that name table and workspace.
struct BatchStamp {
  DateTime received;
  std::string source;
  std::int64_t batch = 0;
  std::string workspace;  // goes to TenantId where the table has it and the sender did not set it
};

// Live events far from now get their receive time, the original is kept in _Extra. Backfill keeps every time that the
// engine can sort (1971 to 2105).
enum class TimeMode { kLive, kBackfill };
inline constexpr Timespan kMaxLateness{2 * kTicksPerDay};
inline constexpr Timespan kMaxEarliness{1 * kTicksPerDay};

// Rows of one day as one Native block with the hidden columns.
struct DayBlock {
  std::int32_t day = 0;  // since 1970-01-01
  std::uint32_t num_rows = 0;
  std::string native;
};

class TableBuilder {
 public:
  // Immutable and shared with the catalogue and other threads.
  using Definition = std::shared_ptr<const table::TableDefinition>;

  TableBuilder(Definition definition, BatchStamp stamp, TimeMode mode);

  const table::TableDefinition& definition() const { return *definition_; }
  std::optional<std::size_t> column(std::string_view name) const;
  table::Kind kind(std::size_t column) const { return columns_[column].kind; }

  void begin_row();
  // The first value of a column in a row stays; false for another one. The kind must be the column's:
  bool set_integer(std::size_t column, std::int64_t value);  // bool, int, long, timespan, datetime (ticks)
  bool set_real(std::size_t column, double value);           // real
  bool set_text(std::size_t column, std::string_view text);  // string, decimal; dynamic: canonical JSON
  bool set_guid(std::size_t column, const std::array<char, 16>& bytes);
  // Text from outside into a column of any kind. False when it is no value of the kind, or the column is set.
  bool set_from_text(std::size_t column, std::string_view text);
  // Keeps a value without a column; `json` is one JSON value.
  void add_extra(std::string_view name, std::string_view json);
  void add_extra_text(std::string_view name, std::string_view text);
  void commit_row();
  // Forgets the row as if it had never begun.
  void abort_row();

  std::size_t num_rows() const { return times_.size(); }
  std::size_t num_bytes() const { return num_bytes_; }
  std::int64_t received_ticks() const { return stamp_.received.ticks; }

  // The rows, a block a day; the builder is empty afterwards.
  std::vector<DayBlock> finish();

 private:
  struct Column {
    std::string_view name;
    table::Kind kind = table::Kind::kString;
    bool is_nullable = true;
    std::size_t width = 0;
    std::size_t num_rows = 0;  // rows behind are absent until somebody sets or finish() fills
    std::string nulls;
    std::string values;
  };
  struct Undo {
    std::size_t column;
    std::size_t num_rows;
    std::size_t num_nulls;
    std::size_t num_values;
  };

  // Fills the column up to the current row and remembers how to undo; false when the row has a value already.
  bool prepare(std::size_t column);
  void pad(Column& column, std::size_t num_rows);
  void write_block(DayBlock& block, const std::vector<std::uint32_t>* rows) const;

  Definition definition_;
  BatchStamp stamp_;
  TimeMode mode_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::vector<Column> columns_;  // as the schema's, then _Extra
  std::size_t time_column_ = 0;
  std::optional<std::size_t> fallback_time_column_;
  std::vector<std::int64_t> times_;  // TimeGenerated in ticks, a row each
  std::optional<std::int64_t> row_time_;
  std::optional<std::int64_t> row_fallback_time_;
  std::string extra_;
  std::vector<Undo> undo_;
  std::size_t num_bytes_ = 0;
};

}  // namespace garrison::ingest
