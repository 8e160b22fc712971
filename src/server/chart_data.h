// SPDX-License-Identifier: Apache-2.0
// What a chart shows, taken out of the rows of a result: an axis, and series of values over it. Values; one thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kql/plan.h"
#include "table/batch.h"

namespace garrison::server {

struct ChartPoint {
  double x = 0;           // the number, the ticks of a time, or the place among the labels
  std::size_t label = 0;  // place among the labels
  double y = 0;
};

struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;  // in the order of the rows
};

struct ChartData {
  enum class Axis { kLabels, kNumber, kTime };
  Axis axis = Axis::kLabels;
  std::string title;
  std::vector<std::string> labels;  // in the order met, each once
  std::vector<ChartSeries> series;
};

// Takes the columns that the render's properties name, else as Kusto does: the first time or number (charts over time)
// or the first column (bars) is the axis, text columns tell series apart, numbers are drawn. None without a number.
std::optional<ChartData> chart_data(const table::Schema& schema, std::span<const table::Batch> rows,
                                    const kql::Render& render);

// 1.25 M, 340 k, 12, 0.5: at most four digits.
std::string short_number(double value);
// A time without the parts that are zero: 2024-05-06 07:08.
std::string short_time(DateTime at);

}  // namespace garrison::server
