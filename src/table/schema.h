// SPDX-License-Identifier: Apache-2.0
// Named, typed columns in order. Names are case-sensitive and unique. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/kind.h"

namespace garrison::table {

struct Column {
  std::string name;
  Kind kind = Kind::kString;
  bool operator==(const Column&) const = default;
};

struct Schema {
  std::vector<Column> columns;

  std::optional<std::size_t> index_of(std::string_view name) const;
  const Column* find(std::string_view name) const;
  // "TimeGenerated:datetime, EventID:int"
  std::string to_string() const;
  bool operator==(const Schema&) const = default;
};

}  // namespace garrison::table
