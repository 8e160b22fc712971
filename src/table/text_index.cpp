// SPDX-License-Identifier: Apache-2.0
#include "table/text_index.h"

#include <fmt/format.h>

namespace garrison::table {

std::string text_index_expression(std::string_view column_sql) {
  return fmt::format(R"(lowerUTF8(if(isValidASCII({0}), {0}, replaceRegexpAll({0}, '[^\\x00-\\x7F\\p{{L}}\\p{{N}}]', ' '))))",
                     column_sql);
}

}  // namespace garrison::table
