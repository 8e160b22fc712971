// SPDX-License-Identifier: Apache-2.0
// A bound scalar expression on its way to SQL: its KQL type, its SQL text, and what is known of it at compile time.
// Plain values, used within one compilation by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ticks.h"
#include "table/kind.h"

namespace garrison::kql {

using table::Kind;

// A value known at compile time: null, bool, integer (int, long, ticks of datetime and timespan), real, or text
// (string, dynamic as JSON, guid, decimal).
using Constant = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// A chain of member accesses and constant indexes on a dynamic value, kept unfused so that one engine call reads it.
struct DynamicPath {
  std::string root;  // SQL of the whole dynamic value, Nullable(String)
  std::vector<std::variant<std::string, std::int64_t>> steps;
};

// datetime + span: kept so that a comparison with a fixed time can be made on the bare column, which has the key.
struct TimeShift {
  std::string base_sql;
  std::int64_t ticks = 0;
};

struct Scalar {
  Kind kind = Kind::kString;
  std::string sql;
  bool nullable = true;                   // false: the SQL type is not Nullable, or the value is never null
  std::optional<Constant> constant;       // set for literals and folded expressions
  std::optional<DynamicPath> path;        // set for member access on dynamic
  std::optional<TimeShift> shift;         // set for datetime plus or minus a constant timespan
  std::optional<std::string> text_items;  // dynamic array of texts: the same as SQL Array(String), without JSON
  std::optional<std::string> text_item;   // dynamic text or null: SQL String of what tostring() gives, without JSON
  std::vector<Scalar> columns;   // several values at once (series_stats), each named by its hint; this is the first
  bool text_indexed = false;     // a stored column with a text index (kql-lowering: the expression index)
  bool is_aggregate = false;     // contains an aggregate function
  bool is_row_dependent = true;  // false: the same for every row (literals, now(), toscalar)
  std::string name_hint;         // the column name KQL gives when no name is written; empty: none
};

}  // namespace garrison::kql
