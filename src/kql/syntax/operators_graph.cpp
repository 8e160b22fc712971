// SPDX-License-Identifier: Apache-2.0
// Graph operators: make-graph, graph-match and their kin.
#include "kql/syntax/codes.h"
#include "kql/syntax/parser.h"

namespace garrison::kql::syntax {

GraphElement Parser::parse_graph_node() {
  GraphElement node;
  const std::uint32_t start = begin();
  expect(TokenKind::kOpenParen, "'(' of a node");
  if (at_name()) node.name = parse_name();
  close(TokenKind::kCloseParen, "')'");
  node.span = since(start);
  return node;
}

// -->  <--  --  -[e]->  <-[e]-  -[e]-  with [e*1..3] for several hops.
GraphElement Parser::parse_graph_edge() {
  GraphElement edge{.is_edge = true};
  const std::uint32_t start = begin();
  const bool in = accept(TokenKind::kLess);
  expect(TokenKind::kMinus, "'-' of an edge");
  if (accept(TokenKind::kOpenBracket)) {
    if (at_name()) edge.name = parse_name();
    if (accept(TokenKind::kStar)) {
      edge.variable_length = true;
      edge.min = parse_primary(false);
      if (expect(TokenKind::kDotDot, "'..'")) edge.max = parse_primary(false);
    }
    close(TokenKind::kCloseBracket, "']'");
  }
  expect(TokenKind::kMinus, "'-' of an edge");
  const bool out = accept(TokenKind::kGreater);
  if (in && out) report_unexpected("An edge has one direction; write -[e]-, -[e]-> or <-[e]-.");
  edge.direction = in ? EdgeDirection::kIn : out ? EdgeDirection::kOut : EdgeDirection::kAny;
  edge.span = since(start);
  return edge;
}

std::vector<GraphPattern> Parser::parse_graph_patterns() {
  std::vector<GraphPattern> patterns;
  parse_elements([&] {
    GraphPattern pattern;
    pattern.elements.push_back(parse_graph_node());
    while (at(TokenKind::kMinus) || at(TokenKind::kLess)) {
      pattern.elements.push_back(parse_graph_edge());
      pattern.elements.push_back(parse_graph_node());
    }
    patterns.push_back(std::move(pattern));
  });
  return patterns;
}

void Parser::parse_graph_match(Operator& op) {
  GraphMatchOperator node;
  parse_any_parameters(op.parameters);
  node.patterns = parse_graph_patterns();
  if (accept_word("where")) node.where = parse_expression();
  if (accept_word("project")) node.project = parse_named_list();
  op.node = std::move(node);
}

void Parser::parse_graph_shortest_paths(Operator& op) {
  GraphShortestPathsOperator node;
  parse_any_parameters(op.parameters);
  node.patterns = parse_graph_patterns();
  if (accept_word("where")) node.where = parse_expression();
  if (accept_word("project")) node.project = parse_named_list();
  op.node = std::move(node);
}

void Parser::parse_graph_mark_components(Operator& op) {
  parse_any_parameters(op.parameters);
  op.node = GraphMarkComponentsOperator{};
}

void Parser::parse_graph_where_nodes(Operator& op) {
  op.node = GraphWhereNodesOperator{parse_expression()};
}

void Parser::parse_graph_where_edges(Operator& op) {
  op.node = GraphWhereEdgesOperator{parse_expression()};
}

void Parser::parse_graph_to_table(Operator& op) {
  GraphToTableOperator node;
  parse_elements([&] {
    GraphOutput output;
    output.what = parse_name("nodes or edges");
    if (accept_word("as")) output.as = parse_name();
    while (at_parameter()) output.parameters.push_back(parse_parameter());
    node.outputs.push_back(std::move(output));
  });
  op.node = std::move(node);
}

void Parser::parse_make_graph(Operator& op) {
  MakeGraphOperator node;
  parse_parameters(op.parameters, {"kind"});
  node.source = parse_path_only();
  const bool in = accept(TokenKind::kLess);
  expect(TokenKind::kMinus, "'-->'");
  expect(TokenKind::kMinus, "'-->'");
  const bool out = accept(TokenKind::kGreater);
  node.direction = in ? EdgeDirection::kIn : out ? EdgeDirection::kOut : EdgeDirection::kAny;
  node.target = parse_path_only();
  parse_parameters(op.parameters, {"with_node_id"});
  if (accept_word("with")) {
    parse_elements([&] {
      GraphNodes nodes;
      nodes.table = parse_source_name();
      expect_word("on");
      nodes.key = parse_name("the key column of the nodes");
      node.nodes.push_back(std::move(nodes));
    });
  }
  if (at_word("partitioned") && kind(1) == TokenKind::kMinus && word(2) == "by") {
    for (int i = 0; i < 3; ++i) advance();
    node.partitioned_by = parse_path_only();
    node.partition = parse_parenthesized_sub_pipeline();
  }
  op.node = std::move(node);
}

}  // namespace garrison::kql::syntax
