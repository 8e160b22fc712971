// SPDX-License-Identifier: Apache-2.0
#include "table/table_definition.h"

#include <fmt/core.h>

#include <unordered_set>

#include "base/text.h"

namespace garrison::table {
namespace {

Error broken(std::string_view name, std::size_t line, std::string_view what) {
  return corrupt("TABLE-0002",
                 fmt::format("{}.table line {}: {}; restore the file from the release", name, line, what));
}

bool has_kind(const Schema& schema, std::string_view name, bool (*accepts)(Kind)) {
  const Column* column = schema.find(name);
  return column != nullptr && accepts(column->kind);
}

}  // namespace

const Schema& hidden_columns() {
  static const Schema schema{{{std::string(kIngestionTime), Kind::kDateTime},
                              {std::string(kSource), Kind::kString},
                              {std::string(kBatch), Kind::kLong},
                              {std::string(kExtra), Kind::kDynamic}}};
  return schema;
}

Result<TableDefinition> parse_table_file(std::string name, std::string_view text) {
  TableDefinition definition{std::move(name), {}, {}, {}};
  std::unordered_set<std::string_view> seen;
  bool in_header = true;
  std::size_t number = 0;
  for (std::string_view line : text::split(text, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) {
      in_header = false;
      continue;
    }
    if (line.front() == '#') continue;
    if (in_header && line.starts_with("order ")) {
      if (!definition.order_column.empty()) return broken(definition.name, number, "a second order column");
      definition.order_column = line.substr(6);
      continue;
    }
    if (in_header && line.starts_with("text ")) {
      definition.text_columns.emplace_back(line.substr(5));
      continue;
    }
    in_header = false;
    const std::size_t colon = line.rfind(": ");
    if (colon == std::string_view::npos || colon == 0) return broken(definition.name, number, "expected `name: type`");
    const std::optional<Kind> kind = parse_kind(line.substr(colon + 2));
    if (!kind) return broken(definition.name, number, fmt::format("unknown type `{}`", line.substr(colon + 2)));
    if (!seen.insert(line.substr(0, colon)).second) return broken(definition.name, number, "the column stands twice");
    definition.schema.columns.push_back({std::string(line.substr(0, colon)), *kind});
  }
  if (definition.schema.columns.size() > kMaxTableColumns)
    return broken(definition.name, number, "more than 1,000 columns");
  if (!definition.schema.find(kTimeGenerated))
    definition.schema.columns.push_back({std::string(kTimeGenerated), Kind::kDateTime});
  if (!has_kind(definition.schema, kTimeGenerated, [](Kind kind) { return kind == Kind::kDateTime; }))
    return broken(definition.name, number, "TimeGenerated must be a datetime");
  if (!definition.order_column.empty() &&
      !has_kind(definition.schema, definition.order_column, [](Kind kind) { return kind != Kind::kDynamic; }))
    return broken(definition.name, number, "the order column is not a column of a sortable type");
  for (const std::string& column : definition.text_columns)
    if (!has_kind(definition.schema, column, [](Kind kind) { return kind == Kind::kString; }))
      return broken(definition.name, number, fmt::format("text column `{}` is not a string column", column));
  return definition;
}

}  // namespace garrison::table
