// SPDX-License-Identifier: Apache-2.0
// Compares our rows with results that another project's tests state as printed text, in the forms those tests use.
// Stateless.
#pragma once

#include <string>
#include <string_view>

#include "table/batch.h"

namespace garrison::workspace {

// `form` names what was compared there: the last printed line, all lines, or a table with a header and rows of cells
// behind `; `. Empty when ours prints the same, else what differs. Numbers are equal within 1e-9.
std::string compare_printed_table(const table::Batch& ours, std::string_view form, std::string_view expected);

}  // namespace garrison::workspace
