// SPDX-License-Identifier: Apache-2.0
// mv-expand, mv-apply and partition: arrays become rows, and pipelines that run group by group.
#include <algorithm>

#include "base/text.h"
#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

// Rows that the old spelling `mvexpand` gives at most.
constexpr std::int64_t kOldExpandLimit = 128;

// Array(String) of the JSON texts of what a dynamic value holds.
std::string elements_sql(const std::string& value, bool pairs) {
  const std::string text = "ifNull(" + value + ", '')";
  const std::string bag = pairs ? "arrayMap(kv -> concat('[', toJSONString(kv.1), ',', kv.2, ']'), "
                                : "arrayMap(kv -> concat('{', toJSONString(kv.1), ':', kv.2, '}'), ";
  return "multiIf(startsWith(" + text + ", '['), JSONExtractArrayRaw(" + text + "), startsWith(" + text + ", '{'), " + bag +
         "JSONExtractKeysAndValuesRaw(" + text + ")), [ifNull(" + value + ", 'null')])";
}

struct Expansion {
  std::string name;
  Kind kind = Kind::kDynamic;
  ColumnId array = 0;
  ColumnId element = 0;
};

// Expands the columns in the input; each named column then holds its element.
Result<void> expand(OperatorCall& call, Relation& input, const std::vector<syntax::ExpandColumn>& columns,
                    const syntax::Expression* limit_expression, bool pairs, const std::string& index_name) {
  Binder& binder = call.binder;
  PlanArena& arena = binder.arena();
  std::vector<Expansion> expansions;
  {
    ExpressionBinder rows(binder, call.environment, &input);
    for (const syntax::ExpandColumn& column : columns) {
      Expansion expansion;
      const auto* assignment = column.value->as<syntax::Assignment>();
      const syntax::Expression& expression = assignment != nullptr ? *assignment->value : *column.value;
      GARRISON_ASSIGN(Scalar value, rows.scalar(expression));
      if (value.kind != Kind::kDynamic) {
        return binder.fail(expression.span, code::kWrongType,
                           "only a dynamic value can be expanded, this is " + std::string(table::to_string(value.kind)));
      }
      expansion.name = assignment != nullptr ? assignment->names.front().text : implicit_name(expression);
      if (expansion.name.empty()) expansion.name = "Column" + std::to_string(expansions.size() + 1);
      if (column.type) {
        const auto* literal = column.type->as<syntax::Literal>();
        const auto* word = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
        const auto kind = word == nullptr ? std::nullopt : table::parse_kind(*word);
        if (!kind) return binder.fail(column.type->span, code::kWrongType, "unknown type");
        expansion.kind = *kind;
      }
      Scalar source = value;
      source.constant.reset();
      const ColumnId source_id = rows.define(source);
      Scalar array;
      array.sql = elements_sql(column_sql(source_id), pairs);
      expansion.array = rows.define(array);
      expansion.element = arena.add_column(Kind::kString, false);
      expansions.push_back(std::move(expansion));
    }
  }
  std::optional<std::int64_t> limit;
  if (limit_expression != nullptr) {
    GARRISON_ASSIGN(limit, binder.constant_integer(*limit_expression, call.environment));
  } else if (call.op.keyword.text == "mvexpand") {
    limit = kOldExpandLimit;
  }
  std::string length = "length(" + column_sql(expansions.front().array) + ")";
  if (expansions.size() > 1) {
    length = "greatest(";
    for (const Expansion& expansion : expansions) {
      length += (&expansion == &expansions.front() ? "length(" : ", length(") + column_sql(expansion.array) + ")";
    }
    length += ")";
  }
  if (limit) length = "least(" + length + ", " + std::to_string(std::max<std::int64_t>(*limit, 0)) + ")";
  ArrayJoinNode node;
  for (const Expansion& expansion : expansions) {
    const std::string array = column_sql(expansion.array);
    std::string sql = array;
    if (expansions.size() > 1) {
      sql = "arrayResize(" + array + ", " + length + ", 'null')";
    } else if (limit) {
      sql = "arraySlice(" + array + ", 1, " + std::to_string(std::max<std::int64_t>(*limit, 0)) + ")";
    }
    node.arrays.push_back({expansion.element, std::move(sql)});
  }
  std::optional<ColumnId> index;
  if (!index_name.empty()) {
    index = arena.add_column(Kind::kLong, false);
    node.arrays.push_back({*index, "range(" + length + ")"});
  }
  node.input = std::move(input.node);
  input.node = make_node(std::move(node));

  ExpressionBinder rows(binder, call.environment, &input);
  std::vector<Column> added;
  for (const Expansion& expansion : expansions) {
    Scalar element = make_column(Kind::kDynamic, "nullIf(" + column_sql(expansion.element) + ", 'null')", {});
    if (expansion.kind != Kind::kDynamic) {
      element.sql = column_sql(rows.define(element));
      GARRISON_ASSIGN(element, cast_to(rows, element, expansion.kind));
    }
    added.push_back(rows.column(expansion.name, element));
  }
  if (index) {
    Scalar position = make_column(Kind::kLong, "toInt64(" + column_sql(*index) + ")", {});
    position.nullable = false;
    added.push_back(rows.column(index_name, position));
  }
  for (Column& column : added) {
    const auto existing = std::find_if(input.columns.begin(), input.columns.end(),
                                       [&](const Column& other) { return other.name == column.name; });
    if (existing != input.columns.end()) {
      *existing = std::move(column);
    } else {
      input.columns.push_back(std::move(column));
    }
  }
  return {};
}

}  // namespace

Result<Relation> bind_mv_expand(OperatorCall& call, const syntax::MvExpandOperator& op) {
  const std::string expansion = parameter_text(call.op, "bagexpansion");
  const bool pairs = parameter_text(call.op, "kind") == "array" || expansion == "array";
  std::string index = parameter_text(call.op, "with_itemindex");
  if (op.columns.empty()) return call.binder.fail(call.op.span, code::kWrongArgument, "mv-expand needs a column");
  GARRISON_TRY(expand(call, call.input, op.columns, op.limit.get(), pairs, index));
  return std::move(call.input);
}

Result<Relation> bind_mv_apply(OperatorCall& call, const syntax::MvApplyOperator& op) {
  Relation& input = call.input;
  PlanArena& arena = call.binder.arena();
  const std::vector<Column> original = input.columns;
  const std::vector<Column> hidden = input.hidden;
  const std::shared_ptr<const RowGroups> outer = input.groups;
  if (op.columns.empty()) return call.binder.fail(call.op.span, code::kWrongArgument, "mv-apply needs a column");

  RowGroups groups;
  groups.id = arena.add_column(Kind::kLong, false);
  groups.carried = original;
  if (outer) {
    Column id;
    id.id = outer->id;
    id.kind = Kind::kLong;
    id.nullable = false;
    groups.carried.push_back(id);
    groups.carried.insert(groups.carried.end(), outer->carried.begin(), outer->carried.end());
  }
  // A window, because the engine moves rowNumberInAllBlocks() below ARRAY JOIN and filters, where it numbers other rows.
  input.node = make_node(WindowNode{std::move(input.node), {{groups.id, "toInt64(row_number() over ())"}}});
  const std::string index = parameter_text(call.op, "with_itemindex");
  GARRISON_TRY(expand(call, input, op.columns, op.limit.get(), false, index));
  input.groups = std::make_shared<const RowGroups>(std::move(groups));
  input.order.clear();
  input.in_order = false;
  GARRISON_ASSIGN(Relation body, call.binder.pipeline(*op.body, call.environment, std::move(input)));
  if (!body.groups) return call.binder.not_supported(op.body->span, "join or union inside mv-apply");

  Relation result;
  result.node = std::move(body.node);
  result.is_open = body.is_open;
  std::vector<Column> columns(body.groups->carried.begin(),
                              body.groups->carried.begin() + static_cast<std::ptrdiff_t>(original.size()));
  for (Column& column : body.columns) {
    const auto existing = std::find_if(columns.begin(), columns.end(),
                                       [&](const Column& other) { return other.name == column.name; });
    if (existing != columns.end()) {
      *existing = std::move(column);
    } else {
      columns.push_back(std::move(column));
    }
  }
  result.columns = std::move(columns);
  if (outer) {
    RowGroups restored;
    restored.id = body.groups->carried[original.size()].id;
    restored.carried.assign(body.groups->carried.begin() + static_cast<std::ptrdiff_t>(original.size()) + 1,
                            body.groups->carried.end());
    result.groups = std::make_shared<const RowGroups>(std::move(restored));
  }
  return result;
}

Result<Relation> bind_partition(OperatorCall& call, const syntax::PartitionOperator& op) {
  if (op.braces) return call.binder.not_supported(call.op.span, "partition with its own source");
  if (call.input.groups) return call.binder.not_supported(call.op.span, "partition inside mv-apply or partition");
  Relation& input = call.input;
  ExpressionBinder rows(call.binder, call.environment, &input);
  GARRISON_ASSIGN(Scalar key, rows.scalar(*op.by));
  RowGroups groups;
  groups.id = rows.define(key);
  input.groups = std::make_shared<const RowGroups>(std::move(groups));
  input.order.clear();
  input.in_order = false;
  GARRISON_ASSIGN(Relation result, call.binder.pipeline(*op.body, call.environment, std::move(input)));
  if (!result.groups) return call.binder.not_supported(op.body->span, "join or union inside partition");
  result.groups.reset();
  result.order.clear();
  result.in_order = false;
  return result;
}

}  // namespace garrison::kql
