// SPDX-License-Identifier: Apache-2.0
#include "engine/table_ddl.h"

#include <fmt/format.h>

#include "engine/engine_sql.h"
#include "table/text_index.h"

namespace garrison::engine {
namespace {

using table::Column;
using table::Kind;
using table::Nullability;
using table::Schema;

// fsync: an insert is on the disk when it returns. The window is what makes insert_deduplication_token work on a table
// without replicas. Kusto's columns are all nullable, so a sort key may be, too.
constexpr std::string_view kTableSettings =
    "allow_nullable_key = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, "
    "fsync_part_directory = 1";

std::string column_list(const Schema& schema) {
  const std::vector<Nullability> nullability = stored_nullability(schema);
  std::string out;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    out += fmt::format("  {} {},\n", quote_identifier(column.name), engine_type(column.kind, nullability[i]));
  }
  return out;
}

std::string retention_expression(int days) {
  return fmt::format("toDateTime({}) + toIntervalDay({})", quote_identifier(table::kTimeGenerated), days);
}

}  // namespace

std::string create_database_sql(std::string_view database) {
  return "CREATE DATABASE IF NOT EXISTS " + quote_identifier(database) + " ENGINE = Atomic";
}

std::string drop_database_sql(std::string_view database) {
  return "DROP DATABASE IF EXISTS " + quote_identifier(database) + " SYNC";
}

std::string qualified_name(std::string_view database, std::string_view table) {
  return quote_identifier(database) + '.' + quote_identifier(table);
}

Schema stored_schema(const table::TableDefinition& definition) {
  Schema schema = definition.schema;
  for (const Column& column : table::hidden_columns().columns) schema.columns.push_back(column);
  return schema;
}

Schema stored_schema(const StateTableDefinition& definition) {
  Schema schema = definition.schema;
  schema.columns.push_back({std::string(kVersionColumn), Kind::kLong});
  schema.columns.push_back({std::string(kDeletedColumn), Kind::kBool});
  return schema;
}

std::vector<Nullability> stored_nullability(const Schema& schema) {
  std::vector<Nullability> out;
  out.reserve(schema.columns.size());
  for (const Column& column : schema.columns) {
    const bool is_required = column.name == table::kTimeGenerated || column.name == table::kIngestionTime ||
                             column.name == kVersionColumn || column.name == kDeletedColumn;
    out.push_back(is_required ? Nullability::kNotNull : Nullability::kNullable);
  }
  return out;
}

std::string create_table_sql(std::string_view database, const table::TableDefinition& definition,
                             const TableOptions& options) {
  const std::string time = quote_identifier(table::kTimeGenerated);
  std::string sql = "CREATE TABLE IF NOT EXISTS " + qualified_name(database, definition.name) + " (\n";
  sql += column_list(stored_schema(definition));
  for (const std::string& column : definition.text_columns) {
    sql += fmt::format("  INDEX {} {} TYPE {},\n", quote_identifier("text_" + column),
                       table::text_index_expression(quote_identifier(column)), table::kTextIndexType);
  }
  // For rules that look at what has arrived since they last ran.
  sql += fmt::format("  INDEX minmax_ingestion {} TYPE minmax GRANULARITY 1\n)\n",
                     quote_identifier(table::kIngestionTime));
  sql += fmt::format("ENGINE = MergeTree\nPARTITION BY toYYYYMMDD({0})\nORDER BY (toStartOfHour({0})", time);
  if (!definition.order_column.empty() && definition.order_column != table::kTimeGenerated) {
    sql += ", " + quote_identifier(definition.order_column);
  }
  sql += fmt::format(", {})\n", time);
  if (options.retention_days) sql += fmt::format("TTL {}\n", retention_expression(*options.retention_days));
  // Days are dropped whole where that suffices.
  return sql + fmt::format("SETTINGS {}{}", kTableSettings, options.retention_days ? ", ttl_only_drop_parts = 1" : "");
}

std::string create_state_table_sql(std::string_view database, const StateTableDefinition& definition) {
  std::string sql = "CREATE TABLE IF NOT EXISTS " + qualified_name(database, definition.name) + " (\n";
  std::string columns = column_list(stored_schema(definition));
  columns.resize(columns.size() - 2);  // the last comma
  sql += columns + "\n)\n";
  // The engine wants its mark of deletion as a number; a Bool is one.
  sql += fmt::format("ENGINE = ReplacingMergeTree({}, {})\nORDER BY (", quote_identifier(kVersionColumn),
                     quote_identifier(kDeletedColumn));
  for (std::size_t i = 0; i < definition.key_columns.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += quote_identifier(definition.key_columns[i]);
  }
  return sql + fmt::format(")\nSETTINGS {}", kTableSettings);
}

std::string add_column_sql(std::string_view database, std::string_view table, const Column& column) {
  return fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}", qualified_name(database, table),
                     quote_identifier(column.name), engine_type(column.kind));
}

std::string set_retention_sql(std::string_view database, std::string_view table, std::optional<int> retention_days) {
  const std::string alter = "ALTER TABLE " + qualified_name(database, table);
  if (!retention_days) return alter + " REMOVE TTL";
  return alter + " MODIFY TTL " + retention_expression(*retention_days);
}

std::string drop_table_sql(std::string_view database, std::string_view table) {
  return "DROP TABLE IF EXISTS " + qualified_name(database, table) + " SYNC";
}

}  // namespace garrison::engine
