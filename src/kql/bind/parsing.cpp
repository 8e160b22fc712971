// SPDX-License-Identifier: Apache-2.0
// parse, parse-where and parse-kv: one regular expression a row, or the pairs of a text.
#include <re2/re2.h>

#include <algorithm>

#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

enum class ParseMode { kSimple, kRelaxed, kRegex };

struct Capture {
  std::string name;
  Kind kind = Kind::kString;
  int group = 0;
  bool replaces = false;
};

// What a column of the kind may look like in simple and relaxed mode.
std::string_view capture_pattern(Kind kind, bool last) {
  switch (kind) {
    case Kind::kInt:
    case Kind::kLong: return "\\s*([-+]?\\d+)\\s*?";
    case Kind::kReal:
    case Kind::kDecimal: return "\\s*([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)\\s*?";
    case Kind::kBool: return "\\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|\\d+)\\s*?";
    default: return last ? "(.*)" : "(.*?)";
  }
}

Result<Kind> declared_kind(OperatorCall& call, const syntax::TypedName& typed) {
  const auto kind = table::parse_kind(typed.column.type.text);
  if (!kind) {
    return call.binder.fail(typed.column.type.span, code::kWrongType, "unknown type '" + typed.column.type.text + "'");
  }
  return *kind;
}

void put(std::vector<Column>& columns, Column column) {
  const auto existing = std::find_if(columns.begin(), columns.end(),
                                     [&](const Column& other) { return other.name == column.name; });
  if (existing != columns.end()) {
    *existing = std::move(column);
  } else {
    columns.push_back(std::move(column));
  }
}

}  // namespace

Result<Relation> bind_parse(OperatorCall& call, const syntax::ParseOperator& op) {
  Binder& binder = call.binder;
  Relation& input = call.input;
  const std::string kind_name = parameter_text(call.op, "kind");
  ParseMode mode = ParseMode::kSimple;
  if (kind_name == "relaxed") mode = ParseMode::kRelaxed;
  if (kind_name == "regex") mode = ParseMode::kRegex;
  const std::string flags = parameter_text(call.op, "flags");
  ExpressionBinder rows(binder, call.environment, &input);
  GARRISON_ASSIGN(Scalar text, rows.scalar(*op.value));
  if (text.kind != Kind::kString) {
    GARRISON_ASSIGN(text, cast_to(rows, text, Kind::kString));
  }

  std::string pattern;
  int num_groups = 0;
  std::vector<Capture> captures;
  const bool ungreedy = flags.find('U') != std::string::npos;
  for (std::size_t i = 0; i < op.pattern.size(); ++i) {
    const syntax::Expression& part = *op.pattern[i];
    const bool last = i + 1 == op.pattern.size();
    if (const auto* literal = part.as<syntax::Literal>()) {
      const auto* piece = std::get_if<std::string>(&literal->value);
      if (piece == nullptr || literal->kind != syntax::LiteralKind::kString) {
        return binder.fail(part.span, code::kWrongPattern, "a piece of the pattern must be a text");
      }
      if (mode != ParseMode::kRegex) {
        pattern += RE2::QuoteMeta(*piece);
        continue;
      }
      RE2::Options options;
      options.set_log_errors(false);
      const RE2 checked(*piece, options);
      if (!checked.ok()) return binder.fail(part.span, code::kWrongPattern, "wrong regular expression: " + checked.error());
      num_groups += checked.NumberOfCapturingGroups();
      pattern += "(?:" + *piece + ")";
      continue;
    }
    if (part.is<syntax::Star>()) {
      pattern += mode == ParseMode::kRegex ? ".*" : last ? ".*" : ".*?";
      continue;
    }
    Capture capture;
    capture.group = ++num_groups;
    if (const auto* typed = part.as<syntax::TypedName>()) {
      capture.name = typed->column.name.text;
      GARRISON_ASSIGN(capture.kind, declared_kind(call, *typed));
    } else if (const auto* name = part.as<syntax::NameRef>()) {
      capture.name = name->name.text;
    } else {
      return binder.fail(part.span, code::kWrongPattern, "a pattern consists of texts, columns and *");
    }
    // Relaxed mode takes what stands there and converts what it can.
    const Kind looks_like = mode == ParseMode::kRelaxed ? Kind::kString : capture.kind;
    const bool plain = capture_pattern(looks_like, true) == "(.*)";
    pattern += mode == ParseMode::kRegex && plain ? "(.*)" : std::string(capture_pattern(looks_like, last));
    captures.push_back(std::move(capture));
  }
  if (captures.empty()) return binder.fail(call.op.span, code::kWrongPattern, "the pattern names no column");
  std::string prefix;
  if (mode == ParseMode::kRegex) {
    prefix = flags.find('s') != std::string::npos ? "(?s" : "(?";
    if (flags.find('i') != std::string::npos) prefix += 'i';
    if (flags.find('m') != std::string::npos) prefix += 'm';
    if (ungreedy) prefix += 'U';
    if (flags.find('s') == std::string::npos) prefix += "-s";
    prefix += ")";
  } else {
    prefix = "(?s)^";
    // The last text need not end the row, a last typed column does not swallow what follows it.
    const syntax::Expression& end = *op.pattern.back();
    if (!end.is<syntax::Literal>() && mode == ParseMode::kSimple) pattern += "$";
  }
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 whole(prefix + pattern, options);
  if (!whole.ok()) return binder.fail(call.op.span, code::kWrongPattern, "wrong pattern: " + whole.error());

  Scalar groups;
  groups.kind = Kind::kDynamic;
  groups.sql = "extractGroups(" + exact_sql(text) + ", " + quote_text(prefix + pattern) + ")";
  const std::string array = column_sql(rows.define(groups));
  std::string matched = "notEmpty(" + array + ")";
  std::vector<Column> columns;
  std::vector<Scalar> values;
  for (const Capture& capture : captures) {
    Scalar value = make_column(Kind::kString, array + "[" + std::to_string(capture.group) + "]", {});
    value.nullable = false;
    if (capture.kind != Kind::kString) {
      value.sql = column_sql(rows.define(value));
      GARRISON_ASSIGN(value, cast_to(rows, value, capture.kind));
      value.sql = column_sql(rows.define(value));
      if (mode == ParseMode::kSimple) matched += " and isNotNull(" + value.sql + ")";
    }
    values.push_back(std::move(value));
  }
  const bool all_text = std::all_of(captures.begin(), captures.end(),
                                    [](const Capture& capture) { return capture.kind == Kind::kString; });
  if (op.where) {
    for (std::size_t i = 0; i < captures.size(); ++i) {
      if (captures[i].kind != Kind::kString && mode != ParseMode::kSimple) matched += " and isNotNull(" + values[i].sql + ")";
    }
  }
  Scalar match;
  match.kind = Kind::kBool;
  match.sql = matched;
  match.nullable = false;
  const std::string valid = column_sql(rows.define(match));
  for (std::size_t i = 0; i < captures.size(); ++i) {
    Scalar value = values[i];
    if (mode == ParseMode::kSimple && !all_text && !op.where) {
      Scalar missing = value.kind == Kind::kString ? make_string("") : make_null(value.kind);
      value.sql = "if(" + valid + ", " + exact_sql(value) + ", " + exact_sql(missing) + ")";
      value.nullable = value.kind != Kind::kString;
    }
    columns.push_back(rows.column(captures[i].name, value));
  }
  if (op.where) input.node = make_node(FilterNode{std::move(input.node), valid});
  for (Column& column : columns) put(input.columns, std::move(column));
  return std::move(input);
}

Result<Relation> bind_parse_kv(OperatorCall& call, const syntax::ParseKvOperator& op) {
  Binder& binder = call.binder;
  Relation& input = call.input;
  std::string pair_delimiter, kv_delimiter, quote, escape;
  std::string close_quote;
  bool greedy = false;
  std::string regex;
  for (const syntax::Parameter& property : op.properties) {
    const std::string& name = property.name.text;
    if (property.value == nullptr) continue;
    GARRISON_ASSIGN(Scalar value, binder.constant_scalar(*property.value, call.environment));
    std::string text;
    if (value.constant) {
      if (const auto* constant = std::get_if<std::string>(&*value.constant)) text = *constant;
      if (const auto* flag = std::get_if<bool>(&*value.constant)) greedy = name == "greedy" ? *flag : greedy;
    }
    if (name == "pair_delimiter") pair_delimiter = text;
    else if (name == "kv_delimiter") kv_delimiter = text;
    else if (name == "quote") (quote.empty() ? quote : close_quote) = text;
    else if (name == "escape") escape = text;
    else if (name == "regex") regex = text;
    else if (name != "greedy") {
      return binder.fail(property.span, code::kWrongArgument, "unknown property '" + name + "' of parse-kv");
    }
  }
  if (greedy) return binder.not_supported(call.op.span, "parse-kv with greedy");
  ExpressionBinder rows(binder, call.environment, &input);
  GARRISON_ASSIGN(Scalar text, rows.scalar(*op.value));
  if (text.kind != Kind::kString) {
    GARRISON_ASSIGN(text, cast_to(rows, text, Kind::kString));
  }
  if (regex.empty() && kv_delimiter.empty()) {
    return binder.fail(call.op.span, code::kWrongArgument, "parse-kv needs a kv_delimiter");
  }
  if (pair_delimiter.empty()) pair_delimiter = " ";
  // Pairs overlap in their delimiter, so the text is split rather than matched from end to end.
  const std::string subject = exact_sql(text);
  std::string keys, values;
  if (!regex.empty()) {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 checked(regex, options);
    if (!checked.ok()) return binder.fail(call.op.span, code::kWrongPattern, "wrong regular expression: " + checked.error());
    if (checked.NumberOfCapturingGroups() != 2) {
      return binder.fail(call.op.span, code::kWrongPattern, "the regular expression must have two groups, key and value");
    }
    Scalar groups;
    groups.sql = "extractAllGroupsHorizontal(" + subject + ", " + quote_text(regex) + ")";
    const std::string array = column_sql(rows.define(groups));
    keys = array + "[1]";
    values = array + "[2]";
  } else {
    Scalar pieces;
    if (quote.empty()) {
      pieces.sql = "splitByString(" + quote_text(pair_delimiter) + ", " + subject + ")";
    } else {
      const std::string open = RE2::QuoteMeta(quote), close = RE2::QuoteMeta(close_quote.empty() ? quote : close_quote);
      const std::string body = escape.empty() ? "(?s:.*?)" : "(?:" + RE2::QuoteMeta(escape) + "(?s:.)|(?s:.))*?";
      // A piece ends at a pair delimiter outside of quotes.
      pieces.sql = "extractAll(" + subject + ", " +
                   quote_text("((?:" + open + body + close + "|(?s:.))+?)(?:" + RE2::QuoteMeta(pair_delimiter) + "|$)") + ")";
    }
    const std::string piece_array = column_sql(rows.define(pieces));
    const std::string delimiter = quote_text(kv_delimiter);
    const std::string trim = "replaceRegexpAll(x, '^\\\\s+|\\\\s+$', '')";
    Scalar key_list, value_list;
    key_list.sql = "arrayMap(p -> arrayMap(x -> " + trim + ", [substring(p, 1, greatest(toInt64(position(p, " + delimiter +
                   ")) - 1, 0))])[1], " + piece_array + ")";
    std::string value_sql = "arrayMap(x -> " + trim + ", [if(position(p, " + delimiter + ") = 0, '', substring(p, position(p, " +
                            delimiter + ") + " + std::to_string(kv_delimiter.size()) + "))])[1]";
    if (!quote.empty()) {
      const std::string& close = close_quote.empty() ? quote : close_quote;
      value_sql = "arrayMap(y -> if(length(y) >= " + std::to_string(quote.size() + close.size()) + " and startsWith(y, " +
                  quote_text(quote) + ") and endsWith(y, " + quote_text(close) + "), substring(y, " +
                  std::to_string(quote.size() + 1) + ", length(y) - " + std::to_string(quote.size() + close.size()) +
                  "), y), [" + value_sql + "])[1]";
      if (!escape.empty()) {
        value_sql = "replaceRegexpAll(" + value_sql + ", " + quote_text(RE2::QuoteMeta(escape) + "(.)") + ", '\\\\1')";
      }
    }
    value_list.sql = "arrayMap(p -> " + value_sql + ", " + piece_array + ")";
    keys = column_sql(rows.define(key_list));
    values = column_sql(rows.define(value_list));
  }
  std::vector<Column> columns;
  for (const syntax::ColumnDeclaration& declared : op.schema.columns) {
    const auto kind = table::parse_kind(declared.type.text);
    if (!kind) return binder.fail(declared.type.span, code::kWrongType, "unknown type '" + declared.type.text + "'");
    Scalar value = make_column(Kind::kString, values + "[indexOf(" + keys + ", " + quote_text(declared.name.text) + ")]", {});
    value.nullable = false;
    if (*kind != Kind::kString) {
      value.sql = column_sql(rows.define(value));
      GARRISON_ASSIGN(value, cast_to(rows, value, *kind));
    }
    columns.push_back(rows.column(declared.name.text, value));
  }
  for (Column& column : columns) put(input.columns, std::move(column));
  return std::move(input);
}

}  // namespace garrison::kql
