// SPDX-License-Identifier: Apache-2.0
// Rows of a query result as text for people and programs. A printer serves one result, on one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "kql/plan.h"
#include "table/batch.h"

namespace garrison::server {

enum class ResultFormat {
  kTable,  // aligned, or a chart where the query asks for one and a terminal shows it
  kJson,   // one array of objects
  kJsonLines,
  kCsv,  // RFC 4180; text that a spreadsheet would run as a formula gets a ' in front
};

struct PrintOptions {
  ResultFormat format = ResultFormat::kTable;
  std::size_t terminal_width = 0;  // columns; 0: no terminal, nothing is cut and no chart is drawn
  bool has_colours = false;
};

// Takes text; an error ends the printing.
using PrintOutput = std::function<Result<void>(std::string_view)>;

class ResultPrinter {
 public:
  virtual ~ResultPrinter() = default;
  static std::unique_ptr<ResultPrinter> create(const PrintOptions& options, PrintOutput output);

  // Once, before the rows.
  virtual Result<void> begin(const table::Schema& schema) = 0;
  virtual Result<void> add(table::Batch&& rows) = 0;
  // Once, after the rows. Tables are written here; other formats as the rows come.
  virtual Result<void> end(const kql::Render& render) = 0;
  // What the reader should know and the output cannot show, such as columns left out; empty: nothing.
  virtual std::string note() const { return {}; }
};

}  // namespace garrison::server
