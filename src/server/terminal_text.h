// SPDX-License-Identifier: Apache-2.0
// Text from data on a terminal: harmless, and measured in the columns it takes there. Stateless; any thread may call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace garrison::server {

// The text on one line with nothing that a terminal obeys: controls and escapes as \xNN, line breaks and tabs as \n and
// \t, marks that change the direction of writing as \u202e, bad UTF-8 as U+FFFD.
std::string terminal_text(std::string_view text);

// Columns that terminal_text() takes: 0 for combining marks, 2 for East Asian wide characters and emoji.
std::size_t display_width(std::string_view text);
// The longest beginning of at most `width` columns; "…" stands for what was cut.
std::string cut_to_width(std::string_view text, std::size_t width);
// Blanks that fill the text up to the width.
std::string padding(std::string_view text, std::size_t width);

// JSON text as it is, but characters that a terminal obeys are written as \uNNNN; the meaning is the same.
std::string terminal_json(std::string_view json);

// Columns of the terminal behind the file descriptor; 0 when there is none.
std::size_t terminal_width(int descriptor);

}  // namespace garrison::server
