// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/parser.h"

#include <algorithm>

#include "base/text.h"
#include "kql/syntax/codes.h"
#include "kql/syntax/lexer.h"
#include "kql/syntax/literals.h"

namespace garrison::kql::syntax {
namespace {

int bracket_level(TokenKind kind) {
  switch (kind) {
    case TokenKind::kOpenParen:
    case TokenKind::kOpenBracket:
    case TokenKind::kOpenBrace:
      return 1;
    case TokenKind::kCloseParen:
    case TokenKind::kCloseBracket:
    case TokenKind::kCloseBrace:
      return -1;
    default:
      return 0;
  }
}

// Words that are never names without brackets.
bool is_reserved(std::string_view word) {
  return word == "and" || word == "or" || word == "asc" || word == "desc" || word == "first" || word == "last" ||
         word == "between" || word == "true" || word == "false";
}

}  // namespace

Parser::Parser(std::string_view text, const ParseLimits& limits) : text_(text), limits_(limits) {
  if (text.size() > limits.max_bytes) {
    report(kTooLong, {0, 0}, "The query is longer than " + std::to_string(limits.max_bytes) + " bytes; shorten it.");
    text_ = text.substr(0, 0);
  } else if (!text::is_valid_utf8(text)) {
    const std::string repaired = text::to_valid_utf8(text);
    const auto good = std::mismatch(text.begin(), text.end(), repaired.begin(), repaired.end()).first - text.begin();
    report(kBadCharacter, {static_cast<std::uint32_t>(good), static_cast<std::uint32_t>(good)},
           "The query is not valid UTF-8; save it as UTF-8.");
    stopped_ = true;
  }
  LexedText lexed = lex(text_, limits_);
  tokens_ = std::move(lexed.tokens);
  if (!stopped_) diagnostics_.insert(diagnostics_.end(), lexed.diagnostics.begin(), lexed.diagnostics.end());
}

// ---- tokens ----

const Token& Parser::token(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

std::string_view Parser::token_text(const Token& token) const {
  return text_.substr(token.span.begin, token.span.end - token.span.begin);
}

std::string_view Parser::word(std::size_t ahead) const {
  const Token& found = token(ahead);
  return found.kind == TokenKind::kWord ? token_text(found) : std::string_view();
}

bool Parser::at_end_of_clause() const {
  switch (kind()) {
    case TokenKind::kPipe:
    case TokenKind::kSemicolon:
    case TokenKind::kCloseParen:
    case TokenKind::kCloseBracket:
    case TokenKind::kCloseBrace:
    case TokenKind::kEnd:
      return true;
    default:
      return false;
  }
}

bool Parser::touches(std::size_t ahead) const {
  return token(ahead).span.end == token(ahead + 1).span.begin;
}

void Parser::advance() {
  if (kind() == TokenKind::kEnd) return;
  last_end_ = token().span.end;
  ++at_;
}

bool Parser::accept(TokenKind expected) {
  if (kind() != expected) return false;
  advance();
  return true;
}

bool Parser::accept_word(std::string_view expected) {
  if (word() != expected) return false;
  advance();
  return true;
}

bool Parser::expect(TokenKind expected, std::string_view sign) {
  if (accept(expected)) return true;
  report_expected(std::string(sign));
  return false;
}

bool Parser::expect_word(std::string_view expected) {
  if (accept_word(expected)) return true;
  report_expected("the word '" + std::string(expected) + "'");
  return false;
}

Span Parser::since(std::uint32_t begin) const {
  return {std::min(begin, last_end_), last_end_};
}

// ---- errors ----

void Parser::report(std::string_view code, Span span, std::string message) {
  if (stopped_ || last_error_at_ == at_ || diagnostics_.size() >= limits_.max_diagnostics) return;
  last_error_at_ = at_;
  diagnostics_.push_back({std::string(code), {}, span, std::move(message)});
}

void Parser::report_expected(std::string what) {
  report(kExpected, {last_end_, last_end_}, "Expected " + what + " here.");
}

void Parser::report_unexpected(std::string message) {
  report(kUnexpected, token().span, std::move(message));
}

bool Parser::too_deep(std::uint32_t depth) {
  if (depth <= limits_.max_depth) return false;
  if (!stopped_) {
    last_error_at_ = ~std::size_t{0};
    report(kTooDeep, token().span,
           "The query nests deeper than " + std::to_string(limits_.max_depth) +
               " levels; use let statements, in (...) or shorter chains.");
    stopped_ = true;
  }
  at_ = tokens_.size() - 1;  // unwinds everything
  return true;
}

void Parser::skip_to(std::initializer_list<TokenKind> stops) {
  int level = 0;
  while (!at(TokenKind::kEnd)) {
    const int change = bracket_level(kind());
    if (level == 0 && (change < 0 || std::find(stops.begin(), stops.end(), kind()) != stops.end())) return;
    level += change;
    advance();
  }
}

void Parser::close(TokenKind closing, std::string_view sign) {
  if (accept(closing)) return;
  report_expected(std::string(sign));
  skip_to({closing, TokenKind::kSemicolon});
  accept(closing);
}

// ---- names and parameters ----

std::size_t Parser::name_length(std::size_t ahead) const {
  if (kind(ahead) == TokenKind::kWord) return is_reserved(word(ahead)) ? 0 : 1;
  const bool bracketed = kind(ahead) == TokenKind::kOpenBracket && kind(ahead + 1) == TokenKind::kString &&
                         kind(ahead + 2) == TokenKind::kCloseBracket;
  return bracketed ? 3 : 0;
}

bool Parser::at_name(std::size_t ahead) const {
  return name_length(ahead) > 0;
}

Name Parser::missing_name() const {
  Name name;
  name.span = {last_end_, last_end_};
  name.missing = true;
  return name;
}

Name Parser::parse_name(std::string_view what) {
  const std::size_t length = name_length();
  if (length == 0 && is_reserved(word())) {
    report(kMissingName, token().span,
           "'" + std::string(word()) + "' is a reserved word; as a name write ['" + std::string(word()) + "'].");
    Name name = missing_name();
    advance();
    return name;
  }
  if (length == 0) {
    report(kMissingName, {last_end_, last_end_}, "Expected " + std::string(what) + " here.");
    return missing_name();
  }
  Name name;
  name.span = token().span;
  name.bracketed = length == 3;
  if (name.bracketed) {
    name.text = decode_string(token_text(token(1)));
    name.span.end = token(2).span.end;
  } else {
    name.text = std::string(word());
  }
  for (std::size_t i = 0; i < length; ++i) advance();
  return name;
}

Name Parser::take_word() {
  Name name;
  name.span = token().span;
  name.text = std::string(word());
  advance();
  return name;
}

// Words, numbers and stars without blanks between them: Device*, *_CL, a*1.
Name Parser::parse_wildcard_name() {
  const auto is_part = [&](std::size_t ahead) {
    return kind(ahead) == TokenKind::kWord || kind(ahead) == TokenKind::kStar ||
           (ahead > 0 && kind(ahead) == TokenKind::kLong);
  };
  if (at(TokenKind::kOpenBracket) || !is_part(0)) return parse_name();
  std::size_t count = 1;
  bool wildcard = at(TokenKind::kStar);
  while (is_part(count) && touches(count - 1) &&
         (kind(count) == TokenKind::kStar || kind(count - 1) == TokenKind::kStar)) {
    wildcard = wildcard || kind(count) == TokenKind::kStar;
    ++count;
  }
  Name name;
  name.span = {token().span.begin, token(count - 1).span.end};
  name.text = std::string(text_.substr(name.span.begin, name.span.end - name.span.begin));
  name.wildcard = wildcard;
  for (std::size_t i = 0; i < count; ++i) advance();
  return name;
}

// Names of parameters: kind, hint.strategy, hint.num_partitions, bag-expansion.
Name Parser::parse_hyphened_name() {
  Name name = parse_name();
  while ((at(TokenKind::kDot) || at(TokenKind::kMinus)) && kind(1) == TokenKind::kWord &&
         name.span.end == token().span.begin && touches(0)) {
    name.span.end = token(1).span.end;
    name.text = std::string(text_.substr(name.span.begin, name.span.end - name.span.begin));
    advance();
    advance();
  }
  return name;
}

bool Parser::at_parameter() const {
  std::size_t ahead = 0;
  while (kind(ahead) == TokenKind::kWord &&
         (kind(ahead + 1) == TokenKind::kDot || kind(ahead + 1) == TokenKind::kMinus)) {
    ahead += 2;
  }
  return kind(ahead) == TokenKind::kWord && kind(ahead + 1) == TokenKind::kAssign;
}

// A literal, or a name with its path; never a call, as `kind=inner (T)` has no call.
ExpressionPtr Parser::parse_parameter_value() {
  if (at(TokenKind::kOpenParen)) return parse_parenthesized();
  if (at(TokenKind::kMinus) || at(TokenKind::kPlus)) return parse_unary();
  if (at(TokenKind::kWord) && !at_name() && !at_operand()) {  // output=last
    Name name = take_word();
    const Span span = name.span;
    return make(span, NameRef{std::move(name)}, 0);
  }
  return at_operand() ? parse_path_only() : missing_expression("a value");
}

Parameter Parser::parse_parameter() {
  Parameter parameter;
  const std::uint32_t start = begin();
  parameter.name = parse_hyphened_name();
  expect(TokenKind::kAssign, "'='");
  parameter.value = parse_parameter_value();
  parameter.span = since(start);
  return parameter;
}

void Parser::parse_parameters(std::vector<Parameter>& into, std::initializer_list<std::string_view> names) {
  while (at_parameter()) {
    const bool hint = word() == "hint" && kind(1) == TokenKind::kDot;
    if (!hint && std::find(names.begin(), names.end(), word()) == names.end()) return;
    into.push_back(parse_parameter());
    accept(TokenKind::kComma);
  }
}

void Parser::parse_any_parameters(std::vector<Parameter>& into) {
  while (at_parameter()) {
    into.push_back(parse_parameter());
    accept(TokenKind::kComma);
  }
}

std::vector<Parameter> Parser::parse_property_list() {
  std::vector<Parameter> list;
  if (!expect(TokenKind::kOpenParen, "'('")) return list;
  while (!at(TokenKind::kCloseParen) && !at(TokenKind::kEnd)) {
    const std::size_t before = at_;
    Parameter property;
    const std::uint32_t start = begin();
    if (at_parameter() || list.empty()) {
      property.name = parse_hyphened_name();
      expect(TokenKind::kAssign, "'='");
    } else {
      property.name = list.back().name;  // a further value: ycolumns=a, b
    }
    property.value = at_operand() || at(TokenKind::kMinus) ? parse_expression() : missing_expression("a value");
    property.span = since(start);
    list.push_back(std::move(property));
    if (!accept(TokenKind::kComma) && !at_parameter()) break;
    if (at_ == before) break;
  }
  close(TokenKind::kCloseParen, "')'");
  return list;
}

Name Parser::parse_type_name() {
  if (kind() == TokenKind::kWord || at_name()) return parse_name("a type");
  report(kMissingName, {last_end_, last_end_}, "Expected a type here, for example string or long.");
  return missing_name();
}

ColumnDeclaration Parser::parse_column_declaration() {
  ColumnDeclaration column;
  const std::uint32_t start = begin();
  column.name = parse_name("a column name");
  if (expect(TokenKind::kColon, "':' and a type")) {
    column.type = parse_type_name();
  } else {
    column.type = missing_name();
  }
  column.span = since(start);
  return column;
}

Schema Parser::parse_schema() {
  Schema schema;
  const std::uint32_t start = begin();
  if (expect(TokenKind::kOpenParen, "'('")) {
    while (!at(TokenKind::kCloseParen) && !at(TokenKind::kEnd)) {
      if (accept(TokenKind::kStar)) {
        schema.star = true;
      } else {
        schema.columns.push_back(parse_column_declaration());
      }
      if (!accept(TokenKind::kComma)) break;
    }
    close(TokenKind::kCloseParen, "')'");
  }
  schema.span = since(start);
  return schema;
}

// ---- results ----

void Parser::finish(std::vector<Diagnostic>& into) {
  // Few and nearly in order already: a stable insertion sort.
  for (auto each = diagnostics_.begin(); each != diagnostics_.end(); ++each) {
    const auto place = std::upper_bound(
        diagnostics_.begin(), each, *each,
        [](const Diagnostic& left, const Diagnostic& right) { return left.span.begin < right.span.begin; });
    std::rotate(place, each, each + 1);
  }
  const LineIndex lines(text_);
  for (Diagnostic& each : diagnostics_) each.position = lines.position(each.span.begin);
  into = std::move(diagnostics_);
}

Query Parser::parse_query() {
  Query query;
  parse_statements(query.statements, TokenKind::kEnd);
  finish(query.diagnostics);
  return query;
}

ParsedParameters Parser::parse_parameter_text() {
  ParsedParameters parsed;
  const bool parentheses = at(TokenKind::kOpenParen);
  if (parentheses) {
    parsed.parameters = parse_parameter_declarations();
  } else if (!at(TokenKind::kEnd)) {
    parse_elements([&] { parsed.parameters.push_back(parse_parameter_declaration()); });
  }
  if (!at(TokenKind::kEnd)) report_unexpected("Nothing may follow the parameters.");
  finish(parsed.diagnostics);
  return parsed;
}

Query parse(std::string_view text, const ParseLimits& limits) {
  return Parser(text, limits).parse_query();
}

ParsedParameters parse_parameters(std::string_view text, const ParseLimits& limits) {
  return Parser(text, limits).parse_parameter_text();
}

}  // namespace garrison::kql::syntax
