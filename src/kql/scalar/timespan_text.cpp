// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/timespan_text.h"

#include <re2/re2.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "base/text.h"

namespace garrison::kql {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 27> kUnits = {{
    {"", kTicksPerDay},
    {"d", kTicksPerDay},
    {"day", kTicksPerDay},
    {"days", kTicksPerDay},
    {"h", kTicksPerHour},
    {"hr", kTicksPerHour},
    {"hrs", kTicksPerHour},
    {"hour", kTicksPerHour},
    {"hours", kTicksPerHour},
    {"m", kTicksPerMinute},
    {"min", kTicksPerMinute},
    {"minute", kTicksPerMinute},
    {"minutes", kTicksPerMinute},
    {"s", kTicksPerSecond},
    {"sec", kTicksPerSecond},
    {"second", kTicksPerSecond},
    {"seconds", kTicksPerSecond},
    {"ms", kTicksPerMillisecond},
    {"milli", kTicksPerMillisecond},
    {"millis", kTicksPerMillisecond},
    {"millisecond", kTicksPerMillisecond},
    {"milliseconds", kTicksPerMillisecond},
    {"micro", kTicksPerMicrosecond},
    {"microsecond", kTicksPerMicrosecond},
    {"microseconds", kTicksPerMicrosecond},
    {"tick", 1},
    {"ticks", 1},
}};

constexpr double kLargest = 9.2e18;

std::optional<Timespan> with_unit(const std::string& text) {
  static const RE2 kPattern(R"(([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*([a-z]*))");
  double number = 0;
  std::string unit;
  if (!RE2::FullMatch(text, kPattern, &number, &unit)) return std::nullopt;
  if (unit.empty() && text.find('.') != std::string::npos) return std::nullopt;
  for (const auto& [name, ticks] : kUnits) {
    if (name != unit) continue;
    const double total = std::round(number * static_cast<double>(ticks));
    if (std::abs(total) > kLargest) return std::nullopt;
    return Timespan{static_cast<std::int64_t>(total)};
  }
  return std::nullopt;
}

std::optional<Timespan> with_clock(const std::string& text) {
  static const RE2 kPattern(R"((-?)(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?)");
  std::string sign, days, seconds, fraction;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!RE2::FullMatch(text, kPattern, &sign, &days, &hours, &minutes, &seconds, &fraction)) return std::nullopt;
  const std::int64_t whole_seconds = seconds.empty() ? 0 : std::stoll(seconds);
  if (hours > 23 || minutes > 59 || whole_seconds > 59) return std::nullopt;
  fraction.resize(7, '0');
  const std::int64_t ticks = (days.empty() ? 0 : std::stoll(days)) * kTicksPerDay + hours * kTicksPerHour +
                             minutes * kTicksPerMinute + whole_seconds * kTicksPerSecond + std::stoll(fraction);
  return Timespan{sign.empty() ? ticks : -ticks};
}

}  // namespace

std::optional<Timespan> parse_timespan(std::string_view text) {
  const std::string trimmed = text::ascii_lower(text::trim(text));
  if (auto clock = with_clock(trimmed)) return clock;
  return with_unit(trimmed);
}

}  // namespace garrison::kql
