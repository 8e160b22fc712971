// SPDX-License-Identifier: Apache-2.0
#include "api/result_json.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/text.h"

namespace garrison::api {
namespace {

constexpr std::int64_t kMaxSafeInteger = (std::int64_t{1} << 53) - 1;

void append_cell(std::string& out, const table::ColumnVector& column, std::size_t row) {
  if (column.is_null(row)) {
    out += "null";
    return;
  }
  if (column.kind() == table::Kind::kLong) {
    const std::int64_t value = column.integer(row);
    // A script reads numbers as doubles: what would lose digits goes as text.
    if (value > kMaxSafeInteger || value < -kMaxSafeInteger) {
      fmt::format_to(std::back_inserter(out), "\"{}\"", value);
      return;
    }
  }
  table::append_json(out, column, row);
}

std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> out;
  for (const std::string_view part : text::split(list, ',')) {
    if (!text::trim(part).empty()) out.emplace_back(text::trim(part));
  }
  return out;
}

json::array name_array(std::string_view list) {
  json::array out;
  for (const std::string& name : names_of(list)) out.emplace_back(name);
  return out;
}

}  // namespace

void append_rows(std::string& out, const table::Batch& batch, bool& is_first) {
  for (std::size_t row = 0; row < batch.num_rows(); ++row) {
    out += is_first ? "[" : ",[";
    is_first = false;
    for (std::size_t column = 0; column < batch.columns.size(); ++column) {
      if (column > 0) out += ',';
      append_cell(out, batch.columns[column], row);
    }
    out += ']';
  }
}

std::optional<json::object> render_shape(const kql::Render& render) {
  if (render.chart.empty() || render.chart == "table") return std::nullopt;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTexts = {
      {{"title", "title"}, {"xtitle", "xTitle"}, {"ytitle", "yTitle"}, {"xaxis", "xAxis"}, {"yaxis", "yAxis"}, {"legend", "legend"}, {"kind", "mode"}}};
  json::object out{{"kind", render.chart}};
  for (const auto& [name, value] : render.properties) {
    if (name == "xcolumn") out["xColumn"] = value;
    if (name == "ycolumns") out["yColumns"] = name_array(value);
    if (name == "series") out["series"] = name_array(value);
    if (name == "accumulate") out["accumulate"] = value == "true";
    for (const auto& [kql_name, json_name] : kTexts) {
      if (name == kql_name) out[json_name] = value;
    }
  }
  return out;
}

}  // namespace garrison::api
