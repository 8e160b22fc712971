// SPDX-License-Identifier: Apache-2.0
#include "case_file.h"

#include <charconv>

#include "base/text.h"

namespace garrison::cases {
namespace {

Error wrong(std::uint32_t line, std::string message) {
  return bad_input("CASE-0001", std::move(message), Position{line, 1});
}

Result<Row> parse_row(std::string_view line, std::uint32_t number) {
  Row row;
  std::size_t at = 1;
  while (at < line.size()) {
    Cell cell;
    std::string raw;
    bool escaped = false;
    while (at < line.size() && (escaped || line[at] != '|')) {
      escaped = !escaped && line[at] == '\\';
      raw += line[at++];
    }
    if (at >= line.size()) {
      if (!text::trim(raw).empty()) return wrong(number, "a row ends with |");
      break;
    }
    ++at;
    std::string_view value = text::trim(raw);
    cell.quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    if (cell.quoted) value = value.substr(1, value.size() - 2);
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '\\' && i + 1 < value.size() && (value[i + 1] == '|' || cell.quoted)) {
        ++i;
        cell.text += value[i] == 'n' ? '\n' : value[i] == 't' ? '\t' : value[i];
      } else {
        cell.text += value[i];
      }
    }
    row.push_back(std::move(cell));
  }
  return row;
}

Result<TableStep> parse_table(std::string_view head, std::uint32_t number) {
  TableStep step;
  const std::size_t open = head.find('(');
  if (open == std::string_view::npos || !head.ends_with(')')) return wrong(number, "table NAME(column:type, ...)");
  step.name = text::trim(head.substr(0, open));
  for (const std::string_view part : text::split(head.substr(open + 1, head.size() - open - 2), ',')) {
    const std::size_t colon = part.find(':');
    const auto kind = colon == std::string_view::npos ? std::nullopt : table::parse_kind(text::trim(part.substr(colon + 1)));
    if (!kind) return wrong(number, "a column is name:type");
    step.schema.columns.push_back({std::string(text::trim(part.substr(0, colon))), *kind});
  }
  return step;
}

std::optional<std::string_view> after(std::string_view line, std::string_view word) {
  if (!line.starts_with(word)) return std::nullopt;
  return text::trim(line.substr(word.size()));
}

}  // namespace

Result<CaseFile> parse_case(std::string_view whole) {
  CaseFile file;
  std::uint32_t number = 0;
  std::string* continued = nullptr;
  std::vector<Row>* rows = nullptr;
  for (std::string_view line : text::split(whole, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (continued != nullptr && line.starts_with(' ')) {
      *continued += "\n";
      *continued += line;
      continue;
    }
    if (line.starts_with('#') || text::trim(line).empty()) continue;
    if (line.starts_with('|')) {
      if (rows == nullptr) return wrong(number, "a row without table or gives");
      GARRISON_ASSIGN(Row row, parse_row(line, number));
      rows->push_back(std::move(row));
      continue;
    }
    continued = nullptr;
    rows = nullptr;
    Step step;
    step.line = number;
    if (const auto about = after(line, "about:")) {
      file.about = *about;
      continue;
    }
    if (const auto head = after(line, "table ")) {
      GARRISON_ASSIGN(step.what, parse_table(*head, number));
    } else if (const auto function = after(line, "function ")) {
      const std::size_t equals = function->find(") =");
      const std::size_t open = function->find('(');
      if (equals == std::string_view::npos || open == std::string_view::npos) {
        return wrong(number, "function NAME(parameters) = body");
      }
      FunctionStep definition;
      definition.name = text::trim(function->substr(0, open));
      definition.parameters = function->substr(open, equals + 1 - open);
      definition.body = text::trim(function->substr(equals + 3));
      step.what = std::move(definition);
    } else if (const auto query = after(line, "query:")) {
      step.what = QueryStep{std::string(*query)};
    } else if (const auto same = after(line, "same as:")) {
      step.what = SameAsStep{std::string(*same)};
    } else if (const auto gives = after(line, "gives:")) {
      GivesStep expected;
      for (const std::string_view column : text::split(*gives, ',')) expected.columns.emplace_back(text::trim(column));
      step.what = std::move(expected);
    } else if (const auto fails = after(line, "fails:")) {
      FailsStep expected;
      const std::size_t at = fails->find(" at ");
      expected.code = fails->substr(0, at);
      if (at != std::string_view::npos) expected.place = text::trim(fails->substr(at + 4));
      step.what = std::move(expected);
    } else if (const auto repeat = after(line, "repeat ")) {
      RepeatStep repetition;
      const auto parsed = std::from_chars(repeat->data(), repeat->data() + repeat->size(), repetition.times);
      if (parsed.ec != std::errc{} || repetition.times < 1 || repetition.times > 1000) return wrong(number, "repeat N");
      step.what = repetition;
    } else {
      return wrong(number, "unknown step '" + std::string(line) + "'");
    }
    file.steps.push_back(std::move(step));
    auto& what = file.steps.back().what;
    if (auto* table = std::get_if<TableStep>(&what)) rows = &table->rows;
    if (auto* gives = std::get_if<GivesStep>(&what)) rows = &gives->rows;
    if (auto* query = std::get_if<QueryStep>(&what)) continued = &query->text;
    if (auto* same = std::get_if<SameAsStep>(&what)) continued = &same->text;
    if (auto* function = std::get_if<FunctionStep>(&what)) continued = &function->body;
  }
  if (file.about.empty()) return wrong(1, "a case begins with about:");
  return file;
}

}  // namespace garrison::cases
