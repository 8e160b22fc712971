// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ticks.h"
#include "kql/syntax/codes.h"

namespace garrison::kql::syntax {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_word_part(char c) {
  return is_word_start(c) || is_digit(c);
}

// Words whose parentheses hold raw text.
bool has_raw_contents(std::string_view word) {
  static constexpr std::array kWords = {"bool", "boolean",  "date",     "datetime", "decimal", "double",
                                        "guid", "int",      "int32",    "int64",    "long",    "real",
                                        "time", "timespan", "uniqueid", "uuid"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

class Lexer {
 public:
  Lexer(std::string_view text, const ParseLimits& limits) : text_(text), limits_(limits) {}

  LexedText run() {
    out_.tokens.reserve(text_.size() / 4 + 8);
    while (skip_blanks(), at_ < text_.size()) {
      if (out_.tokens.size() >= limits_.max_tokens) {
        report(kTooLong, at_, text_.size(), "The query has too many words and signs; shorten it.");
        break;
      }
      next_token();
    }
    add(TokenKind::kEnd, text_.size(), text_.size());
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool starts(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  void add(TokenKind kind, std::size_t begin, std::size_t end) {
    out_.tokens.push_back({kind, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}});
  }

  void report(std::string_view code, std::size_t begin, std::size_t end, std::string message) {
    if (out_.diagnostics.size() >= limits_.max_diagnostics) return;
    out_.diagnostics.push_back({std::string(code),
                                {},
                                {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)},
                                std::move(message)});
  }

  // Length of a blank at the place: ASCII, no-break, zero-width, byte order mark, typographic spaces; 0 for none.
  std::size_t blank_length() const {
    const unsigned char c = static_cast<unsigned char>(text_[at_]);
    if (c <= ' ') return 1;
    if (c < 0x80) return 0;
    if (starts("\xC2\xA0") || starts("\xC2\x85")) return 2;
    if (starts("\xE2\x80") && at_ + 2 < text_.size()) {
      const unsigned char last = static_cast<unsigned char>(text_[at_ + 2]);
      if ((last >= 0x80 && last <= 0x8D) || last == 0xA8 || last == 0xA9 || last == 0xAF) return 3;
    }
    return starts("\xE1\x9A\x80") || starts("\xE1\xA0\x8E") || starts("\xEF\xBB\xBF") || starts("\xE3\x80\x80") ||
                   starts("\xE2\x81\x9F")
               ? 3
               : 0;
  }

  void skip_line() { at_ = std::min(text_.find_first_of("\r\n", at_), text_.size()); }

  bool at_line_start() const {
    std::size_t back = at_;
    while (back > 0 && (text_[back - 1] == ' ' || text_[back - 1] == '\t')) --back;
    return back == 0 || text_[back - 1] == '\n' || text_[back - 1] == '\r';
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (const std::size_t length = blank_length(); length > 0) {
        at_ += length;
      } else if (starts("//") || (text_[at_] == '#' && at_line_start())) {
        skip_line();
      } else {
        return;
      }
    }
  }

  void next_token() {
    const char c = peek();
    if (is_hex(c) && scan_guid()) return;
    if (is_digit(c)) return scan_number();
    if (string_prefix_length() >= 0) return scan_string();
    if (starts("\xE2\x80\x9C") || starts("\xE2\x80\x9D") || starts("\xE2\x80\x98") || starts("\xE2\x80\x99")) {
      report(kBadCharacter, at_, at_ + 3, "A typographic quote cannot stand here; write \" or '.");
      add(TokenKind::kUnknown, at_, at_ + 3);
      at_ += 3;
      return;
    }
    if (is_word_start(c)) return scan_word();
    scan_sign();
  }

  bool scan_guid() {
    static constexpr std::array<std::size_t, 4> kHyphens = {8, 13, 18, 23};
    if (at_ + 36 > text_.size() || text_[at_ + 8] != '-') return false;
    for (std::size_t i = 0; i < 36; ++i) {
      const bool hyphen = std::find(kHyphens.begin(), kHyphens.end(), i) != kHyphens.end();
      if (hyphen ? text_[at_ + i] != '-' : !is_hex(text_[at_ + i])) return false;
    }
    if (is_word_part(peek(36))) return false;
    add(TokenKind::kGuid, at_, at_ + 36);
    at_ += 36;
    return true;
  }

  void skip_digits() {
    while (is_digit(peek())) ++at_;
  }

  void scan_number() {
    const std::size_t begin = at_;
    TokenKind kind = TokenKind::kLong;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
      at_ += 2;
      while (is_hex(peek())) ++at_;
      if (!is_word_part(peek())) return add(kind, begin, at_);
    } else {
      skip_digits();
      if (peek() == '.' && peek(1) != '.' && !is_word_start(peek(1))) {
        kind = TokenKind::kReal;
        ++at_;
        skip_digits();
      }
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
        kind = TokenKind::kReal;
        at_ += 1 + sign;
        skip_digits();
      }
      if (!is_word_part(peek())) return add(kind, begin, at_);
    }
    const std::size_t unit = at_;
    while (at_ < text_.size() && is_word_part(text_[at_]) && blank_length() == 0) ++at_;
    if (unit == at_) return add(kind, begin, at_);
    if (timespan_unit_ticks(text_.substr(unit, at_ - unit)) != 0) return add(TokenKind::kTimespan, begin, at_);
    if (kind == TokenKind::kLong) return add(TokenKind::kWord, begin, at_);  // names may begin with digits
    report(kBadLiteral, begin, at_, "This is neither a number nor a timespan; write for example 1.5, 1e3 or 1.5h.");
    add(TokenKind::kReal, begin, unit);
  }

  // Characters before the opening quote (0 to 2), or -1 when no string begins here.
  int string_prefix_length() const {
    int length = 0;
    if (peek() == 'h' || peek() == 'H') ++length;
    const bool verbatim = peek(length) == '@' && (peek(length + 1) == '"' || peek(length + 1) == '\'');
    if (verbatim) return length + 1;
    const char c = peek(length);
    if (c == '"' || c == '\'') return length;
    const std::string_view rest = text_.substr(std::min(at_ + length, text_.size()));
    return rest.starts_with("```") || rest.starts_with("~~~") ? length : -1;
  }

  void scan_string() {
    const std::size_t begin = at_;
    const bool verbatim = [&] {
      const int prefix = string_prefix_length();
      at_ += prefix;
      return prefix > 0 && text_[at_ - 1] == '@';
    }();
    if (starts("```") || starts("~~~")) {
      const std::size_t close = text_.find(text_.substr(at_, 3), at_ + 3);
      if (close == std::string_view::npos)
        report(kOpenString, begin, begin + 3, "The multi-line string is not closed.");
      at_ = close == std::string_view::npos ? text_.size() : close + 3;
      return add(TokenKind::kString, begin, at_);
    }
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') {
      if (text_[at_] == quote) {
        if (!verbatim || peek(1) != quote) {
          ++at_;
          return add(TokenKind::kString, begin, at_);
        }
        at_ += 2;
      } else if (text_[at_] == '\\' && !verbatim) {
        skip_escape();
      } else {
        ++at_;
      }
    }
    report(kOpenString, begin, at_, "The string is not closed on its line; add its closing quote.");
    add(TokenKind::kString, begin, at_);
  }

  void skip_escape() {
    const char c = peek(1);
    std::size_t digits = 0;
    if (c == 'x') digits = 2;
    if (c == 'u') digits = 4;
    if (c == 'U') digits = 8;
    bool valid = std::string_view("'\"\\abfnrtv01234567xuU").find(c) != std::string_view::npos && c != '\0';
    for (std::size_t i = 0; i < digits; ++i) valid = valid && is_hex(peek(2 + i));
    if (valid) {
      at_ += 2 + digits;
      return;
    }
    report(kBadEscape, at_, std::min(at_ + 2, text_.size()),
           "This escape is not known; write \\\\ for a backslash, or @\"...\" for text without escapes.");
    ++at_;
  }

  void scan_word() {
    const std::size_t begin = at_;
    ++at_;
    while (at_ < text_.size() && is_word_part(text_[at_]) &&
           (static_cast<unsigned char>(text_[at_]) < 0x80 || blank_length() == 0)) {
      ++at_;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word == "in" && peek() == '~') ++at_;
    if (has_raw_contents(word)) {
      std::size_t open = at_;
      while (open < text_.size() && static_cast<unsigned char>(text_[open]) <= ' ') ++open;
      if (open < text_.size() && text_[open] == '(') {
        const std::size_t close = text_.find_first_of("()|;", open + 1);
        if (close != std::string_view::npos && text_[close] == ')') {
          at_ = close + 1;
          return add(TokenKind::kTyped, begin, at_);
        }
      }
    }
    add(TokenKind::kWord, begin, at_);
  }

  void scan_sign() {
    static constexpr std::array<std::pair<std::string_view, TokenKind>, 9> kPairs = {{
        {"..", TokenKind::kDotDot},
        {"==", TokenKind::kEqual},
        {"!=", TokenKind::kNotEqual},
        {"<>", TokenKind::kNotEqual},
        {"=~", TokenKind::kEqualTilde},
        {"!~", TokenKind::kNotTilde},
        {"=>", TokenKind::kArrow},
        {"<=", TokenKind::kLessOrEqual},
        {">=", TokenKind::kGreaterOrEqual},
    }};
    for (const auto& [sign, kind] : kPairs) {
      if (!starts(sign)) continue;
      add(kind, at_, at_ + 2);
      at_ += 2;
      return;
    }
    if (peek() == '!' && is_word_start(peek(1))) {
      const std::size_t begin = at_++;
      while (is_word_part(peek())) ++at_;
      if (text_.substr(begin, at_ - begin) == "!in" && peek() == '~') ++at_;
      return add(TokenKind::kBangWord, begin, at_);
    }
    static constexpr std::string_view kSigns = "()[]{}|;,.:=<>+-*/%";
    static constexpr std::array kKinds = {
        TokenKind::kOpenParen, TokenKind::kCloseParen, TokenKind::kOpenBracket, TokenKind::kCloseBracket,
        TokenKind::kOpenBrace, TokenKind::kCloseBrace, TokenKind::kPipe,        TokenKind::kSemicolon,
        TokenKind::kComma,     TokenKind::kDot,        TokenKind::kColon,       TokenKind::kAssign,
        TokenKind::kLess,      TokenKind::kGreater,    TokenKind::kPlus,        TokenKind::kMinus,
        TokenKind::kStar,      TokenKind::kSlash,      TokenKind::kPercent};
    static_assert(kSigns.size() == kKinds.size());
    if (const std::size_t index = kSigns.find(peek()); index != std::string_view::npos) {
      add(kKinds[index], at_, at_ + 1);
    } else {
      report(kBadCharacter, at_, at_ + 1,
             std::string("The character ") + peek() + " cannot stand here; remove it or put it into a string.");
      add(TokenKind::kUnknown, at_, at_ + 1);
    }
    ++at_;
  }

  std::string_view text_;
  const ParseLimits& limits_;
  std::size_t at_ = 0;
  LexedText out_;
};

}  // namespace

LexedText lex(std::string_view text, const ParseLimits& limits) {
  return Lexer(text, limits).run();
}

std::int64_t timespan_unit_ticks(std::string_view unit) {
  struct Unit {
    std::string_view name;
    std::int64_t ticks;
  };
  static constexpr std::array kUnits = std::to_array<Unit>({
      {"d", kTicksPerDay},
      {"day", kTicksPerDay},
      {"days", kTicksPerDay},
      {"h", kTicksPerHour},
      {"hr", kTicksPerHour},
      {"hrs", kTicksPerHour},
      {"hour", kTicksPerHour},
      {"hours", kTicksPerHour},
      {"m", kTicksPerMinute},
      {"min", kTicksPerMinute},
      {"minute", kTicksPerMinute},
      {"minutes", kTicksPerMinute},
      {"s", kTicksPerSecond},
      {"sec", kTicksPerSecond},
      {"second", kTicksPerSecond},
      {"seconds", kTicksPerSecond},
      {"ms", kTicksPerMillisecond},
      {"milli", kTicksPerMillisecond},
      {"millis", kTicksPerMillisecond},
      {"millisec", kTicksPerMillisecond},
      {"millisecond", kTicksPerMillisecond},
      {"milliseconds", kTicksPerMillisecond},
      {"micro", kTicksPerMicrosecond},
      {"micros", kTicksPerMicrosecond},
      {"microsec", kTicksPerMicrosecond},
      {"microsecond", kTicksPerMicrosecond},
      {"microseconds", kTicksPerMicrosecond},
      {"nano", -100},
      {"nanos", -100},
      {"nanosec", -100},
      {"nanosecond", -100},
      {"nanoseconds", -100},
      {"tick", 1},
      {"ticks", 1},
  });
  const auto found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& each) { return each.name == unit; });
  return found == kUnits.end() ? 0 : found->ticks;
}

}  // namespace garrison::kql::syntax
