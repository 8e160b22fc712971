// SPDX-License-Identifier: Apache-2.0
// Tabular operators that join, expand, group and search rows.
#include <algorithm>
#include <array>

#include "kql/syntax/codes.h"
#include "kql/syntax/parser.h"

namespace garrison::kql::syntax {

// ---- several inputs ----

std::vector<ExpressionPtr> Parser::parse_sources() {
  std::vector<ExpressionPtr> sources;
  expect(TokenKind::kOpenParen, "'('");
  if (!at(TokenKind::kCloseParen)) sources = parse_list(&Parser::parse_source_name);
  close(TokenKind::kCloseParen, "')'");
  return sources;
}

void Parser::parse_union(Operator& op) {
  UnionOperator node;
  parse_parameters(op.parameters, {"kind", "withsource", "with_source", "isfuzzy", "withsourcecolumn"});
  node.sources = parse_list(&Parser::parse_source_name);
  op.node = std::move(node);
}

void Parser::parse_join_condition(std::vector<ExpressionPtr>& on, ExpressionPtr& where) {
  if (accept_word("on")) {
    on = parse_expression_list();
  } else if (accept_word("where")) {
    where = parse_expression();
  } else {
    report_expected("'on' and the columns to join");
  }
}

void Parser::parse_join(Operator& op) {
  JoinOperator node;
  parse_any_parameters(op.parameters);
  node.right = parse_source_name();
  parse_join_condition(node.on, node.where);
  op.node = std::move(node);
}

void Parser::parse_lookup(Operator& op) {
  LookupOperator node;
  parse_any_parameters(op.parameters);
  node.right = parse_source_name();
  parse_join_condition(node.on, node.where);
  op.node = std::move(node);
}

// A column name, name:type, *, or pack(*).
ExpressionPtr Parser::parse_find_column() {
  if (at_name() && kind(name_length()) == TokenKind::kColon) {
    const std::uint32_t start = begin();
    TypedName typed{parse_column_declaration()};
    return make(since(start), std::move(typed), 0);
  }
  const Setting wildcards(wildcards_, true);
  return at_operand() ? parse_postfix() : missing_expression("a column");
}

void Parser::parse_find(Operator& op) {
  FindOperator node;
  parse_parameters(op.parameters, {"withsource", "with_source", "datascope", "kind"});
  if (at_word("in") && kind(1) == TokenKind::kOpenParen) {
    advance();
    node.sources = parse_sources();
    parse_parameters(op.parameters, {"withsource", "with_source", "datascope", "kind"});
  }
  accept_word("where");
  {
    const Setting terms(colon_terms_, true);
    node.predicate = parse_expression();
  }
  const bool smart = at_word("project") && kind(1) == TokenKind::kMinus && word(2) == "smart";
  if (smart) {
    for (int i = 0; i < 3; ++i) advance();
    node.project = FindProject::kProjectSmart;
  } else if (at_word("project") && kind(1) != TokenKind::kMinus) {
    advance();
    node.project = FindProject::kProject;
    node.columns = parse_list(&Parser::parse_find_column);
  }
  if (at_word("project") && kind(1) == TokenKind::kMinus && word(2) == "away") {
    for (int i = 0; i < 3; ++i) advance();
    node.away = parse_list(&Parser::parse_column_pattern);
  }
  op.node = std::move(node);
}

void Parser::parse_search(Operator& op) {
  SearchOperator node;
  parse_parameters(op.parameters, {"kind"});
  if (at_word("in") && kind(1) == TokenKind::kOpenParen) {
    advance();
    node.sources = parse_sources();
    parse_parameters(op.parameters, {"kind"});
  }
  const Setting terms(colon_terms_, true);
  node.predicate = parse_expression();
  op.node = std::move(node);
}

void Parser::parse_macro_expand(Operator& op) {
  MacroExpandOperator node;
  parse_parameters(op.parameters, {"isfuzzy", "kind"});
  {
    const Setting wildcards(wildcards_, true);
    node.group = parse_path_only();
  }
  if (accept_word("as")) node.scope = parse_name();
  const Nesting nesting(*this);
  if (!too_deep(nesting_) && expect(TokenKind::kOpenParen, "'('")) {
    parse_statements(node.body, TokenKind::kCloseParen);
    close(TokenKind::kCloseParen, "')'");
  }
  op.node = std::move(node);
}

// ---- branches ----

void Parser::parse_fork(Operator& op) {
  ForkOperator node;
  do {
    ForkBranch branch;
    if (at_assignment()) {
      branch.name = parse_name();
      advance();
    }
    branch.pipeline = parse_parenthesized_sub_pipeline();
    node.branches.push_back(std::move(branch));
    accept(TokenKind::kComma);
  } while (at(TokenKind::kOpenParen) || at_assignment());
  op.node = std::move(node);
}

void Parser::parse_facet(Operator& op) {
  FacetOperator node;
  expect_word("by");
  node.columns = parse_list(&Parser::parse_path_only);
  if (accept_word("with")) {
    if (at(TokenKind::kOpenParen)) {
      node.with = parse_parenthesized_sub_pipeline();
    } else {
      auto pipeline = std::make_unique<Pipeline>();
      const std::uint32_t start = begin();
      pipeline->operators.push_back(parse_operator());
      pipeline->span = since(start);
      node.with = std::move(pipeline);
    }
  }
  op.node = std::move(node);
}

void Parser::parse_partition(Operator& op) {
  PartitionOperator node;
  parse_parameters(op.parameters, {"strategy"});
  accept_word("by");
  node.by = at_operand() ? parse_path_only() : missing_expression("a column");
  if (accept_word("in")) node.in = parse_postfix();
  if (at(TokenKind::kOpenBrace)) {
    const Nesting nesting(*this);
    node.braces = true;
    if (!too_deep(nesting_)) {
      advance();
      node.body = parse_pipeline();
      close(TokenKind::kCloseBrace, "'}'");
    }
  } else {
    node.body = parse_parenthesized_sub_pipeline();
  }
  op.node = std::move(node);
}

// ---- expansion and parsing ----

ExpandColumn Parser::parse_expand_column() {
  ExpandColumn column;
  column.value = parse_named();
  if (accept_word("to")) {
    column.type =
        at_word("typeof") && kind(1) == TokenKind::kOpenParen ? parse_typeof() : missing_expression("typeof(...)");
  }
  return column;
}

void Parser::parse_mv_expand(Operator& op) {
  MvExpandOperator node;
  parse_parameters(op.parameters, {"bagexpansion", "kind", "with_itemindex"});
  parse_elements([&] { node.columns.push_back(parse_expand_column()); });
  if (accept_word("limit")) node.limit = parse_expression();
  op.node = std::move(node);
}

void Parser::parse_mv_apply(Operator& op) {
  MvApplyOperator node;
  parse_parameters(op.parameters, {"bagexpansion", "kind", "with_itemindex"});
  parse_elements([&] { node.columns.push_back(parse_expand_column()); });
  if (accept_word("limit")) node.limit = parse_expression();
  if (accept_word("id")) {
    accept(TokenKind::kAssign);
    node.id = parse_primary(false);
  }
  expect_word("on");
  node.body = parse_parenthesized_sub_pipeline();
  op.node = std::move(node);
}

// A star, a text, or a column with or without type.
ExpressionPtr Parser::parse_parse_part() {
  const std::uint32_t start = begin();
  if (at(TokenKind::kString)) return parse_string_literal();
  if (accept(TokenKind::kStar)) return make(since(start), Star{}, 0);
  Name name = parse_name("a column, a text or *");
  if (!accept(TokenKind::kColon)) return make(since(start), NameRef{std::move(name)}, 0);
  TypedName typed;
  typed.column.name = std::move(name);
  typed.column.type = parse_type_name();
  typed.column.span = since(start);
  return make(since(start), std::move(typed), 0);
}

void Parser::parse_parse(Operator& op) {
  ParseOperator node;
  parse_parameters(op.parameters, {"kind", "flags"});
  node.value = parse_expression();
  expect_word("with");
  do {
    node.pattern.push_back(parse_parse_part());
    accept(TokenKind::kComma);
  } while (at(TokenKind::kString) || at(TokenKind::kStar) || at_name());
  op.node = std::move(node);
}

void Parser::parse_parse_where(Operator& op) {
  parse_parse(op);
  std::get<ParseOperator>(op.node).where = true;
}

void Parser::parse_parse_kv(Operator& op) {
  ParseKvOperator node;
  node.value = parse_expression();
  expect_word("as");
  node.schema = parse_schema();
  if (accept_word("with")) node.properties = parse_property_list();
  op.node = std::move(node);
}

// ---- grouping ----

void Parser::parse_summarize(Operator& op) {
  SummarizeOperator node;
  parse_parameters(op.parameters, {});
  if (!at_word("by") && !at_end_of_clause()) node.aggregates = parse_named_list();
  if (accept_word("by")) {
    node.has_by = true;
    node.by = parse_named_list();
    parse_parameters(op.parameters, {"bin"});  // the old form `by T bin=1h`
  }
  op.node = std::move(node);
}

void Parser::parse_make_series(Operator& op) {
  MakeSeriesOperator node;
  parse_parameters(op.parameters, {"kind"});
  parse_elements([&] {
    SeriesAggregate aggregate;
    aggregate.value = parse_named();
    if (accept_word("default")) {
      expect(TokenKind::kAssign, "'='");
      aggregate.default_value = parse_expression();
    }
    node.aggregates.push_back(std::move(aggregate));
  });
  expect_word("on");
  node.on = at_operand() ? parse_continuation(parse_primary(true), true) : missing_expression("the axis column");
  if (at_word("in") && word(1) == "range" && kind(2) == TokenKind::kOpenParen) {
    for (int i = 0; i < 3; ++i) advance();
    node.in_range = true;
    node.from = parse_expression();
    expect(TokenKind::kComma, "','");
    node.to = parse_expression();
    expect(TokenKind::kComma, "','");
    node.step = parse_expression();
    close(TokenKind::kCloseParen, "')'");
  } else {
    if (accept_word("from")) node.from = parse_expression();
    if (accept_word("to")) node.to = parse_expression();
    node.step = accept_word("step") ? parse_expression() : missing_expression("'step' and a width");
  }
  if (accept_word("by")) node.by = parse_named_list();
  op.node = std::move(node);
}

void Parser::parse_top_nested(Operator& op) {
  TopNestedOperator node;
  do {
    TopNestedClause clause;
    if (!at_word("of")) clause.count = parse_expression();
    expect_word("of");
    clause.of = parse_named();
    if (accept_word("with")) {
      expect_word("others");
      expect(TokenKind::kAssign, "'='");
      clause.others = parse_expression();
    }
    expect_word("by");
    clause.by = parse_sort_key();
    node.clauses.push_back(std::move(clause));
    if (!accept(TokenKind::kComma)) break;
    if (at_word("top") && kind(1) == TokenKind::kMinus && word(2) == "nested") {
      for (int i = 0; i < 3; ++i) advance();
    } else {
      report_expected("top-nested");
    }
  } while (!at_end_of_clause());
  op.node = std::move(node);
}

void Parser::parse_reduce(Operator& op) {
  ReduceOperator node;
  parse_parameters(op.parameters, {"kind"});
  expect_word("by");
  node.by = parse_named();
  if (accept_word("with")) {
    const bool parenthesized = accept(TokenKind::kOpenParen);
    parse_any_parameters(node.with);
    if (parenthesized) close(TokenKind::kCloseParen, "')'");
  }
  op.node = std::move(node);
}

// ---- others ----

void Parser::parse_range(Operator& op) {
  RangeOperator node;
  node.name = parse_name();
  expect_word("from");
  node.from = parse_expression();
  expect_word("to");
  node.to = parse_expression();
  expect_word("step");
  node.step = parse_expression();
  op.node = std::move(node);
}

void Parser::parse_render(Operator& op) {
  RenderOperator node;
  node.chart = parse_name("a kind of chart");
  if (accept_word("with")) {
    node.properties = parse_property_list();
  } else {
    while (at_parameter()) {  // the old form without with (...)
      Parameter property = parse_parameter();
      const Name name = property.name;
      node.properties.push_back(std::move(property));
      while (accept(TokenKind::kComma)) {
        if (at_parameter()) break;
        Parameter further;
        further.name = name;
        further.value = parse_parameter_value();
        further.span = further.value->span;
        node.properties.push_back(std::move(further));
      }
    }
    if (accept_word("by")) {
      parse_elements([&] {
        Parameter series;
        series.name.text = "series";
        series.value = parse_parameter_value();
        series.span = series.value->span;
        node.properties.push_back(std::move(series));
      });
    }
  }
  op.node = std::move(node);
}

ScanStep Parser::parse_scan_step() {
  ScanStep step;
  const std::uint32_t start = begin();
  expect_word("step");
  step.name = parse_name("the name of the step");
  while (at_word("optional") || at_parameter()) {
    if (accept_word("optional")) {
      step.optional = true;
    } else {
      step.parameters.push_back(parse_parameter());
    }
  }
  expect(TokenKind::kColon, "':' and the condition of the step");
  step.condition = parse_expression();
  if (accept(TokenKind::kArrow)) step.assignments = parse_named_list();
  step.span = since(start);
  return step;
}

void Parser::parse_scan(Operator& op) {
  ScanOperator node;
  parse_parameters(op.parameters, {"kind", "with_match_id"});
  if ((at_word("order") || at_word("sort")) && word(1) == "by") {
    advance();
    advance();
    parse_elements([&] { node.order_by.push_back(parse_sort_key()); });
  }
  if (at_word("partition") && word(1) == "by") {
    advance();
    advance();
    node.partition_by = parse_expression_list();
  }
  if (accept_word("declare")) {
    expect(TokenKind::kOpenParen, "'('");
    parse_elements([&] {
      ScanDeclaration declaration;
      declaration.column = parse_column_declaration();
      if (accept(TokenKind::kAssign)) declaration.default_value = parse_expression();
      node.declarations.push_back(std::move(declaration));
    });
    close(TokenKind::kCloseParen, "')'");
  }
  expect_word("with");
  if (expect(TokenKind::kOpenParen, "'(' and the steps")) {
    while (!at(TokenKind::kCloseParen) && !at(TokenKind::kEnd)) {
      node.steps.push_back(parse_scan_step());
      if (!accept(TokenKind::kSemicolon)) break;
    }
    close(TokenKind::kCloseParen, "';' or ')'");
  }
  op.node = std::move(node);
}

}  // namespace garrison::kql::syntax
