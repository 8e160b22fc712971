// SPDX-License-Identifier: Apache-2.0
// Calls in expressions: built-in functions, aggregates, and the calls that need to know names (column_ifexists ...).
#include <algorithm>
#include <array>

#include "kql/bind/aggregation.h"
#include "kql/bind/expression_binder.h"
#include "kql/scalar/documented_names.h"

namespace garrison::kql {
namespace {

// Calls that keep the name of their first argument.
constexpr std::array<std::string_view, 17> kNamedByFirstArgument = {
    "bin",     "bin_at",    "bin_auto",   "floor",      "tobool",    "toboolean", "todatetime", "todecimal", "todouble",
    "todynamic", "toguid", "toint",      "tolong",     "toreal",    "tostring",  "totimespan", "toobject"};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<std::string> text_literal(const syntax::Expression& expression) {
  const auto* literal = expression.as<syntax::Literal>();
  if (literal == nullptr || literal->kind != syntax::LiteralKind::kString || literal->is_null()) return std::nullopt;
  return std::get<std::string>(literal->value);
}

}  // namespace

std::string implicit_name(const syntax::Expression& expression) {
  if (const auto* name = expression.as<syntax::NameRef>()) return name->name.text;
  if (const auto* path = expression.as<syntax::Path>()) {
    if (const auto* side = path->base->as<syntax::NameRef>(); side != nullptr && side->name.text.starts_with('$')) {
      return path->name.text;
    }
    const std::string base = implicit_name(*path->base);
    return base.empty() ? std::string() : base + "_" + path->name.text;
  }
  if (const auto* element = expression.as<syntax::Element>()) {
    const std::string base = implicit_name(*element->base);
    const auto* index = element->index->as<syntax::Literal>();
    if (base.empty() || index == nullptr || index->is_null()) return base.empty() ? std::string() : base + "_";
    if (index->kind == syntax::LiteralKind::kString) return base + "_" + std::get<std::string>(index->value);
    if (const auto* number = std::get_if<std::int64_t>(&index->value)) return base + "_" + std::to_string(*number);
    return base + "_";
  }
  if (const auto* call = expression.as<syntax::Call>()) {
    const auto& names = kNamedByFirstArgument;
    if (std::find(names.begin(), names.end(), call->function.text) != names.end() && !call->arguments.empty()) {
      return implicit_name(*call->arguments.front());
    }
    if (is_one_of(call->function.text, {"column_ifexists", "columnifexists"}) && !call->arguments.empty()) {
      return text_literal(*call->arguments.front()).value_or("");
    }
  }
  return {};
}

// pack_all(true): leaves out what is null or empty.
Result<Scalar> ExpressionBinder::pack_all_present(const syntax::Call& call) {
  const Function* pack = find_function("bag_pack");
  if (pack == nullptr) return bug("no function bag_pack()");
  GARRISON_ASSIGN(Scalar flag, scalar(*call.arguments.front()));
  const auto* on = flag.constant ? std::get_if<bool>(&*flag.constant) : nullptr;
  if (on == nullptr) return binder_.fail(call.arguments.front()->span, code::kNeedsConstant, "true or false is needed here");
  std::string members;
  for (const Column& column : relation_->columns) {
    const Scalar pair[] = {make_string(column.name), to_scalar(column)};
    GARRISON_ASSIGN(Scalar bag, lower_call(*this, *pack, pair));
    const std::string value = exact_sql(pair[1]);
    std::string present = column.kind == Kind::kString ? "notEmpty(" + value + ")" : "isNotNull(" + value + ")";
    if (!*on) present = "1";
    const std::string text = bind(exact_sql(bag));
    members += (members.empty() ? "" : ", ") + ("if(" + present + ", substring(assumeNotNull(" + text +
                                               "), 2, length(assumeNotNull(" + text + ")) - 2), '')");
  }
  Scalar result;
  result.kind = Kind::kDynamic;
  result.sql = "toNullable(concat('{', arrayStringConcat(arrayFilter(m -> notEmpty(m), [" + members + "]), ','), '}'))";
  return result;
}

std::optional<Result<Scalar>> ExpressionBinder::special_call(const syntax::Expression& expression,
                                                             const syntax::Call& call) {
  const std::string& name = call.function.text;
  const auto wrong = [&](std::string message) -> Result<Scalar> {
    return binder_.fail(expression.span, code::kWrongArgument, std::move(message));
  };
  if (is_one_of(name, {"column_ifexists", "columnifexists"})) {
    if (call.arguments.size() != 2) return wrong(name + " takes a column name and a default");
    std::string column_name;
    const auto* reference = call.arguments[0]->as<syntax::NameRef>();
    if (const auto text = text_literal(*call.arguments[0])) {
      column_name = *text;
    } else if (reference != nullptr && find_binding(environment_, reference->name.text) == nullptr) {
      column_name = reference->name.text;
    } else {
      auto value = binder_.constant_scalar(*call.arguments[0], environment_);
      if (!value.ok()) return value;
      const auto* text = value->constant ? std::get_if<std::string>(&*value->constant) : nullptr;
      if (text == nullptr) return wrong("the column name must be a constant text");
      column_name = *text;
    }
    if (relation_ != nullptr) {
      if (const Column* column = relation_->find(column_name)) return Result<Scalar>(to_scalar(*column));
    }
    auto fallback = scalar(*call.arguments[1]);
    if (fallback.ok()) fallback->name_hint = column_name;
    return fallback;
  }
  if (name == "toscalar") {
    if (call.arguments.size() != 1) return wrong("toscalar takes one table or value");
    auto bound = binder_.value(*call.arguments[0], environment_, nullptr);
    if (!bound.ok()) return Result<Scalar>(std::move(bound).error());
    if (auto* value = std::get_if<Scalar>(&*bound)) return Result<Scalar>(std::move(*value));
    Relation table = std::move(std::get<Relation>(*bound));
    if (table.columns.empty()) return wrong("the table has no column");
    return Result<Scalar>(binder_.scalar_subquery(std::move(table)));
  }
  if (name == "ingestion_time") {
    if (relation_ != nullptr) {
      if (const Column* column = relation_->find("_IngestionTime")) return Result<Scalar>(to_scalar(*column));
    }
    return Result<Scalar>(make_null(Kind::kDateTime));
  }
  if (is_one_of(name, {"pack_all", "bag_pack_columns"}) && relation_ != nullptr) {
    std::vector<Scalar> arguments;
    if (name == "pack_all") {
      if (!call.arguments.empty()) return Result<Scalar>(pack_all_present(call));
      for (const Column& column : relation_->columns) {
        arguments.push_back(make_string(column.name));
        arguments.push_back(to_scalar(column));
      }
    } else {
      for (const auto& argument : call.arguments) {
        auto value = scalar(*argument);
        if (!value.ok()) return value;
        arguments.push_back(make_string(implicit_name(*argument)));
        arguments.push_back(std::move(*value));
      }
    }
    const Function* pack = find_function("bag_pack");
    if (pack == nullptr) return Result<Scalar>(bug("no function bag_pack()"));
    return lower_call(*this, *pack, arguments);
  }
  return std::nullopt;
}

Result<Scalar> ExpressionBinder::call(const syntax::Expression& expression, const syntax::Call& call) {
  const std::string& name = call.function.text;
  if (call.base) return binder_.not_supported(expression.span, name);
  if (auto special = special_call(expression, call)) return std::move(*special);
  if (aggregates_ != nullptr && !in_aggregate_) {
    if (const Aggregate* found = find_aggregate(name)) {
      GARRISON_ASSIGN(auto outputs, aggregate(expression, call, *found));
      if (outputs.empty()) return binder_.fail(expression.span, code::kWrongArgument, name + " gives nothing here");
      Scalar value = std::move(outputs.front().value);
      value.name_hint = std::move(outputs.front().name);
      return value;
    }
  }
  if (auto user = binder_.call(expression, call, environment_, this)) {
    if (!user->ok()) return std::move(*user).error();
    if (auto* value = std::get_if<Scalar>(&**user)) {
      value->name_hint.clear();
      return std::move(*value);
    }
    return binder_.fail(expression.span, code::kNeedsScalar, name + "() gives a table, a value is needed here");
  }
  const Function* function = find_function(name);
  if (function == nullptr) {
    if (find_aggregate(name) != nullptr) {
      return binder_.fail(expression.span, code::kWrongArgument,
                          name + "() is an aggregate; it stands in summarize and its kin only");
    }
    if (is_documented_function(name)) {
      return binder_.not_supported(call.function.span, name);
    }
    std::vector<std::string> names;
    for (const Function* known : all_functions()) names.emplace_back(known->name);
    return binder_.fail(call.function.span, kUnknownFunction,
                        "unknown function '" + name + "'" + binder_.did_you_mean(name, std::move(names)));
  }
  std::vector<Scalar> arguments;
  arguments.reserve(call.arguments.size());
  for (const auto& argument : call.arguments) {
    GARRISON_ASSIGN(Scalar value, scalar(*argument));
    // A window function cannot stand inside another.
    if (relation_ != nullptr && relation_->node != nullptr && !value.constant && has_window_function(value)) {
      const bool nullable = value.nullable;
      value = make_column(value.kind, column_sql(define(value)), value.name_hint);
      value.nullable = nullable;
    }
    arguments.push_back(std::move(value));
  }
  return lower_call(*this, *function, arguments);
}

Result<std::vector<AggregateOutput>> ExpressionBinder::aggregate(const syntax::Expression& expression,
                                                                 const syntax::Call& call, const Aggregate& aggregate) {
  ExpressionBinder inner(binder_, environment_, aggregates_->input);
  std::vector<Scalar> arguments;
  AggregateCall bound;
  for (const auto& argument : call.arguments) {
    if (argument->is<syntax::Star>()) {
      bound.has_star = true;
      continue;
    }
    GARRISON_ASSIGN(Scalar value, inner.scalar(*argument));
    // Windows cannot stand inside an aggregate.
    if (has_window_function(value)) {
      const std::string hint = value.name_hint;
      const ColumnId id = inner.define(value);
      const bool nullable = value.nullable;
      value = make_column(value.kind, column_sql(id), hint);
      value.nullable = nullable;
    }
    value.name_hint = implicit_name(*argument);
    arguments.push_back(std::move(value));
  }
  std::vector<Scalar> stars;
  if (bound.has_star) {
    for (const Column& column : aggregates_->input->columns) {
      if (std::find(aggregates_->keys.begin(), aggregates_->keys.end(), column.id) != aggregates_->keys.end()) continue;
      stars.push_back(to_scalar(column));
    }
  }
  bound.arguments = arguments;
  bound.star_columns = stars;
  if (const auto mode = row_choice_mode(call.function.text)) {
    return row_choice(*this, expression, call.function.text, *mode, bound);
  }
  in_aggregate_ = true;
  auto outputs = lower_aggregate(*this, aggregate, bound);
  in_aggregate_ = false;
  if (!outputs.ok()) return binder_.at(expression.span, std::move(outputs).error());
  for (AggregateOutput& output : *outputs) {
    const ColumnId id = binder_.arena().add_column(output.value.kind, output.value.nullable);
    aggregates_->node->aggregates.push_back({id, output.value.sql});
    const bool nullable = output.value.nullable;
    output.value = make_column(output.value.kind, column_sql(id), {});
    output.value.nullable = nullable;
  }
  return outputs;
}

}  // namespace garrison::kql
