// SPDX-License-Identifier: Apache-2.0
// Statements, functions and their parameters.
#include "kql/syntax/codes.h"
#include "kql/syntax/parser.h"

namespace garrison::kql::syntax {

void Parser::parse_statements(std::vector<Statement>& into, TokenKind closing) {
  while (true) {
    while (accept(TokenKind::kSemicolon)) {
    }
    if (at(TokenKind::kEnd) || at(closing)) return;
    const std::size_t before = at_;
    into.push_back(parse_statement());
    if (at(TokenKind::kSemicolon) || at(closing) || at(TokenKind::kEnd)) continue;
    if (at_operand()) {
      report_expected("';'");
    } else {
      report_unexpected("This does not fit here; check the parentheses before it.");
    }
    skip_to({TokenKind::kSemicolon});
    if (at(closing) || at(TokenKind::kSemicolon)) continue;
    if (closing != TokenKind::kEnd && at_ != before) return;  // another bracket: the caller's business
    advance();
    if (at(TokenKind::kPipe)) {  // T ) | where x: the rest still belongs to the query
      Pipeline rest;
      parse_operators(rest);
    }
  }
}

Statement Parser::parse_statement() {
  const Nesting nesting(*this);
  Statement statement;
  const std::uint32_t start = begin();
  if (too_deep(nesting_)) {
    QueryStatement query;
    query.pipeline = std::make_unique<Pipeline>();
    statement.node = std::move(query);
    return statement;
  }
  const bool word_follows = at_name(1);
  if (at_word("let") && word_follows) {
    advance();
    statement.node = parse_let();
  } else if (at_word("set") && word_follows) {
    advance();
    statement.node = parse_set();
  } else if (at_word("declare") && word_follows) {
    advance();
    statement.node = parse_declare();
  } else if (at_word("alias") && word(1) == "database") {
    advance();
    advance();
    statement.node = parse_alias();
  } else if (at_word("restrict") && word(1) == "access") {
    advance();
    advance();
    statement.node = parse_restrict();
  } else {
    QueryStatement query;
    query.pipeline = parse_pipeline();
    statement.node = std::move(query);
  }
  statement.span = since(start);
  return statement;
}

LetStatement Parser::parse_let() {
  LetStatement let;
  let.name = parse_name("the name to define");
  expect(TokenKind::kAssign, "'='");
  if (at_function()) {
    let.function = parse_function();
  } else {
    let.value = parse_pipeline_expression();
  }
  return let;
}

SetStatement Parser::parse_set() {
  SetStatement set;
  set.name = parse_hyphened_name();
  if (accept(TokenKind::kAssign)) set.value = parse_unary();
  return set;
}

Statement::Node Parser::parse_declare() {
  if (accept_word("query_parameters")) return QueryParametersStatement{parse_parameter_declarations()};
  if (accept_word("pattern")) return parse_pattern();
  report_expected("query_parameters or pattern");
  advance();
  return QueryParametersStatement{};
}

PatternStatement Parser::parse_pattern() {
  PatternStatement pattern;
  pattern.name = parse_name("the name of the pattern");
  if (!accept(TokenKind::kAssign)) return pattern;
  pattern.parameters = parse_parameter_declarations();
  if (accept(TokenKind::kOpenBracket)) {
    pattern.path = parse_parameter_declaration();
    close(TokenKind::kCloseBracket, "']'");
  }
  if (!expect(TokenKind::kOpenBrace, "'{'")) return pattern;
  while (at(TokenKind::kOpenParen)) {
    PatternMatch match;
    advance();
    match.values = parse_expression_list();
    close(TokenKind::kCloseParen, "')'");
    if (accept(TokenKind::kDot) && expect(TokenKind::kOpenBracket, "'['")) {
      match.path = parse_expression();
      close(TokenKind::kCloseBracket, "']'");
    }
    expect(TokenKind::kAssign, "'='");
    match.body = parse_function_body();
    pattern.matches.push_back(std::move(match));
    accept(TokenKind::kSemicolon);
  }
  close(TokenKind::kCloseBrace, "'}'");
  return pattern;
}

AliasStatement Parser::parse_alias() {
  AliasStatement alias;
  alias.name = parse_name("the name of the database");
  expect(TokenKind::kAssign, "'='");
  alias.value = parse_expression();
  return alias;
}

RestrictStatement Parser::parse_restrict() {
  RestrictStatement restrict;
  expect_word("to");
  restrict.entities = parse_sources();
  return restrict;
}

// (parameters) { ... }, with or without view before it: decided by the brace behind the parenthesis.
bool Parser::at_function() const {
  std::size_t ahead = at_word("view") ? 1 : 0;
  if (kind(ahead) != TokenKind::kOpenParen) return false;
  std::size_t level = 0;
  for (; kind(ahead) != TokenKind::kEnd && kind(ahead) != TokenKind::kSemicolon; ++ahead) {
    if (kind(ahead) == TokenKind::kOpenParen) ++level;
    if (kind(ahead) == TokenKind::kCloseParen && --level == 0) return kind(ahead + 1) == TokenKind::kOpenBrace;
  }
  return false;
}

FunctionValue Parser::parse_function() {
  FunctionValue function;
  function.is_view = accept_word("view");
  function.parameters = parse_parameter_declarations();
  function.body = parse_function_body();
  return function;
}

FunctionBody Parser::parse_function_body() {
  FunctionBody body;
  const std::uint32_t start = begin();
  if (!expect(TokenKind::kOpenBrace, "'{'")) {
    body.span = since(start);
    return body;
  }
  parse_statements(body.statements, TokenKind::kCloseBrace);
  if (!body.statements.empty() && body.statements.back().as<QueryStatement>() != nullptr) {
    const Span span = body.statements.back().span;
    PipelinePtr pipeline = std::move(std::get<QueryStatement>(body.statements.back().node).pipeline);
    body.statements.pop_back();
    if (pipeline->operators.empty() && pipeline->source) {
      body.result = std::move(pipeline->source);
    } else {
      const std::uint32_t depth = pipeline->depth;
      body.result = make(span, PipelineExpression{std::move(pipeline)}, depth);
    }
  }
  close(TokenKind::kCloseBrace, "'}'");
  body.span = since(start);
  return body;
}

std::vector<ParameterDeclaration> Parser::parse_parameter_declarations() {
  std::vector<ParameterDeclaration> parameters;
  if (!expect(TokenKind::kOpenParen, "'('")) return parameters;
  if (!at(TokenKind::kCloseParen)) {
    parse_elements([&] { parameters.push_back(parse_parameter_declaration()); });
  }
  close(TokenKind::kCloseParen, "')'");
  return parameters;
}

ParameterDeclaration Parser::parse_parameter_declaration() {
  ParameterDeclaration parameter;
  const std::uint32_t start = begin();
  parameter.name = parse_name("the name of a parameter");
  if (expect(TokenKind::kColon, "':' and a type")) {
    if (at(TokenKind::kOpenParen)) {
      parameter.schema = parse_schema();
    } else {
      parameter.type = parse_type_name();
    }
  }
  if (accept(TokenKind::kAssign)) parameter.default_value = parse_expression();
  parameter.span = since(start);
  return parameter;
}

}  // namespace garrison::kql::syntax
