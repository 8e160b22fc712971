// SPDX-License-Identifier: Apache-2.0
// Places in a query text. Offsets are bytes of the original text; positions are what a person reads (line and column
// from 1, columns in characters). Plain values; any thread may use them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace garrison::kql::syntax {

// Half-open byte range [begin, end) of the text. Empty where something is missing.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool empty() const { return begin == end; }
  bool operator==(const Span&) const = default;
};

// The smallest range that holds both.
Span cover(Span left, Span right);

// Maps offsets of one text to positions. Lines end with LF, CR or CRLF. Keeps a view of the text: the text must
// outlive the index. A query of n lines costs n words; a lookup is a binary search.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  // Offsets behind the end give the position behind the last character.
  Position position(std::uint32_t offset) const;

 private:
  std::string_view text_;
  std::vector<std::uint32_t> line_starts_;
};

}  // namespace garrison::kql::syntax
