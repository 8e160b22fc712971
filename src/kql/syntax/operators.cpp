// SPDX-License-Identifier: Apache-2.0
// Pipelines, the table of tabular operators, and the operators of one or two clauses.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"
#include "kql/syntax/codes.h"
#include "kql/syntax/parser.h"

namespace garrison::kql::syntax {
namespace {

// Whether the token behind a word shows that the word is a name and no operator of its own.
bool follows_name(TokenKind kind) {
  switch (kind) {
    case TokenKind::kPipe:
    case TokenKind::kSemicolon:
    case TokenKind::kComma:
    case TokenKind::kDot:
    case TokenKind::kDotDot:
    case TokenKind::kColon:
    case TokenKind::kAssign:
    case TokenKind::kEqual:
    case TokenKind::kNotEqual:
    case TokenKind::kEqualTilde:
    case TokenKind::kNotTilde:
    case TokenKind::kLess:
    case TokenKind::kLessOrEqual:
    case TokenKind::kGreater:
    case TokenKind::kGreaterOrEqual:
    case TokenKind::kPlus:
    case TokenKind::kSlash:
    case TokenKind::kPercent:
    case TokenKind::kBangWord:
    case TokenKind::kCloseParen:
    case TokenKind::kCloseBracket:
    case TokenKind::kCloseBrace:
    case TokenKind::kEnd:
      return true;
    default:
      return false;
  }
}

}  // namespace

const std::unordered_map<std::string_view, Parser::OperatorFunction>& Parser::operator_functions() {
  static const std::unordered_map<std::string_view, OperatorFunction> kOperators = {
      {"as", &Parser::parse_as},
      {"assert-schema", &Parser::parse_assert_schema},
      {"consume", &Parser::parse_consume},
      {"count", &Parser::parse_count},
      {"distinct", &Parser::parse_distinct},
      {"evaluate", &Parser::parse_evaluate},
      {"execute-and-cache", &Parser::parse_execute_and_cache},
      {"__executeAndCache", &Parser::parse_execute_and_cache},
      {"extend", &Parser::parse_extend},
      {"facet", &Parser::parse_facet},
      {"filter", &Parser::parse_where},
      {"find", &Parser::parse_find},
      {"fork", &Parser::parse_fork},
      {"getschema", &Parser::parse_getschema},
      {"graph-mark-components", &Parser::parse_graph_mark_components},
      {"graph-match", &Parser::parse_graph_match},
      {"graph-shortest-paths", &Parser::parse_graph_shortest_paths},
      {"graph-to-table", &Parser::parse_graph_to_table},
      {"graph-where-edges", &Parser::parse_graph_where_edges},
      {"graph-where-nodes", &Parser::parse_graph_where_nodes},
      {"invoke", &Parser::parse_invoke},
      {"join", &Parser::parse_join},
      {"limit", &Parser::parse_take},
      {"lookup", &Parser::parse_lookup},
      {"macro-expand", &Parser::parse_macro_expand},
      {"make-graph", &Parser::parse_make_graph},
      {"make-series", &Parser::parse_make_series},
      {"makeseries", &Parser::parse_make_series},
      {"mv-apply", &Parser::parse_mv_apply},
      {"mvapply", &Parser::parse_mv_apply},
      {"mv-expand", &Parser::parse_mv_expand},
      {"mvexpand", &Parser::parse_mv_expand},
      {"order", &Parser::parse_sort},
      {"parse", &Parser::parse_parse},
      {"parse-kv", &Parser::parse_parse_kv},
      {"parse-where", &Parser::parse_parse_where},
      {"partition", &Parser::parse_partition},
      {"__partitionby", &Parser::parse_partition},
      {"print", &Parser::parse_print},
      {"project", &Parser::parse_project},
      {"project-away", &Parser::parse_project_away},
      {"project-by-names", &Parser::parse_project_by_names},
      {"project-keep", &Parser::parse_project_keep},
      {"project-rename", &Parser::parse_project_rename},
      {"project-reorder", &Parser::parse_project_reorder},
      {"project-smart", &Parser::parse_project_smart},
      {"range", &Parser::parse_range},
      {"reduce", &Parser::parse_reduce},
      {"render", &Parser::parse_render},
      {"sample", &Parser::parse_sample},
      {"sample-distinct", &Parser::parse_sample_distinct},
      {"scan", &Parser::parse_scan},
      {"search", &Parser::parse_search},
      {"serialize", &Parser::parse_serialize},
      {"sort", &Parser::parse_sort},
      {"summarize", &Parser::parse_summarize},
      {"take", &Parser::parse_take},
      {"top", &Parser::parse_top},
      {"top-hitters", &Parser::parse_top_hitters},
      {"top-nested", &Parser::parse_top_nested},
      {"union", &Parser::parse_union},
      {"where", &Parser::parse_where}};
  return kOperators;
}

const std::vector<std::string>& Parser::operator_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, function] : operator_functions()) names.emplace_back(name);
    std::sort(names.begin(), names.end());
    return names;
  }();
  return kNames;
}

std::pair<Parser::OperatorFunction, std::size_t> Parser::find_operator() const {
  std::pair<OperatorFunction, std::size_t> best{nullptr, 0};
  std::size_t ahead = 0;
  while (kind(ahead) == TokenKind::kWord && ahead <= 6) {
    const std::string_view name = text_.substr(begin(), token(ahead).span.end - begin());
    if (const auto found = operator_functions().find(name); found != operator_functions().end())
      best = {found->second, ahead + 1};
    if (kind(ahead + 1) != TokenKind::kMinus || !touches(ahead) || !touches(ahead + 1)) break;
    ahead += 2;
  }
  return best;
}

bool Parser::at_source_operator() const {
  const std::string_view name = word();
  if (name == "range") return kind(1) == TokenKind::kWord && word(2) == "from";
  if (name == "evaluate") return kind(1) == TokenKind::kWord && kind(2) == TokenKind::kOpenParen;
  if (name == "macro") return word(2) == "expand" && touches(0) && kind(1) == TokenKind::kMinus;
  if (name == "find" || name == "search") {
    if (word(1) == "in") return kind(2) == TokenKind::kOpenParen;
  } else if (name != "print" && name != "union") {
    return false;
  }
  if (follows_name(kind(1))) return false;
  static constexpr std::array kJoints = {"and",      "or",         "in",       "in~",    "has",
                                         "contains", "startswith", "endswith", "between"};
  return std::find(kJoints.begin(), kJoints.end(), word(1)) == kJoints.end();
}

ExpressionPtr Parser::parse_pipeline_expression() {
  const std::uint32_t start = begin();
  const std::uint32_t saved = std::exchange(deepest_, 0);
  ExpressionPtr source = at_source_operator() ? nullptr : parse_expression();
  if (source && !at(TokenKind::kPipe)) {
    deepest_ = std::max(saved, deepest_);
    return source;
  }
  auto pipeline = std::make_unique<Pipeline>();
  if (!source) pipeline->operators.push_back(parse_operator());
  pipeline->source = std::move(source);
  parse_operators(*pipeline);
  pipeline->span = since(start);
  const std::uint32_t depth = deepest_ + 1;
  deepest_ = std::max(saved, depth);
  pipeline->depth = static_cast<std::uint16_t>(std::min<std::uint32_t>(depth, UINT16_MAX));
  return make(since(start), PipelineExpression{std::move(pipeline)}, depth);
}

PipelinePtr Parser::parse_pipeline() {
  const std::uint32_t start = begin();
  const std::uint32_t saved = std::exchange(deepest_, 0);
  auto pipeline = std::make_unique<Pipeline>();
  if (at_source_operator()) {
    pipeline->operators.push_back(parse_operator());
  } else if (at(TokenKind::kPipe)) {
    report_unexpected("A query cannot begin with '|'; remove it, or the ';' before it.");
    pipeline->source = make({start, start}, Missing{}, 0);
  } else {
    pipeline->source = parse_expression();
  }
  parse_operators(*pipeline);
  pipeline->span = since(start);
  const std::uint32_t depth = deepest_ + 1;
  deepest_ = std::max(saved, depth);
  pipeline->depth = static_cast<std::uint16_t>(std::min<std::uint32_t>(depth, UINT16_MAX));
  return pipeline;
}

PipelinePtr Parser::parse_sub_pipeline() {
  if (!find_operator().first || (follows_name(kind(1)) && kind(1) != TokenKind::kCloseParen &&
                                 kind(1) != TokenKind::kPipe && kind(1) != TokenKind::kCloseBrace)) {
    return parse_pipeline();
  }
  const std::uint32_t start = begin();
  const std::uint32_t saved = std::exchange(deepest_, 0);
  auto pipeline = std::make_unique<Pipeline>();
  pipeline->operators.push_back(parse_operator());
  parse_operators(*pipeline);
  pipeline->span = since(start);
  const std::uint32_t depth = deepest_ + 1;
  deepest_ = std::max(saved, depth);
  pipeline->depth = static_cast<std::uint16_t>(std::min<std::uint32_t>(depth, UINT16_MAX));
  return pipeline;
}

PipelinePtr Parser::parse_parenthesized_sub_pipeline() {
  const Nesting nesting(*this);
  const bool deep = too_deep(nesting_);
  if (deep || !expect(TokenKind::kOpenParen, "'(' and a subquery")) {
    auto pipeline = std::make_unique<Pipeline>();
    pipeline->span = {last_end_, last_end_};
    return pipeline;
  }
  accept(TokenKind::kPipe);  // ( | where x ) is tolerated
  PipelinePtr pipeline = parse_sub_pipeline();
  close(TokenKind::kCloseParen, "')'");
  return pipeline;
}

void Parser::parse_operators(Pipeline& pipeline) {
  while (true) {
    if (!at_end_of_clause() && !at(TokenKind::kComma)) {
      if (at_operand()) {
        report_expected("an operator, ',', '|' or ';'");
      } else {
        report_unexpected("This does not fit here; check the text before it.");
      }
      skip_to({TokenKind::kPipe, TokenKind::kSemicolon});
    }
    if (!accept(TokenKind::kPipe)) return;
    pipeline.operators.push_back(parse_operator());
  }
}

Operator Parser::parse_operator() {
  Operator result;
  const std::uint32_t start = begin();
  const auto [function, length] = find_operator();
  if (function) {
    for (std::size_t i = 0; i < length; ++i) advance();
    result.keyword.span = since(start);
    result.keyword.text = std::string(text_.substr(start, last_end_ - start));
    (this->*function)(result);
  } else if (at(TokenKind::kWord)) {
    result.keyword = parse_hyphened_name();
    std::string message = "No operator is called '" + result.keyword.text + "'";
    const auto near = text::nearest(result.keyword.text, operator_names());
    report(kUnknownOperator, result.keyword.span, message + (near ? "; did you mean " + *near + "?" : "."));
    result.node = UnknownOperator{result.keyword};
    skip_to({TokenKind::kPipe, TokenKind::kSemicolon});
  } else {
    report_expected("an operator such as where or project");
    result.keyword = missing_name();
    result.node = UnknownOperator{missing_name()};
    if (!at(TokenKind::kPipe)) skip_to({TokenKind::kPipe, TokenKind::kSemicolon});
  }
  result.span = since(start);
  return result;
}

// ---- short operators ----

void Parser::parse_as(Operator& op) {
  parse_parameters(op.parameters, {});
  op.node = AsOperator{parse_name()};
}

void Parser::parse_assert_schema(Operator& op) {
  op.node = AssertSchemaOperator{parse_schema()};
}

void Parser::parse_consume(Operator& op) {
  parse_any_parameters(op.parameters);
  op.node = ConsumeOperator{};
}

void Parser::parse_count(Operator& op) {
  parse_parameters(op.parameters, {});
  CountOperator node;
  if (accept_word("as")) node.as = parse_name();
  op.node = std::move(node);
}

void Parser::parse_distinct(Operator& op) {
  parse_parameters(op.parameters, {});
  op.node = DistinctOperator{parse_named_list()};
}

void Parser::parse_evaluate(Operator& op) {
  parse_parameters(op.parameters, {});
  EvaluateOperator node;
  node.call = parse_postfix();
  if (!node.call->is<Call>() && !node.call->is<Missing>()) report_expected("'(' and the arguments of the plugin");
  if (accept(TokenKind::kColon)) node.schema = parse_schema();
  op.node = std::move(node);
}

void Parser::parse_execute_and_cache(Operator& op) {
  op.node = ExecuteAndCacheOperator{};
}

void Parser::parse_extend(Operator& op) {
  op.node = ExtendOperator{parse_named_list()};
}

void Parser::parse_getschema(Operator& op) {
  parse_any_parameters(op.parameters);
  op.node = GetSchemaOperator{};
}

void Parser::parse_invoke(Operator& op) {
  InvokeOperator node;
  node.call = parse_postfix();
  op.node = std::move(node);
}

void Parser::parse_print(Operator& op) {
  op.node = PrintOperator{parse_list(&Parser::parse_named)};
}

void Parser::parse_project(Operator& op) {
  ProjectOperator node;
  if (!at_end_of_clause()) node.columns = parse_named_list();
  op.node = std::move(node);
}

ExpressionPtr Parser::parse_column_pattern() {
  const Setting wildcards(wildcards_, true);
  return at_operand() ? parse_path_only() : missing_expression("a column");
}

void Parser::parse_project_away(Operator& op) {
  op.node = ProjectOperator{ProjectKind::kAway, parse_list(&Parser::parse_column_pattern)};
}

void Parser::parse_project_keep(Operator& op) {
  op.node = ProjectOperator{ProjectKind::kKeep, parse_list(&Parser::parse_column_pattern)};
}

void Parser::parse_project_rename(Operator& op) {
  op.node = ProjectOperator{ProjectKind::kRename, parse_named_list()};
}

void Parser::parse_project_smart(Operator& op) {
  ProjectOperator node{.kind = ProjectKind::kSmart};
  if (!at_end_of_clause()) node.columns = parse_named_list();
  op.node = std::move(node);
}

void Parser::parse_project_by_names(Operator& op) {
  ProjectOperator node{.kind = ProjectKind::kByNames};
  const Setting wildcards(wildcards_, true);
  node.columns = parse_list(&Parser::parse_postfix);
  op.node = std::move(node);
}

void Parser::parse_project_reorder(Operator& op) {
  ProjectReorderOperator node;
  parse_elements([&] {
    ReorderColumn column;
    column.column = parse_column_pattern();
    const bool granny = at_word("granny") && kind(1) == TokenKind::kMinus;
    if (granny) {
      advance();
      advance();
    }
    if (accept_word("asc")) {
      column.order = granny ? ReorderOrder::kGrannyAscending : ReorderOrder::kAscending;
    } else if (accept_word("desc")) {
      column.order = granny ? ReorderOrder::kGrannyDescending : ReorderOrder::kDescending;
    } else if (granny) {
      report_expected("asc or desc");
    }
    node.columns.push_back(std::move(column));
  });
  op.node = std::move(node);
}

void Parser::parse_sample(Operator& op) {
  parse_parameters(op.parameters, {});
  op.node = SampleOperator{parse_expression()};
}

void Parser::parse_sample_distinct(Operator& op) {
  parse_parameters(op.parameters, {});
  SampleDistinctOperator node;
  node.count = parse_expression();
  expect_word("of");
  node.of = parse_expression();
  op.node = std::move(node);
}

void Parser::parse_serialize(Operator& op) {
  SerializeOperator node;
  parse_parameters(op.parameters, {});
  if (!at_end_of_clause()) node.columns = parse_named_list();
  op.node = std::move(node);
}

void Parser::parse_take(Operator& op) {
  parse_parameters(op.parameters, {});
  op.node = TakeOperator{parse_expression()};
}

void Parser::parse_where(Operator& op) {
  parse_parameters(op.parameters, {});
  op.node = WhereOperator{parse_named()};  // `where a = 1` is the binder's error
}

void Parser::parse_sort_order(SortKey& key) {
  if (accept_word("asc")) {
    key.order = SortOrder::kAscending;
  } else if (accept_word("desc")) {
    key.order = SortOrder::kDescending;
  }
  if (!accept_word("nulls")) return;
  if (accept_word("first")) {
    key.nulls = NullsOrder::kFirst;
  } else if (accept_word("last")) {
    key.nulls = NullsOrder::kLast;
  } else {
    report_expected("first or last");
  }
}

SortKey Parser::parse_sort_key() {
  SortKey key;
  const std::uint32_t start = begin();
  key.value = parse_named();
  parse_sort_order(key);
  key.span = since(start);
  return key;
}

void Parser::parse_sort(Operator& op) {
  SortOperator node;
  parse_parameters(op.parameters, {});
  expect_word("by");
  parse_elements([&] { node.keys.push_back(parse_sort_key()); });
  op.node = std::move(node);
}

void Parser::parse_top(Operator& op) {
  TopOperator node;
  parse_parameters(op.parameters, {});
  node.count = parse_expression();
  expect_word("by");
  node.by = parse_sort_key();
  op.node = std::move(node);
}

void Parser::parse_top_hitters(Operator& op) {
  TopHittersOperator node;
  node.count = parse_expression();
  expect_word("of");
  node.of = parse_named();
  if (accept_word("by")) node.by = parse_named();
  op.node = std::move(node);
}

}  // namespace garrison::kql::syntax
