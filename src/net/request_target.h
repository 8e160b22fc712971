// SPDX-License-Identifier: Apache-2.0
// Percent encoding and request targets (RFC 3986, RFC 9112 section 3.2). Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace garrison::net {

enum class PlusSign { kLiteral, kBlank };

// None when an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text, PlusSign plus = PlusSign::kLiteral);
// Escapes everything but unreserved characters (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text);

// Reads "name=value&..."; used for query strings and form bodies. NET-0101 for malformed escapes.
Result<QueryParameters> parse_query(std::string_view text);

// Fills target, path and query of the head. Origin form, absolute form and "*". NET-0101 for anything else, for
// malformed escapes, invalid UTF-8, control characters, and "." or ".." segments.
Result<void> parse_target(std::string_view target, RequestHead& head);

}  // namespace garrison::net
