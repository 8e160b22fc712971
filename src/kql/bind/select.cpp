// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/select.h"

#include "kql/bind/sql_text.h"

namespace garrison::kql {
namespace {

void append_list(std::string& out, std::string_view separator, bool& first) {
  if (!first) out += separator;
  first = false;
}

void append_terms(std::string& out, const std::vector<SortTerm>& terms) {
  bool first = true;
  for (const SortTerm& term : terms) {
    append_list(out, ", ", first);
    out += column_sql(term.column);
    out += term.ascending ? " asc" : " desc";
    out += term.nulls_first ? " nulls first" : " nulls last";
  }
}

void append_conjunction(std::string& out, const std::vector<std::string>& predicates) {
  bool first = true;
  for (const std::string& predicate : predicates) {
    append_list(out, " and ", first);
    out += '(';
    out += predicate;
    out += ')';
  }
}

void append_columns(std::string& out, const std::vector<ColumnId>& columns) {
  bool first = true;
  for (const ColumnId id : columns) {
    append_list(out, ", ", first);
    out += column_sql(id);
  }
}

}  // namespace

std::size_t Select::expanded_size(std::string_view sql) const {
  std::size_t size = sql.size();
  for_each_column(sql, [&](ColumnId id) {
    if (const auto found = item_sizes.find(id); found != item_sizes.end()) size += found->second;
  });
  return size;
}

void Select::add_item(Definition definition) {
  const std::size_t size = expanded_size(definition.sql);
  item_sizes[definition.id] = size;
  total_size += size;
  items.push_back({definition.id, std::move(definition.sql), size});
}

void Select::add_result(Definition definition) {
  const std::size_t size = expanded_size(definition.sql);
  item_sizes[definition.id] = size;
  total_size += size;
  results.push_back({definition.id, std::move(definition.sql), size});
}

std::string to_sql(const Select& select, const std::vector<SelectOutput>& outputs, const std::string& with) {
  std::unordered_map<ColumnId, const SelectItem*> computed;
  for (const SelectItem& item : select.items) computed[item.id] = &item;
  for (const SelectItem& item : select.results) computed[item.id] = &item;

  // Items that the list itself writes out; the others become names in front.
  std::unordered_map<ColumnId, bool> listed;
  std::string list;
  bool first = true;
  for (const SelectOutput& output : outputs) {
    append_list(list, ", ", first);
    const auto item = computed.find(output.id);
    const bool own_name = output.as == output.id;
    if (item != computed.end() && own_name && !listed[output.id]) {
      list += item->second->sql;
      list += " as ";
      list += column_sql(output.id);
      listed[output.id] = true;
    } else {
      list += column_sql(output.id);
      if (!own_name) {
        list += " as ";
        list += column_sql(output.as);
      }
    }
  }
  if (outputs.empty()) list = "1";

  std::string sql;
  std::string names = with;
  first = names.empty();
  const auto add_name = [&](const SelectItem& item) {
    if (const auto found = listed.find(item.id); found != listed.end() && found->second) return;
    append_list(names, ", ", first);
    names += item.sql;
    names += " as ";
    names += column_sql(item.id);
  };
  for (const SelectItem& item : select.items) add_name(item);
  for (const SelectItem& item : select.results) add_name(item);
  if (!names.empty()) {
    sql += "with ";
    sql += names;
    sql += ' ';
  }
  sql += "select ";
  sql += list;
  if (!select.from.empty()) {
    sql += " from ";
    sql += select.from;
  }
  if (!select.array_join.empty()) {
    sql += " array join ";
    bool first_array = true;
    for (const Definition& array : select.array_join) {
      append_list(sql, ", ", first_array);
      sql += array.sql;
      sql += " as ";
      sql += column_sql(array.id);
    }
  }
  if (!select.where.empty()) {
    sql += " where ";
    append_conjunction(sql, select.where);
  }
  if (!select.keys.empty()) {
    sql += " group by ";
    append_columns(sql, select.keys);
  }
  if (!select.having.empty()) {
    sql += " having ";
    append_conjunction(sql, select.having);
  }
  if (!select.order.empty()) {
    sql += " order by ";
    append_terms(sql, select.order);
  }
  if (!select.limit_by.empty()) {
    sql += " limit ";
    sql += select.limit_by_count;
    sql += " by ";
    append_columns(sql, select.limit_by);
  }
  if (!select.limit.empty()) {
    sql += " limit ";
    sql += select.limit;
  }
  return sql;
}

}  // namespace garrison::kql
