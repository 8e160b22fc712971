// SPDX-License-Identifier: Apache-2.0
// Cuts a query text into tokens. Skips blanks, comments (//) and directive lines (#...). Never fails: what it cannot
// read becomes an kUnknown token and a diagnostic.
#pragma once

#include <string_view>
#include <vector>

#include "kql/syntax/token.h"
#include "kql/syntax/tree.h"

namespace garrison::kql::syntax {

struct LexedText {
  std::vector<Token> tokens;            // the last is kEnd, at the end of the text
  std::vector<Diagnostic> diagnostics;  // position not set: the caller fills it from the span
};

LexedText lex(std::string_view text, const ParseLimits& limits);

// Ticks of one unit of a timespan literal ("d", "hours", "ms" ...); 0 for an unknown word. A nanosecond is not a whole
// tick: "nano" and its forms give -100, the number of units that make one tick.
std::int64_t timespan_unit_ticks(std::string_view unit);

}  // namespace garrison::kql::syntax
