// SPDX-License-Identifier: Apache-2.0
// One SELECT under construction. Nodes are put into it as long as SQL's own order of clauses gives the same answer;
// then it becomes the FROM of the next. Used by the renderer only.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "kql/bind/plan_node.h"

namespace garrison::kql {

struct SelectItem {
  ColumnId id = 0;
  std::string sql;
  std::size_t expanded_size = 0;  // of the text with the aliases it names written out
};

struct Select {
  std::string from;                      // "`db`.`t` as t", "(select ..)"; empty: one row without columns
  std::vector<ColumnId> inputs;          // columns that `from` gives by their own names
  std::vector<SelectItem> items;         // computed before grouping
  std::vector<Definition> array_join;
  std::vector<std::string> where;
  bool grouped = false;
  std::vector<ColumnId> keys;
  std::vector<SelectItem> results;       // computed after grouping, aggregates included
  std::vector<std::string> having;
  bool has_window = false;
  std::vector<SortTerm> order;
  std::vector<ColumnId> limit_by;
  std::string limit_by_count;
  std::string limit;
  std::unordered_map<ColumnId, std::size_t> item_sizes;  // expanded size of items and results by id
  std::size_t total_size = 0;

  bool is_limited() const { return !limit.empty() || !limit_by.empty(); }
  // Length of the text once the analyser has replaced the aliases in it.
  std::size_t expanded_size(std::string_view sql) const;
  void add_item(Definition definition);
  void add_result(Definition definition);
};

// A column of the SELECT list. With `as` another name than its own (branches of a union).
struct SelectOutput {
  ColumnId id = 0;
  ColumnId as = 0;
};

// The text; `with` goes in front (common tables, scalars), usually empty.
std::string to_sql(const Select& select, const std::vector<SelectOutput>& outputs, const std::string& with);

}  // namespace garrison::kql
