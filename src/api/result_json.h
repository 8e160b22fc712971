// SPDX-License-Identifier: Apache-2.0
// Query results as the JSON of the REST contract. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "kql/plan.h"
#include "table/batch.h"

namespace garrison::api {

// Appends the rows as arrays, with a comma before each but the first; is_first is kept over batches.
void append_rows(std::string& out, const table::Batch& batch, bool& is_first);
// render as the contract has it; none where the query asks for a table or nothing.
std::optional<json::object> render_shape(const kql::Render& render);

}  // namespace garrison::api
