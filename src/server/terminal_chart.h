// SPDX-License-Identifier: Apache-2.0
// The charts of `render` on a terminal: lines in braille dots, columns and bars in block characters. Stateless.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "kql/plan.h"
#include "table/batch.h"

namespace garrison::server {

struct ChartOptions {
  std::size_t width = 80;  // columns of the terminal
  bool has_colours = false;
};

// The chart as lines; none when its kind is not drawn here, or the columns do not fit it (no number to draw), or there
// is no row.
std::optional<std::string> draw_chart(const table::Schema& schema, std::span<const table::Batch> rows,
                                      const kql::Render& render, const ChartOptions& options);

}  // namespace garrison::server
