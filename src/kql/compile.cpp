// SPDX-License-Identifier: Apache-2.0
#include "kql/compile.h"

#include <algorithm>
#include <array>

#include "kql/bind/binder.h"

namespace garrison::kql {

Error Compilation::error() const {
  const Diagnostic& first = diagnostics.front();
  Error error;
  error.kind = first.kind;
  error.code = first.code;
  error.message = first.message;
  error.position = first.position;
  return error;
}

Compilation compile(std::string_view text, const Catalogue& catalogue, const CompileOptions& options) {
  Binder binder(catalogue, options);
  return binder.run(text);
}

table::Schema make_discovered(const table::Batch& rows) {
  std::map<std::string, std::optional<table::Kind>> kinds;
  for (std::size_t row = 0; row < rows.num_rows(); ++row) {
    std::string name(rows.columns[0].text(row));
    const auto kind = table::parse_kind(rows.columns[1].text(row));
    auto& known = kinds[name];
    if (!kind) continue;  // a null says nothing
    if (!known || known == kind) {
      known = kind;
      continue;
    }
    const auto is_number = [](table::Kind k) { return k == table::Kind::kLong || k == table::Kind::kReal; };
    known = is_number(*known) && is_number(*kind) ? table::Kind::kReal : table::Kind::kDynamic;
  }
  table::Schema schema;
  for (const auto& [name, kind] : kinds) schema.columns.push_back({name, kind.value_or(table::Kind::kDynamic)});
  return schema;
}

std::span<const std::pair<std::string_view, std::string_view>> engine_settings() {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kSettings = {{
      {"enable_analyzer", "1"},
      {"enable_materialized_cte", "1"},
      {"join_use_nulls", "0"},
      {"use_variant_as_common_type", "0"},
      {"session_timezone", "UTC"},
      {"max_query_size", "33554432"},
      {"max_ast_elements", "2000000"},
      {"max_expanded_ast_elements", "10000000"},
      {"max_parser_depth", "5000"},
  }};
  return kSettings;
}

}  // namespace garrison::kql
