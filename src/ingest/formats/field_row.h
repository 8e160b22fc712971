// SPDX-License-Identifier: Apache-2.0
// One row of a table written by column name, for formats that map fields by rules. Begins with construction; a row that
// is not committed is forgotten. One thread.
#pragma once

#include <string>
#include <string_view>

#include "ingest/json_fields.h"
#include "ingest/table_builder.h"

namespace garrison::ingest::formats {

class FieldRow {
 public:
  explicit FieldRow(TableBuilder& builder) : builder_(builder) { builder_.begin_row(); }
  ~FieldRow() {
    if (!is_committed_) builder_.abort_row();
  }
  FieldRow(const FieldRow&) = delete;
  FieldRow& operator=(const FieldRow&) = delete;

  // Sets the column unless the text is empty. A value that does not fit is kept in _Extra; a column that the table does
  // not have is skipped.
  FieldRow& set(std::string_view column, std::string_view text) {
    if (text.empty()) return *this;
    const auto index = builder_.column(column);
    if (index && !builder_.set_from_text(*index, text)) keep(column, text);
    return *this;
  }
  // "-" means nothing in Windows events.
  FieldRow& set_present(std::string_view column, std::string_view text) {
    return text == "-" ? *this : set(column, text);
  }
  FieldRow& set_json(std::string_view column, std::string_view json) {
    if (const auto index = builder_.column(column); index && !json.empty()) builder_.set_text(*index, json);
    return *this;
  }
  FieldRow& set_integer(std::string_view column, std::int64_t value) {
    if (const auto index = builder_.column(column)) builder_.set_integer(*index, value);
    return *this;
  }
  // True when the column is there and took the text.
  bool try_set(std::string_view column, std::string_view text) {
    const auto index = builder_.column(column);
    return index && builder_.set_from_text(*index, text);
  }
  void keep(std::string_view name, std::string_view text) { builder_.add_extra_text(name, text); }
  void keep(const Field& field) {
    if (field.type == FieldType::kText)
      keep(field.name, field.text);
    else
      builder_.add_extra(field.name, field.text);
  }
  void commit() {
    builder_.commit_row();
    is_committed_ = true;
  }

 private:
  TableBuilder& builder_;
  bool is_committed_ = false;
};

}  // namespace garrison::ingest::formats
