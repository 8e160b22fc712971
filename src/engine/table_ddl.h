// SPDX-License-Identifier: Apache-2.0
// DDL of our tables in the engine. A workspace is one database; a table of events is partitioned by day and sorted by
// hour, the column that rules filter first, and time. Stateless; any thread may call. Names may hold any character.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/table_definition.h"

namespace garrison::engine {

std::string create_database_sql(std::string_view database);
// Waits until the data is gone.
std::string drop_database_sql(std::string_view database);
// `database`.`table`, as Insert::table wants it.
std::string qualified_name(std::string_view database, std::string_view table);

// The definition's own columns, then table::hidden_columns(): what is inserted.
table::Schema stored_schema(const table::TableDefinition& definition);
// One entry a column of the schema: TimeGenerated, _IngestionTime and a state table's _Version are never null.
std::vector<table::Nullability> stored_nullability(const table::Schema& schema);

struct TableOptions {
  std::optional<int> retention_days;  // counted from TimeGenerated; none: kept for ever
};

// A table of events. Inserts are durable when they return, and an insert with a token of the last 10,000 is taken once.
std::string create_table_sql(std::string_view database, const table::TableDefinition& definition,
                             const TableOptions& options = {});

// Mass state (assessments, findings, indicators): of the rows with one key the one with the highest _Version counts,
// and none when that one has _Deleted = true. Read it with FINAL.
struct StateTableDefinition {
  std::string name;
  table::Schema schema;                  // without _Version and _Deleted
  std::vector<std::string> key_columns;  // at least one
};
inline constexpr std::string_view kVersionColumn = "_Version";  // long, never null: the outbox id of the change
inline constexpr std::string_view kDeletedColumn = "_Deleted";  // bool, never null
table::Schema stored_schema(const StateTableDefinition& definition);
std::string create_state_table_sql(std::string_view database, const StateTableDefinition& definition);

// Does nothing when the column is there already.
std::string add_column_sql(std::string_view database, std::string_view table, const table::Column& column);
std::string set_retention_sql(std::string_view database, std::string_view table, std::optional<int> retention_days);
std::string drop_table_sql(std::string_view database, std::string_view table);

}  // namespace garrison::engine
