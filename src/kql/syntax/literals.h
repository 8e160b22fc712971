// SPDX-License-Identifier: Apache-2.0
// Values of literals from their text. All give none when the text is not of that type. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kql/syntax/expression.h"

namespace garrison::kql::syntax {

// Decodes a string token of any form, prefix and quotes included. Never fails: the lexer has reported what is wrong.
std::string decode_string(std::string_view token);
bool is_obfuscated(std::string_view token);  // h"..."

// 12, 0xFF; a sign only when signed_text allows it. None when out of range.
std::optional<std::int64_t> decode_integer(std::string_view text);
std::optional<double> decode_real(std::string_view text);
// 1d, 1.5h as in a token; ticks. None when out of range.
std::optional<std::int64_t> decode_timespan_token(std::string_view text);

// Contents of timespan(...): "1.02:03:04.5", "1d", "15 seconds", "2" (days). Ticks.
std::optional<std::int64_t> decode_timespan_text(std::string_view text);
// Contents of datetime(...): ISO forms; year, month, day or month, day, year with any separators and AM or PM; names of
// months (RFC 822). Ticks since year 1.
std::optional<std::int64_t> decode_datetime_text(std::string_view text);
// Lower case with hyphens, from 32 hexadecimal digits with hyphens, without, or in braces.
std::optional<std::string> decode_guid_text(std::string_view text);

// datetime(now) and datetime(8:00 AM) as whole tokens: relative to the time of the query.
struct TimeOfDay {
  std::optional<std::int64_t> ticks;  // none: now
};
std::optional<TimeOfDay> decode_time_of_day(std::string_view token);

// A whole typed literal such as int(5), datetime(null), real(nan). None when the contents do not fit the type.
std::optional<Literal> decode_typed(std::string_view token);

}  // namespace garrison::kql::syntax
