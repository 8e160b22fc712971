// SPDX-License-Identifier: Apache-2.0
// Stable codes of syntax errors. KQL-0001 to KQL-0029 belong to the syntax; a code never changes its meaning.
#pragma once

#include <string_view>

namespace garrison::kql::syntax {

inline constexpr std::string_view kBadCharacter = "KQL-0001";  // a character that no token begins with, or bad UTF-8
inline constexpr std::string_view kOpenString = "KQL-0002";    // string without its closing quote
inline constexpr std::string_view kBadEscape = "KQL-0003";     // \z and the like in a string
inline constexpr std::string_view kBadLiteral = "KQL-0004";    // int(x), datetime(foo), number out of range
inline constexpr std::string_view kExpected = "KQL-0005";      // a certain token is missing
inline constexpr std::string_view kMissingExpression = "KQL-0006";
inline constexpr std::string_view kMissingName = "KQL-0007";
inline constexpr std::string_view kUnexpected = "KQL-0008";       // text that fits nowhere
inline constexpr std::string_view kUnknownOperator = "KQL-0009";  // behind `|`
inline constexpr std::string_view kTooDeep = "KQL-0010";
inline constexpr std::string_view kTooLong = "KQL-0011";  // bytes or tokens

}  // namespace garrison::kql::syntax
