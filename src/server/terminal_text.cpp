// SPDX-License-Identifier: Apache-2.0
#include "server/terminal_text.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/text.h"

namespace garrison::server {
namespace {

using Range = std::pair<char32_t, char32_t>;

// Unicode 15, blocks rather than single characters: combining marks, joiners, variation selectors.
constexpr std::array<Range, 22> kZeroWidth = {
    {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},    {0x64B, 0x65F},   {0x6D6, 0x6DC},
     {0x900, 0x902},   {0x93C, 0x93C},   {0x941, 0x948},   {0x94D, 0x94D},    {0xE31, 0xE31},   {0xE34, 0xE3A},
     {0xE47, 0xE4E},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},  {0x2060, 0x2060}, {0x20D0, 0x20F0},
     {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}}};
// East Asian wide and full width, emoji.
constexpr std::array<Range, 19> kWide = {{{0x1100, 0x115F},
                                          {0x231A, 0x231B},
                                          {0x23E9, 0x23EC},
                                          {0x2614, 0x2615},
                                          {0x26A1, 0x26A1},
                                          {0x2705, 0x2705},
                                          {0x274C, 0x274C},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};

template <std::size_t size>
bool is_in(const std::array<Range, size>& ranges, char32_t character) {
  const auto next = std::upper_bound(ranges.begin(), ranges.end(), character,
                                     [](char32_t c, const Range& range) { return c < range.first; });
  return next != ranges.begin() && character <= std::prev(next)->second;
}

// Takes one character off valid UTF-8.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (size == 1 || at + size > text.size()) {
    ++at;
    return lead;
  }
  char32_t character = lead & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) character = character << 6 | (byte(at + i) & 0x3F);
  at += size;
  return character;
}

std::size_t width_of(char32_t character) {
  if (character < 0x300) return 1;
  if (is_in(kZeroWidth, character)) return 0;
  return is_in(kWide, character) ? 2 : 1;
}

bool turns_direction(char32_t character) {
  return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069) ||
         character == 0x200E || character == 0x200F || character == 0x061C;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Writes characters that turn the direction of writing as \uNNNN.
std::string without_turns(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t character = next_character(text, at);
    if (turns_direction(character))
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(character));
    else
      out += text.substr(begin, at - begin);
  }
  return out;
}

}  // namespace

std::string terminal_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  return without_turns(text::replace_all(text::escape_control(text::to_valid_utf8(text)), "\t", "\\t"));
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) width += width_of(next_character(text, at));
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (text.size() <= width || display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t next = at;
    used += width_of(next_character(text, next));
    if (used > width - 1) break;
    at = next;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string padding(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(used < width ? width - used : 0, ' ');
}

std::string terminal_json(std::string_view json) {
  if (is_plain(json)) return std::string(json);
  const std::string valid = text::to_valid_utf8(json);
  std::string out;
  out.reserve(valid.size());
  for (std::size_t at = 0; at < valid.size();) {
    const std::size_t begin = at;
    const char32_t character = next_character(valid, at);
    const bool is_control = character < 0x20 || (character >= 0x7F && character < 0xA0);
    if (is_control || turns_direction(character))
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(character));
    else
      out += std::string_view(valid).substr(begin, at - begin);
  }
  return out;
}

std::size_t terminal_width(int descriptor) {
  if (isatty(descriptor) == 0) return 0;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace garrison::server
