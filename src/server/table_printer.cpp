// SPDX-License-Identifier: Apache-2.0
#include "server/table_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "server/terminal_chart.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kMinWidth = 6;
constexpr std::size_t kFlushBytes = 64 << 10;

bool is_right_aligned(table::Kind kind) {
  return kind == table::Kind::kInt || kind == table::Kind::kLong || kind == table::Kind::kReal ||
         kind == table::Kind::kDecimal;
}

void append_cell(std::string& line, std::string_view text, std::size_t width, bool is_right) {
  const std::string cell = cut_to_width(text, width);
  const std::string blanks = padding(cell, width);
  line += is_right ? blanks + cell : cell + blanks;
}

void end_line(std::string& out, std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
  line.clear();
}

}  // namespace

std::vector<std::size_t> fit_widths(std::vector<std::size_t> natural, std::size_t available) {
  const auto total = [&](std::size_t cap) {
    std::size_t sum = natural.empty() ? 0 : kGap * (natural.size() - 1);
    for (const std::size_t width : natural) sum += std::min(width, cap);
    return sum;
  };
  while (natural.size() > 1 && total(kMinWidth) > available) natural.pop_back();
  if (natural.empty() || total(*std::max_element(natural.begin(), natural.end())) <= available) return natural;
  std::size_t cap = std::min(kMinWidth, available);
  while (total(cap + 1) <= available) ++cap;
  std::size_t spare = available > total(cap) ? available - total(cap) : 0;
  for (std::size_t& width : natural) {
    if (width <= cap) continue;
    width = cap + (spare > 0 ? 1 : 0);
    if (spare > 0) --spare;
  }
  return natural;
}

Result<void> TablePrinter::begin(const table::Schema& schema) {
  schema_ = schema;
  return {};
}

Result<void> TablePrinter::add(table::Batch&& rows) {
  batches_.push_back(std::move(rows));
  return {};
}

Result<void> TablePrinter::end(const kql::Render& render) {
  const bool wants_chart = !render.chart.empty() && render.chart != "table";
  if (wants_chart && options_.terminal_width > 0) {
    const ChartOptions chart{options_.terminal_width, options_.has_colours};
    if (const auto drawn = draw_chart(schema_, batches_, render, chart)) return output_(*drawn);
    note_ = fmt::format("a {} cannot be drawn from these columns here; this is the table", render.chart);
  }
  return print_table();
}

Result<void> TablePrinter::print_table() {
  if (schema_.columns.empty()) return {};
  const std::size_t num_columns = schema_.columns.size();
  std::vector<std::string> names;
  std::vector<std::size_t> widths;
  for (const table::Column& column : schema_.columns) {
    names.push_back(terminal_text(column.name));
    widths.push_back(display_width(names.back()));
  }
  for (const table::Batch& batch : batches_) {
    for (std::size_t i = 0; i < num_columns; ++i) {
      for (std::size_t row = 0; row < batch.num_rows(); ++row) {
        widths[i] = std::max(widths[i], display_width(terminal_text(table::to_display(batch.columns[i], row))));
      }
    }
  }
  if (options_.terminal_width > 0) widths = fit_widths(std::move(widths), options_.terminal_width);
  if (widths.size() < num_columns) {
    note_ = fmt::format("{} of {} columns do not fit the terminal; project fewer, or use --format jsonl",
                        num_columns - widths.size(), num_columns);
  }
  std::string out;
  std::string line;
  const auto add_row = [&](const auto& cell) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i > 0) line.append(kGap, ' ');
      append_cell(line, cell(i), widths[i], is_right_aligned(schema_.columns[i].kind));
    }
    end_line(out, line);
  };
  add_row([&](std::size_t i) { return names[i]; });
  add_row([&](std::size_t i) { return std::string(widths[i], '-'); });
  for (const table::Batch& batch : batches_) {
    for (std::size_t row = 0; row < batch.num_rows(); ++row) {
      add_row([&](std::size_t i) { return terminal_text(table::to_display(batch.columns[i], row)); });
      if (out.size() > kFlushBytes) {
        GARRISON_TRY(output_(out));
        out.clear();
      }
    }
  }
  return output_(out);
}

}  // namespace garrison::server
