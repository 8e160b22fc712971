// SPDX-License-Identifier: Apache-2.0
#include "server/error_report.h"

#include <algorithm>

#include "base/text.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

constexpr std::string_view kIndent = "  ";

// Bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && count > 0; --count) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

}  // namespace

std::string error_report(const Error& error, std::string_view text, std::size_t width) {
  std::string out = "garrison: " + terminal_text(error.to_string()) + "\n";
  if (!error.position || error.position->line == 0) return out;
  const std::vector<std::string_view> lines = text::split(text, '\n');
  if (error.position->line > lines.size()) return out;
  std::string_view raw = lines[error.position->line - 1];
  if (raw.ends_with('\r')) raw.remove_suffix(1);
  // A tab is one character of the query and one blank here, so that the caret stands under its place.
  const std::string line = text::replace_all(text::to_valid_utf8(raw), "\t", " ");
  const std::size_t place = bytes_of(line, std::max<std::uint32_t>(error.position->column, 1) - 1);
  std::string before = terminal_text(std::string_view(line).substr(0, place));
  std::string after = terminal_text(std::string_view(line).substr(place));
  if (width > 20) {
    const std::size_t room = width - kIndent.size();
    // At most two thirds of the line stand before the place.
    while (display_width(before) > room * 2 / 3) before.erase(0, bytes_of(before, 1));
    after = cut_to_width(after, room - display_width(before));
  }
  return out + std::string(kIndent) + before + after + "\n" + std::string(kIndent) +
         padding("", display_width(before)) + "^\n";
}

}  // namespace garrison::server
