// SPDX-License-Identifier: Apache-2.0
#include "server/csv_splitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace garrison::server {
namespace {

constexpr std::size_t kMaxRecordBytes = 16 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<void> CsvSplitter::append(std::string_view bytes) {
  if (separator_ == 0) {
    first_line_ += bytes;
    return choose_separator(false);
  }
  for (const char c : bytes) GARRISON_TRY(take(c));
  return {};
}

Result<void> CsvSplitter::finish() {
  if (separator_ == 0) GARRISON_TRY(choose_separator(true));
  if (state_ == State::kStart && cells_.empty() && cell_.empty()) return {};
  return end_record();
}

Result<void> CsvSplitter::choose_separator(bool is_end) {
  const std::size_t end = first_line_.find('\n');
  if (end == std::string::npos && !is_end && first_line_.size() < kMaxRecordBytes) return {};
  const std::string_view line = std::string_view(first_line_).substr(0, end);
  separator_ = ',';
  for (const char candidate : {';', '\t'}) {
    if (std::count(line.begin(), line.end(), candidate) > std::count(line.begin(), line.end(), separator_))
      separator_ = candidate;
  }
  std::string text = std::exchange(first_line_, {});
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  for (const char c : text) GARRISON_TRY(take(c));
  return {};
}

Result<void> CsvSplitter::take(char c) {
  if (++record_bytes_ > kMaxRecordBytes) {
    return bad_input(
        "QUERY-0011",
        fmt::format("the record that begins in line {} is longer than 16 MiB; is a quote left open?", record_line_));
  }
  if (c == '\n') ++line_;
  switch (state_) {
    case State::kAfterReturn:
      state_ = State::kStart;
      if (c == '\n') {
        record_line_ = line_;
        return {};
      }
      [[fallthrough]];
    case State::kStart:
      if (c == '"') {
        state_ = State::kQuoted;
        return {};
      }
      state_ = State::kPlain;
      [[fallthrough]];
    case State::kPlain:
      if (c == separator_) {
        end_cell();
      } else if (c == '\n' || c == '\r') {
        GARRISON_TRY(end_record());
        if (c == '\r') state_ = State::kAfterReturn;
      } else {
        cell_ += c;
      }
      return {};
    case State::kQuoted:
      if (c == '"')
        state_ = State::kQuoteInQuoted;
      else
        cell_ += c;
      return {};
    case State::kQuoteInQuoted:
      if (c == '"') {
        cell_ += '"';
        state_ = State::kQuoted;
        return {};
      }
      // Text behind the closing quote is kept as it stands.
      state_ = State::kPlain;
      --record_bytes_;
      if (c == '\n') --line_;
      return take(c);
  }
  return {};
}

void CsvSplitter::end_cell() {
  cells_.push_back(std::exchange(cell_, {}));
  state_ = State::kStart;
}

Result<void> CsvSplitter::end_record() {
  end_cell();
  const std::uint64_t line = std::exchange(record_line_, line_);
  record_bytes_ = 0;
  const std::vector<std::string> cells = std::exchange(cells_, {});
  const bool is_blank = cells.size() == 1 && cells.front().empty();
  return is_blank ? Result<void>() : sink_(cells, line);
}

}  // namespace garrison::server
