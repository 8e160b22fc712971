// SPDX-License-Identifier: Apache-2.0
// Operators of expressions, loosest first: or; and; == != in between; < <= > >=; + -; * / %; the string operators;
// sign.
#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "kql/syntax/codes.h"
#include "kql/syntax/parser.h"

namespace garrison::kql::syntax {
namespace {

const std::unordered_map<std::string_view, BinaryOperator>& string_operators() {
  using enum BinaryOperator;
  static const std::unordered_map<std::string_view, BinaryOperator> kOperators = {{"has", kHas},
                                                                                  {"!has", kNotHas},
                                                                                  {"has_cs", kHasCs},
                                                                                  {"!has_cs", kNotHasCs},
                                                                                  {"hasprefix", kHasPrefix},
                                                                                  {"!hasprefix", kNotHasPrefix},
                                                                                  {"hasprefix_cs", kHasPrefixCs},
                                                                                  {"!hasprefix_cs", kNotHasPrefixCs},
                                                                                  {"hassuffix", kHasSuffix},
                                                                                  {"!hassuffix", kNotHasSuffix},
                                                                                  {"hassuffix_cs", kHasSuffixCs},
                                                                                  {"!hassuffix_cs", kNotHasSuffixCs},
                                                                                  {"contains", kContains},
                                                                                  {"!contains", kNotContains},
                                                                                  {"notcontains", kNotContains},
                                                                                  {"contains_cs", kContainsCs},
                                                                                  {"!contains_cs", kNotContainsCs},
                                                                                  {"containscs", kContainsCs},
                                                                                  {"notcontainscs", kNotContainsCs},
                                                                                  {"startswith", kStartsWith},
                                                                                  {"!startswith", kNotStartsWith},
                                                                                  {"startswith_cs", kStartsWithCs},
                                                                                  {"!startswith_cs", kNotStartsWithCs},
                                                                                  {"endswith", kEndsWith},
                                                                                  {"!endswith", kNotEndsWith},
                                                                                  {"endswith_cs", kEndsWithCs},
                                                                                  {"!endswith_cs", kNotEndsWithCs},
                                                                                  {"like", kLike},
                                                                                  {"notlike", kNotLike},
                                                                                  {"likecs", kLikeCs},
                                                                                  {"notlikecs", kNotLikeCs}};
  return kOperators;
}

std::optional<MembershipOperator> membership(std::string_view word) {
  using enum MembershipOperator;
  if (word == "in") return kIn;
  if (word == "!in") return kNotIn;
  if (word == "in~") return kInTilde;
  if (word == "!in~") return kNotInTilde;
  if (word == "has_any") return kHasAny;
  if (word == "!has_any") return kNotHasAny;
  if (word == "has_all") return kHasAll;
  return std::nullopt;
}

// Words that join operands. They are names only where no operand follows them.
bool joins_operands(std::string_view word) {
  return word == "and" || word == "or" || word == "by" || word == "between" || word == "matches" || membership(word) ||
         string_operators().contains(word);
}

}  // namespace

ExpressionPtr Parser::make(Span span, Expression::Node node, std::uint32_t children_depth) {
  auto made = std::make_unique<Expression>();
  made->span = span;
  const std::uint32_t depth = children_depth + 1;
  if (too_deep(depth)) return made;  // Missing: the subtree is dropped
  made->node = std::move(node);
  made->depth = static_cast<std::uint16_t>(depth);
  deepest_ = std::max(deepest_, depth);
  return made;
}

ExpressionPtr Parser::missing_expression(std::string what) {
  report(kMissingExpression, {last_end_, last_end_}, "Expected " + std::move(what) + " here.");
  return make({last_end_, last_end_}, Missing{}, 0);
}

ExpressionPtr Parser::missing_expression() {
  return missing_expression("an expression");
}

bool Parser::at_operand() const {
  switch (kind()) {
    case TokenKind::kLong:
    case TokenKind::kReal:
    case TokenKind::kTimespan:
    case TokenKind::kString:
    case TokenKind::kTyped:
    case TokenKind::kGuid:
    case TokenKind::kOpenParen:
    case TokenKind::kStar:
    case TokenKind::kMinus:
    case TokenKind::kPlus:
      return true;
    case TokenKind::kOpenBracket:
      return at_name();
    case TokenKind::kWord:
      break;
    default:
      return false;
  }
  if (!at_name()) return word() == "true" || word() == "false";
  if (word() == "where" || string_operators().contains(word())) return kind(1) == TokenKind::kAssign;
  if (!joins_operands(word())) return true;
  switch (kind(1)) {
    case TokenKind::kWord:
      return joins_operands(word(1));
    case TokenKind::kLong:
    case TokenKind::kReal:
    case TokenKind::kTimespan:
    case TokenKind::kString:
    case TokenKind::kTyped:
    case TokenKind::kOpenParen:
      return false;
    default:
      return true;
  }
}

bool Parser::at_assignment() const {
  const std::size_t length = name_length();
  return length > 0 && kind(length) == TokenKind::kAssign;
}

bool Parser::at_tuple_assignment() const {
  if (!at(TokenKind::kOpenParen)) return false;
  std::size_t ahead = 1;
  while (const std::size_t length = name_length(ahead)) {
    ahead += length;
    if (kind(ahead) == TokenKind::kCloseParen) return kind(ahead + 1) == TokenKind::kAssign;
    if (kind(ahead) != TokenKind::kComma) return false;
    ++ahead;
  }
  return false;
}

void Parser::parse_elements(const std::function<void()>& element) {
  do {
    element();
  } while (accept(TokenKind::kComma));
}

std::vector<ExpressionPtr> Parser::parse_list(ExpressionPtr (Parser::*element)()) {
  std::vector<ExpressionPtr> list;
  do {
    list.push_back((this->*element)());
  } while (accept(TokenKind::kComma));
  return list;
}

ExpressionPtr Parser::parse_named() {
  if (at(TokenKind::kWord) && !at_name() && kind(1) == TokenKind::kAssign) {
    parse_name();  // reports the reserved word
    advance();
  }
  const bool tuple = at_tuple_assignment();
  if (!tuple && !at_assignment()) return parse_expression();
  const std::uint32_t start = begin();
  Assignment assignment;
  assignment.tuple = tuple;
  if (tuple) {
    advance();
    parse_elements([&] { assignment.names.push_back(parse_name()); });
    advance();
  } else {
    assignment.names.push_back(parse_name());
  }
  advance();
  assignment.value = parse_expression();
  const std::uint32_t depth = assignment.value->depth;
  return make(since(start), std::move(assignment), depth);
}

ExpressionPtr Parser::parse_argument() {
  const Nesting nesting(*this);
  if (too_deep(nesting_)) return missing_expression();
  const Setting wildcards(wildcards_, false);
  if (!at_assignment()) return parse_pipeline_expression();
  const std::uint32_t start = begin();
  Assignment assignment;
  assignment.names.push_back(parse_name());
  advance();
  assignment.value = parse_pipeline_expression();
  const std::uint32_t depth = assignment.value->depth;
  return make(since(start), std::move(assignment), depth);
}

ExpressionPtr Parser::parse_expression() {
  const Nesting nesting(*this);
  if (too_deep(nesting_)) return missing_expression();
  return parse_logical(LogicalOperator::kOr);
}

ExpressionPtr Parser::parse_logical(LogicalOperator op) {
  const bool is_or = op == LogicalOperator::kOr;
  const auto next = [&] { return is_or ? parse_logical(LogicalOperator::kAnd) : parse_equality(); };
  const std::string_view joint = is_or ? "or" : "and";
  const std::uint32_t start = begin();
  ExpressionPtr first = next();
  if (!at_word(joint)) return first;
  Logical logical{.op = op};
  std::uint32_t depth = first->depth;
  logical.terms.push_back(std::move(first));
  while (accept_word(joint)) {
    logical.terms.push_back(next());
    depth = std::max<std::uint32_t>(depth, logical.terms.back()->depth);
  }
  return make(since(start), std::move(logical), depth);
}

ExpressionPtr Parser::make_binary(BinaryOperator op, Span op_span, ExpressionPtr left, ExpressionPtr right) {
  const Span span = cover(left->span, right->span);
  const std::uint32_t depth = std::max(left->depth, right->depth);
  return make(span, Binary{op, op_span, std::move(left), std::move(right)}, depth);
}

ExpressionPtr Parser::parse_equality() {
  ExpressionPtr left = parse_relational();
  while (true) {
    const Span op_span = token().span;
    if (at(TokenKind::kEqual) || at(TokenKind::kNotEqual)) {
      const auto op = at(TokenKind::kEqual) ? BinaryOperator::kEqual : BinaryOperator::kNotEqual;
      advance();
      left = make_binary(op, op_span, std::move(left), parse_relational());
      continue;
    }
    const std::string_view text =
        at(TokenKind::kWord) || at(TokenKind::kBangWord) ? token_text(token()) : std::string_view();
    if (const auto op = membership(text)) {
      left = parse_membership(std::move(left), *op);
    } else if (text == "between" || text == "!between") {
      left = parse_between(std::move(left), text.front() == '!');
    } else {
      return left;
    }
  }
}

ExpressionPtr Parser::parse_membership(ExpressionPtr value, MembershipOperator op) {
  Membership node{.op = op, .op_span = token().span};
  advance();
  std::uint32_t depth = value->depth;
  const std::uint32_t start = value->span.begin;
  node.value = std::move(value);
  if (accept(TokenKind::kOpenParen)) {
    while (!at(TokenKind::kCloseParen)) {
      node.items.push_back(parse_argument());
      if (!accept(TokenKind::kComma)) break;
    }
    close(TokenKind::kCloseParen, "')'");
  } else if (at_operand()) {
    node.items.push_back(parse_postfix());
  } else {
    report_expected("a list in parentheses");
  }
  for (const ExpressionPtr& item : node.items) depth = std::max<std::uint32_t>(depth, item->depth);
  return make(since(start), std::move(node), depth);
}

ExpressionPtr Parser::parse_between(ExpressionPtr value, bool negated) {
  Between node{.negated = negated, .op_span = token().span};
  advance();
  const std::uint32_t start = value->span.begin;
  node.value = std::move(value);
  if (expect(TokenKind::kOpenParen, "'(' of between (low .. high)")) {
    node.low = parse_expression();
    expect(TokenKind::kDotDot, "'..'");
    node.high = parse_expression();
    close(TokenKind::kCloseParen, "')'");
  } else {
    node.low = missing_expression();
    node.high = missing_expression();
  }
  const std::uint32_t depth = std::max({node.value->depth, node.low->depth, node.high->depth});
  return make(since(start), std::move(node), depth);
}

ExpressionPtr Parser::parse_relational() {
  ExpressionPtr left = parse_additive();
  while (true) {
    BinaryOperator op;
    switch (kind()) {
      case TokenKind::kLess:
        op = BinaryOperator::kLess;
        break;
      case TokenKind::kLessOrEqual:
        op = BinaryOperator::kLessOrEqual;
        break;
      case TokenKind::kGreater:
        op = BinaryOperator::kGreater;
        break;
      case TokenKind::kGreaterOrEqual:
        op = BinaryOperator::kGreaterOrEqual;
        break;
      default:
        return left;
    }
    const Span op_span = token().span;
    advance();
    left = make_binary(op, op_span, std::move(left), parse_additive());
  }
}

ExpressionPtr Parser::parse_additive() {
  ExpressionPtr left = parse_multiplicative();
  while (at(TokenKind::kPlus) || at(TokenKind::kMinus)) {
    const auto op = at(TokenKind::kPlus) ? BinaryOperator::kAdd : BinaryOperator::kSubtract;
    const Span op_span = token().span;
    advance();
    left = make_binary(op, op_span, std::move(left), parse_multiplicative());
  }
  return left;
}

ExpressionPtr Parser::parse_multiplicative() {
  ExpressionPtr left = parse_string_operation();
  while (at(TokenKind::kStar) || at(TokenKind::kSlash) || at(TokenKind::kPercent)) {
    const auto op = at(TokenKind::kStar)    ? BinaryOperator::kMultiply
                    : at(TokenKind::kSlash) ? BinaryOperator::kDivide
                                            : BinaryOperator::kModulo;
    const Span op_span = token().span;
    advance();
    left = make_binary(op, op_span, std::move(left), parse_string_operation());
  }
  return left;
}

ExpressionPtr Parser::parse_string_operation() {
  ExpressionPtr left = parse_unary();
  while (true) {
    Span op_span = token().span;
    BinaryOperator op;
    if (at(TokenKind::kEqualTilde)) {
      op = BinaryOperator::kEqualTilde;
    } else if (at(TokenKind::kNotTilde)) {
      op = BinaryOperator::kNotEqualTilde;
    } else if (at(TokenKind::kColon) && colon_terms_) {
      op = BinaryOperator::kColon;
    } else if (at_word("matches") && word(1) == "regex") {
      op = BinaryOperator::kMatchesRegex;
      advance();
      op_span.end = token().span.end;
    } else if (at(TokenKind::kWord) || at(TokenKind::kBangWord)) {
      const auto found = string_operators().find(token_text(token()));
      if (found == string_operators().end()) {
        if (at(TokenKind::kBangWord) && !membership(token_text(token())) && token_text(token()) != "!between") {
          report_unexpected("No operator is called " + std::string(token_text(token())) + ".");
          skip_to({TokenKind::kPipe, TokenKind::kSemicolon, TokenKind::kComma});
        }
        return left;
      }
      op = found->second;
    } else {
      return left;
    }
    advance();
    left = make_binary(op, op_span, std::move(left), parse_unary());
  }
}

ExpressionPtr Parser::parse_unary() {
  const std::uint32_t start = begin();
  if (in_data_table_ && at(TokenKind::kMinus) && kind(1) == TokenKind::kLong &&
      token_text(token(1)) == "9223372036854775808") {
    advance();
    advance();
    return parse_continuation(make(since(start), Literal{.kind = LiteralKind::kLong, .value = INT64_MIN}, 0), true);
  }
  std::vector<UnaryOperator> signs;
  std::vector<std::uint32_t> begins;
  while (at(TokenKind::kMinus) || at(TokenKind::kPlus)) {
    signs.push_back(at(TokenKind::kMinus) ? UnaryOperator::kMinus : UnaryOperator::kPlus);
    begins.push_back(begin());
    advance();
  }
  ExpressionPtr operand = parse_postfix();
  for (std::size_t i = signs.size(); i-- > 0;) {
    const Span span{begins[i], operand->span.end};
    const std::uint32_t depth = operand->depth;
    operand = make(span, Unary{signs[i], std::move(operand)}, depth);
  }
  return operand;
}

}  // namespace garrison::kql::syntax
