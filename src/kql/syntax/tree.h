// SPDX-License-Identifier: Apache-2.0
// The whole syntax tree and the way to get one. parse() never throws and always gives a complete tree; errors are
// values. Stateless; any thread may call it, and any thread may read a finished tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kql/syntax/statement.h"

namespace garrison::kql::syntax {

// One error in the text: stable code "KQL-00nn" (the list is in syntax/codes.h), place, and a message with its remedy.
struct Diagnostic {
  std::string code;
  Position position;
  Span span;
  std::string message;
};

struct ParseLimits {
  std::size_t max_bytes = 1 << 20;
  std::size_t max_tokens = 1 << 20;
  std::size_t max_depth = 500;  // nested nodes, in the text and in the tree
  std::size_t max_diagnostics = 50;
};

struct Query {
  std::vector<Statement> statements;
  std::vector<Diagnostic> diagnostics;  // by place; empty means that the text is valid

  bool ok() const { return diagnostics.empty(); }
  // The first diagnostic as an error of kind bad_input. Call it only when !ok().
  Error error() const;
};

// Parses a query text or the body of a saved function: statements parted by `;`, the last usually being the query. A
// text without query statement is no syntax error.
Query parse(std::string_view text, const ParseLimits& limits = {});

// Parameters as stored beside a function, "(a:string, T:(*))", without or with the parentheses.
struct ParsedParameters {
  std::vector<ParameterDeclaration> parameters;
  std::vector<Diagnostic> diagnostics;
};
ParsedParameters parse_parameters(std::string_view text, const ParseLimits& limits = {});

}  // namespace garrison::kql::syntax
