// SPDX-License-Identifier: Apache-2.0
// What the binder asks about names. Implemented by the workspace (tables on disk), by files (`garrison query --file`)
// and by tests. Must not change during one compilation; implementations are safe to read from several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/schema.h"

namespace garrison::kql {

struct TableSource {
  std::string name;
  table::Schema schema;                   // what `*` shows, in order
  table::Schema hidden;                   // readable by name only, e.g. _IngestionTime
  std::string sql_name;                   // quoted `database`.`table`; empty: nothing was ever written, no rows
  std::vector<std::string> text_indexed;  // string columns with the expression text index
  std::vector<std::string> not_null;      // columns that are not Nullable in the engine (TimeGenerated)
};

// A saved function: parameters as KQL writes them ("(T:(*), since:timespan=1h)"), body as KQL text.
struct SavedFunction {
  std::string name;
  std::string parameters;
  std::string body;
};

class Catalogue {
 public:
  virtual ~Catalogue() = default;
  virtual std::optional<TableSource> find_table(std::string_view name) const = 0;
  virtual std::optional<SavedFunction> find_function(std::string_view name) const = 0;
  // Tables that exist (something was written), for wildcards, `union *` and `search`; sorted.
  virtual std::vector<std::string> existing_tables() const = 0;
  // Every known table name, for "did you mean" and completion; sorted.
  virtual std::vector<std::string> known_tables() const = 0;
};

}  // namespace garrison::kql
