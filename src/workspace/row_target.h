// SPDX-License-Identifier: Apache-2.0
// Where rows go that are safe in the ingest log. Implemented by TableStore over the engine, and by tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"

namespace garrison::workspace {

struct RowInsert {
  WorkspaceId workspace;
  std::string table;
  std::vector<std::string> columns;  // in the order of the blocks
  std::string_view native;           // blocks with these columns; alive until the call returns
  std::string token;                 // the same token is taken once
};

class RowTarget {
 public:
  virtual ~RowTarget() = default;
  // Returns once the rows are on the engine's disk. kBadInput: rows are refused, trying again cannot help; kNotFound:
  // the workspace or table is gone; every other error: try again with the same token. Any thread may call.
  virtual Result<void> insert(const RowInsert& rows) = 0;
};

}  // namespace garrison::workspace
