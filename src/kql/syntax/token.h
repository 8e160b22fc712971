// SPDX-License-Identifier: Apache-2.0
// Tokens of KQL. Keywords are words: what a word means depends on its place, and the parser decides.
#pragma once

#include <cstdint>

#include "kql/syntax/span.h"

namespace garrison::kql::syntax {

enum class TokenKind : std::uint8_t {
  kEnd,
  kWord,      // name or keyword, $left; also in~ as one token
  kBangWord,  // !in, !in~, !has_cs ...
  kLong,      // 12, 0xFF
  kReal,      // 1.5, 1e3
  kTimespan,  // 1d, 1.5h, 3minutes
  kString,    // every form, prefix and quotes included
  kTyped,     // datetime(2020-01-01), int(5), guid(...): the whole of it, contents raw
  kGuid,      // 74be27de-1e4e-49d9-b579-fe0b331d3642
  kOpenParen,
  kCloseParen,
  kOpenBracket,
  kCloseBracket,
  kOpenBrace,
  kCloseBrace,
  kPipe,
  kSemicolon,
  kComma,
  kDot,
  kDotDot,
  kColon,
  kAssign,
  kEqual,
  kNotEqual,
  kEqualTilde,
  kNotTilde,
  kArrow,  // = == != =~ !~ =>
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kUnknown,  // reported by the lexer
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
};

}  // namespace garrison::kql::syntax
