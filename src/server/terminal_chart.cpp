// SPDX-License-Identifier: Apache-2.0
#include "server/terminal_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "server/chart_data.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

constexpr std::size_t kMaxWidth = 120;
constexpr std::size_t kHeight = 14;    // lines of the drawing
constexpr std::size_t kMaxBars = 60;   // more are cut, with a line that says so
constexpr std::size_t kMinColumn = 4;  // characters of a column and its gap
constexpr std::array<std::string_view, 9> kEighthsAcross = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr std::array<std::string_view, 9> kEighthsUp = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<int, 6> kColours = {36, 33, 35, 32, 34, 31};

std::string coloured(std::string_view text, std::size_t series, const ChartOptions& options) {
  if (!options.has_colours) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kColours[series % kColours.size()], text);
}

void append_title(std::string& out, const ChartData& data) {
  if (!data.title.empty()) out += data.title + "\n";
}

void append_legend(std::string& out, const ChartData& data, const ChartOptions& options) {
  if (data.series.size() < 2) return;
  std::size_t used = 0;
  for (std::size_t i = 0; i < data.series.size(); ++i) {
    const std::string name = cut_to_width(data.series[i].name, 30);
    const std::size_t width = display_width(name) + 4;
    if (used > 0 && used + width > options.width) {
      out += "\n";
      used = 0;
    }
    out += coloured("■", i, options) + " " + name + "  ";
    used += width;
  }
  out += "\n";
}

// Smallest and greatest value over all series.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // 0 .. 1; the middle when there is no extent.
  double place(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

// Braille dots, two across and four up in a character.
class DotCanvas {
 public:
  DotCanvas(std::size_t columns, std::size_t lines)
      : columns_(columns), lines_(lines), dots_(columns * lines, 0), series_(columns * lines, 0) {}

  int width() const { return static_cast<int>(columns_ * 2); }
  int height() const { return static_cast<int>(lines_ * 4); }

  // (0, 0) is at the bottom left.
  void dot(int x, int y, std::size_t series) {
    static constexpr std::array<std::array<unsigned char, 4>, 2> kBits = {
        {{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}}};
    const std::size_t line = lines_ - 1 - static_cast<std::size_t>(y) / 4;
    const std::size_t cell = line * columns_ + static_cast<std::size_t>(x) / 2;
    dots_[cell] |= kBits[static_cast<std::size_t>(x) % 2][static_cast<std::size_t>(y) % 4];
    series_[cell] = series;
  }

  void line(int x, int y, int to_x, int to_y, std::size_t series) {
    const int steps = std::max({std::abs(to_x - x), std::abs(to_y - y), 1});
    for (int i = 0; i <= steps; ++i) {
      dot(x + static_cast<int>(std::lround(static_cast<double>(to_x - x) * i / steps)),
          y + static_cast<int>(std::lround(static_cast<double>(to_y - y) * i / steps)), series);
    }
  }

  std::string text(std::size_t line, const ChartOptions& options) const {
    std::string out;
    for (std::size_t column = 0; column < columns_; ++column) {
      const std::size_t cell = line * columns_ + column;
      if (dots_[cell] == 0) {
        out += ' ';
        continue;
      }
      // U+2800 and the dots as its low byte.
      const char character[] = {'\xE2', static_cast<char>(0xA0 | dots_[cell] >> 6),
                                static_cast<char>(0x80 | (dots_[cell] & 0x3F)), '\0'};
      out += coloured(character, series_[cell], options);
    }
    return out;
  }

 private:
  std::size_t columns_;
  std::size_t lines_;
  std::vector<unsigned char> dots_;
  std::vector<std::size_t> series_;
};

std::string axis_label(const ChartData& data, double x) {
  if (data.axis == ChartData::Axis::kTime)
    return short_time({static_cast<std::int64_t>(std::llround(x / kTicksPerSecond)) * kTicksPerSecond});
  if (data.axis == ChartData::Axis::kNumber) return short_number(x);
  const auto place = static_cast<std::size_t>(std::clamp(x, 0.0, static_cast<double>(data.labels.size() - 1)));
  return cut_to_width(data.labels[place], 24);
}

// The two ends of the axis, and its middle where there is room.
std::string axis_line(const ChartData& data, const Range& range, std::size_t margin, std::size_t columns) {
  const std::string left = axis_label(data, range.low);
  if (range.high <= range.low) return std::string(margin, ' ') + left + "\n";
  const std::string right = axis_label(data, range.high);
  const std::string middle = axis_label(data, range.low + (range.high - range.low) / 2);
  std::string out = std::string(margin, ' ') + left;
  const std::size_t left_width = display_width(left);
  const std::size_t right_width = display_width(right);
  const std::size_t middle_width = display_width(middle);
  if (left_width + right_width + 2 > columns) return out + "\n";
  std::size_t used = left_width;
  const std::size_t middle_begin = columns / 2 - std::min(columns / 2, middle_width / 2);
  if (middle_begin > used + 2 && middle_begin + middle_width + 2 + right_width < columns) {
    out += std::string(middle_begin - used, ' ') + middle;
    used = middle_begin + middle_width;
  }
  return out + std::string(columns - used - right_width, ' ') + right + "\n";
}

std::string draw_lines(ChartData data, const ChartOptions& options, bool joins_points) {
  Range across;
  Range up;
  up.include(0);
  for (ChartSeries& series : data.series) {
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
    for (const ChartPoint& point : series.points) {
      across.include(point.x);
      up.include(point.y);
    }
  }
  if (up.high <= up.low) up.high = up.low + 1;
  const std::array<std::string, 3> marks = {short_number(up.high), short_number(up.low + (up.high - up.low) / 2),
                                            short_number(up.low)};
  std::size_t margin = 0;
  for (const std::string& mark : marks) margin = std::max(margin, mark.size());
  const std::size_t columns = std::max<std::size_t>(std::min(options.width, kMaxWidth), margin + 12) - margin - 2;
  DotCanvas canvas(columns, kHeight);
  const auto dot_x = [&](double x) { return static_cast<int>(std::lround(across.place(x) * (canvas.width() - 1))); };
  const auto dot_y = [&](double y) { return static_cast<int>(std::lround(up.place(y) * (canvas.height() - 1))); };
  for (std::size_t i = 0; i < data.series.size(); ++i) {
    const auto& points = data.series[i].points;
    for (std::size_t p = 0; p < points.size(); ++p) {
      const bool is_joined = joins_points && p > 0;
      const ChartPoint& from = points[is_joined ? p - 1 : p];
      canvas.line(dot_x(from.x), dot_y(from.y), dot_x(points[p].x), dot_y(points[p].y), i);
    }
  }
  std::string out;
  append_title(out, data);
  for (std::size_t line = 0; line < kHeight; ++line) {
    std::string mark;
    if (line == 0) mark = marks[0];
    if (line == kHeight / 2) mark = marks[1];
    if (line == kHeight - 1) mark = marks[2];
    std::string text =
        std::string(margin - mark.size(), ' ') + mark + (mark.empty() ? " │" : " ┤") + canvas.text(line, options);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  out += axis_line(data, across, margin + 2, columns);
  append_legend(out, data, options);
  return out;
}

struct Bar {
  std::string label;
  double value = 0;
  std::size_t series = 0;
};

// Every point as a bar, label by label; a label and series met again adds up.
std::vector<Bar> to_bars(const ChartData& data) {
  std::map<std::pair<std::size_t, std::size_t>, double> values;  // by label and series
  for (std::size_t i = 0; i < data.series.size(); ++i) {
    for (const ChartPoint& point : data.series[i].points) values[{point.label, i}] += point.y;
  }
  std::vector<Bar> bars;
  for (const auto& [place, value] : values) {
    const std::string& label = data.labels[place.first];
    bars.push_back(
        {data.series.size() > 1 ? label + " · " + data.series[place.second].name : label, value, place.second});
  }
  return bars;
}

std::string draw_bars(const ChartData& data, const std::vector<Bar>& bars, const ChartOptions& options,
                      bool shows_share) {
  double total = 0;
  double longest = 0;
  std::size_t label_width = 0;
  std::size_t value_width = 0;
  std::vector<std::string> values;
  const std::size_t num_shown = std::min(bars.size(), kMaxBars);
  for (const Bar& bar : bars) total += std::fabs(bar.value);
  for (std::size_t i = 0; i < num_shown; ++i) {
    longest = std::max(longest, std::fabs(bars[i].value));
    label_width = std::max(label_width, display_width(bars[i].label));
    values.push_back(short_number(bars[i].value));
    if (shows_share && total > 0) values.back() += fmt::format("  {:.1f} %", 100 * std::fabs(bars[i].value) / total);
    value_width = std::max(value_width, values.back().size());
  }
  const std::size_t width = std::min(options.width, kMaxWidth);
  label_width = std::min(label_width, std::max<std::size_t>(width / 3, 8));
  const std::size_t room = std::max<std::size_t>(width, label_width + value_width + 13) - label_width - value_width - 3;
  std::string out;
  append_title(out, data);
  for (std::size_t i = 0; i < num_shown; ++i) {
    const std::string label = cut_to_width(bars[i].label, label_width);
    const auto eighths = static_cast<std::size_t>(
        std::lround(longest > 0 ? std::fabs(bars[i].value) / longest * static_cast<double>(room * 8) : 0));
    std::string bar;
    // Values below zero are dotted; the number tells the sign.
    for (std::size_t cell = 0; cell < eighths / 8; ++cell) bar += bars[i].value < 0 ? "▒" : "█";
    if (bars[i].value >= 0) bar += kEighthsAcross[eighths % 8];
    out += label + padding(label, label_width) + " │" + coloured(bar, bars[i].series, options) + " " + values[i] + "\n";
  }
  if (num_shown < bars.size()) out += fmt::format("… and {} more\n", bars.size() - num_shown);
  return out;
}

// None when the columns would be too narrow, or a value is below zero.
std::optional<std::string> draw_columns(const ChartData& data, const std::vector<Bar>& bars,
                                        const ChartOptions& options) {
  double highest = 0;
  std::size_t label_width = 0;
  for (const Bar& bar : bars) {
    if (bar.value < 0) return std::nullopt;
    highest = std::max(highest, bar.value);
    label_width = std::max(label_width, display_width(bar.label));
  }
  if (highest <= 0) return std::nullopt;
  const std::array<std::string, 2> marks = {short_number(highest), "0"};
  const std::size_t margin = std::max(marks[0].size(), marks[1].size());
  const std::size_t room = std::max<std::size_t>(std::min(options.width, kMaxWidth), margin + 12) - margin - 2;
  if (bars.size() * kMinColumn > room) return std::nullopt;
  const std::size_t step = std::min<std::size_t>(room / bars.size(), std::clamp<std::size_t>(label_width + 1, 6, 20));
  std::string out;
  append_title(out, data);
  for (std::size_t line = 0; line < kHeight; ++line) {
    const std::string mark = line == 0 ? marks[0] : line == kHeight - 1 ? marks[1] : std::string();
    std::string text = std::string(margin - mark.size(), ' ') + mark + (mark.empty() ? " │" : " ┤");
    for (const Bar& bar : bars) {
      const auto eighths =
          static_cast<std::size_t>(std::lround(bar.value / highest * static_cast<double>(kHeight * 8)));
      const std::size_t below = (kHeight - 1 - line) * 8;
      const std::size_t level = eighths <= below ? 0 : std::min<std::size_t>(eighths - below, 8);
      std::string cells;
      for (std::size_t i = 0; i + 1 < step; ++i) cells += kEighthsUp[level];
      text += (level == 0 ? cells : coloured(cells, bar.series, options)) + " ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  std::string labels(margin + 2, ' ');
  for (const Bar& bar : bars) {
    const std::string label = cut_to_width(bar.label, step - 1);
    labels += label + padding(label, step);
  }
  labels.erase(labels.find_last_not_of(' ') + 1);
  return out + labels + "\n";
}

}  // namespace

std::optional<std::string> draw_chart(const table::Schema& schema, std::span<const table::Batch> rows,
                                      const kql::Render& render, const ChartOptions& options) {
  static constexpr std::array<std::string_view, 9> kDrawn = {"timechart",        "linechart",    "areachart",
                                                             "stackedareachart", "scatterchart", "columnchart",
                                                             "barchart",         "piechart",     "anomalychart"};
  if (std::find(kDrawn.begin(), kDrawn.end(), render.chart) == kDrawn.end()) return std::nullopt;
  const auto data = chart_data(schema, rows, render);
  if (!data) return std::nullopt;
  if (render.chart == "barchart" || render.chart == "piechart")
    return draw_bars(*data, to_bars(*data), options, render.chart == "piechart");
  if (render.chart == "columnchart") {
    const std::vector<Bar> bars = to_bars(*data);
    if (auto drawn = draw_columns(*data, bars, options)) return drawn;
    return draw_bars(*data, bars, options, false);
  }
  return draw_lines(*data, options, render.chart != "scatterchart");
}

}  // namespace garrison::server
