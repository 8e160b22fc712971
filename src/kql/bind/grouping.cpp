// SPDX-License-Identifier: Apache-2.0
// Operators that group: summarize, distinct, count, sample-distinct, top-hitters, top-nested.
#include <algorithm>

#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {

Result<Relation> bind_summarize(OperatorCall& call, const syntax::SummarizeOperator& op) {
  Grouping grouping(call.binder, call.environment, std::move(call.input));
  std::size_t num_unnamed = 0;
  for (const auto& item : op.by) {
    const auto* assignment = item->as<syntax::Assignment>();
    std::string name = assignment != nullptr ? assignment->names.front().text : implicit_name(*item);
    if (name.empty()) name = "Column" + std::to_string(++num_unnamed);
    GARRISON_TRY(grouping.key(name, assignment != nullptr ? *assignment->value : *item));
  }
  for (const auto& item : op.aggregates) GARRISON_TRY(grouping.result(*item));
  GARRISON_ASSIGN(Relation result, grouping.finish());
  return result;
}

Result<Relation> bind_distinct(OperatorCall& call, const syntax::DistinctOperator& op) {
  std::vector<std::pair<std::string, const syntax::Expression*>> keys;
  Relation input = std::move(call.input);
  const std::vector<Column> columns = input.columns;
  Grouping grouping(call.binder, call.environment, std::move(input));
  std::size_t num_unnamed = 0;
  for (const auto& item : op.columns) {
    if (item->is<syntax::Star>()) {
      for (const Column& column : columns) grouping.key(column.name, to_scalar(column));
      continue;
    }
    const auto* assignment = item->as<syntax::Assignment>();
    std::string name = assignment != nullptr ? assignment->names.front().text : implicit_name(*item);
    if (name.empty()) name = "Column" + std::to_string(++num_unnamed);
    GARRISON_ASSIGN(Scalar value,
                    grouping.input_rows().scalar(assignment != nullptr ? *assignment->value : *item));
    grouping.key(name, value);
  }
  return grouping.finish();
}

Result<Relation> bind_count(OperatorCall& call, const syntax::CountOperator& op) {
  Grouping grouping(call.binder, call.environment, std::move(call.input));
  const ColumnId id = call.binder.arena().add_column(Kind::kLong, false);
  grouping.node().aggregates.push_back({id, "toInt64(count())"});
  GARRISON_ASSIGN(Relation result, grouping.finish());
  Column column;
  column.name = op.as ? op.as->text : "Count";
  column.kind = Kind::kLong;
  column.nullable = false;
  column.id = id;
  result.columns.push_back(std::move(column));
  return result;
}

Result<Relation> bind_sample_distinct(OperatorCall& call, const syntax::SampleDistinctOperator& op) {
  GARRISON_ASSIGN(const std::int64_t count, call.binder.constant_integer(*op.count, call.environment));
  std::string name = implicit_name(*op.of);
  if (name.empty()) name = "Column1";
  Grouping grouping(call.binder, call.environment, std::move(call.input));
  GARRISON_ASSIGN(Scalar value, grouping.input_rows().scalar(*op.of));
  grouping.key(name, value);
  GARRISON_ASSIGN(Relation result, grouping.finish());
  result.node = make_node(LimitNode{std::move(result.node), std::to_string(std::max<std::int64_t>(count, 0)), result.group_ids()});
  return result;
}

Result<Relation> bind_top_hitters(OperatorCall& call, const syntax::TopHittersOperator& op) {
  GARRISON_ASSIGN(const std::int64_t count, call.binder.constant_integer(*op.count, call.environment));
  std::string name = implicit_name(*op.of);
  if (name.empty()) name = "Column1";
  Grouping grouping(call.binder, call.environment, std::move(call.input));
  GARRISON_TRY(grouping.key(name, *op.of));
  std::string sql = "toInt64(count())";
  Kind kind = Kind::kLong;
  if (op.by) {
    GARRISON_ASSIGN(Scalar weight, grouping.input_rows().scalar(*op.by));
    sql = "sum(" + weight.sql + ")";
    kind = weight.kind == Kind::kInt ? Kind::kLong : weight.kind;
  }
  const ColumnId id = call.binder.arena().add_column(kind, op.by != nullptr);
  grouping.node().aggregates.push_back({id, std::move(sql)});
  Column column;
  column.name = "approximate_" + (op.by ? "sum_" + implicit_name(*op.by) : "count_" + name);
  column.kind = kind;
  column.nullable = op.by != nullptr;
  column.id = id;
  grouping.output().columns.push_back(column);
  GARRISON_ASSIGN(Relation result, grouping.finish());
  result.node = make_node(SortNode{std::move(result.node), {{id, false, false}}});
  result.node = make_node(LimitNode{std::move(result.node), std::to_string(std::max<std::int64_t>(count, 0)), result.group_ids()});
  return result;
}

Result<Relation> bind_top_nested(OperatorCall& call, const syntax::TopNestedOperator& op) {
  Binder& binder = call.binder;
  std::vector<Column> shared;
  const std::size_t table = share(binder, std::move(call.input), shared);
  // Each level groups the rows by the path so far, keeps the best under each parent, and is joined to the level above.
  Relation result;
  std::vector<Column> path;  // keys of the levels above, as columns of `result`
  NameSet names;
  for (std::size_t level = 0; level < op.clauses.size(); ++level) {
    const syntax::TopNestedClause& clause = op.clauses[level];
    if (clause.others) return binder.not_supported(clause.others->span, "top-nested with others");
    Grouping grouping(binder, call.environment, binder.use_common_table(table, shared));
    for (std::size_t above = 0; above <= level; ++above) {
      const auto* assignment = op.clauses[above].of->as<syntax::Assignment>();
      GARRISON_TRY(grouping.key("key" + std::to_string(above), assignment != nullptr ? *assignment->value : *op.clauses[above].of));
    }
    const auto* named = clause.by.value->as<syntax::Assignment>();
    const syntax::Expression& value = named != nullptr ? *named->value : *clause.by.value;
    GARRISON_ASSIGN(Scalar aggregate, grouping.result_rows().scalar(value));
    const ColumnId value_id = grouping.result_rows().define(aggregate);
    GARRISON_ASSIGN(Relation grouped, grouping.finish());
    const bool ascending = clause.by.order == syntax::SortOrder::kAscending;
    grouped.node = make_node(SortNode{std::move(grouped.node), {{value_id, ascending, ascending}}});
    std::vector<ColumnId> parents;
    for (std::size_t above = 0; above < level; ++above) parents.push_back(grouped.columns[above].id);
    if (clause.count) {
      GARRISON_ASSIGN(const std::int64_t count, binder.constant_integer(*clause.count, call.environment));
      grouped.node = make_node(LimitNode{std::move(grouped.node), std::to_string(std::max<std::int64_t>(count, 0)), parents});
    }
    const auto* key_name = clause.of->as<syntax::Assignment>();
    std::string name = key_name != nullptr ? key_name->names.front().text : implicit_name(*clause.of);
    if (name.empty()) name = "Column" + std::to_string(level + 1);
    Column key = grouped.columns[level];
    key.name = names.take(name);
    Column total;
    total.name = names.take(named != nullptr ? named->names.front().text : "aggregated_" + name);
    total.kind = aggregate.kind;
    total.nullable = aggregate.nullable;
    total.id = value_id;
    if (level == 0) {
      result.node = std::move(grouped.node);
    } else {
      JoinNode join;
      join.shape = JoinShape::kInner;
      for (std::size_t above = 0; above < level; ++above) {
        const Kind kind = path[above].kind;
        join.keys.push_back({path[above].id, grouped.columns[above].id, kind != Kind::kString, kind == Kind::kReal});
      }
      join.left = std::move(result.node);
      join.right = std::move(grouped.node);
      result.node = make_node(std::move(join));
    }
    path.push_back(key);
    result.columns.push_back(std::move(key));
    result.columns.push_back(std::move(total));
  }
  return result;
}

}  // namespace garrison::kql
