// SPDX-License-Identifier: Apache-2.0
// A table-valued expression that is bound: its node and what KQL sees of its columns. Projecting, renaming and
// reordering columns only change `columns`. One compilation, one thread; moved, never copied.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kql/bind/plan_node.h"
#include "kql/plan.h"

namespace garrison::kql {

struct Column {
  std::string name;
  ColumnId id = 0;
  Kind kind = Kind::kString;
  bool nullable = true;
  bool text_indexed = false;
  bool exact = false;  // the engine's type is just that of the kind
  // Set where more is known than the id says: a constant, or a path into a dynamic column.
  std::shared_ptr<const Scalar> definition;
};

// Rows that operators treat group by group (the body of mv-apply and of partition): the id of the group, and columns
// of it that survive grouping.
struct RowGroups {
  ColumnId id = 0;
  std::vector<Column> carried;
};

struct Relation {
  NodePtr node;
  std::vector<Column> columns;
  std::vector<Column> hidden;    // found by name, not part of `*`
  std::vector<SortTerm> order;   // what the query has sorted by; not yet done in SQL unless in_order
  bool in_order = false;         // rows come in `order`
  bool is_serialized = false;    // row functions are allowed
  std::optional<ColumnId> row_number;
  std::string source_name;       // of a table, for withsource and search
  bool is_open = false;          // unknown columns are taken as null (discovery gave nothing)
  Render render;
  std::shared_ptr<const RowGroups> groups;  // shared: copies of a column list keep it; never changed once made

  std::vector<ColumnId> group_ids() const {
    return groups ? std::vector<ColumnId>{groups->id} : std::vector<ColumnId>{};
  }

  const Column* find(std::string_view name) const {
    for (const Column& column : columns) {
      if (column.name == name) return &column;
    }
    for (const Column& column : hidden) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }
};

Scalar to_scalar(const Column& column);

}  // namespace garrison::kql
