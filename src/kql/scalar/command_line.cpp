// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/command_line.h"

namespace garrison::kql {

std::vector<std::string> split_windows_command_line(std::string_view line) {
  std::vector<std::string> out;
  std::size_t i = 0;
  const auto is_blank = [&](std::size_t at) { return line[at] == ' ' || line[at] == '\t'; };
  while (true) {
    while (i < line.size() && is_blank(i)) ++i;
    if (i == line.size()) return out;
    std::string argument;
    bool quoted = false;
    while (i < line.size() && (quoted || !is_blank(i))) {
      std::size_t num_backslashes = 0;
      while (i < line.size() && line[i] == '\\') {
        ++num_backslashes;
        ++i;
      }
      const bool before_quote = i < line.size() && line[i] == '"';
      argument.append(before_quote ? num_backslashes / 2 : num_backslashes, '\\');
      if (!before_quote) {
        if (i < line.size() && (quoted || !is_blank(i))) argument += line[i++];
        continue;
      }
      if (num_backslashes % 2 == 1) {
        argument += '"';
      } else if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        argument += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
      ++i;
    }
    out.push_back(std::move(argument));
  }
}

std::vector<std::string> split_csv_record(std::string_view text) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        out.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        out.back() += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && out.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      out.emplace_back();
    } else if (c == '\n' || c == '\r') {
      break;
    } else {
      out.back() += c;
    }
  }
  return out;
}

}  // namespace garrison::kql
