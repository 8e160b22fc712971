// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/datetime_format.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <vector>

#include "base/ticks.h"
#include "kql/scalar/fragments.h"
#include "kql/scalar/operators.h"

namespace garrison::kql {
namespace {

constexpr std::string_view kDelimiters = " /-:,._[]";

// Longer runs of a letter are read as several tokens: dddd is dd and dd.
std::size_t longest_token(char letter, std::size_t longest_day) {
  if (letter == 'y') return 4;
  if (letter == 'd') return longest_day;
  return letter == 'f' || letter == 'F' ? 7 : 2;
}

using TokenSql = std::function<std::optional<std::string>(char letter, std::size_t count)>;

std::string padded(const std::string& number, std::size_t width) {
  return width <= 1 ? fmt::format("toString({})", number)
                    : fmt::format("leftPad(toString({}), {}, '0')", number, width);
}

std::string fraction(const std::string& ticks, std::size_t digits, bool drop_zeros) {
  const std::string text =
      fmt::format("substring(leftPad(toString({} % {}), 7, '0'), 1, {})", ticks, kTicksPerSecond, digits);
  return drop_zeros ? fmt::format("replaceRegexpOne({}, '0+$', '')", text) : text;
}

Result<std::string> build(std::string_view function, std::string_view format, std::size_t longest_day,
                          const TokenSql& token) {
  std::vector<std::string> pieces = {"''", "''"};
  for (std::size_t i = 0; i < format.size();) {
    const char letter = format[i];
    std::size_t count = 1;
    while (i + count < format.size() && count < longest_token(letter, longest_day) && format[i + count] == letter)
      ++count;
    if (letter == 'y' && count == 3) count = 2;
    if (auto sql = token(letter, count)) {
      pieces.push_back(std::move(*sql));
    } else if (kDelimiters.find(letter) != std::string_view::npos) {
      pieces.push_back(quote_text(std::string(count, letter)));
    } else {
      return argument_error(fmt::format("{}() does not know '{}' in its format", function, std::string(count, letter)));
    }
    i += count;
  }
  return fmt::format("concat({})", fmt::join(pieces, ", "));
}

}  // namespace

Result<std::string> format_datetime_sql(const std::string& at, std::string_view format) {
  const std::string ticks = ticks_of(at);
  auto sql = build("format_datetime", format, 2, [&](char letter, std::size_t count) -> std::optional<std::string> {
    const auto of = [&](std::string_view part) { return fmt::format("{}({})", part, at); };
    switch (letter) {
      case 'd':
        return count <= 2 ? std::optional(padded(of("toDayOfMonth"), count)) : std::nullopt;
      case 'M':
        return count <= 2 ? std::optional(padded(of("toMonth"), count)) : std::nullopt;
      case 'H':
        return count <= 2 ? std::optional(padded(of("toHour"), count)) : std::nullopt;
      case 'h':
        return count <= 2 ? std::optional(padded(fmt::format("((toHour({}) + 11) % 12 + 1)", at), count))
                          : std::nullopt;
      case 'm':
        return count <= 2 ? std::optional(padded(of("toMinute"), count)) : std::nullopt;
      case 's':
        return count <= 2 ? std::optional(padded(of("toSecond"), count)) : std::nullopt;
      case 'y':
        if (count == 4) return padded(of("toYear"), 4);
        return count <= 2 ? std::optional(padded(fmt::format("(toYear({}) % 100)", at), count)) : std::nullopt;
      case 't':
        return count == 2 ? std::optional(fmt::format("if(toHour({}) < 12, 'AM', 'PM')", at)) : std::nullopt;
      case 'f':
      case 'F':
        return count <= 7 ? std::optional(fraction(ticks, count, letter == 'F')) : std::nullopt;
      default:
        return std::nullopt;
    }
  });
  if (!sql.ok()) return sql;
  return fmt::format("if(isNull({}), NULL, {})", at, *sql);
}

Result<std::string> format_timespan_sql(const std::string& span, std::string_view format) {
  const std::string size = fmt::format("abs({})", span);
  auto sql = build("format_timespan", format, 8, [&](char letter, std::size_t count) -> std::optional<std::string> {
    const auto part = [&](std::int64_t unit, std::int64_t wrap) {
      return fmt::format("(intDiv({}, {}) % {})", size, unit, wrap);
    };
    switch (letter) {
      case 'd':
        return count <= 8 ? std::optional(fmt::format("if(length(toString(intDiv({0}, {1}))) >= {2}, "
                                                      "toString(intDiv({0}, {1})), leftPad(toString(intDiv({0}, {1})), "
                                                      "{2}, '0'))",
                                                      size, kTicksPerDay, count))
                          : std::nullopt;
      case 'H':
      case 'h':
        return count <= 2 ? std::optional(padded(part(kTicksPerHour, 24), count)) : std::nullopt;
      case 'm':
        return count <= 2 ? std::optional(padded(part(kTicksPerMinute, 60), count)) : std::nullopt;
      case 's':
        return count <= 2 ? std::optional(padded(part(kTicksPerSecond, 60), count)) : std::nullopt;
      case 'f':
      case 'F':
        return count <= 7 ? std::optional(fraction(size, count, letter == 'F')) : std::nullopt;
      default:
        return std::nullopt;
    }
  });
  if (!sql.ok()) return sql;
  return fmt::format("if(isNull({0}), NULL, concat(if({0} < 0, '-', ''), {1}))", span, *sql);
}

}  // namespace garrison::kql
