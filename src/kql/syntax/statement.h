// SPDX-License-Identifier: Apache-2.0
// Statements of the KQL syntax tree.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "kql/syntax/operators.h"

namespace garrison::kql::syntax {

// Parameter of a function, query or pattern: x:long, x:long=5, T:(a:string), T:(*).
struct ParameterDeclaration {
  Span span;
  Name name;
  Name type;                     // scalar type word; empty text for a tabular parameter
  std::optional<Schema> schema;  // set for a tabular parameter
  ExpressionPtr default_value;
};

// { statements; expression } of a function. The last part is an expression: scalar, or a PipelineExpression or NameRef
// for a table. Null when the body ends in no expression, which is for the binder to judge.
struct FunctionBody {
  Span span;
  std::vector<Statement> statements;
  ExpressionPtr result;
};

// (parameters) { body }, or view () { body }.
struct FunctionValue {
  bool is_view = false;
  std::vector<ParameterDeclaration> parameters;
  FunctionBody body;
};

// let name = value. Exactly one of value and function is set.
struct LetStatement {
  Name name;
  ExpressionPtr value;
  std::optional<FunctionValue> function;
};
// set name, or set name = value.
struct SetStatement {
  Name name;
  ExpressionPtr value;
};
struct QueryParametersStatement {
  std::vector<ParameterDeclaration> parameters;
};

// ("a", "b").["path"] = { body } of a pattern.
struct PatternMatch {
  std::vector<ExpressionPtr> values;
  ExpressionPtr path;
  FunctionBody body;
};
struct PatternStatement {
  Name name;
  std::vector<ParameterDeclaration> parameters;
  std::optional<ParameterDeclaration> path;
  std::vector<PatternMatch> matches;
};
// alias database name = cluster("c").database("d")
struct AliasStatement {
  Name name;
  ExpressionPtr value;
};
// restrict access to (tables)
struct RestrictStatement {
  std::vector<ExpressionPtr> entities;
};
// The query itself; a text usually has one, the last.
struct QueryStatement {
  PipelinePtr pipeline;
};

struct Statement {
  using Node = std::variant<QueryStatement, LetStatement, SetStatement, QueryParametersStatement, PatternStatement,
                            AliasStatement, RestrictStatement>;
  Span span;
  Node node;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&node);
  }

  Statement();
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();
};

}  // namespace garrison::kql::syntax
