// SPDX-License-Identifier: Apache-2.0
// How detection asks its questions; connected to the workspace's query service by the server, faked in tests.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/ticks.h"
#include "table/batch.h"

namespace garrison::detect {

struct QueryWindow {
  DateTime start;  // TimeGenerated of every table is limited to [start, end)
  DateTime end;    // now() in the query
};

struct QueryAnswer {
  table::Schema schema;
  std::vector<table::Batch> batches;
  std::int64_t num_rows = 0;
  std::int64_t rows_read = 0;
};

class RuleQuery {
 public:
  virtual ~RuleQuery() = default;
  // kNotFound: a table, column or function is not there (yet); kBadInput, kUnsupported, kDenied: permanent;
  // kTimeout, kExhausted, kUnavailable: try again.
  virtual Result<QueryAnswer> run(const WorkspaceId& workspace, std::string_view kql, const QueryWindow& window) = 0;
  // Binds without running; the position is within the KQL text.
  virtual Result<table::Schema> check(const WorkspaceId& workspace, std::string_view kql) = 0;
};

}  // namespace garrison::detect
