// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/literals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "base/text.h"
#include "base/ticks.h"
#include "kql/syntax/lexer.h"

namespace garrison::kql::syntax {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

void append_utf8(std::string& out, std::uint32_t point) {
  if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) point = 0xFFFD;
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

std::optional<std::uint32_t> read_number(std::string_view text, std::size_t at, std::size_t digits, int base) {
  if (at + digits > text.size()) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + digits, value, base);
  if (error != std::errc() || end != text.data() + at + digits) return std::nullopt;
  return value;
}

// Decodes the escape that begins at `at` (a backslash) and moves behind it.
void append_escape(std::string& out, std::string_view text, std::size_t& at) {
  static constexpr std::string_view kLetters = "abfnrtv";
  static constexpr std::string_view kValues = "\a\b\f\n\r\t\v";
  const char c = at + 1 < text.size() ? text[at + 1] : '\0';
  if (const std::size_t index = kLetters.find(c); c != '\0' && index != std::string_view::npos) {
    out += kValues[index];
    at += 2;
  } else if (c == '\'' || c == '"' || c == '\\') {
    out += c;
    at += 2;
  } else if (c >= '0' && c <= '7') {
    std::size_t digits = 1;
    while (digits < 3 && at + 1 + digits < text.size() && text[at + 1 + digits] >= '0' && text[at + 1 + digits] <= '7')
      ++digits;
    append_utf8(out, *read_number(text, at + 1, digits, 8));
    at += 1 + digits;
  } else {
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    const auto value = digits == 0 ? std::nullopt : read_number(text, at + 2, digits, 16);
    if (!value) {  // reported by the lexer
      out += '\\';
      ++at;
      return;
    }
    at += 2 + digits;
    std::uint32_t point = *value;
    if (point >= 0xD800 && point < 0xDC00 && text.substr(at).starts_with("\\u")) {
      const auto low = read_number(text, at + 2, 4, 16);
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
        at += 6;
      }
    }
    append_utf8(out, point);
  }
}

std::string_view unquote(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text::trim(text.substr(1, text.size() - 2)) : text;
}

std::optional<std::int64_t> scaled_ticks(std::string_view number, std::int64_t unit) {
  if (all_digits(number) && unit > 0) {
    const auto count = decode_integer(number);
    std::int64_t ticks = 0;
    if (!count || __builtin_mul_overflow(*count, unit, &ticks)) return std::nullopt;
    return ticks;
  }
  const auto count = decode_real(number);
  if (!count) return std::nullopt;
  const double ticks = unit > 0 ? *count * static_cast<double>(unit) : *count / static_cast<double>(-unit);
  if (!(std::abs(ticks) < 9.2e18)) return std::nullopt;
  return std::llround(ticks);
}

// h:m[:s[.fraction]] in ticks.
std::optional<std::int64_t> clock_ticks(std::string_view text) {
  const auto parts = text::split(text, ':');
  if (parts.size() < 2 || parts.size() > 3 || !all_digits(parts[0]) || !all_digits(parts[1])) return std::nullopt;
  const auto hours = decode_integer(parts[0]);
  const auto minutes = decode_integer(parts[1]);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  std::int64_t ticks = *hours * kTicksPerHour + *minutes * kTicksPerMinute;
  if (parts.size() == 3) {
    const auto seconds = scaled_ticks(parts[2], kTicksPerSecond);
    if (!seconds || *seconds < 0 || *seconds >= kTicksPerMinute) return std::nullopt;
    ticks += *seconds;
  }
  return ticks;
}

std::optional<int> month_number(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                               "jul", "aug", "sep", "oct", "nov", "dec"};
  const std::string lower = text::ascii_lower(word.substr(0, 3));
  const auto found = std::find(kMonths.begin(), kMonths.end(), lower);
  if (word.size() < 3 || found == kMonths.end()) return std::nullopt;
  return static_cast<int>(found - kMonths.begin()) + 1;
}

std::optional<int> small_number(std::string_view text) {
  if (!all_digits(text) || text.size() > 4) return std::nullopt;
  return static_cast<int>(*decode_integer(text));
}

// Number of a date and how many digits it was written with: four make it the year.
struct DateNumber {
  int value;
  std::size_t digits;
};

int full_year(DateNumber number) {
  return number.digits > 2 ? number.value : number.value + (number.value < 50 ? 2000 : 1900);
}

// year, month, day when the first has four digits; with a month's name day, year; else month, day, year (day first
// where the month would not be one).
std::optional<std::int64_t> date_ticks(const std::vector<DateNumber>& numbers, std::optional<int> month) {
  CalendarTime date;
  if (month && numbers.size() == 2) {
    const bool year_first = numbers[0].digits == 4;
    date = {.year = full_year(numbers[year_first ? 0 : 1]), .month = *month, .day = numbers[year_first ? 1 : 0].value};
  } else if (!month && numbers.size() == 3 && numbers[0].digits == 4) {
    date = {.year = numbers[0].value, .month = numbers[1].value, .day = numbers[2].value};
  } else if (!month && numbers.size() == 2 && numbers[0].digits == 4) {
    date = {.year = numbers[0].value, .month = numbers[1].value};
  } else if (!month && numbers.size() == 3) {
    date = {.year = full_year(numbers[2]), .month = numbers[0].value, .day = numbers[1].value};
    if (date.month > 12) std::swap(date.month, date.day);
  } else {
    return std::nullopt;
  }
  const auto at = from_calendar(date);
  return at ? std::optional(at->ticks) : std::nullopt;
}

struct WordedTime {
  std::vector<DateNumber> numbers;
  std::optional<int> month;
  std::optional<std::int64_t> time;
};

// Cuts "Sat, 8 Nov 2014 15:05:02 GMT", "11/8/2014 3:05 PM", "2025, 6, 14" into its parts.
std::optional<WordedTime> worded_time(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == ',' || c == '/' || c == '-') c = ' ';
  }
  if (const std::size_t gap = spaced.find('T'); gap != std::string::npos && gap > 0 && is_digit(spaced[gap - 1])) {
    spaced[gap] = ' ';
  }
  if (spaced.ends_with('Z')) spaced.pop_back();
  WordedTime result;
  for (const std::string_view word : text::split(spaced, ' ')) {
    if (word.empty()) continue;
    if (word.find(':') != std::string_view::npos) {
      const auto ticks = clock_ticks(word);
      if (!ticks || result.time) return std::nullopt;
      result.time = ticks;
    } else if ((text::iequals(word, "PM") || text::iequals(word, "AM")) && result.time) {
      const std::int64_t half = *result.time % (12 * kTicksPerHour);
      result.time = text::iequals(word, "PM") ? half + 12 * kTicksPerHour : half;
    } else if (const auto number = small_number(word)) {
      result.numbers.push_back({*number, word.size()});
    } else if (!result.month && month_number(word)) {
      result.month = month_number(word);
    } else if (!text::iequals(word, "GMT") && !text::iequals(word, "UTC")) {
      static constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
      const std::string lower = text::ascii_lower(word.substr(0, 3));
      if (std::find(kDays.begin(), kDays.end(), lower) == kDays.end()) return std::nullopt;
    }
  }
  return result;
}

std::optional<bool> decode_bool(std::string_view text) {
  if (text::iequals(text, "true") || text == "1") return true;
  if (text::iequals(text, "false") || text == "0") return false;
  return std::nullopt;
}

LiteralKind typed_kind(std::string_view word) {
  if (word.starts_with("bool")) return LiteralKind::kBool;
  if (word == "int" || word == "int32") return LiteralKind::kInt;
  if (word == "long" || word == "int64") return LiteralKind::kLong;
  if (word == "real" || word == "double") return LiteralKind::kReal;
  if (word == "decimal") return LiteralKind::kDecimal;
  if (word.starts_with("date")) return LiteralKind::kDatetime;
  if (word.starts_with("time")) return LiteralKind::kTimespan;
  return LiteralKind::kGuid;
}

}  // namespace

bool is_obfuscated(std::string_view token) {
  return token.starts_with('h') || token.starts_with('H');
}

std::string decode_string(std::string_view token) {
  if (is_obfuscated(token)) token.remove_prefix(1);
  const bool verbatim = token.starts_with('@');
  if (verbatim) token.remove_prefix(1);
  if (token.starts_with("```") || token.starts_with("~~~")) {
    const bool closed = token.size() >= 6 && token.ends_with(token.substr(0, 3));
    return std::string(token.substr(3, token.size() - (closed ? 6 : 3)));
  }
  const char quote = token.front();
  std::string out;
  out.reserve(token.size());
  std::size_t at = 1;
  while (at < token.size()) {
    if (token[at] == quote) {
      if (!verbatim || at + 1 >= token.size()) break;
      out += quote;
      at += 2;
    } else if (token[at] == '\\' && !verbatim) {
      append_escape(out, token, at);
    } else {
      out += token[at++];
    }
  }
  return out;
}

std::optional<std::int64_t> decode_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (hexadecimal) return static_cast<std::int64_t>(negative ? 0 - value : value);  // 0xFFFFFFFFFFFFFFFF is -1
  const std::uint64_t limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (value > limit) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

std::optional<double> decode_real(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string lower = text::ascii_lower(text);
  if (lower == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (lower == "inf" || lower == "infinity") return std::numeric_limits<double>::infinity();
  if (lower == "-inf" || lower == "-infinity") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && end == text.data() + text.size()) {
    return text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos
               ? 0.0
               : std::numeric_limits<double>::infinity();
  }
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> decode_timespan_token(std::string_view text) {
  // A unit may hold an e ("1e3" is a real, "1second" is not): take the longest tail of letters.
  std::size_t unit = text.size();
  while (unit > 0 && !is_digit(text[unit - 1]) && text[unit - 1] != '.') --unit;
  const std::int64_t ticks = timespan_unit_ticks(text.substr(unit));
  return ticks == 0 ? std::nullopt : scaled_ticks(text.substr(0, unit), ticks);
}

std::optional<std::int64_t> decode_timespan_text(std::string_view text) {
  text = unquote(text::trim(text));
  const bool negative = text.starts_with('-');
  if (negative) text = text::trim(text.substr(1));
  std::optional<std::int64_t> ticks;
  if (text.find(':') != std::string_view::npos) {
    std::int64_t days = 0;
    const std::size_t dot = text.find('.');
    if (dot < text.find(':')) {
      const auto whole = all_digits(text.substr(0, dot)) ? decode_integer(text.substr(0, dot)) : std::nullopt;
      if (!whole || *whole > 10'675'199) return std::nullopt;
      days = *whole;
      text.remove_prefix(dot + 1);
    }
    ticks = clock_ticks(text);
    if (ticks) ticks = *ticks + days * kTicksPerDay;
  } else if (const std::size_t unit = text.find_first_not_of("0123456789.+-eE"); unit == std::string_view::npos) {
    ticks = scaled_ticks(text, kTicksPerDay);
  } else {
    std::string joined(text);
    std::erase(joined, ' ');
    ticks = decode_timespan_token(joined);
  }
  if (ticks && negative) ticks = -*ticks;
  return ticks;
}

std::optional<std::int64_t> decode_datetime_text(std::string_view text) {
  text = unquote(text::trim(text));
  if (const auto iso = parse_iso(text)) return iso->ticks;
  if (all_digits(text) && text.size() == 4) {
    const auto date = from_calendar({.year = *small_number(text)});
    return date ? std::optional(date->ticks) : std::nullopt;
  }
  if (all_digits(text) && text.size() == 8) {
    const auto date = from_calendar({.year = *small_number(text.substr(0, 4)),
                                     .month = *small_number(text.substr(4, 2)),
                                     .day = *small_number(text.substr(6, 2))});
    return date ? std::optional(date->ticks) : std::nullopt;
  }
  const auto words = worded_time(text);
  if (!words || words->numbers.empty()) return std::nullopt;
  const auto date = date_ticks(words->numbers, words->month);
  return date ? std::optional(*date + words->time.value_or(0)) : std::nullopt;
}

std::optional<TimeOfDay> decode_time_of_day(std::string_view token) {
  const std::size_t open = token.find('(');
  if (typed_kind(text::trim(token.substr(0, open))) != LiteralKind::kDatetime) return std::nullopt;
  const std::string_view contents = unquote(text::trim(token.substr(open + 1, token.size() - open - 2)));
  if (contents == "now") return TimeOfDay{};
  const auto words = worded_time(contents);
  if (!words || !words->time || !words->numbers.empty() || words->month) return std::nullopt;
  return TimeOfDay{words->time};
}

std::optional<std::string> decode_guid_text(std::string_view text) {
  text = unquote(text::trim(text));
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  std::string digits = text::ascii_lower(text);
  if (digits.size() == 36) {
    for (const std::size_t hyphen : {23, 18, 13, 8}) {
      if (digits[hyphen] != '-') return std::nullopt;
      digits.erase(hyphen, 1);
    }
  }
  if (digits.size() != 32 || digits.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  for (const std::size_t hyphen : {20, 16, 12, 8}) digits.insert(hyphen, 1, '-');
  return digits;
}

std::optional<Literal> decode_typed(std::string_view token) {
  const std::size_t open = token.find('(');
  const LiteralKind kind = typed_kind(text::trim(token.substr(0, open)));
  const std::string_view contents = text::trim(token.substr(open + 1, token.size() - open - 2));
  Literal literal{.kind = kind};
  if (contents.empty() || text::iequals(contents, "null")) return literal;
  const auto set = [&](auto value) -> std::optional<Literal> {
    if (!value) return std::nullopt;
    literal.value = std::move(*value);
    return std::move(literal);
  };
  switch (kind) {
    case LiteralKind::kBool:
      return set(decode_bool(contents));
    case LiteralKind::kInt: {
      auto value = decode_integer(contents);
      // 0x80000000 and above wrap, as the bit pattern of an int.
      if (value && *value > 0 && *value <= 0xFFFFFFFF && (contents.starts_with("0x") || contents.starts_with("0X"))) {
        value = static_cast<std::int32_t>(static_cast<std::uint32_t>(*value));
      }
      if (value && *value != static_cast<std::int32_t>(*value)) value.reset();
      return set(value);
    }
    case LiteralKind::kLong:
      return set(decode_integer(contents));
    case LiteralKind::kReal:
      return set(decode_real(contents));
    case LiteralKind::kDecimal:
      return set(decode_real(contents) ? std::optional(std::string(contents)) : std::nullopt);
    case LiteralKind::kDatetime:
      return set(decode_datetime_text(contents));
    case LiteralKind::kTimespan:
      return set(decode_timespan_text(contents));
    default:
      return set(decode_guid_text(contents));
  }
}

}  // namespace garrison::kql::syntax
