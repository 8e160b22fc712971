// SPDX-License-Identifier: Apache-2.0
#include "base/ticks.h"

#include <fmt/format.h>

#include <cctype>
#include <limits>

namespace garrison {
namespace {

// Days since 0001-01-01 of a proleptic Gregorian date (algorithm: years start in March).
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 306;
}

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

// Reads between min_digits and max_digits decimal digits and moves the text past them.
std::optional<int> take_number(std::string_view& text, std::size_t min_digits, std::size_t max_digits) {
  std::size_t length = 0;
  int value = 0;
  while (length < max_digits && length < text.size() && std::isdigit(static_cast<unsigned char>(text[length]))) {
    value = value * 10 + (text[length] - '0');
    ++length;
  }
  if (length < min_digits) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_fraction(std::string_view& text) {
  std::int64_t ticks = 0;
  std::int64_t unit = kTicksPerSecond / 10;
  std::size_t length = 0;
  while (length < text.size() && std::isdigit(static_cast<unsigned char>(text[length]))) {
    ticks += (text[length] - '0') * unit;
    unit /= 10;
    ++length;
  }
  if (length == 0) return std::nullopt;
  text.remove_prefix(length);
  return ticks;
}

// Reads "Z", "+hh:mm", "+hhmm", "+hh" or nothing; gives the offset in ticks.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (text.empty() || take_char(text, 'Z') || take_char(text, 'z')) return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take_char(text, '+') && !take_char(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2, 2);
  if (!hours) return std::nullopt;
  take_char(text, ':');
  int minutes = 0;
  if (!text.empty()) {
    const auto read = take_number(text, 2, 2);
    if (!read) return std::nullopt;
    minutes = *read;
  }
  if (*hours > 14 || minutes > 59) return std::nullopt;
  return sign * (*hours * kTicksPerHour + minutes * kTicksPerMinute);
}

}  // namespace

CalendarTime to_calendar(DateTime at) {
  const std::int64_t days = at.ticks / kTicksPerDay;
  std::int64_t rest = at.ticks % kTicksPerDay;
  const std::int64_t shifted = days + 306;
  const std::int64_t era = shifted / 146097;
  const std::int64_t day_of_era = shifted % 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CalendarTime parts;
  parts.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  parts.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  parts.year = static_cast<int>(year_of_era + era * 400 + (parts.month <= 2));
  parts.hour = static_cast<int>(rest / kTicksPerHour);
  rest %= kTicksPerHour;
  parts.minute = static_cast<int>(rest / kTicksPerMinute);
  rest %= kTicksPerMinute;
  parts.second = static_cast<int>(rest / kTicksPerSecond);
  parts.fraction_ticks = rest % kTicksPerSecond;
  return parts;
}

std::optional<DateTime> from_calendar(const CalendarTime& parts) {
  if (parts.year < 1 || parts.year > 9999 || parts.month < 1 || parts.month > 12) return std::nullopt;
  if (parts.day < 1 || parts.day > days_in_month(parts.year, parts.month)) return std::nullopt;
  if (parts.hour < 0 || parts.hour > 23 || parts.minute < 0 || parts.minute > 59) return std::nullopt;
  if (parts.second < 0 || parts.second > 59) return std::nullopt;
  if (parts.fraction_ticks < 0 || parts.fraction_ticks >= kTicksPerSecond) return std::nullopt;
  return DateTime{days_from_civil(parts.year, parts.month, parts.day) * kTicksPerDay + parts.hour * kTicksPerHour +
                  parts.minute * kTicksPerMinute + parts.second * kTicksPerSecond + parts.fraction_ticks};
}

std::string format_iso(DateTime at) {
  const CalendarTime parts = to_calendar(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z", parts.year, parts.month, parts.day, parts.hour,
                     parts.minute, parts.second, parts.fraction_ticks);
}

std::optional<DateTime> parse_iso(std::string_view text) {
  CalendarTime parts;
  const auto year = take_number(text, 4, 4);
  if (!year || !take_char(text, '-')) return std::nullopt;
  const auto month = take_number(text, 1, 2);
  if (!month || !take_char(text, '-')) return std::nullopt;
  const auto day = take_number(text, 1, 2);
  if (!day) return std::nullopt;
  parts.year = *year;
  parts.month = *month;
  parts.day = *day;
  std::int64_t offset = 0;
  if (!text.empty()) {
    if (!take_char(text, 'T') && !take_char(text, 't') && !take_char(text, ' ')) return std::nullopt;
    const auto hour = take_number(text, 1, 2);
    if (!hour || !take_char(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2, 2);
    if (!minute) return std::nullopt;
    parts.hour = *hour;
    parts.minute = *minute;
    if (take_char(text, ':')) {
      const auto second = take_number(text, 2, 2);
      if (!second) return std::nullopt;
      parts.second = *second;
      if (take_char(text, '.') || take_char(text, ',')) {
        const auto fraction = take_fraction(text);
        if (!fraction) return std::nullopt;
        parts.fraction_ticks = *fraction;
      }
    }
    take_char(text, ' ');
    const auto read = take_offset(text);
    if (!read || !text.empty()) return std::nullopt;
    offset = *read;
  }
  const auto at = from_calendar(parts);
  if (!at) return std::nullopt;
  const DateTime utc{at->ticks - offset};
  if (utc.ticks < 0 || utc.ticks > kMaxTicks) return std::nullopt;
  return utc;
}

std::string format_timespan(Timespan span) {
  // Negating the least value would overflow; unsigned arithmetic does not.
  const bool negative = span.ticks < 0;
  const std::uint64_t total = negative ? 0 - static_cast<std::uint64_t>(span.ticks) : static_cast<std::uint64_t>(span.ticks);
  const std::uint64_t days = total / kTicksPerDay;
  const std::uint64_t rest = total % kTicksPerDay;
  std::string out = negative ? "-" : "";
  if (days > 0) out += fmt::format("{}.", days);
  out += fmt::format("{:02}:{:02}:{:02}", rest / kTicksPerHour, rest % kTicksPerHour / kTicksPerMinute,
                     rest % kTicksPerMinute / kTicksPerSecond);
  if (rest % kTicksPerSecond != 0) out += fmt::format(".{:07}", rest % kTicksPerSecond);
  return out;
}

std::optional<Timespan> parse_iso_duration(std::string_view text) {
  if (!take_char(text, 'P') && !take_char(text, 'p')) return std::nullopt;
  if (text.empty()) return std::nullopt;
  std::int64_t ticks = 0;
  bool in_time = false;
  while (!text.empty()) {
    if (!in_time && (take_char(text, 'T') || take_char(text, 't'))) {
      in_time = true;
      if (text.empty()) return std::nullopt;
      continue;
    }
    const auto number = take_number(text, 1, 8);
    if (!number) return std::nullopt;
    std::int64_t fraction = 0;
    if (take_char(text, '.')) {
      const auto read = take_fraction(text);
      if (!read) return std::nullopt;
      fraction = *read;
    }
    if (text.empty()) return std::nullopt;
    const char unit = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    text.remove_prefix(1);
    std::int64_t length = 0;
    if (!in_time && unit == 'W') length = 7 * kTicksPerDay;
    else if (!in_time && unit == 'D') length = kTicksPerDay;
    else if (in_time && unit == 'H') length = kTicksPerHour;
    else if (in_time && unit == 'M') length = kTicksPerMinute;
    else if (in_time && unit == 'S') length = kTicksPerSecond;
    else return std::nullopt;
    if (fraction != 0 && unit != 'S') return std::nullopt;
    if (*number > (std::numeric_limits<std::int64_t>::max() - ticks) / length) return std::nullopt;
    ticks += *number * length + fraction;
  }
  return Timespan{ticks};
}

std::string format_iso_duration(Timespan span) {
  std::int64_t rest = span.ticks;
  std::string out = "P";
  if (rest >= kTicksPerDay) out += fmt::format("{}D", rest / kTicksPerDay);
  rest %= kTicksPerDay;
  if (rest == 0 && out.size() > 1) return out;
  out += "T";
  if (rest >= kTicksPerHour) out += fmt::format("{}H", rest / kTicksPerHour);
  rest %= kTicksPerHour;
  if (rest >= kTicksPerMinute) out += fmt::format("{}M", rest / kTicksPerMinute);
  rest %= kTicksPerMinute;
  if (rest % kTicksPerSecond != 0) {
    out += fmt::format("{}.{:07}S", rest / kTicksPerSecond, rest % kTicksPerSecond);
  } else if (rest > 0 || out.back() == 'T') {
    out += fmt::format("{}S", rest / kTicksPerSecond);
  }
  return out;
}

}  // namespace garrison
