// SPDX-License-Identifier: Apache-2.0
// The tables that every workspace knows, all of them empty: to check and explain queries without a server. Immutable;
// any thread may read.
#pragma once

#include "kql/catalogue.h"
#include "table/catalogue.h"

namespace garrison::server {

class BuiltInCatalogue final : public kql::Catalogue {
 public:
  // The tables must outlive the catalogue.
  explicit BuiltInCatalogue(const table::BuiltInTables& tables) : tables_(tables) {}

  std::optional<kql::TableSource> find_table(std::string_view name) const override;
  std::optional<kql::SavedFunction> find_function(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> existing_tables() const override { return {}; }
  std::vector<std::string> known_tables() const override { return tables_.names(); }

 private:
  const table::BuiltInTables& tables_;
};

}  // namespace garrison::server
