// SPDX-License-Identifier: Apache-2.0
// Compares our answers with recorded answers of other engines: files of one case a line, in three shapes (typed rows of
// documentation pages, printed rows of generated queries, printed lines of another project's tests). Used by `garrison
// kql conformance` and by tests. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "table/batch.h"

namespace garrison::workspace {

struct ConformanceAnswer {
  table::Batch rows;
  bool ordered = false;  // the query says the order of its rows
};

// Runs one query without tables of its own. An error is an answer, too: the case may ask for it.
using ConformanceRunner = std::function<Result<ConformanceAnswer>(std::string_view query)>;

struct ConformanceOptions {
  bool show_failures = false;  // query, our answer and the recorded one of each failed case
  std::string only;            // cases whose id or family contains this; empty: all
};

struct ConformanceTotals {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

// Writes a line per family and last `N passed, N failed`. Both count every case of the files, what is not supported
// yet as failed. An unreadable file or line is an error (CONFORMANCE-0001).
Result<ConformanceTotals> run_conformance(std::span<const std::string> files, const ConformanceOptions& options,
                                          const ConformanceRunner& runner, std::ostream& output);

}  // namespace garrison::workspace
