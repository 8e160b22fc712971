// SPDX-License-Identifier: Apache-2.0
// The reference manual of functions and aggregates, made from the registry.
#pragma once

#include <iosfwd>

namespace garrison::kql {

// Markdown: a heading per entry with signature, description, example and result, then the names not supported yet.
void write_manual(std::ostream& output);

}  // namespace garrison::kql
