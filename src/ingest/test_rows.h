// SPDX-License-Identifier: Apache-2.0
// For this library's tests: rows of a block as JSON, a target that keeps rows in memory, tables made by hand.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ingest/native_block.h"
#include "ingest/record_limits.h"
#include "ingest/table_builder.h"
#include "workspace/row_target.h"

namespace garrison::ingest {

inline TableBuilder::Definition make_table(std::string name, table::Schema schema) {
  table::TableDefinition definition;
  definition.name = std::move(name);
  definition.schema = std::move(schema);
  return std::make_shared<const table::TableDefinition>(std::move(definition));
}

inline std::string padded(std::string_view record) {
  return std::string(record) + std::string(kRecordPadding, '\0');
}

// Each row as JSON, without what every row of a batch shares.
inline std::vector<std::string> rows_of(std::string_view native) {
  std::vector<std::string> rows;
  auto block = read_native_block(native);
  if (!block) return {block.error().to_string()};
  std::erase_if(block->columns, [](const NativeColumn& column) {
    return column.name == table::kIngestionTime || column.name == table::kSource || column.name == table::kBatch ||
           column.name == "Type" || column.name == "TenantId";
  });
  for (std::size_t row = 0; row < block->num_rows; ++row) {
    rows.emplace_back();
    append_row_json(rows.back(), *block, row);
  }
  return rows;
}

// Plays the engine: takes a token once, refuses rows that hold a text, can be away.
class MemoryTarget final : public workspace::RowTarget {
 public:
  Result<void> insert(const workspace::RowInsert& rows) override {
    const std::lock_guard lock(mutex_);
    ++num_tries;
    if (before_insert) before_insert();
    if (is_away) return unavailable("T-1", "the engine is away");
    const auto block = read_native_block(rows.native);
    if (!block) return block.error();
    for (const std::string& row : rows_of(rows.native))
      if (!poison.empty() && row.find(poison) != std::string::npos) return bad_input("T-2", "poison");
    if (!tokens_.insert(rows.workspace.value + "/" + rows.table + "/" + rows.token).second) {
      ++num_repeated;
      return {};
    }
    ++num_inserts;
    for (std::string& row : rows_of(rows.native)) stored_[rows.table].push_back(std::move(row));
    if (fails_after_insert) {
      fails_after_insert = false;
      return unavailable("T-3", "the connection broke");
    }
    return {};
  }

  std::vector<std::string> rows(const std::string& table) const {
    const std::lock_guard lock(mutex_);
    const auto found = stored_.find(table);
    return found == stored_.end() ? std::vector<std::string>() : found->second;
  }

  bool is_away = false;
  bool fails_after_insert = false;
  std::string poison;
  std::function<void()> before_insert;
  int num_tries = 0;
  int num_inserts = 0;
  int num_repeated = 0;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> tokens_;
  std::map<std::string, std::vector<std::string>> stored_;
};

}  // namespace garrison::ingest
