// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/text_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.h"
#include "kql/scalar/operator_families.h"
#include "table/text_index.h"

namespace garrison::kql {
namespace {

constexpr std::string_view kTermStart = "(?:^|[^\\p{L}\\p{N}])";
constexpr std::string_view kTermEnd = "(?:$|[^\\p{L}\\p{N}])";

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_term_sign(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

// Maximal runs of letters and digits. Non-ASCII text is left to the regular expression: no term.
std::vector<std::string> terms_of(std::string_view text) {
  std::vector<std::string> terms;
  std::string term;
  for (const char c : text) {
    if (is_term_sign(c)) {
      term += c;
    } else if (!term.empty()) {
      terms.push_back(std::move(term));
      term.clear();
    }
  }
  if (!term.empty()) terms.push_back(std::move(term));
  return terms;
}

std::string like_pattern(std::string_view text) {
  std::string out = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return quote_text(out + "%");
}

// How one family matches: which borders must be there, and whether case counts.
struct Match {
  bool at_start = false;  // border before the needle
  bool at_end = false;
};

std::string border_pattern(const Match& match, std::string_view needle) {
  std::string out;
  if (match.at_start) out += kTermStart;
  out += quote_regex(needle);
  if (match.at_end) out += kTermEnd;
  return out;
}

std::string subject_sql(const Scalar& text, Case letters) {
  return letters == Case::kIgnored ? lower_sql(text) : text.sql;
}

std::string fold_literal(std::string_view text, Case letters) {
  // Only ASCII can be folded here; other letters are folded by the engine.
  return letters == Case::kIgnored ? text::ascii_lower(text) : std::string(text);
}

// Terms of the needle that the index can be asked for; empty when the needle has none or is not plain ASCII.
std::string index_terms(const std::vector<std::string>& terms) {
  std::string out;
  for (const auto& term : terms) {
    if (!out.empty()) out += ", ";
    out += quote_text(text::ascii_lower(term));
  }
  return "[" + out + "]";
}

std::string constant_term_match(LoweringContext& context, const Scalar& text, std::string_view needle, Case letters,
                                const Match& borders) {
  if (needle.empty()) return "true";
  if (!is_ascii(needle) && letters == Case::kIgnored) {
    const std::string pattern =
        fmt::format("concat({}, regexpQuoteMeta(lowerUTF8({})), {})", quote_text(borders.at_start ? kTermStart : ""),
                    quote_text(needle), quote_text(borders.at_end ? kTermEnd : ""));
    return fmt::format("match({}, {})", subject_sql(text, letters), pattern);
  }
  const std::string folded = fold_literal(needle, letters);
  const auto terms = terms_of(folded);
  const bool whole_terms = borders.at_start && borders.at_end;
  const bool is_single_term = terms.size() == 1 && terms.front() == folded;
  const std::string index = text.text_indexed && is_ascii(needle) ? table::text_index_expression(text.sql) : "";
  if (!index.empty() && whole_terms && is_single_term && letters == Case::kIgnored) {
    return fmt::format("hasAllTokens({}, {})", index, index_terms(terms));
  }
  const std::string subject = context.bind(subject_sql(text, letters));
  std::string out = fmt::format("({} like {} and match({}, {}))", subject, like_pattern(folded), subject,
                                quote_text(border_pattern(borders, folded)));
  if (!index.empty() && whole_terms && !terms.empty()) {
    out = fmt::format("(hasAllTokens({}, {}) and {})", index, index_terms(terms), out);
  }
  return out;
}

std::string computed_term_match(LoweringContext& context, const Scalar& text, const Scalar& needle, Case letters,
                                const Match& borders) {
  const std::string folded = context.bind(subject_sql(needle, letters));
  return fmt::format("({0} = '' or match({1}, concat({2}, regexpQuoteMeta({0}), {3})))", folded,
                     subject_sql(text, letters), quote_text(borders.at_start ? kTermStart : ""),
                     quote_text(borders.at_end ? kTermEnd : ""));
}

std::string term_match(LoweringContext& context, const Scalar& text, const Scalar& needle, Case letters,
                       Match borders) {
  if (const auto literal = constant_text(needle)) return constant_term_match(context, text, *literal, letters, borders);
  return computed_term_match(context, text, needle, letters, borders);
}

std::string needle_sql(const Scalar& needle, Case letters) {
  if (letters == Case::kMatters) return needle.sql;
  if (const auto literal = constant_text(needle); literal && is_ascii(*literal)) {
    return quote_text(text::ascii_lower(*literal));
  }
  return lower_sql(needle);
}

std::string contains_match(const Scalar& text, const Scalar& needle, Case letters) {
  const auto literal = constant_text(needle);
  if (literal && literal->empty()) return "true";
  if (literal && is_ascii(*literal)) {
    const std::string folded = text::ascii_lower(*literal);
    const bool has_blank = literal->find(' ') != std::string::npos;
    if (text.text_indexed && letters == Case::kIgnored && !has_blank) {
      return fmt::format("({} like {})", table::text_index_expression(text.sql), like_pattern(folded));
    }
    return fmt::format("({} like {})", subject_sql(text, letters),
                       like_pattern(letters == Case::kIgnored ? folded : *literal));
  }
  return fmt::format("(position({}, {}) > 0)", subject_sql(text, letters), needle_sql(needle, letters));
}

// The index can help when the needle holds a whole term: one with a sign on both sides, or at the fixed end.
std::string edge_index_condition(const Scalar& text, std::string_view needle, bool at_start) {
  if (!text.text_indexed || !is_ascii(needle)) return "";
  std::string_view sure = needle;
  if (at_start) {
    while (!sure.empty() && is_term_sign(sure.back())) sure.remove_suffix(1);
  } else {
    while (!sure.empty() && is_term_sign(sure.front())) sure.remove_prefix(1);
  }
  // Short terms such as exe stand nearly everywhere: looking them up costs more than it saves.
  constexpr std::size_t kMinTermBytes = 4;
  auto terms = terms_of(sure);
  std::erase_if(terms, [](const std::string& term) { return term.size() < kMinTermBytes; });
  if (terms.empty()) return "";
  return fmt::format("hasAllTokens({}, {}) and ", table::text_index_expression(text.sql), index_terms(terms));
}

std::string edge_match(const Scalar& text, const Scalar& needle, Case letters, bool at_start) {
  const auto literal = constant_text(needle);
  const std::string index = literal ? edge_index_condition(text, *literal, at_start) : "";
  // No other letter folds to a digit or a sign.
  const auto is_letter = [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || std::isalpha(static_cast<unsigned char>(c));
  };
  if (literal && std::none_of(literal->begin(), literal->end(), is_letter)) letters = Case::kMatters;
  return fmt::format("({}{}({}, {}))", index, at_start ? "startsWith" : "endsWith", subject_sql(text, letters),
                     needle_sql(needle, letters));
}

struct Family {
  enum class Kind { kTerm, kContains, kStart, kEnd, kRegex } kind;
  Case letters = Case::kIgnored;
  Match borders;
  bool negated = false;
};

Family family_of(BinaryOperator op) {
  using F = Family::Kind;
  constexpr Match kWhole{true, true};
  constexpr Match kPrefix{true, false};
  constexpr Match kSuffix{false, true};
  switch (op) {
    case BinaryOperator::kHas:
      return {F::kTerm, Case::kIgnored, kWhole, false};
    case BinaryOperator::kNotHas:
      return {F::kTerm, Case::kIgnored, kWhole, true};
    case BinaryOperator::kHasCs:
      return {F::kTerm, Case::kMatters, kWhole, false};
    case BinaryOperator::kNotHasCs:
      return {F::kTerm, Case::kMatters, kWhole, true};
    case BinaryOperator::kHasPrefix:
      return {F::kTerm, Case::kIgnored, kPrefix, false};
    case BinaryOperator::kNotHasPrefix:
      return {F::kTerm, Case::kIgnored, kPrefix, true};
    case BinaryOperator::kHasPrefixCs:
      return {F::kTerm, Case::kMatters, kPrefix, false};
    case BinaryOperator::kNotHasPrefixCs:
      return {F::kTerm, Case::kMatters, kPrefix, true};
    case BinaryOperator::kHasSuffix:
      return {F::kTerm, Case::kIgnored, kSuffix, false};
    case BinaryOperator::kNotHasSuffix:
      return {F::kTerm, Case::kIgnored, kSuffix, true};
    case BinaryOperator::kHasSuffixCs:
      return {F::kTerm, Case::kMatters, kSuffix, false};
    case BinaryOperator::kNotHasSuffixCs:
      return {F::kTerm, Case::kMatters, kSuffix, true};
    case BinaryOperator::kContains:
      return {F::kContains, Case::kIgnored, {}, false};
    case BinaryOperator::kNotContains:
      return {F::kContains, Case::kIgnored, {}, true};
    case BinaryOperator::kContainsCs:
      return {F::kContains, Case::kMatters, {}, false};
    case BinaryOperator::kNotContainsCs:
      return {F::kContains, Case::kMatters, {}, true};
    case BinaryOperator::kStartsWith:
      return {F::kStart, Case::kIgnored, {}, false};
    case BinaryOperator::kNotStartsWith:
      return {F::kStart, Case::kIgnored, {}, true};
    case BinaryOperator::kStartsWithCs:
      return {F::kStart, Case::kMatters, {}, false};
    case BinaryOperator::kNotStartsWithCs:
      return {F::kStart, Case::kMatters, {}, true};
    case BinaryOperator::kEndsWith:
      return {F::kEnd, Case::kIgnored, {}, false};
    case BinaryOperator::kNotEndsWith:
      return {F::kEnd, Case::kIgnored, {}, true};
    case BinaryOperator::kEndsWithCs:
      return {F::kEnd, Case::kMatters, {}, false};
    case BinaryOperator::kNotEndsWithCs:
      return {F::kEnd, Case::kMatters, {}, true};
    default:
      return {F::kRegex, Case::kMatters, {}, false};
  }
}

}  // namespace

std::string has_term_sql(LoweringContext& context, const Scalar& text, const Scalar& needle, Case letters) {
  return term_match(context, text, needle, letters, {true, true});
}

std::string has_any_term_sql(LoweringContext& context, const Scalar& text, std::span<const Scalar> needles) {
  std::string single_terms;
  std::string others;
  for (const auto& needle : needles) {
    const auto literal = constant_text(needle);
    const bool is_single = literal && is_ascii(*literal) && !literal->empty() &&
                           std::all_of(literal->begin(), literal->end(), is_term_sign);
    if (text.text_indexed && is_single) {
      single_terms += single_terms.empty() ? "" : ", ";
      single_terms += quote_text(text::ascii_lower(*literal));
    } else {
      others += others.empty() ? "" : " or ";
      others += has_term_sql(context, text, needle, Case::kIgnored);
    }
  }
  if (single_terms.empty()) return others.empty() ? "false" : "(" + others + ")";
  const std::string tokens =
      fmt::format("hasAnyTokens({}, [{}])", table::text_index_expression(text.sql), single_terms);
  return others.empty() ? tokens : fmt::format("({} or {})", tokens, others);
}

Result<Scalar> as_text(LoweringContext& context, const Scalar& value) {
  return cast_to(context, value, Kind::kString);
}

Result<Scalar> lower_text_match(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right) {
  GARRISON_ASSIGN(Scalar text, as_text(context, left));
  GARRISON_ASSIGN(Scalar needle, as_text(context, right));
  const Family family = family_of(op);
  std::string sql;
  switch (family.kind) {
    case Family::Kind::kTerm:
      sql = term_match(context, text, needle, family.letters, family.borders);
      break;
    case Family::Kind::kContains:
      sql = contains_match(text, needle, family.letters);
      break;
    case Family::Kind::kStart:
      sql = edge_match(text, needle, family.letters, true);
      break;
    case Family::Kind::kEnd:
      sql = edge_match(text, needle, family.letters, false);
      break;
    case Family::Kind::kRegex: {
      GARRISON_ASSIGN(std::string pattern, regex_sql(needle));
      sql = fmt::format("match({}, {})", text.sql, pattern);
      break;
    }
  }
  return total(Kind::kBool, family.negated ? fmt::format("(not {})", sql) : sql);
}

}  // namespace garrison::kql
