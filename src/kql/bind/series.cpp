// SPDX-License-Identifier: Apache-2.0
// make-series: groups by keys and place on the axis, then lays the values out in arrays.
#include <algorithm>

#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

// Most elements of one series.
constexpr const char* kMaxElements = "1048576";

// A number to count steps in: ticks for datetimes and timespans.
std::string axis_number(const Scalar& value) {
  if (value.kind == Kind::kDateTime) return "(reinterpretAsInt64(" + exact_sql(value) + ") + 621355968000000000)";
  return exact_sql(value);
}

std::string axis_element(Kind kind, const std::string& number) {
  switch (kind) {
    case Kind::kDateTime:
      return "concat('\"', replaceOne(toString(reinterpret(toInt64(" + number +
             " - 621355968000000000), 'DateTime64(7,\\'UTC\\')')), ' ', 'T'), 'Z\"')";
    case Kind::kReal: {
      const std::string text = "toString(" + number + ")";
      return "if(match(" + text + ", '^-?[0-9]+$'), concat(" + text + ", '.0'), " + text + ")";
    }
    default: return "toString(" + number + ")";
  }
}

}  // namespace

Result<Relation> bind_make_series(OperatorCall& call, const syntax::MakeSeriesOperator& op) {
  Binder& binder = call.binder;
  PlanArena& arena = binder.arena();
  if (call.input.groups) return binder.not_supported(call.op.span, "make-series inside mv-apply or partition");
  if (!op.step) return binder.fail(call.op.span, code::kWrongArgument, "make-series needs a step");
  ExpressionBinder constants(binder, call.environment, nullptr);
  GARRISON_ASSIGN(Scalar step, constants.scalar(*op.step));

  const auto* axis_assignment = op.on->as<syntax::Assignment>();
  const syntax::Expression& axis_expression = axis_assignment != nullptr ? *axis_assignment->value : *op.on;
  std::string axis_name = axis_assignment != nullptr ? axis_assignment->names.front().text : implicit_name(axis_expression);
  if (axis_name.empty()) axis_name = "Column1";

  Relation input = std::move(call.input);
  Kind axis_kind;
  ColumnId axis;
  {
    ExpressionBinder rows(binder, call.environment, &input);
    GARRISON_ASSIGN(Scalar value, rows.scalar(axis_expression));
    axis_kind = value.kind;
    if (axis_kind == Kind::kString || axis_kind == Kind::kDynamic || axis_kind == Kind::kGuid || axis_kind == Kind::kBool) {
      return binder.fail(axis_expression.span, code::kWrongType, "the axis must be a number, datetime or timespan");
    }
    axis = rows.define(value);
  }
  const bool real = axis_kind == Kind::kReal;
  const auto to_axis = [&](const Scalar& value) -> Result<Scalar> {
    if (value.kind == axis_kind || (axis_kind == Kind::kInt && value.kind == Kind::kLong)) return value;
    return cast_to(constants, value, axis_kind);
  };
  if (real) {
    GARRISON_ASSIGN(step, cast_to(constants, step, Kind::kReal));
  }
  const std::string width = exact_sql(step);
  Scalar axis_value = make_column(axis_kind, column_sql(axis), {});

  std::string from, to;
  std::vector<std::string> filters = {"isNotNull(" + column_sql(axis) + ")"};
  if (op.from) {
    GARRISON_ASSIGN(Scalar value, constants.scalar(*op.from));
    GARRISON_ASSIGN(value, to_axis(value));
    GARRISON_ASSIGN(Scalar filter, lower_binary(constants, BinaryOperator::kGreaterOrEqual, axis_value, value));
    filters.push_back(condition_sql(filter));
    from = axis_number(value);
  }
  if (op.to) {
    GARRISON_ASSIGN(Scalar value, constants.scalar(*op.to));
    GARRISON_ASSIGN(value, to_axis(value));
    GARRISON_ASSIGN(Scalar filter, lower_binary(constants, op.in_range ? BinaryOperator::kLessOrEqual : BinaryOperator::kLess,
                                                axis_value, value));
    filters.push_back(condition_sql(filter));
    to = axis_number(value);
    if (op.in_range) to = "(" + to + " + 1)";
  }
  std::string predicate;
  for (const std::string& filter : filters) predicate += (predicate.empty() ? "" : " and ") + filter;
  input.node = make_node(FilterNode{std::move(input.node), std::move(predicate)});

  // Without bounds the data gives them: the lowest and highest step of all rows.
  const std::string number = axis_number(axis_value);
  const auto floored = [&](const std::string& value) {
    return real ? "(floor(" + value + " / " + width + ") * " + width + ")"
                : "(" + value + " - toInt64(positiveModulo(" + value + ", " + width + ")))";
  };
  if (from.empty() || to.empty()) {
    std::vector<Column> columns;
    const std::size_t table = share(binder, std::move(input), columns);
    // The axis is no visible column: it is added for the two uses.
    CommonTable& common = arena.common_tables[table];
    common.columns.push_back(axis);
    Column axis_column;
    axis_column.name = "$axis";
    axis_column.id = axis;
    axis_column.kind = axis_kind;
    std::vector<Column> with_axis = columns;
    with_axis.push_back(axis_column);
    const auto bound = [&](const char* function) {
      Relation use = binder.use_common_table(table, with_axis);
      const std::string value = axis_number(make_column(axis_kind, column_sql(use.columns.back().id), {}));
      Relation extreme;
      AggregateNode node;
      Column result;
      result.kind = real ? Kind::kReal : Kind::kLong;
      result.id = arena.add_column(result.kind, true);
      node.aggregates.push_back({result.id, std::string(function) + "(" + floored(value) + ")"});
      node.input = std::move(use.node);
      extreme.node = make_node(std::move(node));
      extreme.columns.push_back(result);
      return binder.scalar_subquery(std::move(extreme)).sql;
    };
    if (from.empty()) from = bound("min");
    if (to.empty()) to = "(" + bound("max") + " + " + width + ")";
    input = binder.use_common_table(table, with_axis);
    axis_value = make_column(axis_kind, column_sql(input.columns.back().id), {});
    input.columns.pop_back();
  }
  const std::string offset = "(" + axis_number(axis_value) + " - " + from + ")";
  const std::string place = real ? "toUInt32(floor(" + offset + " / " + width + "))"
                                 : "toUInt32(intDiv(" + offset + ", " + width + "))";
  const std::string count = "least(toUInt64(greatest(ifNull(ceil((toFloat64(" + to + ") - toFloat64(" + from + ")) / toFloat64(" +
                            width + ")), 0), 0)), " + kMaxElements + ")";

  // Stage one: a row a key and place.
  Grouping grouping(binder, call.environment, std::move(input));
  std::vector<std::string> key_names;
  std::size_t num_unnamed = 0;
  for (const auto& item : op.by) {
    const auto* assignment = item->as<syntax::Assignment>();
    std::string name = assignment != nullptr ? assignment->names.front().text : implicit_name(*item);
    if (name.empty()) name = "Column" + std::to_string(++num_unnamed);
    GARRISON_TRY(grouping.key(name, assignment != nullptr ? *assignment->value : *item));
  }
  const std::size_t num_keys = op.by.size();
  Scalar place_value;
  place_value.kind = Kind::kLong;
  place_value.sql = "assumeNotNull(" + place + ")";
  grouping.key("$place", place_value);
  for (const syntax::SeriesAggregate& item : op.aggregates) GARRISON_TRY(grouping.result(*item.value));
  GARRISON_ASSIGN(Relation stage, grouping.finish());

  // Stage two: arrays of JSON texts.
  Relation result;
  AggregateNode node;
  ExpressionBinder rows(binder, call.environment, &stage);
  const std::string place_column = column_sql(stage.columns[num_keys].id);
  NameSet names;
  for (std::size_t i = 0; i < num_keys; ++i) {
    Column key = stage.columns[i];
    const ColumnId id = arena.add_column(key.kind, key.nullable);
    node.keys.push_back({id, column_sql(key.id)});
    key.id = id;
    names.reserve(key.name);
    result.columns.push_back(std::move(key));
  }
  const auto add_series = [&](const std::string& name, std::string sql) {
    Column column;
    column.name = names.take(name);
    column.kind = Kind::kDynamic;
    column.id = arena.add_column(Kind::kDynamic, true);
    node.aggregates.push_back({column.id, "toNullable(" + std::move(sql) + ")"});
    result.columns.push_back(std::move(column));
  };
  for (std::size_t i = num_keys + 1; i < stage.columns.size(); ++i) {
    const Column column = stage.columns[i];
    GARRISON_ASSIGN(Scalar text, cast_to(rows, to_scalar(column), Kind::kDynamic));
    Scalar missing = column.kind == Kind::kReal ? make_real(0) : make_long(0);
    const std::size_t index = i - num_keys - 1;
    if (index < op.aggregates.size() && op.aggregates[index].default_value) {
      GARRISON_ASSIGN(missing, constants.scalar(*op.aggregates[index].default_value));
      if (missing.kind != column.kind && column.kind != Kind::kDynamic) {
        GARRISON_ASSIGN(missing, cast_to(constants, missing, column.kind));
      }
    }
    GARRISON_ASSIGN(Scalar missing_text, cast_to(constants, missing, Kind::kDynamic));
    const std::string value = "ifNull(" + text.sql + ", 'null')";
    // A place without row is '' and becomes the default.
    const std::string cells = "arrayResize(groupArrayInsertAt('')(" + value + ", toUInt32(" + place_column + ")), " + count + ", '')";
    add_series(column.name, "concat('[', arrayStringConcat(arrayMap(v -> if(v = '', ifNull(" + missing_text.sql +
                                ", 'null'), v), " + cells + "), ','), ']')");
  }
  const std::string axis_text = axis_kind == Kind::kTimespan
                                    ? std::string()
                                    : axis_element(axis_kind, "(" + from + " + toInt64(i) * " + width + ")");
  std::string element = axis_text;
  if (axis_kind == Kind::kTimespan) {
    Scalar span = make_column(Kind::kTimespan, "toInt64(" + from + " + toInt64(i) * " + width + ")", {});
    GARRISON_ASSIGN(Scalar text, cast_to(constants, span, Kind::kDynamic));
    element = "ifNull(" + text.sql + ", 'null')";
  }
  add_series(axis_name, "concat('[', arrayStringConcat(arrayMap(i -> assumeNotNull(" + element + "), range(" + count + ")), ','), ']')");
  node.input = std::move(stage.node);
  result.node = make_node(std::move(node));
  return result;
}

}  // namespace garrison::kql
