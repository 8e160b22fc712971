// SPDX-License-Identifier: Apache-2.0
#include "server/schema_file_catalogue.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"

namespace garrison::server {
namespace {

// A default as KQL writes it: text of a string parameter in quotes, everything else as it stands.
std::string default_text(std::string_view type, const json::value& value) {
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    if (type != "string") return std::string(text);
    std::string quoted;
    json::append_quoted(quoted, text);
    return quoted;
  }
  return json::print(value);
}

// (Name:Type=Default, ...); none when the list is malformed.
std::optional<std::string> parameter_text(const json::value* parameters) {
  if (parameters == nullptr || parameters->is_null()) return "()";
  if (parameters->is_string()) return "(" + std::string(parameters->get_string()) + ")";
  if (!parameters->is_array()) return std::nullopt;
  std::string out = "(";
  for (const json::value& parameter : parameters->get_array()) {
    const auto name = json::string_at(parameter, "Name");
    const auto type = json::string_at(parameter, "Type");
    if (!name || !type) return std::nullopt;
    if (out.size() > 1) out += ", ";
    out += *name + ":" + *type;
    if (const json::value* value = json::find(parameter, "Default"); value != nullptr && !value->is_null())
      out += "=" + default_text(*type, *value);
  }
  return out + ")";
}

}  // namespace

Result<void> SchemaFileCatalogue::add_tables(std::string_view text) {
  GARRISON_ASSIGN(const json::value document, json::parse(text, {.max_bytes = 256 << 20}));
  if (!document.is_object()) return bad_input("CLI-0010", "schemas must be an object of tables");
  for (const auto& [table, columns] : document.get_object()) {
    const std::string name(table);
    if (!columns.is_object())
      return bad_input("CLI-0010", fmt::format("table '{}' must be an object of columns", name));
    table::Schema schema;
    for (const auto& [column, type] : columns.get_object()) {
      const auto kind = type.is_string() ? table::parse_kind(std::string_view(type.get_string())) : std::nullopt;
      if (!kind)
        return bad_input("CLI-0010",
                         fmt::format("column '{}' of table '{}' has no KQL type", std::string(column), name));
      schema.columns.push_back({std::string(column), *kind});
    }
    tables_.emplace(name, std::move(schema));
  }
  return {};
}

Result<void> SchemaFileCatalogue::add_functions(std::string_view lines) {
  std::size_t number = 0;
  for (const std::string_view line : text::split(lines, '\n')) {
    ++number;
    if (text::trim(line).empty()) continue;
    const auto document = json::parse(line);
    if (!document.ok())
      return bad_input("CLI-0011", fmt::format("functions, line {}: {}", number, document.error().message));
    const auto name = json::string_at(*document, "functionName");
    const auto body = json::string_at(*document, "query");
    const auto parameters = parameter_text(json::find(*document, "params"));
    if (!name || !body || !parameters)
      return bad_input("CLI-0011",
                       fmt::format("functions, line {}: not a function with functionName and query", number));
    functions_.emplace(*name, kql::SavedFunction{*name, *parameters, *body});
    if (const auto alias = json::string_at(*document, "alias"); alias && !alias->empty()) {
      functions_.emplace(*alias, kql::SavedFunction{*alias, *parameters, *body});
    }
  }
  return {};
}

std::optional<kql::TableSource> SchemaFileCatalogue::find_table(std::string_view name) const {
  const auto found = tables_.find(name);
  if (found == tables_.end()) return fallback_ != nullptr ? fallback_->find_table(name) : std::nullopt;
  kql::TableSource source;
  source.name = found->first;
  source.schema = found->second;
  source.hidden = table::hidden_columns();
  return source;
}

std::optional<kql::SavedFunction> SchemaFileCatalogue::find_function(std::string_view name) const {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> SchemaFileCatalogue::known_tables() const {
  std::vector<std::string> out;
  if (fallback_ != nullptr) out = fallback_->known_tables();
  for (const auto& [name, schema] : tables_) out.push_back(name);
  return out;
}

}  // namespace garrison::server
