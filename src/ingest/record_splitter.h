// SPDX-License-Identifier: Apache-2.0
// Cuts JSON text into records without parsing it: JSON lines, arrays of objects, objects over several lines, also one
// after the other. A damaged record costs that record only. Text arrives in pieces of any size. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/record_limits.h"

namespace garrison::ingest {

class RecordSplitter {
 public:
  struct Record {
    std::string_view text;     // trimmed; kRecordPadding readable bytes follow; valid until the next append or finish
    std::uint64_t line = 1;    // where it starts
    bool is_too_long = false;  // text is only its beginning then
  };

  explicit RecordSplitter(RecordLimits limits = {}) : max_bytes_(limits.max_bytes) {}

  void append(std::string_view bytes);
  // Takes a whole input without copying it.
  void append(std::string&& bytes);
  // Goes back to the start of an input that was appended in one piece.
  void rewind();
  // No more input: what is left becomes a record.
  void finish();
  // The next complete record; none: append more, or the end.
  std::optional<Record> next();

 private:
  enum class Mode { kUnknown, kLines, kObjects, kArray };

  void pad();
  std::string_view rest() const { return std::string_view(buffer_).substr(position_, size_ - position_); }
  void skip(std::size_t count);
  void skip_blanks(bool also_commas);
  std::optional<Record> next_line();
  std::optional<Record> next_object();
  Record too_long(std::size_t begin_bytes);
  // Bytes of the JSON value at the start of the text; none when it does not end there.
  static std::optional<std::size_t> value_size(std::string_view text);

  std::size_t max_bytes_;
  std::string buffer_;  // with padding behind size_
  std::size_t size_ = 0;
  std::size_t position_ = 0;
  std::uint64_t line_ = 1;
  Mode mode_ = Mode::kUnknown;
  bool is_finished_ = false;
  bool is_start_ = true;
  bool is_skipping_ = false;  // behind a record that was too long or damaged: until the next line
};

}  // namespace garrison::ingest
