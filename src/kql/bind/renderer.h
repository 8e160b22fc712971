// SPDX-License-Identifier: Apache-2.0
// Lowered tree to SQL: marks the columns that are read, from the root down, puts as many nodes as possible into one
// SELECT, and cuts the tree at native functions into stages. A renderer serves one tree; the arena is shared by all
// trees of a compilation. Common tables and named scalars are written in front of the outermost SELECT.
#pragma once

#include <string>
#include <vector>

#include "kql/bind/plan_node.h"
#include "kql/bind/select.h"
#include "kql/compile.h"

namespace garrison::kql {

// Bookkeeping of what all trees of one compilation read.
struct RenderState {
  explicit RenderState(PlanArena& plan_arena, PlanMode plan_mode) : arena(plan_arena), mode(plan_mode) {}
  PlanArena& arena;
  PlanMode mode;
  std::vector<std::vector<bool>> common_table_uses;  // by index: which of its columns are read
  std::vector<Stage> stages;
  // Common tables that the text being written may name: those before the one whose body it is.
  std::size_t num_tables_in_reach = static_cast<std::size_t>(-1);
};

class Renderer {
 public:
  explicit Renderer(RenderState& state) : state_(state) {}

  // SELECT of these columns in this order (repetition allowed).
  std::string render(const Node& root, const std::vector<ColumnId>& columns);
  // As render, with the common tables and named scalars in front: a whole statement.
  std::string render_statement(const Node& root, const std::vector<ColumnId>& columns);

 private:
  static constexpr std::uint32_t kUnused = 0xFFFFFFFF;

  void mark(const Node& node);
  void mark_text(std::string_view sql);
  void mark_column(ColumnId id);
  bool is_marked(ColumnId id) const;

  Select build(const Node& node);
  Select build_scan(const ScanNode& scan);
  Select build_values(const ValuesNode& values);
  Select build_aggregate(const AggregateNode& aggregate);
  Select build_join(const JoinNode& join);
  Select build_union(const UnionNode& node);
  Select build_native(const NativeNode& native);
  // The select as FROM of a new one, giving the columns read by the node itself or above it.
  Select wrap(Select select, const Node& reader);
  std::vector<ColumnId> outputs(const Select& select, const Node& reader) const;
  bool too_large(const Select& select, std::string_view sql) const;
  bool may_fuse() const { return state_.mode == PlanMode::kOptimised; }
  std::string with_clause();

  RenderState& state_;
  std::vector<std::uint32_t> first_read_;               // by column: number of the topmost node that reads it
  std::unordered_map<const Node*, std::uint32_t> numbers_;
  std::uint32_t number_ = 0;
};

}  // namespace garrison::kql
