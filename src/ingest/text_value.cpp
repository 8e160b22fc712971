// SPDX-License-Identifier: Apache-2.0
#include "ingest/text_value.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace garrison::ingest {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Exactly the digits given; -1 for anything else.
int digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return text.empty() ? -1 : value;
}

// yyyy-mm-ddThh:mm:ss[.fraction][Z], nearly all of what arrives, without the general parser.
std::optional<DateTime> parse_usual_iso(std::string_view t) {
  if (t.size() < 19 || t[4] != '-' || t[7] != '-' || (t[10] != 'T' && t[10] != ' ') || t[13] != ':' || t[16] != ':')
    return std::nullopt;
  // Rows of one batch mostly share their day.
  thread_local std::array<char, 10> last_day{};
  thread_local std::int64_t last_day_ticks = 0;
  if (t.compare(0, 10, std::string_view(last_day.data(), last_day.size())) != 0) {
    const auto day = from_calendar({digits(t.substr(0, 4)), digits(t.substr(5, 2)), digits(t.substr(8, 2))});
    if (!day) return std::nullopt;
    t.copy(last_day.data(), 10);
    last_day_ticks = day->ticks;
  }
  const int hour = digits(t.substr(11, 2));
  const int minute = digits(t.substr(14, 2));
  const int second = digits(t.substr(17, 2));
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  std::int64_t ticks = last_day_ticks + hour * kTicksPerHour + minute * kTicksPerMinute + second * kTicksPerSecond;
  std::size_t at = 19;
  if (at < t.size() && t[at] == '.') {
    std::int64_t unit = kTicksPerSecond / 10;
    const std::size_t start = ++at;
    for (; at < t.size() && is_digit(t[at]); ++at, unit /= 10) ticks += (t[at] - '0') * unit;
    if (at == start) return std::nullopt;
  }
  if (at < t.size() && t[at] == 'Z') ++at;
  if (at != t.size()) return std::nullopt;
  return DateTime{ticks};
}

// m/d/yyyy [h:mm[:ss][ AM|PM]]
std::optional<DateTime> parse_us_date(std::string_view text) {
  CalendarTime parts;
  const auto take = [&](char end) {
    const std::size_t at = end == '\0' ? text.size() : text.find(end);
    if (at == std::string_view::npos || at == 0 || at > 4) return -1;
    const int value = digits(text.substr(0, at));
    text.remove_prefix(end == '\0' ? at : at + 1);
    return value;
  };
  parts.month = take('/');
  parts.day = take('/');
  const std::size_t blank = text.find_first_of(" T");
  const std::string_view clock = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
  parts.year = digits(text.substr(0, blank));
  if (parts.year < 1000) return std::nullopt;
  if (!clock.empty()) {
    text = clock;
    bool is_afternoon = false;
    bool has_half = false;
    if (text.size() > 3 && (text.ends_with(" PM") || text.ends_with(" AM"))) {
      has_half = true;
      is_afternoon = text.ends_with(" PM");
      text.remove_suffix(3);
    }
    parts.hour = take(':');
    const std::size_t colon = text.find(':');
    parts.minute = digits(text.substr(0, colon));
    if (colon != std::string_view::npos) parts.second = digits(text.substr(colon + 1, 2));
    if (has_half && (parts.hour < 1 || parts.hour > 12)) return std::nullopt;
    if (has_half) parts.hour = parts.hour % 12 + (is_afternoon ? 12 : 0);
  }
  return from_calendar(parts);
}

// Tue, 05 May 2026 07:08:09 GMT
std::optional<DateTime> parse_rfc1123(std::string_view t) {
  if (t.size() != 29 || t[3] != ',' || !t.ends_with(" GMT")) return std::nullopt;
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t month = kMonths.find(t.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  return from_calendar({digits(t.substr(12, 4)), static_cast<int>(month / 3) + 1, digits(t.substr(5, 2)),
                        digits(t.substr(17, 2)), digits(t.substr(20, 2)), digits(t.substr(23, 2))});
}

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "1" || text::iequals(text, "true")) return true;
  if (text == "0" || text::iequals(text, "false")) return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const bool is_negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const bool is_hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (is_hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, is_hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  // Windows writes 64-bit masks in hexadecimal: those keep their bits.
  if (value > kMax + (is_negative ? 1 : 0) && !(is_hex && !is_negative)) return std::nullopt;
  return static_cast<std::int64_t>(is_negative ? 0 - value : value);
}

std::optional<double> parse_real(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return std::nullopt;
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<DateTime> datetime_from_unix(double value) {
  if (!std::isfinite(value) || value < 1e8) return std::nullopt;
  double per_second = 1;
  if (value >= 1e17)
    per_second = 1e9;
  else if (value >= 1e14)
    per_second = 1e6;
  else if (value >= 1e11)
    per_second = 1e3;
  const double seconds = value / per_second;
  if (seconds > 7.3e9) return std::nullopt;
  return DateTime{kUnixEpochTicks + static_cast<std::int64_t>(std::llround(seconds * kTicksPerSecond))};
}

std::optional<DateTime> parse_datetime(std::string_view text) {
  if (const auto at = parse_usual_iso(text)) return at;
  text = text::trim(text);
  if (text.size() < 8) return std::nullopt;
  if (const auto at = parse_iso(text)) return at;
  if (text.find('/') <= 2) return parse_us_date(text);
  if (const auto at = parse_rfc1123(text)) return at;
  const auto number = parse_real(text);
  return number ? datetime_from_unix(*number) : std::nullopt;
}

std::optional<Timespan> parse_timespan(std::string_view text) {
  if (!text.empty() && (text.front() == 'P' || text.front() == 'p')) return parse_iso_duration(text);
  const bool is_negative = !text.empty() && text.front() == '-';
  if (is_negative) text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  int days = 0;
  if (const std::size_t dot = text.find('.'); dot < colon) {
    if (dot > 8) return std::nullopt;
    days = digits(text.substr(0, dot));
    text.remove_prefix(dot + 1);
  }
  if (text.size() < 5 || text[2] != ':') return std::nullopt;
  const int hours = digits(text.substr(0, 2));
  const int minutes = digits(text.substr(3, 2));
  int seconds = 0;
  std::int64_t fraction = 0;
  if (text.size() > 5) {
    if (text.size() < 8 || text[5] != ':') return std::nullopt;
    seconds = digits(text.substr(6, 2));
    if (text.size() > 8) {
      if (text[8] != '.' || text.size() > 16 || text.size() == 9) return std::nullopt;
      std::int64_t unit = kTicksPerSecond / 10;
      for (const char c : text.substr(9)) {
        if (!is_digit(c)) return std::nullopt;
        fraction += (c - '0') * unit;
        unit /= 10;
      }
    }
  }
  if (days < 0 || days > 10'675'198 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 ||
      seconds > 59)
    return std::nullopt;
  const std::int64_t ticks =
      days * kTicksPerDay + hours * kTicksPerHour + minutes * kTicksPerMinute + seconds * kTicksPerSecond + fraction;
  return Timespan{is_negative ? -ticks : ticks};
}

std::optional<std::array<char, 16>> parse_guid(std::string_view text) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  const bool has_dashes = text.size() == 36;
  if (!has_dashes && text.size() != 32) return std::nullopt;
  std::array<char, 16> bytes{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (has_dashes && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      ++i;
    }
    unsigned value = 0;
    const char* pair = text.data() + i;
    const auto [end, error] = std::from_chars(pair, pair + 2, value, 16);
    if (error != std::errc() || end != pair + 2) return std::nullopt;
    // The engine keeps two little-endian halves.
    bytes[count < 8 ? 7 - count : 23 - count] = static_cast<char>(value);
    ++count;
  }
  return bytes;
}

bool is_decimal(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  if (point == 0 || point > 58 || point + 1 == text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i != point && !is_digit(text[i])) return false;
  return true;
}

}  // namespace garrison::ingest
