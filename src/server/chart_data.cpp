// SPDX-License-Identifier: Apache-2.0
#include "server/chart_data.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

using table::Kind;

bool is_number(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kLong || kind == Kind::kReal || kind == Kind::kDecimal ||
         kind == Kind::kTimespan;
}

double number_at(const table::ColumnVector& column, std::size_t row) {
  if (column.kind() == Kind::kReal) return column.real(row);
  if (column.kind() == Kind::kDecimal) return std::strtod(std::string(column.text(row)).c_str(), nullptr);
  if (column.kind() == Kind::kTimespan) return static_cast<double>(column.integer(row)) / kTicksPerSecond;
  return static_cast<double>(column.integer(row));
}

std::string label_at(const table::ColumnVector& column, std::size_t row) {
  if (column.is_null(row)) return "(null)";
  if (column.kind() == Kind::kDateTime) return short_time({column.integer(row)});
  const std::string text = table::to_display(column, row);
  return text.empty() ? "(empty)" : terminal_text(text);
}

std::string property(const kql::Render& render, std::string_view name) {
  for (const auto& [key, value] : render.properties) {
    if (text::iequals(key, name)) return value;
  }
  return {};
}

std::vector<std::size_t> columns_named(const table::Schema& schema, std::string_view list) {
  std::vector<std::size_t> out;
  for (const std::string_view name : text::split(list, ',')) {
    if (const auto index = schema.index_of(text::trim(name))) out.push_back(*index);
  }
  return out;
}

// Which columns play which part.
struct Roles {
  std::size_t axis = 0;
  std::vector<std::size_t> values;
  std::vector<std::size_t> groups;
};

bool is_over_time(std::string_view chart) {
  return chart == "timechart" || chart == "linechart" || chart == "areachart" || chart == "stackedareachart" ||
         chart == "scatterchart" || chart == "anomalychart";
}

std::size_t choose_axis(const table::Schema& schema, const kql::Render& render) {
  if (const auto named = schema.index_of(property(render, "xcolumn"))) return *named;
  if (!is_over_time(render.chart)) return 0;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (schema.columns[i].kind == Kind::kDateTime) return i;
  }
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (is_number(schema.columns[i].kind)) return i;
  }
  return 0;
}

Roles choose_roles(const table::Schema& schema, const kql::Render& render) {
  Roles roles;
  roles.axis = choose_axis(schema, render);
  roles.values = columns_named(schema, property(render, "ycolumns"));
  roles.groups = columns_named(schema, property(render, "series"));
  const bool has_values = !roles.values.empty();
  const bool has_groups = !roles.groups.empty();
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (i == roles.axis) continue;
    const Kind kind = schema.columns[i].kind;
    if (is_number(kind)) {
      if (!has_values) roles.values.push_back(i);
    } else if (kind != Kind::kDateTime && kind != Kind::kDynamic && !has_groups) {
      roles.groups.push_back(i);
    }
  }
  std::erase_if(roles.values, [&](std::size_t i) { return !is_number(schema.columns[i].kind) || i == roles.axis; });
  return roles;
}

// Collects the rows into series.
class Collector {
 public:
  Collector(const table::Schema& schema, Roles roles, ChartData& data)
      : schema_(schema), roles_(std::move(roles)), data_(data) {}

  void add(const table::Batch& batch, std::size_t row) {
    const table::ColumnVector& axis = batch.columns[roles_.axis];
    if (axis.is_null(row) && data_.axis != ChartData::Axis::kLabels) return;
    ChartPoint point;
    const std::string label = label_at(axis, row);
    const auto [place, is_new] = label_places_.try_emplace(label, data_.labels.size());
    if (is_new) data_.labels.push_back(label);
    point.label = place->second;
    point.x = data_.axis == ChartData::Axis::kLabels ? static_cast<double>(point.label) : axis_value(axis, row);
    std::string group;
    for (const std::size_t i : roles_.groups) group += (group.empty() ? "" : ", ") + label_at(batch.columns[i], row);
    for (const std::size_t i : roles_.values) {
      const table::ColumnVector& column = batch.columns[i];
      if (column.is_null(row)) continue;
      point.y = number_at(column, row);
      if (std::isfinite(point.y)) series(group, i).points.push_back(point);
    }
  }

 private:
  static double axis_value(const table::ColumnVector& axis, std::size_t row) {
    return axis.kind() == Kind::kDateTime ? static_cast<double>(axis.integer(row)) : number_at(axis, row);
  }

  ChartSeries& series(const std::string& group, std::size_t column) {
    std::string name = group;
    if (roles_.values.size() > 1 || group.empty())
      name += (group.empty() ? "" : ": ") + terminal_text(schema_.columns[column].name);
    const auto [place, is_new] = series_places_.try_emplace(name, data_.series.size());
    if (is_new) data_.series.push_back({name, {}});
    return data_.series[place->second];
  }

  const table::Schema& schema_;
  const Roles roles_;
  ChartData& data_;
  std::map<std::string, std::size_t> label_places_;
  std::map<std::string, std::size_t> series_places_;
};

}  // namespace

std::optional<ChartData> chart_data(const table::Schema& schema, std::span<const table::Batch> rows,
                                    const kql::Render& render) {
  if (schema.columns.empty()) return std::nullopt;
  Roles roles = choose_roles(schema, render);
  if (roles.values.empty()) return std::nullopt;
  ChartData data;
  data.title = terminal_text(property(render, "title"));
  const Kind axis = schema.columns[roles.axis].kind;
  if (is_over_time(render.chart)) {
    if (axis == Kind::kDateTime)
      data.axis = ChartData::Axis::kTime;
    else if (is_number(axis))
      data.axis = ChartData::Axis::kNumber;
  }
  Collector collector(schema, std::move(roles), data);
  for (const table::Batch& batch : rows) {
    for (std::size_t row = 0; row < batch.num_rows(); ++row) collector.add(batch, row);
  }
  if (data.series.empty()) return std::nullopt;
  return data;
}

std::string short_number(double value) {
  static constexpr std::pair<double, std::string_view> kUnits[] = {{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}};
  for (const auto& [size, unit] : kUnits) {
    if (std::fabs(value) >= 10 * size || (size > 1e3 && std::fabs(value) >= size))
      return fmt::format("{:.3g}{}", value / size, unit);
  }
  return fmt::format("{:.4g}", value);
}

std::string short_time(DateTime at) {
  const CalendarTime parts = to_calendar(at);
  std::string out = fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
  const std::int64_t in_day = at.ticks % kTicksPerDay;
  if (in_day == 0) return out;
  out += fmt::format(" {:02}:{:02}", parts.hour, parts.minute);
  if (in_day % kTicksPerMinute != 0) out += fmt::format(":{:02}", parts.second);
  return out;
}

}  // namespace garrison::server
