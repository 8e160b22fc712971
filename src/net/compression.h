// SPDX-License-Identifier: Apache-2.0
// Content encodings of HTTP bodies: gzip, deflate, zstd. Decompression works piece by piece under caps, so that a bomb
// costs no memory. A Decompressor is used by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace garrison::net {

enum class Encoding { kIdentity, kGzip, kDeflate, kZstd };

// Reads a Content-Encoding value. NET-0122 (415) for an unknown or a second encoding.
Result<Encoding> parse_encoding(std::string_view content_encoding);

struct DecompressLimits {
  std::uint64_t max_bytes = 64 << 20;  // of output; NET-0121 (413) above
  std::uint64_t max_ratio = 100;       // output to input, once the output passes 1 MiB; NET-0121 (413) above
};

class Decompressor {
 public:
  using Sink = std::function<Result<void>(std::string_view bytes)>;

  virtual ~Decompressor() = default;
  static std::unique_ptr<Decompressor> create(Encoding encoding, DecompressLimits limits = {});
  // Unpacks the next piece of input and hands the output on in pieces of at most 128 KiB. NET-0120: damaged data.
  virtual Result<void> write(std::string_view bytes, const Sink& sink) = 0;
  // Call after the last piece. NET-0120: the data ends too early.
  virtual Result<void> finish() = 0;
};

// The request's body, unpacked as its Content-Encoding says; reads body_reader when the body is streamed.
Result<std::string> decompress_body(Request& request, DecompressLimits limits = {});
// The same, piece by piece.
Result<void> decompress_body(Request& request, DecompressLimits limits, const Decompressor::Sink& sink);

// One complete gzip member, zlib stream or zstd frame; kIdentity returns the bytes.
std::string compress(Encoding encoding, std::string_view bytes);

}  // namespace garrison::net
