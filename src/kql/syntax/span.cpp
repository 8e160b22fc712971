// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/span.h"

#include <algorithm>

#include "base/text.h"

namespace garrison::kql::syntax {

Span cover(Span left, Span right) {
  return {std::min(left.begin, right.begin), std::max(left.end, right.end)};
}

LineIndex::LineIndex(std::string_view text) : text_(text), line_starts_{0} {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool ends = text[at] == '\n' || (text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n'));
    if (ends) line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
}

Position LineIndex::position(std::uint32_t offset) const {
  offset = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(text_.size()));
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::uint32_t start = *(next - 1);
  const auto column = std::count_if(text_.begin() + start, text_.begin() + offset,
                                    [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return {static_cast<std::uint32_t>(next - line_starts_.begin()), static_cast<std::uint32_t>(column) + 1};
}

}  // namespace garrison::kql::syntax
