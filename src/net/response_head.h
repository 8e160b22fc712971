// SPDX-License-Identifier: Apache-2.0
// Writes the header of a response. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ticks.h"
#include "net/http.h"

namespace garrison::net {

struct ResponseFraming {
  int version = 11;  // of the request
  bool is_keep_alive = true;
  std::optional<std::uint64_t> content_length;  // none: chunked, or until close for HTTP/1.0
};

// True for statuses that have no body (1xx, 204, 304).
bool is_bodiless(int status);
// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string format_http_date(DateTime at);
// Fields that the server owns are left out of the response's own; line breaks and control characters in a field become
// blanks, so that a value cannot add fields (response splitting).
std::string format_response_head(const Response& response, const ResponseFraming& framing, DateTime now);

}  // namespace garrison::net
