// SPDX-License-Identifier: Apache-2.0
// The session cookie and what protects it from other sites. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "net/http.h"

namespace garrison::api {

// __Host- under TLS, a plain name on unencrypted loopback.
std::string session_cookie_name(const net::Request& request);
std::optional<Secret> read_session_cookie(const net::Request& request);
std::string set_session_cookie(const net::Request& request, const Secret& session);
std::string clear_session_cookie(const net::Request& request);
// API-0403 (kDenied) for a change that another site could have sent: no X-Garrison-Request header, or a foreign Origin.
Result<void> check_same_site(const net::Request& request);

}  // namespace garrison::api
