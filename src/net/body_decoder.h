// SPDX-License-Identifier: Apache-2.0
// Takes the framing off a request body: none, Content-Length, or chunked. Fed with bytes, does no I/O; the payload is
// handed out as views into the input, so that nothing is copied. One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace garrison::net {

class BodyDecoder {
 public:
  BodyDecoder() = default;  // no body
  // Payload above max_bytes is NET-0103.
  static BodyDecoder with_length(std::uint64_t length);
  static BodyDecoder chunked(std::uint64_t max_bytes);

  struct Step {
    std::size_t num_consumed = 0;  // of the input
    std::string_view payload;      // a part of the input; may be empty
  };
  // Takes framing and at most max_payload bytes of payload. Consumes nothing only when the input is empty or the body
  // is done. NET-0101 for malformed chunks.
  Result<Step> decode(std::string_view input, std::size_t max_payload);

  // How many of the next bytes are payload for certain: they may be read elsewhere, then told with skip_payload().
  std::uint64_t payload_ahead() const { return state_ == State::kData ? remaining_ : 0; }
  void skip_payload(std::uint64_t num_bytes);
  bool is_done() const { return state_ == State::kDone; }

 private:
  enum class State {
    kSizeStart,
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kEndLf,
    kDone,
  };
  Result<void> take(char c);
  Result<void> end_of_size();

  State state_ = State::kDone;
  bool is_chunked_ = false;
  std::uint64_t remaining_ = 0;  // payload bytes of the body or of the current chunk
  std::uint64_t budget_ = 0;     // payload bytes still allowed (chunked)
  std::size_t num_framing_ = 0;  // bytes of the current size line, or of all trailers
};

}  // namespace garrison::net
