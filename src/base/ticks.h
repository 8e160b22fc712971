// SPDX-License-Identifier: Apache-2.0
// Time as KQL has it: 100 ns ticks since 0001-01-01T00:00:00Z, and spans of ticks. Plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace garrison {

// Length of time in ticks of 100 ns; may be negative.
struct Timespan {
  std::int64_t ticks = 0;
  auto operator<=>(const Timespan&) const = default;
};

// Instant in UTC, in ticks since year 1. Valid from 0001-01-01 to 9999-12-31T23:59:59.9999999.
struct DateTime {
  std::int64_t ticks = 0;
  auto operator<=>(const DateTime&) const = default;
};

inline constexpr std::int64_t kTicksPerMicrosecond = 10;
inline constexpr std::int64_t kTicksPerMillisecond = 10'000;
inline constexpr std::int64_t kTicksPerSecond = 10'000'000;
inline constexpr std::int64_t kTicksPerMinute = 60 * kTicksPerSecond;
inline constexpr std::int64_t kTicksPerHour = 60 * kTicksPerMinute;
inline constexpr std::int64_t kTicksPerDay = 24 * kTicksPerHour;
inline constexpr std::int64_t kUnixEpochTicks = 621'355'968'000'000'000;  // 1970-01-01
inline constexpr std::int64_t kMaxTicks = 3'155'378'975'999'999'999;      // last tick of year 9999

inline DateTime operator+(DateTime at, Timespan span) { return {at.ticks + span.ticks}; }
inline DateTime operator-(DateTime at, Timespan span) { return {at.ticks - span.ticks}; }
inline Timespan operator-(DateTime left, DateTime right) { return {left.ticks - right.ticks}; }

struct CalendarTime {
  int year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t fraction_ticks = 0;  // 0 .. 9,999,999
};

CalendarTime to_calendar(DateTime at);
// None when a part is out of range.
std::optional<DateTime> from_calendar(const CalendarTime& parts);

// "2024-05-06T07:08:09.1234567Z", always seven digits, as Kusto prints a datetime.
std::string format_iso(DateTime at);
// ISO 8601 date or date and time, with 'T' or blank, fraction of any length, 'Z', offset or nothing (UTC).
std::optional<DateTime> parse_iso(std::string_view text);
// "1.02:03:04.0000005" with parts left out as Kusto does: days and fraction only when not zero.
std::string format_timespan(Timespan span);
// ISO 8601 duration such as PT5M or P1DT2H; months and years are refused (no fixed length).
std::optional<Timespan> parse_iso_duration(std::string_view text);
// Prints PT5M-like text.
std::string format_iso_duration(Timespan span);

}  // namespace garrison
