// SPDX-License-Identifier: Apache-2.0
// Decompression under a cap; the first byte chooses the encoding and the size of the pieces.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "net/compression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace garrison::net;
  if (size == 0) return 0;
  constexpr Encoding kEncodings[] = {Encoding::kIdentity, Encoding::kGzip, Encoding::kDeflate, Encoding::kZstd};
  const auto decompressor = Decompressor::create(kEncodings[data[0] & 3], {1 << 20, 100});
  const std::size_t piece = (data[0] >> 2) + std::size_t{1};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t total = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto written = decompressor->write(bytes.substr(at, piece), [&](std::string_view part) {
      total += part.size();
      return garrison::Result<void>();
    });
    if (total > 1 << 20) std::abort();
    if (!written.ok()) return 0;
  }
  (void)decompressor->finish();
  return 0;
}
