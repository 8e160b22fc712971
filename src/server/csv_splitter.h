// SPDX-License-Identifier: Apache-2.0
// Cuts CSV (RFC 4180) into records: cells in quotes may hold commas, quotes and line breaks. Text arrives in pieces of
// any size. The separator is a comma, semicolon or tab, whichever the first line has most of. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace garrison::server {

class CsvSplitter {
 public:
  // Cells of a record and the line where it starts.
  using Sink = std::function<Result<void>(const std::vector<std::string>& cells, std::uint64_t line)>;

  explicit CsvSplitter(Sink sink) : sink_(std::move(sink)) {}
  // QUERY-0011 (kBadInput): a record longer than 16 MiB, as an unclosed quote makes.
  Result<void> append(std::string_view bytes);
  Result<void> finish();

 private:
  enum class State { kStart, kPlain, kQuoted, kQuoteInQuoted, kAfterReturn };

  Result<void> take(char c);
  void end_cell();
  Result<void> end_record();
  Result<void> choose_separator(bool is_end);

  Sink sink_;
  State state_ = State::kStart;
  char separator_ = 0;      // 0: not known yet
  std::string first_line_;  // kept until the separator is known
  std::vector<std::string> cells_;
  std::string cell_;
  std::size_t record_bytes_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t record_line_ = 1;
};

}  // namespace garrison::server
