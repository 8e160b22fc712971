// SPDX-License-Identifier: Apache-2.0
// Calls of let functions and saved functions: parameters become names, the body is bound in their scope.
#include "base/text.h"
#include "kql/bind/binder.h"
#include "kql/bind/binder_functions.h"
#include "kql/bind/expression_binder.h"
#include "kql/bind/saved_callable.h"
#include "kql/bind/source_scope.h"

namespace garrison::kql {
namespace {

// Arguments longer than this are computed once instead of at each use of the parameter.
constexpr std::size_t kMaxRepeatedArgument = 40;

}  // namespace

Error said() { return bad_input("KQL-SAID", "said before", Position{1, 1}); }
bool is_said(const Error& error) { return error.code == "KQL-SAID"; }

std::optional<FunctionBinding> Binder::saved_function(std::string_view name) {
  auto found = saved_.find(name);
  if (found == saved_.end()) {
    auto stored = catalogue_.find_function(name);
    auto callable = std::make_unique<SavedCallable>();
    if (stored) {
      callable->exists = true;
      sources_.push_back(std::make_unique<SourceText>(std::move(stored->body)));
      callable->source = sources_.back().get();
      sources_.back()->function = stored->name;
      callable->parameter_text = std::move(stored->parameters);
      callable->query = syntax::parse(callable->source->text);
      callable->parameters = syntax::parse_parameters(callable->parameter_text);
      for (const syntax::Statement& item : callable->query.statements) {
        if (const auto* query = item.as<syntax::QueryStatement>()) callable->pipeline = query->pipeline.get();
      }
    }
    found = saved_.emplace(std::string(name), std::move(callable)).first;
  }
  SavedCallable& callable = *found->second;
  // A function that reads a table of its own name means the table.
  if (!callable.exists || callable.running) return std::nullopt;
  FunctionBinding function;
  function.parameters = &callable.parameters.parameters;
  function.statements = &callable.query.statements;
  function.pipeline = callable.pipeline;
  function.source = callable.source;
  return function;
}

Result<Value> Binder::invoke(const FunctionBinding& function, const std::string& name, const syntax::Span& span,
                             const std::vector<syntax::ExpressionPtr>* arguments, const EnvironmentPtr& environment,
                             ExpressionBinder* rows, std::optional<TabularBinding> first_argument) {
  if (call_sites_.size() > options_.limits.max_inlining_depth) {
    return fail(span, code::kTooLarge, "functions call one another too deeply at '" + name + "'");
  }
  SavedCallable* saved = nullptr;
  if (const auto found = saved_.find(name); found != saved_.end() && found->second->source == function.source) {
    saved = found->second.get();
    const auto& errors = saved->query.diagnostics.empty() ? saved->parameters.diagnostics : saved->query.diagnostics;
    if (!errors.empty()) {
      return fail(span, errors.front().code,
                  "saved function '" + name + "' is wrong at " + std::to_string(errors.front().position.line) + ":" +
                      std::to_string(errors.front().position.column) + ": " + errors.front().message);
    }
  }
  EnvironmentPtr scope = function.environment;
  std::size_t next = 0;
  for (const syntax::ParameterDeclaration& parameter : *function.parameters) {
    const bool tabular = parameter.schema.has_value() || parameter.type.text.empty();
    const syntax::Expression* argument = nullptr;
    if (tabular && first_argument) {
      scope = Environment::extend(std::move(scope), parameter.name.text, std::move(*first_argument));
      first_argument.reset();
      continue;
    }
    if (arguments != nullptr) {
      for (const auto& given : *arguments) {
        const auto* assignment = given->as<syntax::Assignment>();
        if (assignment != nullptr && assignment->names.size() == 1 && assignment->names.front().text == parameter.name.text) {
          argument = assignment->value.get();
        }
      }
      if (argument == nullptr) {
        while (next < arguments->size() && (*arguments)[next]->is<syntax::Assignment>()) ++next;
        if (next < arguments->size()) argument = (*arguments)[next++].get();
      }
    }
    if (tabular) {
      if (argument == nullptr) {
        return fail(span, code::kWrongArgument, name + " needs a table for '" + parameter.name.text + "'");
      }
      TabularBinding table;
      table.expression = argument;
      table.environment = environment;
      table.source = source_;
      scope = Environment::extend(std::move(scope), parameter.name.text, std::move(table));
      continue;
    }
    const auto kind = table::parse_kind(parameter.type.text);
    if (!kind) return fail(parameter.type.span, code::kWrongType, "unknown type '" + parameter.type.text + "'");
    Scalar value;
    if (argument != nullptr) {
      Result<Scalar> bound = rows != nullptr ? rows->scalar(*argument) : constant_scalar(*argument, environment);
      if (!bound.ok()) return std::move(bound).error();
      value = std::move(*bound);
      if (rows != nullptr && !value.constant && value.is_row_dependent && value.sql.size() > kMaxRepeatedArgument) {
        value.sql = rows->bind(value.sql);
      }
    } else if (parameter.default_value) {
      SourceScope source_scope(*this, function.source, span);
      GARRISON_ASSIGN(value, constant_scalar(*parameter.default_value, function.environment));
    } else {
      return fail(span, code::kWrongArgument, name + " needs a value for '" + parameter.name.text + "'");
    }
    if (value.kind != *kind) {
      ExpressionBinder constants(*this, environment, nullptr);
      ExpressionBinder& context = rows != nullptr ? *rows : constants;
      GARRISON_ASSIGN(value, cast_to(context, value, *kind));
    }
    value.name_hint.clear();
    scope = Environment::extend(std::move(scope), parameter.name.text, ScalarBinding{std::move(value)});
  }

  SourceScope source_scope(*this, function.source, span);
  struct Running {
    SavedCallable* saved;
    explicit Running(SavedCallable* callable) : saved(callable) {
      if (saved != nullptr) saved->running = true;
    }
    ~Running() {
      if (saved != nullptr) saved->running = false;
    }
  } running(saved);
  for (const syntax::Statement& item : *function.statements) {
    if (item.as<syntax::QueryStatement>() != nullptr) continue;
    GARRISON_ASSIGN(scope, statement(item, std::move(scope)));
  }
  const syntax::Expression* result = function.result;
  if (result == nullptr && function.pipeline != nullptr && function.pipeline->operators.empty()) {
    result = function.pipeline->source.get();
  }
  if (result != nullptr) {
    Relation* target = rows == nullptr ? nullptr : rows->relation();
    if (target == nullptr || target->node == nullptr) return value(*result, scope, nullptr);
    // The body sees its parameters, not the caller's columns; but operands that lowerings repeat become columns of the
    // caller's rows.
    Relation shadow;
    shadow.node = std::move(target->node);
    shadow.order = target->order;
    shadow.in_order = target->in_order;
    shadow.is_serialized = target->is_serialized;
    shadow.row_number = target->row_number;
    ExpressionBinder inner(*this, scope, &shadow);
    auto bound = value(*result, scope, &inner);
    target->node = std::move(shadow.node);
    target->order = std::move(shadow.order);
    target->row_number = shadow.row_number;
    return bound;
  }
  if (function.pipeline == nullptr) {
    return fail(span, code::kNoQuery, "function '" + name + "' has no result");
  }
  GARRISON_ASSIGN(Relation table, pipeline(*function.pipeline, scope));
  return Value(std::move(table));
}

}  // namespace garrison::kql
