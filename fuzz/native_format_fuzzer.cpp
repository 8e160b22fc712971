// SPDX-License-Identifier: Apache-2.0
// Feeds the decoder of the engine's answers; the first byte chooses the size of the pieces.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/native_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using garrison::table::Kind;
  if (size == 0) return 0;
  const std::size_t piece = data[0] + std::size_t{1};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  garrison::engine::NativeDecoder decoder(
      garrison::table::Schema{{{"s", Kind::kString}, {"t", Kind::kDateTime}, {"m", Kind::kDecimal}}},
      {.max_rows = 1 << 16, .max_text_bytes = 1 << 16, .max_column_bytes = 1 << 20});
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto done = decoder.write(bytes.substr(at, piece), [](garrison::table::Batch&& batch) {
      for (std::size_t row = 0; row < batch.num_rows(); ++row) {
        for (const auto& column : batch.columns) garrison::table::to_display(column, row);
      }
      return garrison::Result<void>();
    });
    if (!done.ok()) return 0;
  }
  (void)decoder.finish();
  return 0;
}
