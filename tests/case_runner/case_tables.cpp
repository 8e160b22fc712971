// SPDX-License-Identifier: Apache-2.0
#include "case_tables.h"

#include <algorithm>

#include "case_values.h"
#include "engine/native_format.h"
#include "kql/scalar/operators.h"

namespace garrison::cases {
namespace {

Result<void> run(engine::Engine& engine, std::string sql) {
  engine::Statement statement;
  statement.sql = std::move(sql);
  return engine.execute(statement);
}

}  // namespace

Result<void> CaseTables::reset() {
  tables_.clear();
  functions_.clear();
  GARRISON_TRY(run(engine_, "drop database if exists " + kql::quote_name(database_) + " sync"));
  return run(engine_, "create database " + kql::quote_name(database_));
}

Result<void> CaseTables::add(const TableStep& step, InsertForm form) {
  kql::TableSource source;
  source.name = step.name;
  source.schema = step.schema;
  const auto nullability = [](const table::Column& column) {
    return column.name == "TimeGenerated" ? table::Nullability::kNotNull : table::Nullability::kNullable;
  };
  // A table without rows was never written: it exists in the catalogue only.
  if (!step.rows.empty()) {
    source.sql_name = kql::quote_name(database_) + "." + kql::quote_name(step.name);
    std::string sql = "create table " + source.sql_name + " (";
    for (const table::Column& column : step.schema.columns) {
      sql += (&column == &step.schema.columns.front() ? "" : ", ") + kql::quote_name(column.name) + " " +
             std::string(table::engine_type(column.kind, nullability(column)));
      if (column.name == "TimeGenerated") source.not_null.push_back(column.name);
    }
    GARRISON_TRY(run(engine_, sql + ") engine = MergeTree order by tuple()"));
  }
  std::vector<table::Nullability> nulls;
  for (const table::Column& column : step.schema.columns) nulls.push_back(nullability(column));
  const std::size_t rows_an_insert = form == InsertForm::kWhole ? std::max<std::size_t>(step.rows.size(), 1) : 1;
  for (std::size_t begin = 0; begin < step.rows.size(); begin += rows_an_insert) {
    table::Batch batch(step.schema);
    for (std::size_t i = begin; i < std::min(begin + rows_an_insert, step.rows.size()); ++i) {
      const Row& row = step.rows[i];
      if (row.size() != step.schema.columns.size()) {
        return bad_input("CASE-0003", "a row of table " + step.name + " has " + std::to_string(row.size()) + " cells");
      }
      for (std::size_t k = 0; k < row.size(); ++k) GARRISON_TRY(append_cell(batch.columns[k], row[k]));
    }
    std::string native;
    GARRISON_TRY(engine::encode_native(native, batch, nulls));
    engine::Insert insert;
    insert.table = source.sql_name;
    for (const table::Column& column : step.schema.columns) insert.columns.push_back(column.name);
    insert.native = native;
    GARRISON_TRY(engine_.insert(insert));
  }
  tables_[step.name] = std::move(source);
  return {};
}

void CaseTables::add(const FunctionStep& step) { functions_[step.name] = {step.name, step.parameters, step.body}; }

std::optional<kql::TableSource> CaseTables::find_table(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<kql::SavedFunction> CaseTables::find_function(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> CaseTables::existing_tables() const {
  std::vector<std::string> names;
  for (const auto& [name, source] : tables_) names.push_back(name);
  return names;
}

}  // namespace garrison::cases
