// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/sql_text.h"

#include "base/text.h"

namespace garrison::kql {

bool has_window(std::string_view sql) {
  bool found = false;
  for_each_identifier(sql, [&](std::string_view word, std::string_view rest) {
    if (word.size() != 4 || !text::iequals(word, "over")) return;
    const std::size_t next = rest.find_first_not_of(' ');
    found |= next != std::string_view::npos && rest[next] == '(';
  });
  return found;
}

}  // namespace garrison::kql
