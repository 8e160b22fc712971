// SPDX-License-Identifier: Apache-2.0
// Whether rows of ours equal recorded ones. Reals are equal within 1e-9 of their size; the order of rows counts only
// where the query says it; keys of bags have no order. Stateless.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "table/batch.h"

namespace garrison::workspace {

struct CompareRules {
  bool ordered = false;
  double tolerance = 1e-9;  // relative, of numbers
  bool shape_only = false;  // columns and number of rows: random or arbitrary rows
};

// Rows as JSON arrays; column types are .NET names. Empty when equal, else what differs.
std::string compare_json_rows(const table::Batch& ours, std::span<const std::string> columns,
                              std::span<const std::string> column_types, const json::array& theirs,
                              const CompareRules& rules);
// Rows printed as tuples: ('a', 1, null); columns as name:class. `row_count` may be greater than the printed rows.
std::string compare_printed_rows(const table::Batch& ours, std::span<const std::string> columns,
                                 std::span<const std::string> theirs, std::size_t row_count, const CompareRules& rules);
// Two JSON texts, numbers within the tolerance.
bool same_json(const json::value& left, const json::value& right, double tolerance);
// Our rows for people, at most 12.
std::string print_rows(const table::Batch& rows);

}  // namespace garrison::workspace
