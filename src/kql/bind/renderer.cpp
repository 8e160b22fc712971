// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/renderer.h"

#include <algorithm>

#include "kql/bind/sql_text.h"
#include "kql/scalar/operators.h"

namespace garrison::kql {
namespace {

// Aliases are written out by the engine's analyser wherever they are named; beyond these sizes (characters) of text a
// further SELECT is cheaper than the copies.
constexpr std::size_t kMaxExpandedSize = 4'000;
constexpr std::size_t kMaxTotalSize = 40'000;

bool reads_item(const Select& select, std::string_view sql) {
  bool found = false;
  for_each_column(sql, [&](ColumnId id) { found |= select.item_sizes.contains(id); });
  return found;
}

}  // namespace

bool Renderer::is_marked(ColumnId id) const { return id < first_read_.size() && first_read_[id] != kUnused; }

void Renderer::mark_column(ColumnId id) {
  if (id >= state_.arena.columns.size()) return;  // a word of a literal that only looks like a column
  if (id >= first_read_.size()) first_read_.resize(state_.arena.columns.size(), kUnused);
  first_read_[id] = std::min(first_read_[id], number_);
}

void Renderer::mark_text(std::string_view sql) {
  for_each_column(sql, [this](ColumnId id) { mark_column(id); });
}

void Renderer::mark(const Node& node) {
  ++number_;
  numbers_[&node] = number_;
  const bool all = !may_fuse();
  const auto mark_definitions = [&](const std::vector<Definition>& definitions) {
    for (auto it = definitions.rbegin(); it != definitions.rend(); ++it) {
      if (all) mark_column(it->id);
      if (is_marked(it->id)) mark_text(it->sql);
    }
  };
  if (std::holds_alternative<FilterNode>(node.node)) {
    const auto& filter = std::get<FilterNode>(node.node);
    mark_text(filter.predicate);
    mark(*filter.input);
  } else if (const auto* extend = std::get_if<ExtendNode>(&node.node)) {
    mark_definitions(extend->definitions);
    mark(*extend->input);
  } else if (const auto* window = std::get_if<WindowNode>(&node.node)) {
    mark_definitions(window->definitions);
    mark(*window->input);
  } else if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (const Definition& key : aggregate->keys) {
      mark_column(key.id);
      mark_text(key.sql);
    }
    mark_definitions(aggregate->aggregates);
    for (const RowChoice& choice : aggregate->choices) {
      mark_text(choice.value);
      mark_definitions(choice.outputs);
    }
    mark_definitions(aggregate->operands);
    mark(*aggregate->input);
  } else if (const auto* sort = std::get_if<SortNode>(&node.node)) {
    for (const SortTerm& term : sort->terms) mark_column(term.column);
    mark(*sort->input);
  } else if (const auto* limit = std::get_if<LimitNode>(&node.node)) {
    for (const ColumnId id : limit->by) mark_column(id);
    mark(*limit->input);
  } else if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    for (const JoinNode::Key& key : join->keys) {
      mark_column(key.left);
      mark_column(key.right);
    }
    mark(*join->left);
    mark(*join->right);
  } else if (const auto* united = std::get_if<UnionNode>(&node.node)) {
    for (const UnionNode::Branch& branch : united->branches) {
      for (std::size_t i = 0; i < united->columns.size(); ++i) {
        if (is_marked(united->columns[i])) mark_column(branch.columns[i]);
      }
    }
    for (const UnionNode::Branch& branch : united->branches) mark(*branch.input);
  } else if (const auto* array_join = std::get_if<ArrayJoinNode>(&node.node)) {
    for (const Definition& array : array_join->arrays) {
      mark_column(array.id);
      mark_text(array.sql);
    }
    mark(*array_join->input);
  } else if (const auto* native = std::get_if<NativeNode>(&node.node)) {
    for (const ColumnId id : native->arguments) mark_column(id);
    mark(*native->input);
  } else if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    const std::size_t num_columns = scan->table->schema.columns.size() + scan->table->hidden.columns.size();
    for (std::size_t i = 0; all && i < num_columns; ++i) mark_column(scan->first_id + static_cast<ColumnId>(i));
  } else if (const auto* cte = std::get_if<CteNode>(&node.node)) {
    auto& uses = state_.common_table_uses;
    if (uses.size() <= cte->index) uses.resize(cte->index + 1);
    auto& used = uses[cte->index];
    const CommonTable& table = state_.arena.common_tables[cte->index];
    used.resize(table.columns.size());
    for (const CteNode::Use& use : cte->columns) {
      if (!all && !is_marked(use.id)) continue;
      const auto at = std::find(table.columns.begin(), table.columns.end(), use.source);
      used[static_cast<std::size_t>(at - table.columns.begin())] = true;
    }
  }
}

std::vector<ColumnId> Renderer::outputs(const Select& select, const Node& reader) const {
  const auto found = numbers_.find(&reader);
  const std::uint32_t number = found == numbers_.end() ? 0 : found->second;
  std::vector<ColumnId> ids;
  const auto take = [&](ColumnId id) {
    if (id < first_read_.size() && first_read_[id] <= number) ids.push_back(id);
  };
  if (select.grouped) {
    for (const ColumnId id : select.keys) take(id);
    for (const SelectItem& item : select.results) {
      // A computed key is a result, too.
      if (std::find(select.keys.begin(), select.keys.end(), item.id) == select.keys.end()) take(item.id);
    }
    return ids;
  }
  for (const ColumnId id : select.inputs) take(id);
  for (const Definition& array : select.array_join) take(array.id);
  for (const SelectItem& item : select.items) take(item.id);
  return ids;
}

Select Renderer::wrap(Select select, const Node& reader) {
  Select outer;
  outer.inputs = outputs(select, reader);
  std::vector<SelectOutput> list;
  for (const ColumnId id : outer.inputs) list.push_back({id, id});
  outer.from = "(" + to_sql(select, list, {}) + ")";
  return outer;
}

bool Renderer::too_large(const Select& select, std::string_view sql) const {
  const std::size_t size = select.expanded_size(sql);
  return (size > kMaxExpandedSize || select.total_size + size > kMaxTotalSize) && reads_item(select, sql);
}

Select Renderer::build(const Node& node) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return build_scan(*scan);
  if (const auto* values = std::get_if<ValuesNode>(&node.node)) return build_values(*values);
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    Select select = build(*aggregate->input);
    bool wrapped = select.grouped || select.is_limited() || !select.order.empty() || select.has_window || !may_fuse();
    for (const Definition& item : aggregate->aggregates) wrapped |= too_large(select, item.sql);
    for (const Definition& item : aggregate->keys) wrapped |= too_large(select, item.sql);
    if (wrapped) select = wrap(std::move(select), node);
    select.grouped = true;
    for (const Definition& operand : aggregate->operands) {
      if (is_marked(operand.id)) select.add_item(operand);
    }
    for (const Definition& key : aggregate->keys) {
      if (key.sql != column_sql(key.id)) select.add_result(key);
      select.keys.push_back(key.id);
    }
    for (const Definition& item : aggregate->aggregates) {
      if (is_marked(item.id)) select.add_result(item);
    }
    for (const RowChoice& choice : aggregate->choices) {
      std::vector<const Definition*> read;
      for (const Definition& output : choice.outputs) {
        if (is_marked(output.id)) read.push_back(&output);
      }
      if (read.empty()) continue;
      std::string tuple = "tuple(";
      for (std::size_t i = 0; i < read.size(); ++i) tuple += (i == 0 ? "" : ", ") + read[i]->sql;
      tuple += ")";
      std::string sql;
      if (choice.mode == RowChoice::Mode::kAny) {
        sql = "any(" + tuple + ")";
      } else {
        sql = (choice.mode == RowChoice::Mode::kMax ? "argMax(" : "argMin(") + tuple + ", " + choice.value + ")";
        if (choice.value_nullable) sql = "if(count(" + choice.value + ") = 0, any(" + tuple + "), " + sql + ")";
      }
      select.add_result({choice.tuple, sql});
      for (std::size_t i = 0; i < read.size(); ++i) {
        select.add_result({read[i]->id, "tupleElement(" + column_sql(choice.tuple) + ", " + std::to_string(i + 1) + ")"});
      }
    }
    if (select.keys.empty() && select.results.empty()) {
      select.add_result({state_.arena.add_column(Kind::kLong, false), "count()"});
    }
    return select;
  }
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    Select left = build(*join->left);
    Select right = build(*join->right);
    // The engine keeps the second side in memory and cannot guess the sizes of subqueries: groups are few, rows many.
    const auto is_small = [](const Select& side) { return side.grouped || side.is_limited(); };
    const bool is_swapped = join->shape == JoinShape::kInner && is_small(left) && !is_small(right);
    left = wrap(std::move(left), node);
    right = wrap(std::move(right), node);
    Select select;
    select.inputs = left.inputs;
    const bool keeps_right = join->shape != JoinShape::kLeftSemi && join->shape != JoinShape::kLeftAnti;
    if (keeps_right) select.inputs.insert(select.inputs.end(), right.inputs.begin(), right.inputs.end());
    std::string_view words;
    switch (join->shape) {
      case JoinShape::kInner: words = " all inner join "; break;
      case JoinShape::kLeft: words = " all left join "; break;
      case JoinShape::kRight: words = " all right join "; break;
      case JoinShape::kFull: words = " all full join "; break;
      case JoinShape::kLeftSemi: words = " left semi join "; break;
      case JoinShape::kLeftAnti: words = " left anti join "; break;
      case JoinShape::kCross: words = " cross join "; break;
    }
    const std::string sides[] = {left.from + " as l", right.from + " as r"};
    select.from = sides[is_swapped ? 1 : 0] + std::string(words) + sides[is_swapped ? 0 : 1];
    for (std::size_t i = 0; i < join->keys.size(); ++i) {
      const JoinNode::Key& key = join->keys[i];
      select.from += (i == 0 ? " on l." : " and l.") + column_sql(key.left) + (key.null_safe ? " <=> r." : " = r.") +
                     column_sql(key.right);
      if (key.real) select.from += " and not ifNull(isNaN(l." + column_sql(key.left) + "), false)";
    }
    return select;
  }
  if (const auto* united = std::get_if<UnionNode>(&node.node)) return build_union(*united);
  if (const auto* native = std::get_if<NativeNode>(&node.node)) return build_native(*native);
  if (const auto* numbers = std::get_if<NumbersNode>(&node.node)) {
    Select select;
    select.from = "numbers(toUInt64(ifNull(greatest(" + numbers->num_rows + ", 0), 0))) as t";
    select.add_item({numbers->number, "toInt64(t.number)"});
    return select;
  }
  if (const auto* cte = std::get_if<CteNode>(&node.node)) {
    Select select;
    select.from = "m" + std::to_string(cte->index) + " as t";
    for (const CteNode::Use& use : cte->columns) {
      if (is_marked(use.id)) select.add_item({use.id, "t." + column_sql(use.source)});
    }
    return select;
  }
  if (const auto* filter = std::get_if<FilterNode>(&node.node)) {
    Select select = build(*filter->input);
    if (select.is_limited() || select.has_window || !may_fuse() || too_large(select, filter->predicate)) {
      select = wrap(std::move(select), node);
    }
    (select.grouped ? select.having : select.where).push_back(filter->predicate);
    return select;
  }
  if (const auto* extend = std::get_if<ExtendNode>(&node.node)) {
    Select select = build(*extend->input);
    bool wrapped = !may_fuse() || select.has_window;
    for (const Definition& definition : extend->definitions) {
      wrapped |= is_marked(definition.id) && too_large(select, definition.sql);
    }
    if (wrapped) select = wrap(std::move(select), node);
    for (const Definition& definition : extend->definitions) {
      if (!is_marked(definition.id)) continue;
      if (too_large(select, definition.sql)) select = wrap(std::move(select), node);
      select.grouped ? select.add_result(definition) : select.add_item(definition);
    }
    return select;
  }
  if (const auto* window = std::get_if<WindowNode>(&node.node)) {
    Select select = wrap(build(*window->input), node);
    for (const Definition& definition : window->definitions) {
      if (is_marked(definition.id)) select.add_item(definition);
    }
    select.has_window = true;
    return select;
  }
  if (const auto* sort = std::get_if<SortNode>(&node.node)) {
    Select select = build(*sort->input);
    if (select.is_limited() || !may_fuse()) select = wrap(std::move(select), node);
    select.order = sort->terms;
    return select;
  }
  if (const auto* limit = std::get_if<LimitNode>(&node.node)) {
    Select select = build(*limit->input);
    const bool by = !limit->by.empty();
    if (!select.limit.empty() || (by && !select.limit_by.empty())) select = wrap(std::move(select), node);
    if (by) {
      select.limit_by = limit->by;
      select.limit_by_count = limit->count;
    } else {
      select.limit = limit->count;
    }
    return select;
  }
  const auto& array_join = std::get<ArrayJoinNode>(node.node);
  Select select = wrap(build(*array_join.input), node);
  select.array_join = array_join.arrays;
  return select;
}

Select Renderer::build_scan(const ScanNode& scan) {
  Select select;
  const auto& shown = scan.table->schema.columns;
  const auto& hidden = scan.table->hidden.columns;
  std::string structure;
  for (std::size_t i = 0; i < shown.size() + hidden.size(); ++i) {
    const ColumnId id = scan.first_id + static_cast<ColumnId>(i);
    if (!is_marked(id)) continue;
    const table::Column& column = i < shown.size() ? shown[i] : hidden[i - shown.size()];
    if (!scan.table->sql_name.empty()) {
      select.add_item({id, "t." + quote_name(column.name)});
    } else {
      if (!structure.empty()) structure += ", ";
      structure += column_sql(id) + " " + std::string(table::engine_type(column.kind));
      select.inputs.push_back(id);
    }
  }
  if (!scan.table->sql_name.empty()) {
    select.from = scan.table->sql_name + " as t";
  } else {
    select.from = "null(" + quote_text(structure.empty() ? "nothing UInt8" : structure) + ")";
  }
  return select;
}

Select Renderer::build_values(const ValuesNode& values) {
  std::string arrays, names;
  Select select;
  const auto add = [&](const std::string& name, const std::string& type, const std::vector<std::string>& literals) {
    if (!arrays.empty()) arrays += ", ", names += ", ";
    arrays += "CAST([";
    for (std::size_t i = 0; i < literals.size(); ++i) {
      if (i != 0) arrays += ", ";
      arrays += literals[i];
    }
    arrays += "], " + quote_text("Array(" + type + ")") + ") as a" + name;
    names += "a" + name + " as " + name;
  };
  for (const ValuesNode::Values& column : values.columns) {
    if (!is_marked(column.id)) continue;
    add(column_sql(column.id), std::string(table::engine_type(column.kind)), column.literals);
    select.inputs.push_back(column.id);
  }
  if (select.inputs.empty()) {
    select.from = "numbers(" + std::to_string(values.num_rows) + ")";
    return select;
  }
  std::string list;
  for (const ColumnId id : select.inputs) list += (list.empty() ? "" : ", ") + column_sql(id);
  select.from = "(select " + list + " from (select " + arrays + ") array join " + names + ")";
  return select;
}

Select Renderer::build_union(const UnionNode& node) {
  Select select;
  std::vector<std::size_t> read;
  for (std::size_t i = 0; i < node.columns.size(); ++i) {
    if (is_marked(node.columns[i])) read.push_back(i);
  }
  std::string sql;
  for (const UnionNode::Branch& branch : node.branches) {
    std::vector<SelectOutput> list;
    for (const std::size_t i : read) list.push_back({branch.columns[i], node.columns[i]});
    if (!sql.empty()) sql += " union all ";
    Select part = build(*branch.input);
    // A LIMIT or ORDER BY of a branch must not be read as one of the whole.
    const std::string text = to_sql(part, list, {});
    sql += part.is_limited() || !part.order.empty() ? "(" + text + ")" : text;
  }
  for (const std::size_t i : read) select.inputs.push_back(node.columns[i]);
  select.from = "(" + sql + ")";
  return select;
}

Select Renderer::build_native(const NativeNode& native) {
  // Native calls that follow one another share a stage.
  std::vector<const NativeNode*> calls = {&native};
  while (const auto* below = std::get_if<NativeNode>(&calls.back()->input->node)) calls.push_back(below);
  std::reverse(calls.begin(), calls.end());
  Stage stage;
  Select input = build(*calls.front()->input);
  std::vector<ColumnId> columns;
  {
    // Everything that is read above the first call or by one of the calls.
    Node reader{NativeNode{}};
    numbers_[&reader] = kUnused - 1;
    columns = outputs(input, reader);
    numbers_.erase(&reader);
  }
  std::vector<SelectOutput> list;
  for (const ColumnId id : columns) {
    list.push_back({id, id});
    stage.input.columns.push_back({column_sql(id), state_.arena.columns[id].kind});
  }
  stage.sql = to_sql(input, list, with_clause());
  stage.output = stage.input;
  for (const NativeNode* call : calls) {
    NativeCall native_call{call->function, {}};
    for (const ColumnId id : call->arguments) {
      const auto at = std::find(columns.begin(), columns.end(), id);
      native_call.arguments.push_back(static_cast<std::size_t>(at - columns.begin()));
    }
    columns.push_back(call->result);
    stage.output.columns.push_back({column_sql(call->result), call->function.result});
    stage.calls.push_back(std::move(native_call));
  }
  stage.name = "garrison_stage_" + std::to_string(state_.stages.size());
  Select select;
  select.from = "{" + std::string(kScratchParameter) + ":Identifier}.{" + stage.name + ":Identifier} as t";
  for (const ColumnId id : columns) select.add_item({id, "t." + column_sql(id)});
  state_.stages.push_back(std::move(stage));
  return select;
}

std::string Renderer::with_clause() {
  std::string with;
  for (const Definition& scalar : state_.arena.scalars) {
    with += (with.empty() ? "" : ", ") + scalar.sql + " as s" + std::to_string(scalar.id);
  }
  // A common table may read earlier ones only, so the uses of each are known once all later ones are written.
  const std::size_t in_reach = state_.num_tables_in_reach;
  std::vector<std::string> tables(std::min(state_.arena.common_tables.size(), in_reach));
  for (std::size_t i = tables.size(); i-- > 0;) {
    const CommonTable& table = state_.arena.common_tables[i];
    if (state_.common_table_uses.size() <= i) continue;
    std::vector<ColumnId> columns;
    auto& used = state_.common_table_uses[i];
    for (std::size_t k = 0; k < used.size(); ++k) {
      if (used[k] && std::find(columns.begin(), columns.end(), table.columns[k]) == columns.end()) {
        columns.push_back(table.columns[k]);
      }
    }
    if (used.empty() && !table.columns.empty()) continue;
    state_.num_tables_in_reach = i;
    Renderer body(state_);
    tables[i] = "m" + std::to_string(i) + " as materialized (" + body.render(*table.node, columns) + ")";
  }
  state_.num_tables_in_reach = in_reach;
  for (const std::string& table : tables) {
    if (table.empty()) continue;
    with += (with.empty() ? "" : ", ") + table;
  }
  return with;
}

std::string Renderer::render(const Node& root, const std::vector<ColumnId>& columns) {
  number_ = 0;
  for (const ColumnId id : columns) mark_column(id);
  mark(root);
  Select select = build(root);
  std::vector<SelectOutput> list;
  for (const ColumnId id : columns) list.push_back({id, id});
  return to_sql(select, list, {});
}

std::string Renderer::render_statement(const Node& root, const std::vector<ColumnId>& columns) {
  number_ = 0;
  for (const ColumnId id : columns) mark_column(id);
  mark(root);
  Select select = build(root);
  std::vector<SelectOutput> list;
  for (const ColumnId id : columns) list.push_back({id, id});
  return to_sql(select, list, with_clause());
}

}  // namespace garrison::kql
