// SPDX-License-Identifier: Apache-2.0
// Layout of query texts, by tokens alone: nothing but blanks and line breaks changes, remarks stay, and broken texts
// may be formatted too. Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kql/syntax/span.h"

namespace garrison::kql::syntax {

struct FormatOptions {
  std::size_t indent = 4;         // blanks a level of brackets
  std::size_t max_columns = 120;  // longer lists break after commas
};

// Each `|` on a line of its own, brackets with a pipeline or a body indented, one blank around operators and behind
// commas. Formatting twice changes nothing more. The result has no line break at its end.
std::string format(std::string_view text, const FormatOptions& options = {});

// Queries of a script: parted by blank lines outside brackets and strings, as editors do. Spans hold no blanks or
// remarks at their ends.
std::vector<Span> split_queries(std::string_view text);

// Whether a shell should read another line before it runs the text: an open bracket or multi-line string, or an end
// that wants a continuation (`|`, a comma, an operator, `=`).
bool wants_more(std::string_view text);

}  // namespace garrison::kql::syntax
