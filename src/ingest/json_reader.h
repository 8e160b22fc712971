// SPDX-License-Identifier: Apache-2.0
// JSON objects into the columns of one table: the hot path of ingestion. Values are converted to the column's kind;
// what has no column, or does not fit it, is kept in _Extra. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ingest/record_limits.h"
#include "ingest/table_builder.h"

namespace garrison::ingest {

class JsonReader {
 public:
  JsonReader(TableBuilder& builder, RecordLimits limits = {});
  ~JsonReader();

  // Adds one object as a row. The record has kRecordPadding readable bytes behind it. kBadInput says why the record is
  // refused (INGEST-0010 malformed, 0011 no object, 0012 too long, 0013 too deep, 0014 too many fields); then no row
  // was added.
  Result<void> read(std::string_view record);

  // Fields without a column that were met, with the kind that holds all their values; names as columns may have them.
  const std::map<std::string, table::Kind, std::less<>>& new_columns() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A letter or '_', then letters, digits and '_', at most 128; not one of the hidden columns.
bool is_column_name(std::string_view name);

}  // namespace garrison::ingest
