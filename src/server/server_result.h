// SPDX-License-Identifier: Apache-2.0
// The answer of POST /query as rows. Pure function.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "kql/plan.h"
#include "table/batch.h"

namespace garrison::server {

struct ServerResult {
  table::Schema schema;
  table::Batch rows;
  kql::Render render;
  std::vector<std::string> warnings;
  std::uint64_t rows_read = 0;
  double elapsed_ms = 0;
  bool truncated = false;
};

// CLI-0003 (kCorrupt): not the answer that the contract says.
Result<ServerResult> read_server_result(const std::string& body);

}  // namespace garrison::server
