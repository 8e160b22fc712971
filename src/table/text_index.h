// SPDX-License-Identifier: Apache-2.0
// The expression that text indexes are built over. The index serves a query only when the query repeats the expression
// letter for letter, so the DDL and the KQL lowering both take it from here. Stateless; any thread may call.
#pragma once

#include <string>
#include <string_view>

namespace garrison::table {

// Folds case and turns signs outside ASCII that are neither letters nor digits (curly quotes, dashes) into blanks: the
// engine's tokenizer takes every non-ASCII byte for a letter. `column_sql` is the column as SQL, quoted where needed.
// isValidASCII must not be written as its alias isASCII: queries are canonicalised, index definitions are not.
std::string text_index_expression(std::string_view column_sql);

// TYPE clause of the index: its tokenizer splits as KQL terms do ('_' separates too).
inline constexpr std::string_view kTextIndexType = "text(tokenizer = 'splitByNonAlpha')";

}  // namespace garrison::table
