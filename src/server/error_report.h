// SPDX-License-Identifier: Apache-2.0
// Errors of a query for people: the message, then the line of the query with a caret under the place. Stateless.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace garrison::server {

// "garrison: KQL-0031 at 1:18: message", and the line when the error has a place in the text. Lines longer than
// `width` are shown around the place; 0: whole.
std::string error_report(const Error& error, std::string_view text, std::size_t width);

}  // namespace garrison::server
