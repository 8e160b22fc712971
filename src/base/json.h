// SPDX-License-Identifier: Apache-2.0
// JSON outside the hot path: Boost.JSON with our limits and error form. Hot paths use simdjson themselves.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace garrison::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

struct Limits {
  std::size_t max_bytes = 64 << 20;
  std::size_t max_depth = 64;
};

// Parses one document; the error (JSON-0001) carries line and column.
Result<value> parse(std::string_view text, Limits limits = {});
// Compact text, keys in their order.
std::string print(const value& document);
// Two-space indentation, for people.
std::string print_pretty(const value& document);

// Member access without exceptions; null or none when it is absent or of another kind.
const value* find(const value& document, std::string_view key);
std::optional<std::string> string_at(const value& document, std::string_view key);
std::optional<std::int64_t> integer_at(const value& document, std::string_view key);
std::optional<bool> bool_at(const value& document, std::string_view key);

// Appends the text as a quoted JSON string. Invalid UTF-8 becomes U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace garrison::json
