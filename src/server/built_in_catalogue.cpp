// SPDX-License-Identifier: Apache-2.0
#include "server/built_in_catalogue.h"

namespace garrison::server {

std::optional<kql::TableSource> BuiltInCatalogue::find_table(std::string_view name) const {
  const auto definition = tables_.find(name);
  if (!definition.ok()) return std::nullopt;
  kql::TableSource source;
  source.name = name;
  source.schema = (*definition)->schema;
  source.hidden = table::hidden_columns();
  return source;
}

}  // namespace garrison::server
