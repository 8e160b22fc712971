// SPDX-License-Identifier: Apache-2.0
// Texts taken apart into parts by rules that no regular expression covers: command lines and CSV records. Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace garrison::kql {

// By the rules of the Windows C runtime: blanks separate, quotes group, backslashes escape only before a quote.
std::vector<std::string> split_windows_command_line(std::string_view line);
// The first record of a text in CSV (RFC 4180).
std::vector<std::string> split_csv_record(std::string_view text);

}  // namespace garrison::kql
