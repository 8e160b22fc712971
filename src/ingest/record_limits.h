// SPDX-License-Identifier: Apache-2.0
// Bounds of one incoming record. Plain values.
#pragma once

#include <cstddef>

namespace garrison::ingest {

struct RecordLimits {
  std::size_t max_bytes = 1 << 20;
  std::size_t max_depth = 64;
  std::size_t max_columns = 1'000;  // fields of one object at the top
};

// Readable bytes that a reader needs behind the last record of its input.
inline constexpr std::size_t kRecordPadding = 64;

}  // namespace garrison::ingest
