// SPDX-License-Identifier: Apache-2.0
// Cells of case files against values: writing them into tables and comparing them with results.
#pragma once

#include "base/error.h"
#include "case_file.h"
#include "table/batch.h"

namespace garrison::cases {

// Appends the cell as a value of the column's kind; CASE-0002 when it is none.
Result<void> append_cell(table::ColumnVector& column, const Cell& cell);
// Whether the value is what the cell says: reals to 1e-9, times by instant, dynamic by JSON value.
bool equals(const table::ColumnVector& column, std::size_t row, const Cell& cell);

}  // namespace garrison::cases
