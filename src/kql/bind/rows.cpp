// SPDX-License-Identifier: Apache-2.0
// Operators that work on each row or on the list of columns: where, extend, project and its kin, serialize; and those
// that make rows: print, range, datatable.
#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

void put_column(std::vector<Column>& columns, Column column) {
  for (Column& existing : columns) {
    if (existing.name == column.name) {
      existing = std::move(column);
      return;
    }
  }
  columns.push_back(std::move(column));
}

// Binds one item of extend, project, print: gives the named columns it stands for.
Result<std::vector<Column>> bind_item(OperatorCall& call, ExpressionBinder& rows, const syntax::Expression& item,
                                      const std::string& unnamed) {
  std::vector<Column> result;
  const auto* assignment = item.as<syntax::Assignment>();
  const syntax::Expression& expression = assignment != nullptr ? *assignment->value : item;
  GARRISON_ASSIGN(Scalar value, rows.scalar(expression));
  if (assignment == nullptr && !value.columns.empty()) {
    for (const Scalar& part : value.columns) result.push_back(rows.column(part.name_hint, part));
    return result;
  }
  if (assignment == nullptr) {
    std::string name = implicit_name(item);
    if (name.empty()) name = value.name_hint;
    if (name.empty()) name = unnamed;
    result.push_back(rows.column(std::move(name), value));
    return result;
  }
  if (!assignment->tuple) {
    result.push_back(rows.column(assignment->names.front().text, value));
    return result;
  }
  if (!value.columns.empty()) {
    for (std::size_t i = 0; i < assignment->names.size() && i < value.columns.size(); ++i) {
      result.push_back(rows.column(assignment->names[i].text, value.columns[i]));
    }
    return result;
  }
  if (value.kind != Kind::kDynamic && assignment->names.size() > 1) {
    return call.binder.fail(item.span, code::kWrongType, "only a value with several parts can be given several names");
  }
  for (std::size_t i = 0; i < assignment->names.size(); ++i) {
    Scalar part = value;
    if (value.kind == Kind::kDynamic) {
      GARRISON_ASSIGN(part, lower_element(rows, value, make_long(static_cast<std::int64_t>(i))));
    }
    result.push_back(rows.column(assignment->names[i].text, part));
  }
  return result;
}

bool matches_wildcard(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  const std::string_view head = pattern.substr(0, star);
  if (!name.starts_with(head)) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t skip = head.size(); skip <= name.size(); ++skip) {
    if (matches_wildcard(rest, name.substr(skip))) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<std::size_t>> select_columns(OperatorCall& call, const std::vector<syntax::ExpressionPtr>& list) {
  const std::vector<Column>& columns = call.input.columns;
  std::vector<std::size_t> selected;
  const auto add = [&](std::size_t index) {
    if (std::find(selected.begin(), selected.end(), index) == selected.end()) selected.push_back(index);
  };
  for (const auto& item : list) {
    if (item->is<syntax::Star>()) {
      for (std::size_t i = 0; i < columns.size(); ++i) add(i);
      continue;
    }
    const auto* reference = item->as<syntax::NameRef>();
    if (reference == nullptr) {
      return call.binder.fail(item->span, code::kWrongArgument, "the name of a column is needed here");
    }
    const syntax::Name& name = reference->name;
    bool found = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (name.wildcard ? matches_wildcard(name.text, columns[i].name) : columns[i].name == name.text) {
        add(i);
        found = true;
      }
    }
    if (!found && !name.wildcard && !call.input.is_open && !call.binder.is_lenient()) {
      std::vector<std::string> names;
      for (const Column& column : columns) names.push_back(column.name);
      return call.binder.fail(name.span, kUnknownName,
                              "unknown column '" + name.text + "'" + call.binder.did_you_mean(name.text, std::move(names)));
    }
  }
  return selected;
}

Result<Relation> bind_where(OperatorCall& call, const syntax::WhereOperator& op) {
  Relation& input = call.input;
  ExpressionBinder rows(call.binder, call.environment, &input);
  // Terms of a conjunction are filters of their own: the engine orders and pushes them down one by one.
  std::vector<const syntax::Expression*> terms = {op.predicate.get()};
  if (const auto* logical = op.predicate->as<syntax::Logical>();
      logical != nullptr && logical->op == syntax::LogicalOperator::kAnd) {
    terms.clear();
    for (const auto& term : logical->terms) terms.push_back(term.get());
  }
  std::string predicate;
  for (const syntax::Expression* term : terms) {
    GARRISON_ASSIGN(Scalar value, rows.predicate(*term));
    if (has_window_function(value)) {
      const ColumnId id = rows.define(value);
      value = make_column(Kind::kBool, column_sql(id), {});
    }
    predicate += (predicate.empty() ? "" : " and ") + condition_sql(value);
  }
  input.node = make_node(FilterNode{std::move(input.node), std::move(predicate)});
  return std::move(input);
}

Result<Relation> bind_extend(OperatorCall& call, const syntax::ExtendOperator& op) {
  Relation& input = call.input;
  ExpressionBinder rows(call.binder, call.environment, &input);
  std::vector<Column> added;
  std::size_t num_unnamed = 0;
  const auto unnamed = [&] {
    for (;;) {
      std::string name = "Column" + std::to_string(++num_unnamed);
      if (input.find(name) == nullptr) return name;
    }
  };
  for (const auto& item : op.columns) {
    const std::size_t before = num_unnamed;
    const std::string name = unnamed();
    GARRISON_ASSIGN(auto columns, bind_item(call, rows, *item, name));
    if (columns.size() != 1 || columns.front().name != name) num_unnamed = before;
    for (Column& column : columns) added.push_back(std::move(column));
  }
  for (Column& column : added) put_column(input.columns, std::move(column));
  return std::move(input);
}

Result<Relation> bind_serialize(OperatorCall& call, const syntax::SerializeOperator& op) {
  call.input.is_serialized = true;
  if (op.columns.empty()) return std::move(call.input);
  Relation& input = call.input;
  ExpressionBinder rows(call.binder, call.environment, &input);
  std::vector<Column> added;
  for (const auto& item : op.columns) {
    GARRISON_ASSIGN(auto columns, bind_item(call, rows, *item, "Column" + std::to_string(added.size() + 1)));
    for (Column& column : columns) added.push_back(std::move(column));
  }
  for (Column& column : added) put_column(input.columns, std::move(column));
  return std::move(input);
}

Result<Relation> bind_project(OperatorCall& call, const syntax::ProjectOperator& op) {
  Relation& input = call.input;
  if (op.kind == syntax::ProjectKind::kRename) {
    for (const auto& item : op.columns) {
      const auto* assignment = item->as<syntax::Assignment>();
      const auto* old_name = assignment == nullptr ? nullptr : assignment->value->as<syntax::NameRef>();
      if (old_name == nullptr) {
        return call.binder.fail(item->span, code::kWrongArgument, "project-rename takes NewName = OldName");
      }
    }
    std::vector<Column> renamed = input.columns;
    for (const auto& item : op.columns) {
      const auto& assignment = *item->as<syntax::Assignment>();
      const syntax::Name& old_name = assignment.value->as<syntax::NameRef>()->name;
      bool found = false;
      for (std::size_t i = 0; i < input.columns.size(); ++i) {
        if (input.columns[i].name != old_name.text) continue;
        renamed[i].name = assignment.names.front().text;
        found = true;
      }
      if (!found && !input.is_open && !call.binder.is_lenient()) {
        std::vector<std::string> names;
        for (const Column& column : input.columns) names.push_back(column.name);
        return call.binder.fail(old_name.span, kUnknownName,
                                "unknown column '" + old_name.text + "'" +
                                    call.binder.did_you_mean(old_name.text, std::move(names)));
      }
    }
    for (std::size_t i = 0; i < renamed.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (renamed[i].name == renamed[k].name) {
          return call.binder.fail(call.op.span, code::kDuplicateName, "two columns would be named '" + renamed[i].name + "'");
        }
      }
    }
    input.columns = std::move(renamed);
    return std::move(input);
  }
  if (op.kind == syntax::ProjectKind::kAway || op.kind == syntax::ProjectKind::kKeep) {
    GARRISON_ASSIGN(auto selected, select_columns(call, op.columns));
    std::vector<Column> kept;
    for (std::size_t i = 0; i < input.columns.size(); ++i) {
      const bool listed = std::find(selected.begin(), selected.end(), i) != selected.end();
      if (listed == (op.kind == syntax::ProjectKind::kKeep)) kept.push_back(std::move(input.columns[i]));
    }
    input.columns = std::move(kept);
    input.hidden.clear();
    return std::move(input);
  }
  if (op.kind != syntax::ProjectKind::kProject) {
    return call.binder.not_supported(call.op.keyword.span, call.op.keyword.text);
  }
  ExpressionBinder rows(call.binder, call.environment, &input);
  std::vector<Column> columns;
  std::size_t num_unnamed = 0;
  for (const auto& item : op.columns) {
    if (item->is<syntax::Star>()) {
      columns.insert(columns.end(), input.columns.begin(), input.columns.end());
      continue;
    }
    const std::string unnamed = "Column" + std::to_string(num_unnamed + 1);
    GARRISON_ASSIGN(auto bound, bind_item(call, rows, *item, unnamed));
    if (bound.size() == 1 && bound.front().name == unnamed) ++num_unnamed;
    for (Column& column : bound) {
      const bool repeated = std::any_of(columns.begin(), columns.end(),
                                        [&](const Column& other) { return other.name == column.name; });
      if (repeated) {
        if (item->is<syntax::Assignment>() || item->is<syntax::NameRef>()) {
          return call.binder.fail(item->span, code::kDuplicateName, "two columns would be named '" + column.name + "'");
        }
        NameSet names;
        for (const Column& other : columns) names.reserve(other.name);
        column.name = names.take(column.name);
      }
      columns.push_back(std::move(column));
    }
  }
  input.columns = std::move(columns);
  input.hidden.clear();
  return std::move(input);
}

Result<Relation> bind_project_reorder(OperatorCall& call, const syntax::ProjectReorderOperator& op) {
  Relation& input = call.input;
  std::vector<std::size_t> order;
  for (const syntax::ReorderColumn& item : op.columns) {
    std::vector<std::size_t> matched;
    if (item.column->is<syntax::Star>()) {
      for (std::size_t i = 0; i < input.columns.size(); ++i) matched.push_back(i);
    } else if (const auto* reference = item.column->as<syntax::NameRef>()) {
      for (std::size_t i = 0; i < input.columns.size(); ++i) {
        const bool match = reference->name.wildcard ? matches_wildcard(reference->name.text, input.columns[i].name)
                                                    : reference->name.text == input.columns[i].name;
        if (match) matched.push_back(i);
      }
      if (matched.empty() && !reference->name.wildcard && !input.is_open && !call.binder.is_lenient()) {
        return call.binder.fail(item.column->span, kUnknownName, "unknown column '" + reference->name.text + "'");
      }
    }
    const auto by_name = [&](std::size_t a, std::size_t b) { return input.columns[a].name < input.columns[b].name; };
    using Order = syntax::ReorderOrder;
    if (item.order == Order::kAscending || item.order == Order::kGrannyAscending) {
      std::stable_sort(matched.begin(), matched.end(), by_name);
    } else if (item.order == Order::kDescending || item.order == Order::kGrannyDescending) {
      std::stable_sort(matched.begin(), matched.end(), [&](std::size_t a, std::size_t b) { return by_name(b, a); });
    }
    for (const std::size_t index : matched) {
      if (std::find(order.begin(), order.end(), index) == order.end()) order.push_back(index);
    }
  }
  for (std::size_t i = 0; i < input.columns.size(); ++i) {
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  }
  std::vector<Column> columns;
  for (const std::size_t index : order) columns.push_back(std::move(input.columns[index]));
  input.columns = std::move(columns);
  return std::move(input);
}

Result<Relation> bind_print(OperatorCall& call, const syntax::PrintOperator& op) {
  NumbersNode one;
  one.num_rows = "1";
  one.number = call.binder.arena().add_column(Kind::kLong, false);
  Relation relation;
  relation.node = make_node(std::move(one));
  ExpressionBinder rows(call.binder, call.environment, &relation);
  std::vector<Column> columns;
  NameSet names;
  for (std::size_t i = 0; i < op.columns.size(); ++i) {
    const std::string unnamed = "print_" + std::to_string(i);
    GARRISON_ASSIGN(auto bound, bind_item(call, rows, *op.columns[i], unnamed));
    const bool named = op.columns[i]->is<syntax::Assignment>();
    for (Column& column : bound) {
      if (!named) column.name = unnamed;
      column.name = names.take(column.name);
      columns.push_back(std::move(column));
    }
  }
  relation.columns = std::move(columns);
  return relation;
}

Result<Relation> bind_range(OperatorCall& call, const syntax::RangeOperator& op) {
  Binder& binder = call.binder;
  ExpressionBinder constants(binder, call.environment, nullptr);
  GARRISON_ASSIGN(Scalar from, constants.scalar(*op.from));
  GARRISON_ASSIGN(Scalar to, constants.scalar(*op.to));
  Scalar step = make_long(1);
  if (op.step) {
    GARRISON_ASSIGN(step, constants.scalar(*op.step));
  } else if (from.kind == Kind::kDateTime) {
    step = make_timespan(Timespan{kTicksPerDay});
  }
  // Datetimes and spans count in ticks, a real among the bounds makes all of them real.
  const bool time = from.kind == Kind::kDateTime || from.kind == Kind::kTimespan;
  Kind kind = from.kind;
  if (!time) {
    const bool real = from.kind == Kind::kReal || to.kind == Kind::kReal || step.kind == Kind::kReal;
    kind = real ? Kind::kReal : Kind::kLong;
  }
  const bool real = kind == Kind::kReal;
  const auto number = [&](const Scalar& value) -> Result<std::string> {
    if (value.kind == Kind::kDateTime) {
      return "(reinterpretAsInt64(" + exact_sql(value) + ") + 621355968000000000)";
    }
    if (value.kind == Kind::kTimespan) return exact_sql(value);
    GARRISON_ASSIGN(Scalar cast, cast_to(constants, value, real ? Kind::kReal : Kind::kLong));
    return exact_sql(cast);
  };
  GARRISON_ASSIGN(const std::string first, number(from));
  GARRISON_ASSIGN(const std::string last, number(to));
  GARRISON_ASSIGN(const std::string width, number(step));
  if (kind != Kind::kReal && kind != Kind::kLong && !time) {
    return binder.fail(op.from->span, code::kWrongType, "range needs numbers, datetimes or timespans");
  }
  NumbersNode numbers;
  numbers.number = binder.arena().add_column(Kind::kLong, false);
  const std::string distance = "(" + last + " - " + first + ")";
  numbers.num_rows = real ? "toInt64OrZero(toString(floor(" + distance + " / " + width + "))) + 1"
                          : "if(sign(" + distance + ") * sign(" + width + ") < 0, -1, intDivOrNull(" + distance + ", " +
                                width + ")) + 1";
  Relation relation;
  relation.node = make_node(NumbersNode(numbers));
  Scalar value;
  value.kind = kind;
  const std::string offset = column_sql(numbers.number) + " * " + width;
  value.sql = "(" + first + " + " + offset + ")";
  if (kind == Kind::kDateTime) {
    value.sql = "reinterpret(toInt64(" + value.sql + " - 621355968000000000), 'DateTime64(7,\\'UTC\\')')";
  }
  ExpressionBinder rows(binder, call.environment, &relation);
  relation.columns.push_back(rows.column(op.name.text, value));
  return relation;
}

Relation literal_rows(Binder& binder, std::vector<LiteralColumn> columns, std::size_t num_rows) {
  Relation relation;
  ValuesNode values;
  values.num_rows = num_rows;
  for (LiteralColumn& literal : columns) {
    Column column;
    column.name = std::move(literal.name);
    column.kind = literal.kind;
    column.nullable = literal.kind != Kind::kString;
    column.exact = true;
    column.id = binder.arena().add_column(literal.kind, column.nullable);
    values.columns.push_back({column.id, literal.kind, std::move(literal.literals)});
    relation.columns.push_back(std::move(column));
  }
  relation.node = make_node(std::move(values));
  return relation;
}

std::string array_literal(const Scalar& value) {
  const Constant& constant = *value.constant;
  if (std::holds_alternative<std::monostate>(constant)) return value.kind == Kind::kString ? "''" : "NULL";
  if (const auto* flag = std::get_if<bool>(&constant)) return *flag ? "'true'" : "'false'";
  if (const auto* text = std::get_if<std::string>(&constant)) return quote_text(*text);
  if (const auto* real = std::get_if<double>(&constant)) {
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, *real).ptr;
    return "'" + std::string(buffer, end) + "'";
  }
  const std::int64_t number = std::get<std::int64_t>(constant);
  if (value.kind == Kind::kDateTime) {
    std::string text = format_iso(DateTime{number});
    text.pop_back();
    text[10] = ' ';
    return "'" + text + "'";
  }
  return "'" + std::to_string(number) + "'";
}

}  // namespace garrison::kql
