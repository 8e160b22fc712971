// SPDX-License-Identifier: Apache-2.0
#include "net/body_decoder.h"

#include <algorithm>

namespace garrison::net {
namespace {

constexpr std::size_t kMaxSizeLine = 1024;  // chunk extensions are skipped, so they stay short
constexpr std::size_t kMaxTrailers = 8192;
constexpr int kMaxSizeDigits = 15;

Error malformed() {
  return bad_input("NET-0101", "malformed chunk in the request body");
}

}  // namespace

BodyDecoder BodyDecoder::with_length(std::uint64_t length) {
  BodyDecoder out;
  out.remaining_ = length;
  out.state_ = length > 0 ? State::kData : State::kDone;
  return out;
}

BodyDecoder BodyDecoder::chunked(std::uint64_t max_bytes) {
  BodyDecoder out;
  out.is_chunked_ = true;
  out.budget_ = max_bytes;
  out.state_ = State::kSizeStart;
  return out;
}

void BodyDecoder::skip_payload(std::uint64_t num_bytes) {
  remaining_ -= num_bytes;
  if (remaining_ == 0) state_ = is_chunked_ ? State::kDataCr : State::kDone;
}

Result<BodyDecoder::Step> BodyDecoder::decode(std::string_view input, std::size_t max_payload) {
  Step step;
  while (step.num_consumed < input.size() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const std::size_t available = std::min(input.size() - step.num_consumed, max_payload);
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(available, remaining_));
      step.payload = input.substr(step.num_consumed, length);
      step.num_consumed += length;
      skip_payload(length);
      break;
    }
    GARRISON_TRY(take(input[step.num_consumed]));
    ++step.num_consumed;
  }
  return step;
}

Result<void> BodyDecoder::end_of_size() {
  if (remaining_ > budget_) return bad_input("NET-0103", "the request body is larger than allowed here");
  budget_ -= remaining_;
  num_framing_ = 0;
  state_ = remaining_ > 0 ? State::kData : State::kTrailerStart;
  return {};
}

// Takes one byte of framing (RFC 9112 section 7.1). A bare LF never ends a line.
Result<void> BodyDecoder::take(char c) {
  const auto digit = [&]() -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  const auto move_to = [&](State next, bool is_valid) -> Result<void> {
    if (!is_valid) return malformed();
    state_ = next;
    return {};
  };
  ++num_framing_;
  switch (state_) {
    case State::kSizeStart:
      num_framing_ = 1;
      remaining_ = 0;
      if (digit() < 0) return malformed();
      remaining_ = static_cast<std::uint64_t>(digit());
      state_ = State::kSize;
      return {};
    case State::kSize:
      if (c == '\r') return move_to(State::kSizeLf, true);
      if (c == ';' || c == ' ' || c == '\t') return move_to(State::kExtension, true);
      if (digit() < 0 || num_framing_ > kMaxSizeDigits) return malformed();
      remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit());
      return {};
    case State::kExtension:
      if (c == '\r') return move_to(State::kSizeLf, true);
      return move_to(State::kExtension, c != '\n' && num_framing_ <= kMaxSizeLine);
    case State::kSizeLf:
      if (c != '\n') return malformed();
      return end_of_size();
    case State::kDataCr:
      return move_to(State::kDataLf, c == '\r');
    case State::kDataLf:
      return move_to(State::kSizeStart, c == '\n');
    case State::kTrailerStart:
      if (c == '\r') return move_to(State::kEndLf, true);
      return move_to(State::kTrailer, c != '\n');
    case State::kTrailer:
      if (c == '\r') return move_to(State::kTrailerLf, true);
      return move_to(State::kTrailer, c != '\n' && num_framing_ <= kMaxTrailers);
    case State::kTrailerLf:
      return move_to(State::kTrailerStart, c == '\n' && num_framing_ <= kMaxTrailers);
    case State::kEndLf:
      return move_to(State::kDone, c == '\n');
    case State::kData:
    case State::kDone:
      break;
  }
  return bug("body decoder fed with payload as framing");
}

}  // namespace garrison::net
