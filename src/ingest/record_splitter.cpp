// SPDX-License-Identifier: Apache-2.0
#include "ingest/record_splitter.h"

#include <algorithm>

#include "base/text.h"

namespace garrison::ingest {
namespace {

constexpr std::size_t kShownBytes = 256;

}  // namespace

void RecordSplitter::pad() {
  size_ = buffer_.size();
  buffer_.append(kRecordPadding, '\0');
}

void RecordSplitter::append(std::string_view bytes) {
  buffer_.resize(size_);
  buffer_.erase(0, position_);
  position_ = 0;
  buffer_ += bytes;
  pad();
}

void RecordSplitter::append(std::string&& bytes) {
  if (position_ != size_) return append(std::string_view(bytes));
  buffer_ = std::move(bytes);
  position_ = 0;
  pad();
}

void RecordSplitter::rewind() {
  position_ = 0;
  line_ = 1;
  mode_ = Mode::kUnknown;
  is_start_ = true;
  is_skipping_ = false;
}

void RecordSplitter::finish() {
  is_finished_ = true;
}

void RecordSplitter::skip(std::size_t count) {
  const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(position_);
  line_ += static_cast<std::uint64_t>(std::count(begin, begin + static_cast<std::ptrdiff_t>(count), '\n'));
  position_ += count;
}

void RecordSplitter::skip_blanks(bool also_commas) {
  const std::string_view text = rest();
  std::size_t count = 0;
  while (count < text.size() && (text[count] == ' ' || text[count] == '\t' || text[count] == '\n' ||
                                 text[count] == '\r' || (also_commas && text[count] == ',')))
    ++count;
  skip(count);
}

std::optional<std::size_t> RecordSplitter::value_size(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return i + (depth == 0 ? 0 : 1);
      --depth;
    } else if (depth == 0 && c == ',') {
      return i;
    }
  }
  return std::nullopt;
}

RecordSplitter::Record RecordSplitter::too_long(std::size_t begin_bytes) {
  const Record record{rest().substr(0, std::min(begin_bytes, kShownBytes)), line_, true};
  return record;
}

std::optional<RecordSplitter::Record> RecordSplitter::next_line() {
  for (;;) {
    const std::string_view text = rest();
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && !is_finished_) {
      if (text.size() <= max_bytes_) return std::nullopt;
      // The rest of the line is dropped as it comes; its beginning is shown once.
      const Record record = too_long(text.size());
      const bool is_first = !is_skipping_;
      is_skipping_ = true;
      position_ = size_;
      if (is_first) return record;
      return std::nullopt;
    }
    const std::string_view line = text.substr(0, end);
    const Record record{text::trim(line), line_, false};
    if (line.size() > max_bytes_ && !is_skipping_) {
      const Record shown = too_long(line.size());
      skip(std::min(line.size() + 1, text.size()));
      return shown;
    }
    position_ += std::min(line.size() + 1, text.size());
    if (end != std::string_view::npos) ++line_;
    const bool was_skipping = is_skipping_;
    is_skipping_ = false;
    if (!record.text.empty() && !was_skipping) return record;
    if (position_ == size_) return std::nullopt;
  }
}

std::optional<RecordSplitter::Record> RecordSplitter::next_object() {
  for (;;) {
    if (is_skipping_) {
      // Go on where a line starts with an object.
      std::size_t at = rest().find('\n');
      while (at != std::string_view::npos) {
        const std::size_t first = rest().find_first_not_of(" \t\r\n", at);
        if (first != std::string_view::npos && rest()[first] == '{') break;
        at = first == std::string_view::npos ? first : rest().find('\n', first);
      }
      skip(at == std::string_view::npos ? rest().size() : at);
      if (at == std::string_view::npos) return std::nullopt;
      is_skipping_ = false;
    }
    skip_blanks(true);
    if (position_ == size_) return std::nullopt;
    const char first = rest().front();
    if (mode_ == Mode::kArray && first == ']') {
      skip(1);
      mode_ = Mode::kUnknown;
      return next();
    }
    const std::optional<std::size_t> size = value_size(rest());
    if (size && *size <= max_bytes_ && *size > 0) {
      const Record record{text::trim(rest().substr(0, *size)), line_, false};
      skip(*size);
      if (mode_ == Mode::kObjects) {
        // A stray bracket or text between objects is a record of its own, which the reader refuses.
        if (position_ < size_ && rest().front() == ']') skip(1);
      }
      return record;
    }
    if (size && *size == 0) {  // a closing bracket without its opening one
      const Record record{rest().substr(0, 1), line_, false};
      skip(1);
      return record;
    }
    if (!size && !is_finished_ && rest().size() <= max_bytes_) return std::nullopt;
    Record record{rest(), line_, false};
    if (size || rest().size() > max_bytes_) record = too_long(rest().size());
    // Skips the first line of what is damaged, so that the search for the next object moves on.
    if (size) {
      skip(*size);
    } else {
      skip(1);
      is_skipping_ = true;
    }
    return record;
  }
}

std::optional<RecordSplitter::Record> RecordSplitter::next() {
  if (is_start_ && size_ - position_ >= 3) {
    if (rest().starts_with("\xEF\xBB\xBF")) position_ += 3;
    is_start_ = false;
  }
  if (mode_ == Mode::kUnknown) {
    skip_blanks(false);
    if (position_ == size_) return std::nullopt;
    const std::string_view text = rest();
    if (text.front() == '[') {
      skip(1);
      mode_ = Mode::kArray;
    } else if (text.front() == '{') {
      const std::size_t line_end = text.find('\n');
      const std::optional<std::size_t> size = value_size(text);
      if (!size && !is_finished_ && text.size() <= max_bytes_) return std::nullopt;
      mode_ = size && *size > line_end ? Mode::kObjects : Mode::kLines;
    } else {
      mode_ = Mode::kLines;
    }
  }
  return mode_ == Mode::kLines ? next_line() : next_object();
}

}  // namespace garrison::ingest
