// SPDX-License-Identifier: Apache-2.0
#include "case_values.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/json.h"
#include "base/text.h"
#include "base/ticks.h"

namespace garrison::cases {
namespace {

using table::Kind;

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// d.hh:mm:ss.fffffff with days and fraction optional, as format_timespan() writes it.
std::optional<Timespan> timespan(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::int64_t days = 0;
  std::string_view clock = text;
  if (const std::size_t dot = text.find('.'); dot < colon) {
    const auto parsed = integer(text.substr(0, dot));
    if (!parsed) return std::nullopt;
    days = *parsed;
    clock = text.substr(dot + 1);
  }
  const auto parts = text::split(clock, ':');
  if (parts.size() != 3) return std::nullopt;
  const auto hours = integer(parts[0]), minutes = integer(parts[1]), seconds = integer(parts[2].substr(0, 2));
  if (!hours || !minutes || !seconds) return std::nullopt;
  std::int64_t fraction = 0;
  if (parts[2].size() > 3) {
    std::string digits(parts[2].substr(3));
    digits.resize(7, '0');
    fraction = integer(digits).value_or(0);
  }
  const std::int64_t ticks = days * kTicksPerDay + *hours * kTicksPerHour + *minutes * kTicksPerMinute +
                             *seconds * kTicksPerSecond + fraction;
  return Timespan{negative ? -ticks : ticks};
}

Error wrong(const Cell& cell, Kind kind) {
  return bad_input("CASE-0002", "'" + cell.text + "' is no " + std::string(table::to_string(kind)));
}

}  // namespace

Result<void> append_cell(table::ColumnVector& column, const Cell& cell) {
  const Kind kind = column.kind();
  if (cell.text.empty() && (kind != Kind::kString || !cell.quoted)) {
    column.append_null();
    return {};
  }
  switch (kind) {
    case Kind::kBool:
      if (cell.text != "true" && cell.text != "false") return wrong(cell, kind);
      column.append_integer(cell.text == "true" ? 1 : 0);
      return {};
    case Kind::kInt:
    case Kind::kLong: {
      const auto value = integer(cell.text);
      if (!value) return wrong(cell, kind);
      column.append_integer(*value);
      return {};
    }
    case Kind::kReal: {
      char* end = nullptr;
      const double value = std::strtod(cell.text.c_str(), &end);
      if (*end != '\0') return wrong(cell, kind);
      column.append_real(value);
      return {};
    }
    case Kind::kDateTime: {
      const auto value = parse_iso(cell.text);
      if (!value) return wrong(cell, kind);
      column.append_integer(value->ticks);
      return {};
    }
    case Kind::kTimespan: {
      const auto value = timespan(cell.text);
      if (!value) return wrong(cell, kind);
      column.append_integer(value->ticks);
      return {};
    }
    case Kind::kString:
    case Kind::kGuid:
    case Kind::kDecimal:
    case Kind::kDynamic: column.append_text(cell.text); return {};
  }
  return {};
}

bool equals(const table::ColumnVector& column, std::size_t row, const Cell& cell) {
  if (column.is_null(row) && column.kind() != Kind::kString) return cell.text.empty() && !cell.quoted;
  switch (column.kind()) {
    case Kind::kReal: {
      char* end = nullptr;
      const double expected = std::strtod(cell.text.c_str(), &end);
      if (cell.text.empty() || *end != '\0') return false;
      const double actual = column.real(row);
      if (std::isnan(expected) || std::isinf(expected)) {
        return std::isnan(expected) ? std::isnan(actual) : expected == actual;
      }
      return std::abs(actual - expected) <= 1e-9 * std::max(1.0, std::abs(expected));
    }
    case Kind::kDateTime: {
      const auto expected = parse_iso(cell.text);
      return expected && expected->ticks == column.integer(row);
    }
    case Kind::kTimespan: {
      const auto expected = timespan(cell.text);
      return expected && expected->ticks == column.integer(row);
    }
    case Kind::kBool: return text::iequals(table::to_display(column, row), cell.text);
    case Kind::kDynamic: {
      const auto expected = json::parse(cell.text);
      const auto actual = json::parse(column.text(row));
      return expected.ok() && actual.ok() && json::print(*expected) == json::print(*actual);
    }
    default: return table::to_display(column, row) == cell.text;
  }
}

}  // namespace garrison::cases
