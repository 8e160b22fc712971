// SPDX-License-Identifier: Apache-2.0
// Parses the header of a request out of bytes in memory (Beast's parser behind our limits). Pure; the fuzzer and the
// connections call it alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace garrison::net {

struct HeadLimits {
  std::size_t max_bytes = 16 << 10;
  std::size_t max_headers = 100;
};

struct ParsedHead {
  RequestHead head;
  std::optional<std::uint64_t> content_length;
  bool is_chunked = false;
  bool is_keep_alive = false;
  bool expects_continue = false;
};

// Length of the header with its empty line, or none while that has not arrived. `searched` bytes were looked at before.
std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t searched);

// `bytes` is the header with its empty line. Errors: NET-0101 malformed or ambiguous (both Content-Length and
// Transfer-Encoding, two lengths, no Host), NET-0102 too large, NET-0107 unknown expectation, NET-0108 version,
// NET-0109 transfer coding.
Result<ParsedHead> parse_request_head(std::string_view bytes, const HeadLimits& limits);

}  // namespace garrison::net
