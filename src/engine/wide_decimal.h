// SPDX-License-Identifier: Apache-2.0
// Decimal(76, 18) as ClickHouse stores it: a 256-bit two's complement integer, little endian, counting 10^-18.
// Stateless; any thread may call.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace garrison::engine {

inline constexpr std::size_t kDecimalBytes = 32;

// Reads [+-]digits[.digits]; fraction digits behind the 18th are cut. None when malformed or beyond 58 whole digits.
std::optional<std::array<unsigned char, kDecimalBytes>> decimal_from_text(std::string_view text);
// Appends plain text without trailing zeros in the fraction.
void append_decimal(std::string& out, const unsigned char* bytes);

}  // namespace garrison::engine
