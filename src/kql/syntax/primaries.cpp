// SPDX-License-Identifier: Apache-2.0
// Operands: names, paths, calls, literals, inline tables.
#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/ticks.h"
#include "kql/syntax/codes.h"
#include "kql/syntax/literals.h"
#include "kql/syntax/parser.h"

namespace garrison::kql::syntax {
namespace {

bool is_true(std::string_view word) {
  return word == "true" || word == "True" || word == "TRUE";
}
bool is_false(std::string_view word) {
  return word == "false" || word == "False" || word == "FALSE";
}

std::uint32_t deepest(const std::vector<ExpressionPtr>& list, std::uint32_t depth = 0) {
  for (const ExpressionPtr& each : list) depth = std::max<std::uint32_t>(depth, each->depth);
  return depth;
}

std::uint32_t deepest(const std::vector<Parameter>& list, std::uint32_t depth = 0) {
  for (const Parameter& each : list) depth = std::max<std::uint32_t>(depth, each.value->depth);
  return depth;
}

}  // namespace

ExpressionPtr Parser::parse_postfix() {
  return parse_continuation(parse_primary(true), true);
}

ExpressionPtr Parser::parse_path_only() {
  return parse_continuation(parse_primary(false), false);
}

ExpressionPtr Parser::parse_source_name() {
  const Setting wildcards(wildcards_, true);
  return at_operand() ? parse_postfix() : missing_expression("a table");
}

ExpressionPtr Parser::parse_continuation(ExpressionPtr base, bool calls) {
  while (true) {
    const std::uint32_t start = base->span.begin;
    if (at(TokenKind::kDot) && kind(1) == TokenKind::kOpenBracket && !at_name(1)) {
      advance();  // base.[0] is base[0]
    } else if (accept(TokenKind::kDot)) {
      Name name = wildcards_             ? parse_wildcard_name()
                  : at(TokenKind::kWord) ? take_word()  // members may have reserved names
                                         : parse_name("the name of a member");
      if (calls && at(TokenKind::kOpenParen)) {
        base = parse_call(std::move(base), std::move(name));
        continue;
      }
      const std::uint32_t depth = base->depth;
      base = make(since(start), Path{std::move(base), std::move(name)}, depth);
      continue;
    }
    if (accept(TokenKind::kOpenBracket)) {
      ExpressionPtr index = at_operand() ? parse_expression() : missing_expression("an index or a key");
      close(TokenKind::kCloseBracket, "']'");
      const std::uint32_t depth = std::max(base->depth, index->depth);
      base = make(since(start), Element{std::move(base), std::move(index)}, depth);
    } else {
      return base;
    }
  }
}

ExpressionPtr Parser::parse_primary(bool calls) {
  switch (kind()) {
    case TokenKind::kLong:
    case TokenKind::kReal:
    case TokenKind::kTimespan:
    case TokenKind::kTyped:
    case TokenKind::kGuid:
      return parse_literal();
    case TokenKind::kString:
      return parse_string_literal();
    case TokenKind::kOpenParen:
      return parse_parenthesized();
    case TokenKind::kStar: {
      if (wildcards_ && touches(0) && (kind(1) == TokenKind::kWord || kind(1) == TokenKind::kLong)) break;
      const Span span = token().span;
      advance();
      return make(span, Star{}, 0);
    }
    case TokenKind::kWord:
      if (!at_operand()) return missing_expression();
      return parse_word(calls);
    case TokenKind::kOpenBracket:
      if (at_name()) break;
      [[fallthrough]];
    default: {
      if (at(TokenKind::kUnknown)) {  // reported by the lexer
        advance();
        last_error_at_ = at_;
      }
      return missing_expression();
    }
  }
  Name name = wildcards_ ? parse_wildcard_name() : parse_name();
  if (calls && at(TokenKind::kOpenParen)) return parse_call(nullptr, std::move(name));
  const Span span = name.span;
  return make(span, NameRef{std::move(name)}, 0);
}

ExpressionPtr Parser::parse_word(bool calls) {
  const std::string_view text = word();
  const Span span = token().span;
  if (is_true(text) || is_false(text)) {
    advance();
    return make(span, Literal{.kind = LiteralKind::kBool, .value = is_true(text)}, 0);
  }
  if (kind(1) == TokenKind::kOpenParen) {
    if (text == "typeof") return parse_typeof();
    if (text == "dynamic") return parse_dynamic();
    if (text == "datatable") return parse_data_table();
    if (text == "externaldata" || text == "external_data") return parse_external_data();
    if (text == "inline_external_table") return parse_inline_external_table();
    if (text == "__contextual_datatable" || text == "contextual_datatable") return parse_contextual_data_table();
  }
  if (text == "entity_group" && kind(1) == TokenKind::kOpenBracket) return parse_entity_group();
  Name name = wildcards_ ? parse_wildcard_name() : parse_name();
  if (calls && at(TokenKind::kOpenParen)) return parse_call(nullptr, std::move(name));
  return make(name.span, NameRef{std::move(name)}, 0);
}

ExpressionPtr Parser::parse_parenthesized() {
  const Nesting nesting(*this);
  if (too_deep(nesting_)) return missing_expression();
  const std::uint32_t start = begin();
  advance();
  const Setting wildcards(wildcards_, false);
  ExpressionPtr inner = parse_pipeline_expression();
  close(TokenKind::kCloseParen, "')'");
  inner->span = since(start);
  inner->parenthesized = true;
  return inner;
}

ExpressionPtr Parser::parse_call(ExpressionPtr base, Name function) {
  Call call;
  const std::uint32_t start = base ? base->span.begin : function.span.begin;
  call.base = std::move(base);
  call.function = std::move(function);
  advance();
  if (!at(TokenKind::kCloseParen)) call.arguments = parse_list(&Parser::parse_argument);
  close(TokenKind::kCloseParen, "')'");
  const std::uint32_t depth = deepest(call.arguments, call.base ? call.base->depth : 0);
  return make(since(start), std::move(call), depth);
}

ExpressionPtr Parser::parse_string_literal() {
  const std::uint32_t start = begin();
  Literal literal{.kind = LiteralKind::kString};
  std::string value;
  while (at(TokenKind::kString)) {
    value += decode_string(token_text(token()));
    literal.obfuscated = literal.obfuscated || is_obfuscated(token_text(token()));
    advance();
  }
  literal.value = std::move(value);
  return make(since(start), std::move(literal), 0);
}

ExpressionPtr Parser::parse_literal() {
  const Span span = token().span;
  const TokenKind which = kind();
  const std::string_view text = token_text(token());
  Literal literal;
  const auto set = [&](LiteralKind literal_kind, auto value, std::string_view remedy) {
    literal.kind = literal_kind;
    if (value) {
      literal.value = std::move(*value);
    } else {
      report(kBadLiteral, span, std::string(remedy));
    }
  };
  switch (which) {
    case TokenKind::kLong:
      set(LiteralKind::kLong, decode_integer(text), "The number does not fit a long; write real(...) or decimal(...).");
      break;
    case TokenKind::kReal:
      set(LiteralKind::kReal, decode_real(text), "This is not a number.");
      break;
    case TokenKind::kTimespan:
      set(LiteralKind::kTimespan, decode_timespan_token(text), "The timespan is out of range.");
      break;
    case TokenKind::kGuid:
      set(LiteralKind::kGuid, decode_guid_text(text), "This is not a guid.");
      break;
    default:
      if (auto typed = decode_typed(text)) {
        literal = std::move(*typed);
      } else if (ExpressionPtr relative = parse_relative_datetime()) {
        return relative;
      } else {
        report(kBadLiteral, span,
               "The parentheses must hold a literal of that type; to convert a value use the function to" +
                   std::string(text.substr(0, text.find_first_of("( \t\r\n"))) + "().");
      }
  }
  advance();
  return make(span, std::move(literal), 0);
}

// datetime(now) is now(); datetime(8:00 AM), a time without a date, is startofday(now()) + 8h.
ExpressionPtr Parser::parse_relative_datetime() {
  const Span span = token().span;
  const auto time = decode_time_of_day(token_text(token()));
  if (!time) return nullptr;
  advance();
  const auto call = [&](std::string_view function, ExpressionPtr argument) {
    Call node;
    node.function.span = span;
    node.function.text = std::string(function);
    const std::uint32_t depth = argument ? argument->depth : 0;
    if (argument) node.arguments.push_back(std::move(argument));
    return make(span, std::move(node), depth);
  };
  ExpressionPtr now = call("now", nullptr);
  if (!time->ticks) return now;
  return make_binary(BinaryOperator::kAdd, span, call("startofday", std::move(now)),
                     make(span, Literal{.kind = LiteralKind::kTimespan, .value = *time->ticks}, 0));
}

ExpressionPtr Parser::parse_typeof() {
  const std::uint32_t start = begin();
  advance();
  const bool row = kind(2) == TokenKind::kColon || kind(2) == TokenKind::kComma || kind(1) == TokenKind::kStar;
  if (row) {
    Schema schema = parse_schema();
    return make(since(start), TypeSchema{std::move(schema)}, 0);
  }
  advance();
  Name type = parse_type_name();
  close(TokenKind::kCloseParen, "')'");
  return make(since(start), Literal{.kind = LiteralKind::kType, .value = std::move(type.text)}, 0);
}

// ---- dynamic ----

ExpressionPtr Parser::parse_dynamic() {
  const std::uint32_t start = begin();
  advance();
  advance();
  std::string json;
  parse_json(json);
  close(TokenKind::kCloseParen, "')'");
  Literal literal{.kind = LiteralKind::kDynamic};
  if (json != "null") literal.value = std::move(json);
  return make(since(start), std::move(literal), 0);
}

void Parser::parse_json(std::string& out) {
  const Nesting nesting(*this);
  if (too_deep(nesting_)) return;
  const bool bag = at(TokenKind::kOpenBrace);
  if (!bag && !at(TokenKind::kOpenBracket)) return parse_json_scalar(out);
  advance();
  const TokenKind closing = bag ? TokenKind::kCloseBrace : TokenKind::kCloseBracket;
  out += bag ? '{' : '[';
  bool first = true;
  while (!at(closing) && !at(TokenKind::kEnd)) {
    if (!std::exchange(first, false)) out += ',';
    if (bag) {
      if (at(TokenKind::kString)) {
        json::append_quoted(out, decode_string(token_text(token())));
        advance();
      } else {
        json::append_quoted(out, parse_name("a key in quotes").text);
      }
      out += ':';
      expect(TokenKind::kColon, "':'");
    }
    parse_json(out);
    if (!accept(TokenKind::kComma)) break;
  }
  close(closing, bag ? "'}'" : "']'");
  out += bag ? '}' : ']';
}

void Parser::parse_json_scalar(std::string& out) {
  const bool negative = at(TokenKind::kMinus);
  if (negative || at(TokenKind::kPlus)) advance();
  const std::string_view text = token_text(token());
  if (at(TokenKind::kLong)) {
    const auto value = decode_integer((negative ? "-" : "") + std::string(text));
    out += value ? std::to_string(*value) : (negative ? "-" : "") + std::string(text);
  } else if (at(TokenKind::kReal)) {
    out += negative ? "-" : "";
    out += text;
    if (text.back() == '.') out += '0';
  } else if (at(TokenKind::kString)) {
    std::string value = decode_string(text);
    for (; kind(1) == TokenKind::kString; advance()) value += decode_string(token_text(token(1)));
    json::append_quoted(out, value);
  } else if (is_true(text) || is_false(text)) {
    out += is_true(text) ? "true" : "false";
  } else if (text == "null") {
    out += "null";
  } else if (at(TokenKind::kTimespan) || at(TokenKind::kTyped) || at(TokenKind::kGuid)) {
    const ExpressionPtr expression = parse_literal();
    const Literal* literal = expression->as<Literal>();
    const std::int64_t* ticks = literal ? std::get_if<std::int64_t>(&literal->value) : nullptr;
    if (!literal || literal->is_null()) {
      out += "null";
    } else if (const auto* words = std::get_if<std::string>(&literal->value)) {
      json::append_quoted(out, *words);
    } else if (literal->kind == LiteralKind::kDatetime) {
      json::append_quoted(out, format_iso({*ticks}));
    } else if (literal->kind == LiteralKind::kTimespan) {
      json::append_quoted(out, format_timespan({negative ? -*ticks : *ticks}));
    } else if (ticks) {
      out += std::to_string(*ticks);
    } else if (const bool* flag = std::get_if<bool>(&literal->value)) {
      out += *flag ? "true" : "false";
    } else {
      out += json::print(std::get<double>(literal->value));
    }
    return;
  } else if (at_word("dynamic") && kind(1) == TokenKind::kOpenParen) {
    advance();
    advance();
    parse_json(out);
    close(TokenKind::kCloseParen, "')'");
    return;
  } else {
    out += "null";
    report(kMissingExpression, {last_end_, last_end_},
           "Expected a JSON value here; dynamic(...) holds no expressions, use pack_array() or bag_pack().");
    return;
  }
  advance();
}

// ---- inline tables ----

std::vector<ExpressionPtr> Parser::parse_bracketed_list() {
  std::vector<ExpressionPtr> list;
  if (!expect(TokenKind::kOpenBracket, "'['")) return list;
  accept(TokenKind::kComma);  // lists written with the commas in front
  while (!at(TokenKind::kCloseBracket)) {
    list.push_back(parse_expression());
    if (!accept(TokenKind::kComma)) break;
  }
  close(TokenKind::kCloseBracket, "',' or ']'");
  return list;
}

ExpressionPtr Parser::parse_data_table() {
  DataTable table;
  const std::uint32_t start = begin();
  advance();
  table.schema = parse_schema();
  if (accept_word("with")) table.properties = parse_property_list();
  {
    const Setting literals(in_data_table_, true);
    table.values = parse_bracketed_list();
  }
  for (const ExpressionPtr& each : table.values) {
    const Unary* sign = each->as<Unary>();
    if ((sign ? *sign->operand : *each).is<Literal>() || each->is<Missing>()) continue;
    last_error_at_ = ~std::size_t{0};
    report(kBadLiteral, each->span, "A datatable holds literals only; write long(null) and the like for a null.");
    break;
  }
  const std::uint32_t depth = deepest(table.values, deepest(table.properties));
  return make(since(start), std::move(table), depth);
}

ExpressionPtr Parser::parse_external_data() {
  ExternalData data;
  const std::uint32_t start = begin();
  advance();
  data.schema = parse_schema();
  if (at(TokenKind::kOpenBracket)) {
    data.uris = parse_bracketed_list();
  } else {
    do {
      data.uris.push_back(parse_primary(false));
    } while (accept(TokenKind::kComma));
  }
  if (accept_word("with")) data.properties = parse_property_list();
  const std::uint32_t depth = deepest(data.uris, deepest(data.properties));
  return make(since(start), std::move(data), depth);
}

// The clauses between the schema and the addresses are words with `=` or parentheses: they are kept as parameters.
ExpressionPtr Parser::parse_inline_external_table() {
  InlineExternalTable table;
  const std::uint32_t start = begin();
  advance();
  table.schema = parse_schema();
  while (at(TokenKind::kWord) && !at_word("with")) {
    Parameter clause;
    const std::uint32_t clause_start = begin();
    clause.name = parse_name();
    accept_word("by");
    accept(TokenKind::kAssign);
    if (at(TokenKind::kOpenParen)) {
      const std::uint32_t open = begin();
      advance();
      skip_to({});
      close(TokenKind::kCloseParen, "')'");
      const Span inside = since(open);
      clause.value = make(inside,
                          Literal{.kind = LiteralKind::kString,
                                  .value = std::string(text_.substr(inside.begin, inside.end - inside.begin))},
                          0);
    } else {
      clause.value = parse_path_only();
    }
    clause.span = since(clause_start);
    table.clauses.push_back(std::move(clause));
  }
  if (expect(TokenKind::kOpenParen, "'(' and the addresses")) {
    table.uris = parse_expression_list();
    close(TokenKind::kCloseParen, "')'");
  }
  if (accept_word("with")) table.properties = parse_property_list();
  const std::uint32_t depth = deepest(table.uris, deepest(table.properties, deepest(table.clauses)));
  return make(since(start), std::move(table), depth);
}

ExpressionPtr Parser::parse_contextual_data_table() {
  ContextualDataTable table;
  const std::uint32_t start = begin();
  advance();
  advance();
  table.id = parse_expression();
  expect(TokenKind::kComma, "','");
  table.schema = parse_schema();
  close(TokenKind::kCloseParen, "')'");
  const std::uint32_t depth = table.id->depth;
  return make(since(start), std::move(table), depth);
}

ExpressionPtr Parser::parse_entity_group() {
  const Setting wildcards(wildcards_, true);
  EntityGroup group;
  const std::uint32_t start = begin();
  advance();
  group.items = parse_bracketed_list();
  const std::uint32_t depth = deepest(group.items);
  return make(since(start), std::move(group), depth);
}

}  // namespace garrison::kql::syntax
