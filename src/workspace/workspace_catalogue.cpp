// SPDX-License-Identifier: Apache-2.0
#include "workspace/workspace_catalogue.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/log.h"
#include "engine/table_ddl.h"

namespace garrison::workspace {

WorkspaceCatalogue::WorkspaceCatalogue(const WorkspaceId& workspace, const TableStore& tables,
                                       const SavedFunctions& functions)
    : workspace_(workspace),
      built_in_(tables.built_in()),
      tables_(tables.snapshot(workspace)),
      functions_(functions.snapshot(workspace)),
      version_(fmt::format("{}.{}", tables_->version, functions_->version)) {}

std::optional<kql::TableSource> WorkspaceCatalogue::find_table(std::string_view name) const {
  TableStore::Definition definition;
  if (const auto custom = tables_->custom.find(name); custom != tables_->custom.end()) {
    definition = custom->second;
  } else if (built_in_.contains(name)) {
    auto found = built_in_.find(name);
    if (!found) {
      log::error("{}", found.error().to_string());
      return std::nullopt;
    }
    definition = *found;
  } else {
    return std::nullopt;
  }
  kql::TableSource source;
  source.name = name;
  source.schema = definition->schema;
  source.hidden = table::hidden_columns();
  source.text_indexed = definition->text_columns;
  source.not_null = {std::string(table::kTimeGenerated), std::string(table::kIngestionTime)};
  if (tables_->existing.contains(name)) source.sql_name = engine::qualified_name(database_name(workspace_), name);
  return source;
}

std::optional<kql::SavedFunction> WorkspaceCatalogue::find_function(std::string_view name) const {
  const auto found = functions_->functions.find(name);
  if (found == functions_->functions.end()) return std::nullopt;
  return found->second.function;
}

std::vector<std::string> WorkspaceCatalogue::existing_tables() const {
  return {tables_->existing.begin(), tables_->existing.end()};
}

std::vector<std::string> WorkspaceCatalogue::known_tables() const {
  std::vector<std::string> custom;
  for (const auto& [name, definition] : tables_->custom) custom.push_back(name);
  std::vector<std::string> names;
  std::merge(built_in_.names().begin(), built_in_.names().end(), custom.begin(), custom.end(),
             std::back_inserter(names));
  return names;
}

}  // namespace garrison::workspace
