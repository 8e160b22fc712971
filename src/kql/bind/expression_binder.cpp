// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/expression_binder.h"

#include <algorithm>

#include "kql/bind/sql_text.h"

namespace garrison::kql {
namespace {

// Texts up to this length are repeated rather than named.
constexpr std::size_t kMaxRepeatedText = 24;

// Whether the text uses a lambda argument that a lambda outside of the text declares: such a text has no value of its
// own. A declared argument is followed by "->", directly or behind the end of an argument list.
bool has_open_lambda_argument(const Binder& binder, std::string_view sql) {
  std::vector<std::string_view> declared;
  bool open = false;
  for_each_identifier(sql, [&](std::string_view word, std::string_view rest) {
    if (!binder.is_fresh_name(word)) return;
    if (std::find(declared.begin(), declared.end(), word) != declared.end()) return;
    std::size_t at = 0;
    while (at < rest.size() && (sql_text::is_word(rest[at]) || rest[at] == ',' || rest[at] == ' ')) ++at;
    if (at < rest.size() && rest[at] == ')') ++at;
    while (at < rest.size() && rest[at] == ' ') ++at;
    if (rest.substr(at, 2) == "->") {
      declared.push_back(word);
    } else {
      open = true;
    }
  });
  return open;
}

bool is_column_name(std::string_view sql) {
  if (sql.size() < 2 || sql[0] != 'c') return false;
  return std::all_of(sql.begin() + 1, sql.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Scalar to_scalar(const Column& column) {
  if (column.definition && column.definition->constant) {
    Scalar scalar = *column.definition;
    scalar.name_hint = column.name;
    return scalar;
  }
  Scalar scalar = make_column(column.kind, column_sql(column.id), column.name);
  scalar.nullable = column.nullable;
  scalar.text_indexed = column.text_indexed;
  scalar.is_row_dependent = true;
  if (column.definition) scalar.path = column.definition->path;
  return scalar;
}

DateTime ExpressionBinder::now() const { return binder_.now(); }

std::string ExpressionBinder::fresh_name(std::string_view prefix) { return binder_.fresh_name(prefix); }

std::string ExpressionBinder::bind(const std::string& sql) {
  if (sql.size() <= kMaxRepeatedText || is_column_name(sql)) return sql;
  if (has_open_lambda_argument(binder_, sql)) return sql;
  if (const auto found = bound_.find(sql); found != bound_.end()) return found->second;
  const ColumnId id = binder_.arena().add_column(Kind::kString, true);
  if (in_aggregate_) {
    aggregates_->node->operands.push_back({id, sql});
  } else if (relation_ != nullptr && relation_->node != nullptr) {
    if (has_window(sql)) {
      relation_->node = make_node(WindowNode{std::move(relation_->node), {{id, sql}}});
    } else {
      relation_->node = make_node(ExtendNode{std::move(relation_->node), {{id, sql}}});
    }
  } else {
    return sql;
  }
  bound_[sql] = column_sql(id);
  return column_sql(id);
}

Result<std::string> ExpressionBinder::row_order() {
  if (relation_ == nullptr || !relation_->is_serialized) {
    return bad_input(std::string(code::kNotSerialized),
                     "the rows have no order here: sort them or use serialize before this function");
  }
  if (!relation_->row_number) {
    const ColumnId id = binder_.arena().add_column(Kind::kLong, false);
    std::string order;
    for (const SortTerm& term : relation_->order) {
      order += (order.empty() ? "order by " : ", ") + column_sql(term.column) + (term.ascending ? " asc" : " desc") +
               (term.nulls_first ? " nulls first" : " nulls last");
    }
    if (relation_->in_order) order.clear();
    relation_->node =
        make_node(WindowNode{std::move(relation_->node), {{id, "toInt64(row_number() over (" + order + "))"}}});
    relation_->row_number = id;
    relation_->order = {{id, true, true}};
    relation_->in_order = false;
  }
  return column_sql(*relation_->row_number);
}

Result<Scalar> ExpressionBinder::native(const NativeFunction& function, std::span<const Scalar> arguments) {
  const bool all_constant =
      std::all_of(arguments.begin(), arguments.end(), [](const Scalar& s) { return s.constant.has_value(); });
  if (!all_constant && (relation_ == nullptr || relation_->node == nullptr || in_aggregate_)) {
    return unsupported(std::string(kNotSupportedYet), "not supported yet: " + std::string(function.name) + " here");
  }
  if (all_constant) {
    std::vector<table::ColumnVector> columns;
    for (const Scalar& argument : arguments) {
      table::ColumnVector& column = columns.emplace_back(argument.kind);
      std::visit(
          [&](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::monostate>) column.append_null();
            else if constexpr (std::is_same_v<T, std::string>) column.append_text(value);
            else if constexpr (std::is_same_v<T, double>) column.append_real(value);
            else if (table::ColumnVector::is_integer(argument.kind)) column.append_integer(static_cast<std::int64_t>(value));
            else if (argument.kind == Kind::kReal) column.append_real(static_cast<double>(value));
            else column.append_text(std::to_string(value));
          },
          *argument.constant);
    }
    std::vector<const table::ColumnVector*> pointers;
    for (const auto& column : columns) pointers.push_back(&column);
    table::ColumnVector result(function.result);
    GARRISON_TRY(function.run(pointers, 1, result));
    if (result.is_null(0)) return make_null(function.result);
    switch (function.result) {
      case Kind::kBool: return make_bool(result.integer(0) != 0);
      case Kind::kInt: return make_int(static_cast<std::int32_t>(result.integer(0)));
      case Kind::kLong: return make_long(result.integer(0));
      case Kind::kReal: return make_real(result.real(0));
      case Kind::kDateTime: return make_datetime(DateTime{result.integer(0)});
      case Kind::kTimespan: return make_timespan(Timespan{result.integer(0)});
      case Kind::kString: return make_string(result.text(0));
      case Kind::kGuid: return make_guid(result.text(0));
      case Kind::kDecimal: return make_decimal(result.text(0));
      case Kind::kDynamic: return make_dynamic(result.text(0));
    }
  }
  std::vector<ColumnId> ids;
  for (const Scalar& argument : arguments) {
    Scalar exact = argument;
    exact.sql = exact_sql(argument);
    exact.nullable = true;
    ids.push_back(define(exact));
    binder_.arena().columns[ids.back()].kind = argument.kind;
  }
  const ColumnId result = binder_.arena().add_column(function.result, true);
  relation_->node = make_node(NativeNode{std::move(relation_->node), function, std::move(ids), result});
  return make_column(function.result, column_sql(result), {});
}

ColumnId ExpressionBinder::define(const Scalar& value) {
  if (is_column_name(value.sql)) return static_cast<ColumnId>(std::stoul(value.sql.substr(1)));
  const ColumnId id = binder_.arena().add_column(value.kind, value.nullable);
  if (has_window(value.sql)) {
    relation_->node = make_node(WindowNode{std::move(relation_->node), {{id, value.sql}}});
    return id;
  }
  // Definitions of one operator share a node.
  if (auto* extend = std::get_if<ExtendNode>(&relation_->node->node)) {
    extend->definitions.push_back({id, value.sql});
  } else {
    relation_->node = make_node(ExtendNode{std::move(relation_->node), {{id, value.sql}}});
  }
  return id;
}

Column ExpressionBinder::column(std::string name, const Scalar& value) {
  Column column;
  column.name = std::move(name);
  column.kind = value.kind;
  column.nullable = value.nullable;
  column.id = define(value);
  if (is_column_name(value.sql)) column.text_indexed = value.text_indexed;
  if (value.constant || (value.path && value.kind == Kind::kDynamic)) {
    column.definition = std::make_shared<const Scalar>(value);
  }
  return column;
}

Result<Scalar> ExpressionBinder::scalar(const syntax::Expression& expression) {
  auto result = scalar_at(expression);
  if (!result.ok()) return binder_.at(expression.span, std::move(result).error());
  return result;
}

Result<Scalar> ExpressionBinder::predicate(const syntax::Expression& expression) {
  GARRISON_ASSIGN(Scalar value, scalar(expression));
  if (value.kind == Kind::kBool) return value;
  if (value.kind == Kind::kDynamic || value.kind == Kind::kInt || value.kind == Kind::kLong) {
    return cast_to(*this, value, Kind::kBool);
  }
  return binder_.fail(expression.span, code::kWrongType,
                      "a condition must be true or false, this is " + std::string(table::to_string(value.kind)));
}

Result<Scalar> ExpressionBinder::scalar_at(const syntax::Expression& expression) {
  const auto& node = expression.node;
  if (const auto* l = std::get_if<syntax::Literal>(&node)) return literal(*l);
  if (const auto* n = std::get_if<syntax::NameRef>(&node)) return name(expression, *n);
  if (const auto* p = std::get_if<syntax::Path>(&node)) return path(expression, *p);
  if (const auto* c = std::get_if<syntax::Call>(&node)) return call(expression, *c);
  if (const auto* b = std::get_if<syntax::Binary>(&node)) return binary(expression, *b);
  if (const auto* m = std::get_if<syntax::Membership>(&node)) return membership(expression, *m);
  if (const auto* a = std::get_if<syntax::Assignment>(&node)) return scalar(*a->value);
  if (const auto* element = std::get_if<syntax::Element>(&node)) {
    GARRISON_ASSIGN(Scalar base, scalar(*element->base));
    GARRISON_ASSIGN(Scalar index, scalar(*element->index));
    return lower_element(*this, base, index);
  }
  if (const auto* unary = std::get_if<syntax::Unary>(&node)) {
    GARRISON_ASSIGN(Scalar operand, scalar(*unary->operand));
    return lower_unary(*this, unary->op == syntax::UnaryOperator::kMinus ? UnaryOperator::kMinus : UnaryOperator::kPlus,
                       operand);
  }
  if (const auto* logical = std::get_if<syntax::Logical>(&node)) {
    std::vector<Scalar> terms;
    terms.reserve(logical->terms.size());
    for (const auto& term : logical->terms) {
      GARRISON_ASSIGN(Scalar value, star_search_ ? predicate(*term) : scalar(*term));
      terms.push_back(std::move(value));
    }
    return lower_logical(*this, logical->op == syntax::LogicalOperator::kAnd ? BinaryOperator::kAnd : BinaryOperator::kOr,
                         terms);
  }
  if (const auto* between = std::get_if<syntax::Between>(&node)) {
    GARRISON_ASSIGN(Scalar value, scalar(*between->value));
    GARRISON_ASSIGN(Scalar low, scalar(*between->low));
    GARRISON_ASSIGN(Scalar high, scalar(*between->high));
    return lower_between(*this, between->negated ? BetweenOperator::kNotBetween : BetweenOperator::kBetween, value, low,
                         high);
  }
  if (std::holds_alternative<syntax::PipelineExpression>(node)) {
    const auto& pipeline = *std::get<syntax::PipelineExpression>(node).pipeline;
    if (pipeline.operators.empty() && pipeline.source) return scalar(*pipeline.source);
  }
  if (std::holds_alternative<syntax::Star>(node)) {
    return binder_.fail(expression.span, code::kNeedsScalar, "* cannot stand here");
  }
  return binder_.fail(expression.span, code::kNeedsScalar, "a value is needed here, not a table");
}

Result<Scalar> ExpressionBinder::literal(const syntax::Literal& literal) {
  using syntax::LiteralKind;
  if (literal.is_null()) {
    switch (literal.kind) {
      case LiteralKind::kBool: return make_null(Kind::kBool);
      case LiteralKind::kInt: return make_null(Kind::kInt);
      case LiteralKind::kLong: return make_null(Kind::kLong);
      case LiteralKind::kReal: return make_null(Kind::kReal);
      case LiteralKind::kDecimal: return make_null(Kind::kDecimal);
      case LiteralKind::kString: return make_string("");
      case LiteralKind::kDatetime: return make_null(Kind::kDateTime);
      case LiteralKind::kTimespan: return make_null(Kind::kTimespan);
      case LiteralKind::kGuid: return make_null(Kind::kGuid);
      case LiteralKind::kDynamic:
      case LiteralKind::kType: return make_null(Kind::kDynamic);
    }
  }
  switch (literal.kind) {
    case LiteralKind::kBool: return make_bool(std::get<bool>(literal.value));
    case LiteralKind::kInt: return make_int(static_cast<std::int32_t>(std::get<std::int64_t>(literal.value)));
    case LiteralKind::kLong: return make_long(std::get<std::int64_t>(literal.value));
    case LiteralKind::kReal: return make_real(std::get<double>(literal.value));
    case LiteralKind::kDecimal: return make_decimal(std::get<std::string>(literal.value));
    case LiteralKind::kDatetime: return make_datetime(DateTime{std::get<std::int64_t>(literal.value)});
    case LiteralKind::kTimespan: return make_timespan(Timespan{std::get<std::int64_t>(literal.value)});
    case LiteralKind::kGuid: return make_guid(std::get<std::string>(literal.value));
    case LiteralKind::kDynamic: return make_dynamic(std::get<std::string>(literal.value));
    case LiteralKind::kType: {
      // typeof(x) as an argument: a null of the type.
      const auto kind = table::parse_kind(std::get<std::string>(literal.value));
      return make_null(kind.value_or(Kind::kDynamic));
    }
    case LiteralKind::kString: break;
  }
  return make_string(std::get<std::string>(literal.value));
}

Result<Scalar> ExpressionBinder::unknown_column(const syntax::Name& name) {
  if (binder_.is_lenient()) return make_null(Kind::kDynamic);
  std::vector<std::string> names;
  if (relation_ != nullptr) {
    for (const Column& column : relation_->columns) names.push_back(column.name);
  }
  for (const Environment* at = environment_.get(); at != nullptr; at = at->outer.get()) names.push_back(at->name);
  return binder_.fail(name.span, kUnknownName,
                      "unknown name '" + name.text + "'" + binder_.did_you_mean(name.text, std::move(names)));
}

Result<Scalar> ExpressionBinder::name(const syntax::Expression& expression, const syntax::NameRef& reference) {
  const syntax::Name& name = reference.name;
  if (relation_ != nullptr) {
    if (const Column* column = relation_->find(name.text)) return to_scalar(*column);
  }
  if (right_ != nullptr) {
    if (const Column* column = right_->find(name.text)) return to_scalar(*column);
  }
  if (find_binding(environment_, name.text) != nullptr) {
    GARRISON_ASSIGN(Value value, binder_.named(name, environment_, false));
    if (auto* scalar = std::get_if<Scalar>(&value)) {
      scalar->name_hint.clear();
      return std::move(*scalar);
    }
    return binder_.fail(expression.span, code::kNeedsScalar, "'" + name.text + "' is a table, a value is needed here");
  }
  if (name.text == "$table" && relation_ != nullptr) return make_string(relation_->source_name);
  if (relation_ != nullptr && relation_->is_open) return make_null(Kind::kDynamic);
  return unknown_column(name);
}

Result<Scalar> ExpressionBinder::side_column(const syntax::Expression& expression, const syntax::Name& side,
                                             const syntax::Name& name) {
  const Relation* relation = side.text == "$left" ? relation_ : right_;
  if (relation == nullptr) {
    return binder_.fail(expression.span, kUnknownName, side.text + " has a meaning only in the conditions of a join");
  }
  if (const Column* column = relation->find(name.text)) return to_scalar(*column);
  if (relation->is_open || binder_.is_lenient()) return make_null(Kind::kDynamic);
  std::vector<std::string> names;
  for (const Column& column : relation->columns) names.push_back(column.name);
  return binder_.fail(name.span, kUnknownName,
                      "unknown name '" + name.text + "'" + binder_.did_you_mean(name.text, std::move(names)));
}

Result<Scalar> ExpressionBinder::path(const syntax::Expression& expression, const syntax::Path& path) {
  if (const auto* base = path.base->as<syntax::NameRef>()) {
    if (base->name.text == "$left" || base->name.text == "$right") {
      return side_column(expression, base->name, path.name);
    }
  }
  GARRISON_ASSIGN(Scalar base, scalar(*path.base));
  return lower_member(*this, base, path.name.text);
}

Result<Scalar> ExpressionBinder::star_predicate(const syntax::Expression& expression, BinaryOperator op,
                                                const Scalar& right) {
  std::vector<Scalar> terms;
  for (const Column& column : relation_->columns) {
    GARRISON_ASSIGN(Scalar value, cast_to(*this, to_scalar(column), Kind::kString));
    if (column.kind == Kind::kString) value = to_scalar(column);
    GARRISON_ASSIGN(Scalar term, lower_binary(*this, op, value, right));
    terms.push_back(std::move(term));
  }
  if (terms.empty()) return binder_.fail(expression.span, code::kWrongArgument, "* stands for no column here");
  if (terms.size() == 1) return terms.front();
  return lower_logical(*this, BinaryOperator::kOr, terms);
}

Result<Scalar> ExpressionBinder::membership(const syntax::Expression& expression,
                                            const syntax::Membership& membership) {
  using Op = syntax::MembershipOperator;
  ListOperator op = ListOperator::kIn;
  bool negate = false;
  switch (membership.op) {
    case Op::kIn: op = ListOperator::kIn; break;
    case Op::kNotIn: op = ListOperator::kNotIn; break;
    case Op::kInTilde: op = ListOperator::kInIgnoreCase; break;
    case Op::kNotInTilde: op = ListOperator::kNotInIgnoreCase; break;
    case Op::kHasAny: op = ListOperator::kHasAny; break;
    case Op::kNotHasAny: op = ListOperator::kHasAny; negate = true; break;
    case Op::kHasAll: op = ListOperator::kHasAll; break;
  }
  std::vector<Scalar> items;
  std::optional<Result<Scalar>> from_table;
  const bool star = membership.value->is<syntax::Star>();
  Scalar value;
  if (!star) {
    GARRISON_ASSIGN(value, scalar(*membership.value));
  }
  for (const auto& item : membership.items) {
    if (item->is<syntax::Literal>()) {
      GARRISON_ASSIGN(Scalar literal_value, literal(*item->as<syntax::Literal>()));
      items.push_back(std::move(literal_value));
      continue;
    }
    GARRISON_ASSIGN(Value bound, binder_.value(*item, environment_, this));
    if (auto* bound_scalar = std::get_if<Scalar>(&bound)) {
      items.push_back(std::move(*bound_scalar));
      continue;
    }
    Relation table = std::move(std::get<Relation>(bound));
    if (membership.items.size() != 1) {
      return binder_.fail(item->span, code::kNeedsScalar, "a table must be the only member of the list");
    }
    if (table.columns.empty()) return binder_.fail(item->span, code::kNeedsScalar, "the table has no column");
    const Column first = table.columns.front();
    if (op == ListOperator::kHasAny || op == ListOperator::kHasAll) {
      // The needles are data here: gathered once as a dynamic array.
      const std::string text = binder_.subquery(std::move(table), {first.id});
      Scalar list;
      list.kind = Kind::kDynamic;
      list.sql = "(select toJSONString(groupUniqArray(toString(" + column_sql(first.id) + "))) from (" + text + "))";
      list.is_row_dependent = false;
      items.push_back(std::move(list));
      continue;
    }
    const std::string text = binder_.subquery(std::move(table), {first.id});
    from_table = lower_in_subquery(*this, op, value, first.kind, text);
  }
  if (from_table) return std::move(*from_table);
  // Numbers in a list of texts and texts in a list of numbers are read as what the value is.
  for (Scalar& item : items) {
    const bool whole = item.kind == Kind::kInt || item.kind == Kind::kLong;
    const bool text = item.kind == Kind::kString && (value.kind == Kind::kInt || value.kind == Kind::kLong);
    if (star || !((whole && value.kind == Kind::kString) || text)) continue;
    GARRISON_ASSIGN(item, cast_to(*this, item, value.kind));
  }
  const auto lower_one = [&](const Scalar& left) -> Result<Scalar> {
    GARRISON_ASSIGN(Scalar result, lower_list(*this, op, left, items));
    if (!negate) return result;
    const Function* negation = find_function("not");
    if (negation == nullptr) return bug("no function not()");
    return lower_call(*this, *negation, std::span<const Scalar>(&result, 1));
  };
  if (!star) return lower_one(value);
  std::vector<Scalar> terms;
  for (const Column& column : relation_->columns) {
    if (column.kind != Kind::kString) continue;
    GARRISON_ASSIGN(Scalar term, lower_one(to_scalar(column)));
    terms.push_back(std::move(term));
  }
  if (terms.empty()) return binder_.fail(expression.span, code::kWrongArgument, "* stands for no column here");
  return lower_logical(*this, BinaryOperator::kOr, terms);
}

}  // namespace garrison::kql
