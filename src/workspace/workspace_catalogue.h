// SPDX-License-Identifier: Apache-2.0
// What KQL can name in one workspace, as it was at one moment. Immutable; any thread may read.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "kql/catalogue.h"
#include "workspace/saved_functions.h"
#include "workspace/table_store.h"

namespace garrison::workspace {

class WorkspaceCatalogue final : public kql::Catalogue {
 public:
  // The store's built-in tables must outlive the catalogue.
  WorkspaceCatalogue(const WorkspaceId& workspace, const TableStore& tables, const SavedFunctions& functions);

  std::optional<kql::TableSource> find_table(std::string_view name) const override;
  std::optional<kql::SavedFunction> find_function(std::string_view name) const override;
  std::vector<std::string> existing_tables() const override;
  std::vector<std::string> known_tables() const override;

  // Changes with every table, column and function; equal text means that a compiled query is still right.
  const std::string& version() const { return version_; }

 private:
  WorkspaceId workspace_;
  const table::BuiltInTables& built_in_;
  std::shared_ptr<const TableSnapshot> tables_;        // shared with the store and other catalogues
  std::shared_ptr<const FunctionSnapshot> functions_;  // likewise
  std::string version_;
};

}  // namespace garrison::workspace
