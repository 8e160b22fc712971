// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/format.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "kql/syntax/codes.h"
#include "kql/syntax/lexer.h"

namespace garrison::kql::syntax {
namespace {

bool opens(TokenKind kind) {
  return kind == TokenKind::kOpenParen || kind == TokenKind::kOpenBracket || kind == TokenKind::kOpenBrace;
}

bool closes(TokenKind kind) {
  return kind == TokenKind::kCloseParen || kind == TokenKind::kCloseBracket || kind == TokenKind::kCloseBrace;
}

bool is_operand_end(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWord:
    case TokenKind::kLong:
    case TokenKind::kReal:
    case TokenKind::kTimespan:
    case TokenKind::kString:
    case TokenKind::kTyped:
    case TokenKind::kGuid:
    case TokenKind::kStar:
    case TokenKind::kCloseParen:
    case TokenKind::kCloseBracket:
      return true;
    default:
      return false;
  }
}

class Formatter {
 public:
  Formatter(std::string_view text, const FormatOptions& options)
      : text_(text), options_(options), tokens_(lex(text, ParseLimits{.max_bytes = text.size()}).tokens) {}

  std::string run() {
    find_blocks();
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      write_gap();
      if (tokens_[at_].kind != TokenKind::kEnd) write_token();
    }
    while (!out_.empty() && (out_.back() == '\n' || out_.back() == ' ')) out_.pop_back();
    return std::move(out_);
  }

 private:
  std::string_view text_of(std::size_t index) const {
    const Span span = tokens_[index].span;
    return text_.substr(span.begin, span.end - span.begin);
  }

  // A bracket is a block when it holds a `|` or a `;` of its own, or when its tokens are too long for a line. Brackets
  // that hold nothing but another bracket stay with it: dynamic([ ... ]).
  void find_blocks() {
    block_.assign(tokens_.size(), false);
    std::vector<std::size_t> open;
    std::vector<std::size_t> width_at(tokens_.size());
    std::size_t width = 0;
    std::size_t last_open = 0;  // of the bracket closed last
    std::size_t last_close = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const TokenKind kind = tokens_[i].kind;
      width_at[i] = width;
      width += text_of(i).size() + (kind == TokenKind::kComma ? 1 : 0);
      if (opens(kind)) open.push_back(i);
      if ((kind == TokenKind::kPipe || kind == TokenKind::kSemicolon) && !open.empty()) block_[open.back()] = true;
      if (!closes(kind) || open.empty()) continue;
      const bool wraps = i > 0 && last_close == i - 1 && last_open == open.back() + 1;
      if (!wraps && width - width_at[open.back()] > options_.max_columns) block_[open.back()] = true;
      block_[i] = block_[open.back()];
      last_open = open.back();
      last_close = i;
      open.pop_back();
    }
  }

  void break_line() {
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
    line_start_ = true;
  }

  void indent(std::size_t level) {
    if (line_start_) out_.append(level * options_.indent, ' ');
    line_start_ = false;
  }

  // Remarks and directives stand between tokens: they keep their lines. A blank line between statements is kept.
  void write_gap() {
    const std::uint32_t begin = at_ == 0 ? 0 : tokens_[at_ - 1].span.end;
    const std::string_view gap = text_.substr(begin, tokens_[at_].span.begin - begin);
    const std::vector<std::string_view> lines = text::split(gap, '\n');
    bool remark = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::string_view line = text::trim(lines[i]);
      const std::size_t start = std::min(line.find("//"), line.find('#'));
      if (start == std::string_view::npos) continue;
      line.remove_prefix(start);
      if (i == 0 && !out_.empty() && !line_start_) {
        out_ += out_.back() == ' ' ? "" : " ";
      } else {
        break_line();
        indent(depth());
      }
      out_ += line;
      out_ += '\n';
      line_start_ = true;
      remark = true;
    }
    const bool after_statement = at_ > 0 && tokens_[at_ - 1].kind == TokenKind::kSemicolon && levels_.empty();
    if (after_statement && !remark && std::count(gap.begin(), gap.end(), '\n') > 1) out_ += '\n';
  }

  std::size_t depth() const { return static_cast<std::size_t>(std::count(levels_.begin(), levels_.end(), true)); }
  bool in_block() const { return !levels_.empty() && levels_.back(); }

  bool is_minus(std::size_t index) const { return index < tokens_.size() && tokens_[index].kind == TokenKind::kMinus; }

  bool binary_at(std::size_t index) const {
    switch (tokens_[index].kind) {
      case TokenKind::kEqual:
      case TokenKind::kNotEqual:
      case TokenKind::kEqualTilde:
      case TokenKind::kNotTilde:
      case TokenKind::kArrow:
      case TokenKind::kLess:
      case TokenKind::kLessOrEqual:
      case TokenKind::kGreater:
      case TokenKind::kGreaterOrEqual:
        return true;
      default:
        return false;
    }
  }

  // Whether a blank parts two neighbours on a line. Where meaning could hang on it (-, *, names), the text decides.
  bool parted(std::size_t left, std::size_t right) const {
    const TokenKind l = tokens_[left].kind;
    const TokenKind r = tokens_[right].kind;
    const bool was_parted = tokens_[left].span.end != tokens_[right].span.begin;
    if (r == TokenKind::kComma || r == TokenKind::kSemicolon || closes(r)) return l == TokenKind::kComma && !closes(r);
    if (l == TokenKind::kComma) return true;
    if (opens(l) || l == TokenKind::kDot || r == TokenKind::kDot) return was_parted && r == TokenKind::kUnknown;
    // Arrows of graph patterns: <-[  ]->  -->(
    const bool arrow = (l == TokenKind::kLess && r == TokenKind::kMinus) ||
                       (r == TokenKind::kLess && is_minus(right + 1)) ||
                       (l == TokenKind::kGreater && left > 0 && is_minus(left - 1));
    if (arrow || l == TokenKind::kMinus) return was_parted;
    if (binary_at(left)) return true;
    if (r == TokenKind::kMinus) return was_parted;
    if (binary_at(left) || binary_at(right)) return true;
    if (is_operand_end(l) && is_operand_end(r) && r != TokenKind::kStar && l != TokenKind::kStar) return true;
    return was_parted;
  }

  void write_token() {
    const TokenKind kind = tokens_[at_].kind;
    if (closes(kind) && !levels_.empty()) {
      const bool block = levels_.back();
      levels_.pop_back();
      if (block) break_line();
    } else if (kind == TokenKind::kPipe) {
      break_line();
    } else if (at_ > 0 && !line_start_ && out_.back() != ' ' && parted(at_ - 1, at_)) {
      out_ += ' ';
    }
    indent(depth());
    out_ += text_of(at_);
    if (kind == TokenKind::kPipe) out_ += ' ';
    if (opens(kind)) {
      levels_.push_back(block_[at_]);
      if (block_[at_]) break_line();
    }
    if (kind == TokenKind::kSemicolon) break_line();
    if (kind == TokenKind::kComma && in_block()) break_line();
  }

  std::string_view text_;
  FormatOptions options_;
  std::vector<Token> tokens_;
  std::vector<bool> block_;   // for each bracket token: broken over lines
  std::vector<bool> levels_;  // open brackets: broken or not
  std::size_t at_ = 0;
  std::string out_;
  bool line_start_ = true;
};

}  // namespace

std::string format(std::string_view text, const FormatOptions& options) {
  return Formatter(text, options).run();
}

std::vector<Span> split_queries(std::string_view text) {
  std::vector<Span> queries;
  int level = 0;
  const LexedText lexed = lex(text, ParseLimits{.max_bytes = text.size()});
  for (const Token& token : lexed.tokens) {
    if (token.kind == TokenKind::kEnd) break;
    bool blank_line = queries.empty();
    if (!queries.empty() && level <= 0) {
      const auto gap = text.substr(queries.back().end, token.span.begin - queries.back().end);
      const auto lines = text::split(gap, '\n');
      for (std::size_t i = 1; i + 1 < lines.size(); ++i) blank_line = blank_line || text::trim(lines[i]).empty();
    }
    if (blank_line) {
      queries.push_back(token.span);
      level = 0;
    } else {
      queries.back().end = token.span.end;
    }
    level += opens(token.kind) ? 1 : closes(token.kind) ? -1 : 0;
  }
  return queries;
}

bool wants_more(std::string_view text) {
  const LexedText lexed = lex(text, ParseLimits{.max_bytes = text.size()});
  int level = 0;
  for (const Token& token : lexed.tokens) level += opens(token.kind) ? 1 : closes(token.kind) ? -1 : 0;
  if (level > 0) return true;
  const auto open_text = [&](const Diagnostic& each) {
    const std::string_view start = text.substr(each.span.begin, 4);
    return each.code == kOpenString && (start.find("```") != start.npos || start.find("~~~") != start.npos);
  };
  if (std::any_of(lexed.diagnostics.begin(), lexed.diagnostics.end(), open_text)) return true;
  if (lexed.tokens.size() < 2) return false;
  const Token& last = lexed.tokens[lexed.tokens.size() - 2];
  const std::string_view word = text.substr(last.span.begin, last.span.end - last.span.begin);
  static constexpr std::array<std::string_view, 6> kJoints = {"and", "or", "by", "on", "with", "to"};
  if (last.kind == TokenKind::kWord) return std::find(kJoints.begin(), kJoints.end(), word) != kJoints.end();
  return !is_operand_end(last.kind) && last.kind != TokenKind::kSemicolon && !closes(last.kind) &&
         last.kind != TokenKind::kUnknown;
}

}  // namespace garrison::kql::syntax
