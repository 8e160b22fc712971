// SPDX-License-Identifier: Apache-2.0
// Values as senders write them, turned into KQL's. Stateless; any thread may call.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ticks.h"

namespace garrison::ingest {

// true, false, 0, 1, in any case.
std::optional<bool> parse_bool(std::string_view text);
// Decimal or 0x hexadecimal, with sign; nothing else around it.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);
// ISO 8601 in its common variants, month/day/year (as Windows prints it), RFC 1123, seconds, milliseconds, microseconds
// or nanoseconds since 1970.
std::optional<DateTime> parse_datetime(std::string_view text);
// A number of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size (1973 to 2200).
std::optional<DateTime> datetime_from_unix(double value);
// KQL's d.hh:mm:ss.fffffff or an ISO 8601 duration.
std::optional<Timespan> parse_timespan(std::string_view text);
// With or without braces, in the byte order of the engine's UUID.
std::optional<std::array<char, 16>> parse_guid(std::string_view text);
// Plain decimal digits with sign and point, at most 58 before it.
bool is_decimal(std::string_view text);

}  // namespace garrison::ingest
