// SPDX-License-Identifier: Apache-2.0
// The recursive-descent parser behind parse(). Internal to the syntax folder. One object parses one text on one thread.
// Every function leaves a complete node: what is missing is reported once per place and marked in the tree.
// Themes: parser.cpp (tokens, errors, names, parameters), expressions.cpp, primaries.cpp, operators.cpp (dispatch and
// short operators), operators_rows.cpp, operators_graph.cpp, statements.cpp.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kql/syntax/token.h"
#include "kql/syntax/tree.h"

namespace garrison::kql::syntax {

class Parser {
 public:
  Parser(std::string_view text, const ParseLimits& limits);

  Query parse_query();
  ParsedParameters parse_parameter_text();

 private:
  using OperatorFunction = void (Parser::*)(Operator&);
  // Counts nesting while in scope.
  struct Nesting {
    explicit Nesting(Parser& parser) : parser_(parser) { ++parser_.nesting_; }
    ~Nesting() { --parser_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    Parser& parser_;
  };
  // Sets a flag of the parser while in scope.
  struct Setting {
    Setting(bool& flag, bool value) : flag_(flag), old_(std::exchange(flag, value)) {}
    ~Setting() { flag_ = old_; }
    Setting(const Setting&) = delete;
    Setting& operator=(const Setting&) = delete;
    bool& flag_;
    bool old_;
  };

  // ---- tokens ----
  const Token& token(std::size_t ahead = 0) const;
  TokenKind kind(std::size_t ahead = 0) const { return token(ahead).kind; }
  std::string_view word(std::size_t ahead = 0) const;  // text of a word token, else ""
  std::string_view token_text(const Token& token) const;
  bool at(TokenKind expected) const { return kind() == expected; }
  bool at_word(std::string_view expected) const { return word() == expected; }
  bool at_end_of_clause() const;          // | ; ) ] } or the end
  bool touches(std::size_t ahead) const;  // no blank between that token and the next
  void advance();
  bool accept(TokenKind expected);
  bool accept_word(std::string_view expected);
  bool expect(TokenKind expected, std::string_view sign);
  bool expect_word(std::string_view expected);
  std::uint32_t begin() const { return token().span.begin; }
  std::uint32_t last_end() const { return last_end_; }
  Span since(std::uint32_t begin) const;

  // ---- errors ----
  void report(std::string_view code, Span span, std::string message);
  void report_expected(std::string what);       // at the end of what was read
  void report_unexpected(std::string message);  // at the token
  bool too_deep(std::uint32_t depth);
  void skip_to(std::initializer_list<TokenKind> stops);  // at this level of brackets
  void close(TokenKind closing, std::string_view sign);  // expects it, else skips to it

  // ---- names and parameters (parser.cpp) ----
  bool at_name(std::size_t ahead = 0) const;
  std::size_t name_length(std::size_t ahead = 0) const;  // tokens of the name there; 0 for none
  Name parse_name(std::string_view what = "a name");
  Name take_word();
  Name parse_wildcard_name();
  Name parse_hyphened_name();
  Name missing_name() const;
  Schema parse_schema();
  ColumnDeclaration parse_column_declaration();
  Name parse_type_name();
  Parameter parse_parameter();
  void parse_parameters(std::vector<Parameter>& into, std::initializer_list<std::string_view> names);
  void parse_any_parameters(std::vector<Parameter>& into);
  bool at_parameter() const;
  std::vector<Parameter> parse_property_list();  // (a=1, b=2)
  ExpressionPtr parse_parameter_value();

  // ---- expressions (expressions.cpp) ----
  ExpressionPtr make(Span span, Expression::Node node, std::uint32_t children_depth);
  ExpressionPtr missing_expression();
  ExpressionPtr missing_expression(std::string what);
  bool at_operand() const;
  bool at_assignment() const;
  bool at_tuple_assignment() const;
  ExpressionPtr parse_expression();  // no assignment, no pipeline
  ExpressionPtr parse_logical(LogicalOperator op);
  ExpressionPtr parse_equality();
  ExpressionPtr parse_relational();
  ExpressionPtr parse_additive();
  ExpressionPtr parse_multiplicative();
  ExpressionPtr parse_string_operation();
  ExpressionPtr parse_unary();
  ExpressionPtr parse_membership(ExpressionPtr value, MembershipOperator op);
  ExpressionPtr parse_between(ExpressionPtr value, bool negated);
  ExpressionPtr make_binary(BinaryOperator op, Span op_span, ExpressionPtr left, ExpressionPtr right);
  ExpressionPtr parse_named();     // expression or assignment
  ExpressionPtr parse_argument();  // expression, assignment, star or pipeline
  std::vector<ExpressionPtr> parse_list(ExpressionPtr (Parser::*element)());
  std::vector<ExpressionPtr> parse_named_list() { return parse_list(&Parser::parse_named); }
  std::vector<ExpressionPtr> parse_expression_list() { return parse_list(&Parser::parse_expression); }
  void parse_elements(const std::function<void()>& element);  // parted by commas

  // ---- primaries (primaries.cpp) ----
  ExpressionPtr parse_postfix();
  ExpressionPtr parse_path_only();  // name.path[...] without calls
  ExpressionPtr parse_continuation(ExpressionPtr base, bool calls);
  ExpressionPtr parse_primary(bool calls);
  ExpressionPtr parse_word(bool calls);
  ExpressionPtr parse_parenthesized();
  ExpressionPtr parse_call(ExpressionPtr base, Name function);
  ExpressionPtr parse_string_literal();
  ExpressionPtr parse_literal();
  ExpressionPtr parse_relative_datetime();
  ExpressionPtr parse_typeof();
  ExpressionPtr parse_dynamic();
  void parse_json(std::string& out);
  void parse_json_scalar(std::string& out);
  ExpressionPtr parse_data_table();
  ExpressionPtr parse_external_data();
  ExpressionPtr parse_inline_external_table();
  ExpressionPtr parse_contextual_data_table();
  ExpressionPtr parse_entity_group();
  std::vector<ExpressionPtr> parse_bracketed_list();
  ExpressionPtr parse_source_name();  // table, function or parenthesized pipeline; wildcards allowed

  // ---- pipelines and operators (operators*.cpp) ----
  bool at_source_operator() const;
  ExpressionPtr parse_pipeline_expression();  // pipeline, or its bare source
  PipelinePtr parse_pipeline();               // of a statement
  PipelinePtr parse_sub_pipeline();           // begins with an operator
  PipelinePtr parse_parenthesized_sub_pipeline();
  void parse_operators(Pipeline& pipeline);
  Operator parse_operator();
  static const std::unordered_map<std::string_view, OperatorFunction>& operator_functions();
  static const std::vector<std::string>& operator_names();
  std::pair<OperatorFunction, std::size_t> find_operator() const;  // and the number of its tokens
  SortKey parse_sort_key();
  void parse_sort_order(SortKey& key);

  void parse_as(Operator&);
  void parse_assert_schema(Operator&);
  void parse_consume(Operator&);
  void parse_count(Operator&);
  void parse_distinct(Operator&);
  void parse_evaluate(Operator&);
  void parse_execute_and_cache(Operator&);
  void parse_extend(Operator&);
  void parse_facet(Operator&);
  void parse_find(Operator&);
  void parse_fork(Operator&);
  void parse_getschema(Operator&);
  void parse_graph_match(Operator&);
  void parse_graph_shortest_paths(Operator&);
  void parse_graph_mark_components(Operator&);
  void parse_graph_where_nodes(Operator&);
  void parse_graph_where_edges(Operator&);
  void parse_graph_to_table(Operator&);
  void parse_make_graph(Operator&);
  void parse_invoke(Operator&);
  void parse_join(Operator&);
  void parse_lookup(Operator&);
  void parse_make_series(Operator&);
  void parse_mv_apply(Operator&);
  void parse_mv_expand(Operator&);
  void parse_parse(Operator&);
  void parse_parse_where(Operator&);
  void parse_parse_kv(Operator&);
  void parse_partition(Operator&);
  void parse_print(Operator&);
  void parse_project(Operator&);
  void parse_project_away(Operator&);
  void parse_project_keep(Operator&);
  void parse_project_rename(Operator&);
  void parse_project_smart(Operator&);
  void parse_project_by_names(Operator&);
  void parse_project_reorder(Operator&);
  void parse_range(Operator&);
  void parse_reduce(Operator&);
  void parse_render(Operator&);
  void parse_sample(Operator&);
  void parse_sample_distinct(Operator&);
  void parse_scan(Operator&);
  void parse_search(Operator&);
  void parse_serialize(Operator&);
  void parse_sort(Operator&);
  void parse_summarize(Operator&);
  void parse_take(Operator&);
  void parse_top(Operator&);
  void parse_top_hitters(Operator&);
  void parse_top_nested(Operator&);
  void parse_union(Operator&);
  void parse_where(Operator&);
  void parse_macro_expand(Operator&);

  ExpressionPtr parse_column_pattern();  // column, path, * or wildcard
  ExpressionPtr parse_find_column();
  ExpressionPtr parse_parse_part();
  ExpandColumn parse_expand_column();
  void parse_join_condition(std::vector<ExpressionPtr>& on, ExpressionPtr& where);
  ScanStep parse_scan_step();
  std::vector<GraphPattern> parse_graph_patterns();
  GraphElement parse_graph_node();
  GraphElement parse_graph_edge();
  std::vector<ExpressionPtr> parse_sources();

  // ---- statements (statements.cpp) ----
  Statement parse_statement();
  void parse_statements(std::vector<Statement>& into, TokenKind closing);
  LetStatement parse_let();
  SetStatement parse_set();
  Statement::Node parse_declare();
  PatternStatement parse_pattern();
  AliasStatement parse_alias();
  RestrictStatement parse_restrict();
  bool at_function() const;
  FunctionValue parse_function();
  FunctionBody parse_function_body();
  std::vector<ParameterDeclaration> parse_parameter_declarations();
  ParameterDeclaration parse_parameter_declaration();

  void finish(std::vector<Diagnostic>& into);

  std::string_view text_;
  ParseLimits limits_;
  std::vector<Token> tokens_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t at_ = 0;
  std::uint32_t last_end_ = 0;  // end of the last token consumed
  std::size_t last_error_at_ = ~std::size_t{0};
  std::uint32_t nesting_ = 0;
  std::uint32_t deepest_ = 0;   // deepest expression finished since the current pipeline began
  bool stopped_ = false;        // too deep: nothing more is reported
  bool colon_terms_ = false;    // column:"term" allowed (search, find)
  bool in_data_table_ = false;  // -9223372036854775808 is a literal there only
  bool wildcards_ = false;      // Device* is one name
};

}  // namespace garrison::kql::syntax
