// SPDX-License-Identifier: Apache-2.0
// Rows as an aligned table, or as the chart that the query asks for. Keeps all rows until the end, since widths come
// from all of them. One result, one thread.
#pragma once

#include <string>
#include <vector>

#include "server/result_printer.h"

namespace garrison::server {

class TablePrinter final : public ResultPrinter {
 public:
  TablePrinter(const PrintOptions& options, PrintOutput output) : options_(options), output_(std::move(output)) {}

  Result<void> begin(const table::Schema& schema) override;
  Result<void> add(table::Batch&& rows) override;
  Result<void> end(const kql::Render& render) override;
  std::string note() const override { return note_; }

 private:
  Result<void> print_table();

  PrintOptions options_;
  PrintOutput output_;
  table::Schema schema_;
  std::vector<table::Batch> batches_;
  std::string note_;
};

// Widths of columns for a line of `available` columns with two blanks between: none is cut while all fit, then the
// widest first, down to 6; what does not fit even so is left out at the end.
std::vector<std::size_t> fit_widths(std::vector<std::size_t> natural, std::size_t available);

}  // namespace garrison::server
