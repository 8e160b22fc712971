// SPDX-License-Identifier: Apache-2.0
// An input format: turns one record (a JSON object) into rows of one or several tables. One format is one file that
// ends in one entry, named in formats/all.h. A FormatReader is used by one thread.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/batch_output.h"
#include "ingest/json_fields.h"
#include "ingest/record_limits.h"
#include "table/schema.h"

namespace garrison::ingest {

class FormatReader {
 public:
  virtual ~FormatReader() = default;
  // Adds the record's rows, or says why it is refused (kBadInput); then no row was added. kRecordPadding readable bytes
  // follow the record.
  virtual Result<void> read(std::string_view record) = 0;
  // Fields that a custom table could have as columns, by table.
  virtual std::map<std::string, std::vector<table::Column>> new_columns() const { return {}; }
};

struct FormatContext {
  BatchOutput& output;
  std::string table;  // where rows go when the record does not say
  RecordLimits limits;
};

enum class TableChoice { kRequired, kNone };

struct Format {
  std::string_view name;
  std::string_view description;  // one sentence
  TableChoice table_choice;
  std::string_view example;        // one record
  std::string_view example_table;  // and what it becomes there:
  std::string_view example_row;    // the JSON of the row, without hidden columns but _Extra, and without Type
  std::string_view since;
  std::unique_ptr<FormatReader> (*make)(const FormatContext& context);
  // Whether a record (objects opened to depth 5) is of this format, for `auto`; null for a format that fits every
  // record.
  bool (*matches)(std::span<const Field> fields);
};

// Sorted by name.
std::span<const Format* const> all_formats();
// INGEST-0040 (kBadInput) for an unknown name, with the known ones.
Result<const Format*> find_format(std::string_view name);
// The format whose rules fit the first record; `json` when none does.
const Format* detect_format(std::string_view first_record, RecordLimits limits);

}  // namespace garrison::ingest
