// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/aggregation.h"

#include <algorithm>

#include "kql/bind/sql_text.h"

namespace garrison::kql {

bool NameSet::has(std::string_view name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }

std::string NameSet::take(const std::string& name) {
  std::string unique = name;
  for (std::size_t i = 1; has(unique); ++i) unique = name + std::to_string(i);
  names_.push_back(unique);
  return unique;
}

bool has_window_function(const Scalar& value) { return has_window(value.sql); }

void sort_in_place(Relation& relation) {
  if (relation.order.empty() || relation.in_order) return;
  relation.node = make_node(SortNode{std::move(relation.node), relation.order});
  relation.in_order = true;
}

std::optional<RowChoice::Mode> row_choice_mode(std::string_view aggregate) {
  if (aggregate == "arg_max" || aggregate == "argmax") return RowChoice::Mode::kMax;
  if (aggregate == "arg_min" || aggregate == "argmin") return RowChoice::Mode::kMin;
  if (aggregate == "take_any" || aggregate == "any") return RowChoice::Mode::kAny;
  return std::nullopt;
}

Result<std::vector<AggregateOutput>> row_choice(ExpressionBinder& context, const syntax::Expression& expression,
                                                std::string_view name, RowChoice::Mode mode, const AggregateCall& call) {
  if (call.arguments.empty() && !call.has_star) {
    return context.binder().fail(expression.span, code::kWrongArgument, std::string(name) + " needs an argument");
  }
  PlanArena& arena = context.binder().arena();
  RowChoice choice;
  choice.mode = mode;
  choice.tuple = arena.add_column(Kind::kString, true);
  std::vector<AggregateOutput> outputs;
  const auto add = [&](std::string output_name, const Scalar& value) {
    const ColumnId id = arena.add_column(value.kind, value.nullable);
    choice.outputs.push_back({id, value.sql});
    Scalar column = make_column(value.kind, column_sql(id), {});
    // An empty group has a default instead of a value; only strings have one that KQL knows.
    column.nullable = value.kind != Kind::kString;
    if (column.nullable && !value.nullable) choice.outputs.back().sql = "toNullable(" + value.sql + ")";
    outputs.push_back({std::move(output_name), std::move(column)});
  };
  const bool old_name = name == "argmax" || name == "argmin";
  const std::string prefix = mode == RowChoice::Mode::kMax ? "max_" : "min_";
  std::string value_name;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Scalar& argument = call.arguments[i];
    const std::string& hint = argument.name_hint;
    if (mode == RowChoice::Mode::kAny) {
      add(name == "any" ? "any_" + hint : hint, argument);
    } else if (i == 0) {
      choice.value = argument.sql;
      choice.value_nullable = argument.nullable;
      value_name = hint;
      add(old_name ? prefix + hint : hint.empty() ? prefix : hint, argument);
    } else {
      add(old_name ? prefix + value_name + "_" + hint : hint, argument);
    }
  }
  if (call.has_star) {
    for (const Scalar& star : call.star_columns) {
      const bool is_value = std::any_of(call.arguments.begin(), call.arguments.end(),
                                        [&](const Scalar& argument) { return argument.sql == star.sql; });
      if (is_value && !old_name) continue;
      add(old_name ? prefix + value_name + "_" + star.name_hint : star.name_hint, star);
    }
  }
  context.aggregates()->node->choices.push_back(std::move(choice));
  return outputs;
}

Grouping::Grouping(Binder& binder, EnvironmentPtr environment, Relation input)
    : binder_(binder),
      input_(std::move(input)),
      input_rows_(binder, environment, &input_),
      result_rows_(binder, environment, &output_) {
  output_.node = make_node(AggregateNode{});
  node_ = &std::get<AggregateNode>(output_.node->node);
  output_.is_open = input_.is_open;
  sink_.node = node_;
  sink_.input = &input_;
  result_rows_.set_aggregates(&sink_);
  if (!input_.groups) return;
  // The groups stay groups; what they carry is the same in all their rows.
  RowGroups groups;
  groups.id = binder.arena().add_column(Kind::kLong, false);
  node_->keys.push_back({groups.id, column_sql(input_.groups->id)});
  RowChoice carried;
  carried.mode = RowChoice::Mode::kAny;
  carried.tuple = binder.arena().add_column(Kind::kString, true);
  for (Column column : input_.groups->carried) {
    const ColumnId id = binder.arena().add_column(column.kind, column.nullable);
    carried.outputs.push_back({id, column_sql(column.id)});
    column.id = id;
    column.definition = nullptr;
    groups.carried.push_back(std::move(column));
  }
  if (!carried.outputs.empty()) node_->choices.push_back(std::move(carried));
  output_.groups = std::make_shared<const RowGroups>(std::move(groups));
}

void Grouping::key(std::string name, const Scalar& value) {
  const ColumnId id = binder_.arena().add_column(value.kind, value.nullable);
  if (has_window(value.sql)) {
    const ColumnId defined = input_rows_.define(value);
    node_->keys.push_back({id, column_sql(defined)});
  } else {
    node_->keys.push_back({id, value.sql});
  }
  for (const Column& column : input_.columns) {
    if (column_sql(column.id) == value.sql) sink_.keys.push_back(column.id);
  }
  Column column;
  column.name = names_.take(name);
  column.id = id;
  column.kind = value.kind;
  column.nullable = value.nullable;
  output_.columns.push_back(std::move(column));
}

Result<void> Grouping::key(std::string name, const syntax::Expression& expression) {
  GARRISON_ASSIGN(Scalar value, input_rows_.scalar(expression));
  if (value.kind == Kind::kDynamic && input_.is_open) {
    // The column may be any, a discovery would have said.
    GARRISON_ASSIGN(value, cast_to(input_rows_, value, Kind::kString));
  }
  if (value.kind == Kind::kDynamic) {
    return binder_.fail(expression.span, code::kWrongType,
                        "rows cannot be grouped by a dynamic value; convert it first, for example with tostring()");
  }
  key(std::move(name), value);
  return {};
}

void Grouping::add(const std::string& name, const Scalar& value) {
  output_.columns.push_back(result_rows_.column(names_.take(name), value));
}

Result<void> Grouping::result(const syntax::Expression& expression) {
  const syntax::Expression* value = &expression;
  const auto* assignment = expression.as<syntax::Assignment>();
  if (assignment != nullptr) value = assignment->value.get();
  if (const auto* call = value->as<syntax::Call>(); call != nullptr && !call->base) {
    if (const Aggregate* aggregate = find_aggregate(call->function.text)) {
      const std::string_view name = call->function.text;
      order_matters_ |= name.starts_with("make") || name.starts_with("arg") || name.starts_with("take_any") ||
                        name.starts_with("any");
      GARRISON_ASSIGN(auto outputs, result_rows_.aggregate(*value, *call, *aggregate));
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        std::string output_name = outputs[i].name;
        if (assignment != nullptr && i < assignment->names.size()) output_name = assignment->names[i].text;
        add(output_name, outputs[i].value);
      }
      return {};
    }
  }
  // make_list() and its kin may stand deeper in the expression.
  order_matters_ = true;
  GARRISON_ASSIGN(Scalar bound, result_rows_.scalar(*value));
  if (assignment != nullptr && assignment->names.size() == 1) {
    add(assignment->names.front().text, bound);
    return {};
  }
  if (assignment != nullptr) {
    for (std::size_t i = 0; i < assignment->names.size(); ++i) {
      GARRISON_ASSIGN(Scalar part,
                      lower_element(result_rows_, bound, make_long(static_cast<std::int64_t>(i))));
      add(assignment->names[i].text, part);
    }
    return {};
  }
  std::string name = implicit_name(expression);
  if (name.empty()) name = bound.name_hint;
  if (name.empty()) name = "Column" + std::to_string(++num_unnamed_);
  add(name, bound);
  return {};
}

Result<Relation> Grouping::finish() {
  if (order_matters_) sort_in_place(input_);
  node_->input = std::move(input_.node);
  return std::move(output_);
}

}  // namespace garrison::kql
