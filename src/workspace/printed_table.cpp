// SPDX-License-Identifier: Apache-2.0
#include "workspace/printed_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "workspace/conformance_compare.h"

namespace garrison::workspace {
namespace {

using table::Kind;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (const auto line : text::split(text, '\n')) {
    if (!text::trim(line).empty()) out.emplace_back(text::trim(line));
  }
  return out;
}

std::string squashed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  }
  return out;
}

// "2023-02-10 00:00:00Z" in the lines, "2023-02-10T00:00:00.0000000" in the tables.
std::string shown_datetime(const std::string& iso, bool in_table) {
  if (in_table) return iso.substr(0, iso.size() - 1);
  std::string out = iso;
  out[10] = ' ';
  return out.substr(20, 7) == "0000000" ? out.substr(0, 19) + "Z" : out;
}

std::string cell(const table::ColumnVector& column, std::size_t row, bool in_table) {
  if (column.kind() != Kind::kString && column.is_null(row)) return in_table ? "(null)" : "<null>";
  switch (column.kind()) {
    case Kind::kDateTime:
      return shown_datetime(table::to_display(column, row), in_table);
    case Kind::kReal: {
      const std::string text = table::to_display(column, row);
      return text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0 ? text.substr(0, text.size() - 2) : text;
    }
    case Kind::kDynamic:
    case Kind::kString:
      return std::string(column.text(row));
    default:
      return table::to_display(column, row);
  }
}

bool same_text(std::string_view ours, std::string_view theirs) {
  if (ours == theirs || text::trim(ours) == text::trim(theirs)) return true;
  char* end = nullptr;
  const std::string a(text::trim(ours));
  const std::string b(text::trim(theirs));
  if (a.empty() || b.empty()) return false;
  const double left = std::strtod(a.c_str(), &end);
  if (*end == '\0') {
    const double right = std::strtod(b.c_str(), &end);
    return *end == '\0' &&
           (left == right || std::abs(left - right) <= 1e-9 * std::max({1.0, std::abs(left), std::abs(right)}));
  }
  if (a.front() != '[' && a.front() != '{') return false;
  const auto ours_json = json::parse(a);
  const auto theirs_json = json::parse(b);
  return ours_json.ok() && theirs_json.ok() && same_json(*ours_json, *theirs_json, 1e-9);
}

std::string row_line(const table::Batch& batch, std::size_t row) {
  std::string out;
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    if (i > 0) out += ",";
    out += cell(batch.columns[i], row, false);
  }
  return out;
}

std::string difference(std::string_view ours, std::string_view theirs) {
  return fmt::format("prints {} instead of {}", ours, theirs);
}

std::string compare_table(const table::Batch& ours, std::string_view expected) {
  std::vector<std::string> lines;
  for (const auto line : text::split(expected, '\n')) lines.emplace_back(text::trim(line));
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.size() < 2) return "the case has no table";
  std::string header;
  for (const auto& column : ours.schema.columns)
    header += fmt::format("{}{}:{}", header.empty() ? "" : "; ", column.name, table::to_string(column.kind));
  if (header != lines[0]) return difference(header, lines[0]);
  if (ours.num_rows() != lines.size() - 2) return fmt::format("{} rows, not {}", ours.num_rows(), lines.size() - 2);
  for (std::size_t row = 0; row < ours.num_rows(); ++row) {
    std::string_view rest = lines[row + 2];
    for (std::size_t i = 0; i < ours.columns.size(); ++i) {
      const bool is_last = i + 1 == ours.columns.size();
      const std::size_t end = is_last ? rest.size() : std::min(rest.find(';'), rest.size());
      const std::string mine = cell(ours.columns[i], row, true);
      if (!same_text(mine, rest.substr(0, end))) return difference(mine, rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
  }
  return "";
}

bool same_line(std::string_view ours, std::string_view theirs) {
  if (same_text(ours, theirs)) return true;
  const auto a = text::split(ours, ',');
  const auto b = text::split(theirs, ',');
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same_text);
}

}  // namespace

std::string compare_printed_table(const table::Batch& ours, std::string_view form, std::string_view expected) {
  if (form.rfind("table", 0) == 0) return compare_table(ours, expected);
  if (form.rfind("ResultAs", 0) == 0) {
    std::string joined;
    const auto wanted = lines_of(text::replace_all(expected, "|", "\n"));
    if (wanted.size() != ours.num_rows()) return fmt::format("{} rows, not {}", ours.num_rows(), wanted.size());
    for (std::size_t row = 0; row < ours.num_rows(); ++row) {
      if (!same_line(row_line(ours, row), wanted[row])) return difference(row_line(ours, row), wanted[row]);
    }
    return "";
  }
  const std::string line = ours.num_rows() == 0 ? "" : row_line(ours, ours.num_rows() - 1);
  const bool is_squashed = form.rfind("Squashed", 0) == 0;
  const std::string mine = is_squashed ? squashed(line) : line;
  const std::string wanted = is_squashed ? squashed(expected) : std::string(text::trim(expected));
  if (form.find("Contain") != std::string_view::npos) {
    return mine.find(wanted) != std::string::npos ? "" : difference(mine, wanted);
  }
  return same_line(mine, wanted) ? "" : difference(mine, wanted);
}

}  // namespace garrison::workspace
