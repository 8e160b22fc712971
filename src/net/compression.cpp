// SPDX-License-Identifier: Apache-2.0
#include "net/compression.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <vector>

#include "base/text.h"

namespace garrison::net {
namespace {

constexpr std::size_t kPiece = 128 << 10;
constexpr std::uint64_t kRatioFloor = 1 << 20;
constexpr int kMaxZstdWindowLog = 25;  // 32 MiB; a frame that wants more is refused

Error damaged(std::string_view why) {
  return bad_input("NET-0120", fmt::format("the compressed body is damaged: {}", why));
}

// Counts both sides and stops what grows too much.
class Meter {
 public:
  explicit Meter(DecompressLimits limits) : limits_(limits) {}
  void add_input(std::size_t num_bytes) { input_ += num_bytes; }
  Result<void> add_output(std::size_t num_bytes) {
    output_ += num_bytes;
    if (output_ > limits_.max_bytes) {
      return exhausted("NET-0121", fmt::format("the body unpacks to more than {} bytes", limits_.max_bytes));
    }
    if (output_ > kRatioFloor && output_ / limits_.max_ratio > input_) {
      return exhausted("NET-0121", fmt::format("the body unpacks to more than {} times its size", limits_.max_ratio));
    }
    return {};
  }

 private:
  DecompressLimits limits_;
  std::uint64_t input_ = 0;
  std::uint64_t output_ = 0;
};

class IdentityDecompressor final : public Decompressor {
 public:
  explicit IdentityDecompressor(DecompressLimits limits) : meter_(limits) {}
  Result<void> write(std::string_view bytes, const Sink& sink) override {
    meter_.add_input(bytes.size());
    GARRISON_TRY(meter_.add_output(bytes.size()));
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kPiece)))
      GARRISON_TRY(sink(bytes.substr(0, kPiece)));
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  Meter meter_;
};

// gzip (also several members in a row), zlib, and the raw deflate that some senders call "deflate".
class ZlibDecompressor final : public Decompressor {
 public:
  ZlibDecompressor(Encoding encoding, DecompressLimits limits)
      : meter_(limits),
        output_(kPiece),
        may_be_raw_(encoding == Encoding::kDeflate),
        is_gzip_(encoding == Encoding::kGzip) {}
  ~ZlibDecompressor() override {
    if (is_open_) inflateEnd(&stream_);
  }

  Result<void> write(std::string_view bytes, const Sink& sink) override {
    meter_.add_input(bytes.size());
    while (!bytes.empty()) {
      if (!is_open_) {
        if (num_members_ > 0 && !is_gzip_) return damaged("bytes follow its end");
        GARRISON_TRY(open(bytes.front()));
      }
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream_.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), 1 << 30));
      const std::size_t given = stream_.avail_in;
      GARRISON_TRY(inflate_given(sink));
      bytes.remove_prefix(given - stream_.avail_in);
    }
    return {};
  }

  Result<void> finish() override {
    if (is_open_ || num_members_ == 0) return damaged("it ends too early");
    return {};
  }

 private:
  Result<void> open(char first) {
    // The low half of a zlib header's first byte is 8 (RFC 1950); raw deflate from usual encoders never starts so.
    const bool is_raw = may_be_raw_ && (static_cast<unsigned char>(first) & 0x0f) != 8;
    stream_ = z_stream{};
    if (inflateInit2(&stream_, is_gzip_ ? 15 + 16 : is_raw ? -15 : 15) != Z_OK) {
      return exhausted("NET-0121", "no memory to unpack the body");
    }
    is_open_ = true;
    return {};
  }

  Result<void> inflate_given(const Sink& sink) {
    while (true) {
      stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
      stream_.avail_out = static_cast<uInt>(output_.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t length = output_.size() - stream_.avail_out;
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return damaged(stream_.msg != nullptr ? stream_.msg : "no such format");
      }
      GARRISON_TRY(meter_.add_output(length));
      if (length > 0) GARRISON_TRY(sink(std::string_view(output_.data(), length)));
      if (code == Z_STREAM_END) {
        inflateEnd(&stream_);
        is_open_ = false;
        ++num_members_;
        return {};
      }
      if (stream_.avail_out > 0) return {};
    }
  }

  Meter meter_;
  std::vector<char> output_;
  z_stream stream_{};
  bool is_open_ = false;
  bool may_be_raw_;
  bool is_gzip_;
  std::size_t num_members_ = 0;
};

class ZstdDecompressor final : public Decompressor {
 public:
  explicit ZstdDecompressor(DecompressLimits limits)
      : meter_(limits), output_(kPiece), stream_(ZSTD_createDStream(), ZSTD_freeDStream) {
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  }

  Result<void> write(std::string_view bytes, const Sink& sink) override {
    meter_.add_input(bytes.size());
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
      ZSTD_outBuffer out{output_.data(), output_.size(), 0};
      const std::size_t before = in.pos;
      const std::size_t code = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(code)) return damaged(ZSTD_getErrorName(code));
      is_at_end_ = code == 0;
      GARRISON_TRY(meter_.add_output(out.pos));
      if (out.pos > 0) GARRISON_TRY(sink(std::string_view(output_.data(), out.pos)));
      const bool is_output_full = out.pos == out.size;
      if (in.pos == in.size && (!is_output_full || is_at_end_)) return {};
      if (in.pos == before && out.pos == 0) return damaged("it does not go on");
    }
  }

  Result<void> finish() override {
    if (!is_at_end_) return damaged("it ends too early");
    return {};
  }

 private:
  Meter meter_;
  std::vector<char> output_;
  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
  bool is_at_end_ = false;
};

std::string compress_zlib(std::string_view bytes, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  GARRISON_CHECK(code == Z_STREAM_END);
  return out;
}

}  // namespace

Result<Encoding> parse_encoding(std::string_view content_encoding) {
  const std::string name = text::ascii_lower(text::trim(content_encoding));
  if (name.empty() || name == "identity") return Encoding::kIdentity;
  if (name == "gzip" || name == "x-gzip") return Encoding::kGzip;
  if (name == "deflate") return Encoding::kDeflate;
  if (name == "zstd") return Encoding::kZstd;
  return bad_input("NET-0122", fmt::format("the content encoding '{}' is not known; send gzip, deflate or zstd", name));
}

std::unique_ptr<Decompressor> Decompressor::create(Encoding encoding, DecompressLimits limits) {
  if (limits.max_ratio == 0) limits.max_ratio = 1;
  if (encoding == Encoding::kIdentity) return std::make_unique<IdentityDecompressor>(limits);
  if (encoding == Encoding::kZstd) return std::make_unique<ZstdDecompressor>(limits);
  return std::make_unique<ZlibDecompressor>(encoding, limits);
}

Result<void> decompress_body(Request& request, DecompressLimits limits, const Decompressor::Sink& sink) {
  const auto encodings = request.headers.all("Content-Encoding");
  if (encodings.size() > 1) return bad_input("NET-0122", "a body with several content encodings is refused");
  GARRISON_ASSIGN(const Encoding encoding, parse_encoding(encodings.empty() ? "" : encodings[0]));
  const auto decompressor = Decompressor::create(encoding, limits);
  if (request.body_reader == nullptr) {
    GARRISON_TRY(decompressor->write(request.body, sink));
    return decompressor->finish();
  }
  std::vector<char> buffer(256 << 10);
  while (true) {
    GARRISON_ASSIGN(const std::size_t length, request.body_reader->read(buffer));
    if (length == 0) return decompressor->finish();
    GARRISON_TRY(decompressor->write(std::string_view(buffer.data(), length), sink));
  }
}

Result<std::string> decompress_body(Request& request, DecompressLimits limits) {
  std::string out;
  GARRISON_TRY(decompress_body(request, limits, [&](std::string_view bytes) -> Result<void> {
    out.append(bytes);
    return {};
  }));
  return out;
}

std::string compress(Encoding encoding, std::string_view bytes) {
  switch (encoding) {
    case Encoding::kIdentity:
      return std::string(bytes);
    case Encoding::kGzip:
      return compress_zlib(bytes, 15 + 16);
    case Encoding::kDeflate:
      return compress_zlib(bytes, 15);
    case Encoding::kZstd:
      break;
  }
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t length = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
  GARRISON_CHECK(!ZSTD_isError(length));
  out.resize(length);
  return out;
}

}  // namespace garrison::net
