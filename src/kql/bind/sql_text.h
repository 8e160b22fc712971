// SPDX-License-Identifier: Apache-2.0
// Reads SQL that the lowerings wrote: which columns it names, whether it holds a window function. Text in quotes is
// passed over. Stateless.
#pragma once

#include <functional>
#include <string_view>

#include "kql/bind/plan_node.h"

namespace garrison::kql {

// Calls `visit` for each identifier outside of quotes, with the text that follows it.
template <typename Visit>
void for_each_identifier(std::string_view sql, Visit&& visit);

// Calls `visit` with each column id named in the text, repeated ones each time.
template <typename Visit>
void for_each_column(std::string_view sql, Visit&& visit);

bool has_window(std::string_view sql);

// ---- implementation ----

namespace sql_text {
inline bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
// The place behind the quoted text that begins at `at`.
inline std::size_t skip_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at++];
  while (at < sql.size() && sql[at] != quote) at += sql[at] == '\\' ? 2 : 1;
  return at + 1;
}
}  // namespace sql_text

template <typename Visit>
void for_each_identifier(std::string_view sql, Visit&& visit) {
  std::size_t at = 0;
  while (at < sql.size()) {
    const char c = sql[at];
    if (c == '\'' || c == '`') {
      at = sql_text::skip_quoted(sql, at);
    } else if (sql_text::is_word(c)) {
      const std::size_t begin = at;
      while (at < sql.size() && sql_text::is_word(sql[at])) ++at;
      visit(sql.substr(begin, at - begin), sql.substr(at));
    } else {
      ++at;
    }
  }
}

template <typename Visit>
void for_each_column(std::string_view sql, Visit&& visit) {
  for_each_identifier(sql, [&](std::string_view word, std::string_view) {
    if (word.size() < 2 || word.size() > 10 || word[0] != 'c') return;
    ColumnId id = 0;
    for (const char c : word.substr(1)) {
      if (c < '0' || c > '9') return;
      id = id * 10 + static_cast<ColumnId>(c - '0');
    }
    visit(id);
  });
}

}  // namespace garrison::kql
