// SPDX-License-Identifier: Apache-2.0
#include "table/schema.h"

namespace garrison::table {

std::optional<std::size_t> Schema::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

const Column* Schema::find(std::string_view name) const {
  const auto index = index_of(name);
  return index ? &columns[*index] : nullptr;
}

std::string Schema::to_string() const {
  std::string out;
  for (const Column& column : columns) {
    if (!out.empty()) out += ", ";
    out += column.name;
    out += ':';
    out += table::to_string(column.kind);
  }
  return out;
}

}  // namespace garrison::table
