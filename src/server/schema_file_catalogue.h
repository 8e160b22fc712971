// SPDX-License-Identifier: Apache-2.0
// Tables and functions out of files, all tables empty: to check queries against the schemas of another workspace.
// Immutable once read; any thread may read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kql/catalogue.h"
#include "table/table_definition.h"

namespace garrison::server {

class SchemaFileCatalogue final : public kql::Catalogue {
 public:
  // Falls back to another catalogue for tables; null: the added ones are all. It must outlive the object.
  explicit SchemaFileCatalogue(const kql::Catalogue* fallback) : fallback_(fallback) {}

  // {"Table": {"Column": "type"}}. CLI-0010 (kBadInput) for anything else.
  Result<void> add_tables(std::string_view json);
  // One function a line: {"functionName", "query", "params": null or [{"Name", "Type", "Default"}], "alias": null or
  // text}. Of functions with one name the first counts. CLI-0011 (kBadInput) names the line that is wrong.
  Result<void> add_functions(std::string_view lines);

  std::optional<kql::TableSource> find_table(std::string_view name) const override;
  std::optional<kql::SavedFunction> find_function(std::string_view name) const override;
  std::vector<std::string> existing_tables() const override { return known_tables(); }
  std::vector<std::string> known_tables() const override;

 private:
  const kql::Catalogue* fallback_;
  std::map<std::string, table::Schema, std::less<>> tables_;
  std::map<std::string, kql::SavedFunction, std::less<>> functions_;
};

}  // namespace garrison::server
