// SPDX-License-Identifier: Apache-2.0
// Names that statements and function parameters define, as an immutable chain: inner scopes point to outer ones, so a
// captured scope is one pointer. Lives as long as the compilation.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kql/bind/relation.h"
#include "kql/syntax/tree.h"

namespace garrison::kql {

struct Environment;
using EnvironmentPtr = std::shared_ptr<const Environment>;

// A text being compiled: the query, or the body of a saved function.
struct SourceText {
  explicit SourceText(std::string source) : text(std::move(source)), lines(text) {}
  SourceText(const SourceText&) = delete;
  std::string text;
  syntax::LineIndex lines;
  std::string function;  // empty: the query itself
};

struct ScalarBinding {
  Scalar value;
};
// A table by its expression, bound anew at each use; or the first operators of a pipeline (`as`, `invoke`).
struct TabularBinding {
  const syntax::Expression* expression = nullptr;
  const syntax::Pipeline* pipeline = nullptr;
  std::size_t num_operators = 0;
  EnvironmentPtr environment;
  const SourceText* source = nullptr;
  std::shared_ptr<std::optional<Relation>> first;  // bound when it was defined, taken by the first use
};
struct CommonTableBinding {
  std::size_t index = 0;
  std::vector<Column> columns;
};
struct FunctionBinding {
  const std::vector<syntax::ParameterDeclaration>* parameters = nullptr;
  const std::vector<syntax::Statement>* statements = nullptr;
  const syntax::Expression* result = nullptr;    // one of these two
  const syntax::Pipeline* pipeline = nullptr;
  bool is_view = false;
  EnvironmentPtr environment;
  const SourceText* source = nullptr;
};
// Its definition was wrong, and that was said.
struct BrokenBinding {};

struct Environment {
  using Binding = std::variant<ScalarBinding, TabularBinding, CommonTableBinding, FunctionBinding, BrokenBinding>;
  std::string name;
  Binding binding;
  EnvironmentPtr outer;

  static EnvironmentPtr extend(EnvironmentPtr outer, std::string name, Binding binding) {
    return std::make_shared<const Environment>(Environment{std::move(name), std::move(binding), std::move(outer)});
  }
};

inline const Environment* find_binding(const EnvironmentPtr& environment, std::string_view name) {
  for (const Environment* at = environment.get(); at != nullptr; at = at->outer.get()) {
    if (at->name == name) return at;
  }
  return nullptr;
}

}  // namespace garrison::kql
