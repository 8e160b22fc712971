// SPDX-License-Identifier: Apache-2.0
// Text functions on UTF-8 that the standard library lacks. Stateless; any thread may call.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace garrison::text {

std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
bool iequals(std::string_view left, std::string_view right);  // ASCII case-insensitive
std::string_view trim(std::string_view text);                 // blanks, tabs, CR, LF
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

bool is_valid_utf8(std::string_view text);
// Replaces each invalid byte sequence by U+FFFD.
std::string to_valid_utf8(std::string_view text);
// Number of Unicode characters (code points) of valid UTF-8.
std::size_t num_characters(std::string_view text);

// Writes control characters and terminal escapes as \xNN; line breaks become \n (two characters).
std::string escape_control(std::string_view text);

std::string hex(std::span<const unsigned char> bytes);
std::string hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string base64(std::string_view bytes);
std::string base64url(std::string_view bytes);  // without padding
std::optional<std::string> from_base64(std::string_view text);  // either alphabet, padding optional

// The candidate nearest to the name by edit distance, for "did you mean"; none when nothing is near.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

}  // namespace garrison::text
