// SPDX-License-Identifier: Apache-2.0
// The lowered tree between binding and SQL text. Every column that any node makes has an id of its own, unique in the
// compilation, and is written `c<id>` in SQL; so no alias can ever shadow another name, and what an expression reads is
// found in its text. Nodes own their inputs. One compilation, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kql/catalogue.h"
#include "kql/plan.h"
#include "kql/scalar/scalar.h"

namespace garrison::kql {

using ColumnId = std::uint32_t;

struct Node;
using NodePtr = std::unique_ptr<Node>;

// Column `id` computed by `sql` from the columns of the input.
struct Definition {
  ColumnId id = 0;
  std::string sql;
};

struct SortTerm {
  ColumnId column = 0;
  bool ascending = false;
  bool nulls_first = false;
};

// Rows of a stored table: column i of the schema has id first_id + i, hidden ones follow.
struct ScanNode {
  std::shared_ptr<const TableSource> table;
  ColumnId first_id = 0;
};
// Literal rows: one SQL literal per row and column; all literals of a column are castable to its type.
struct ValuesNode {
  struct Values {
    ColumnId id;
    Kind kind;
    std::vector<std::string> literals;
  };
  std::vector<Values> columns;
  std::size_t num_rows = 0;
};
// `num_rows` SQL of a row count (0 or more) whose row number is column `number` (Int64).
struct NumbersNode {
  std::string num_rows;
  ColumnId number = 0;
};
// Use of a common table expression: column `columns[i].id` is its column `source`.
struct CteNode {
  struct Use {
    ColumnId id;
    ColumnId source;
  };
  std::size_t index = 0;
  std::vector<Use> columns;
};
struct FilterNode {
  NodePtr input;
  std::string predicate;
};
struct ExtendNode {
  NodePtr input;
  std::vector<Definition> definitions;
};
// Definitions with window functions; they see exactly the rows of the input.
struct WindowNode {
  NodePtr input;
  std::vector<Definition> definitions;
};
// argMax, argMin or any over several columns at once; only the outputs that are read are carried.
struct RowChoice {
  enum class Mode : std::uint8_t { kMax, kMin, kAny };
  Mode mode = Mode::kAny;
  std::string value;  // of kMax and kMin
  bool value_nullable = true;
  ColumnId tuple = 0;
  std::vector<Definition> outputs;
};
struct AggregateNode {
  NodePtr input;
  std::vector<Definition> keys;
  std::vector<Definition> aggregates;
  std::vector<RowChoice> choices;
  // Operands that aggregate lowerings repeat, in the order of definition.
  std::vector<Definition> operands;
};
struct SortNode {
  NodePtr input;
  std::vector<SortTerm> terms;
};
// At most `count` rows, of each combination of `by` when given.
struct LimitNode {
  NodePtr input;
  std::string count;
  std::vector<ColumnId> by;
};
enum class JoinShape : std::uint8_t { kInner, kLeft, kRight, kFull, kLeftSemi, kLeftAnti, kCross };
struct JoinNode {
  struct Key {
    ColumnId left;
    ColumnId right;
    bool null_safe;  // null meets null
    bool real;       // NaN meets nothing
  };
  JoinShape shape = JoinShape::kInner;
  NodePtr left;
  NodePtr right;
  std::vector<Key> keys;
};
struct UnionNode {
  struct Branch {
    NodePtr input;
    std::vector<ColumnId> columns;  // in the order of `columns` of the node
  };
  std::vector<Branch> branches;
  std::vector<ColumnId> columns;
};
// ARRAY JOIN: each definition is an array, all of the same length.
struct ArrayJoinNode {
  NodePtr input;
  std::vector<Definition> arrays;
};
// A native function over the rows: ends a stage.
struct NativeNode {
  NodePtr input;
  NativeFunction function;
  std::vector<ColumnId> arguments;
  ColumnId result = 0;
};

struct Node {
  std::variant<ScanNode, ValuesNode, NumbersNode, CteNode, FilterNode, ExtendNode, WindowNode, AggregateNode, SortNode,
               LimitNode, JoinNode, UnionNode, ArrayJoinNode, NativeNode>
      node;
};

template <typename T>
NodePtr make_node(T node) {
  return std::make_unique<Node>(Node{std::move(node)});
}

// A common table expression that runs once (materialize, repeated use).
struct CommonTable {
  NodePtr node;
  std::vector<ColumnId> columns;
  bool is_open = false;  // its columns are not all known
};

// What is known of a column id.
struct ColumnFact {
  Kind kind = Kind::kString;
  bool nullable = true;
};

// Everything of one compilation that nodes refer to by number.
struct PlanArena {
  std::vector<ColumnFact> columns;  // by id
  std::vector<CommonTable> common_tables;
  std::vector<Definition> scalars;  // scalar subqueries named once: `s<id>`
  std::size_t num_nodes = 0;

  ColumnId add_column(Kind kind, bool nullable) {
    columns.push_back({kind, nullable});
    return static_cast<ColumnId>(columns.size() - 1);
  }
};

inline std::string column_sql(ColumnId id) { return "c" + std::to_string(id); }

}  // namespace garrison::kql
