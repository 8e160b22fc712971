// SPDX-License-Identifier: Apache-2.0
// What is known of a table apart from its rows: columns, how it is sorted, which columns rules search. Plain value.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "table/schema.h"

namespace garrison::table {

inline constexpr std::string_view kTimeGenerated = "TimeGenerated";
inline constexpr std::size_t kMaxTableColumns = 1'000;

// Columns that every table in the engine has behind its own; a query reads them by name only.
inline constexpr std::string_view kIngestionTime = "_IngestionTime";  // datetime, never null: when we received it
inline constexpr std::string_view kSource = "_Source";                // string: who sent it
inline constexpr std::string_view kBatch = "_Batch";                  // long: one number for what was received together
inline constexpr std::string_view kExtra = "_Extra";                  // dynamic: bag of what fits no column
const Schema& hidden_columns();

struct TableDefinition {
  std::string name;
  Schema schema;                          // always holds TimeGenerated:datetime
  std::string order_column;               // sorted by between hour and TimeGenerated; empty: none
  std::vector<std::string> text_columns;  // string columns with a text index
};

// Reads the format of docs/formats/table-files.md. Adds TimeGenerated at the end when the text lacks it. TABLE-0002
// (kCorrupt) names file and line of what is wrong.
Result<TableDefinition> parse_table_file(std::string name, std::string_view text);

}  // namespace garrison::table
