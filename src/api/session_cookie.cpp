// SPDX-License-Identifier: Apache-2.0
#include "api/session_cookie.h"

#include <fmt/format.h>

#include "base/text.h"

namespace garrison::api {
namespace {

std::string cookie(const net::Request& request, std::string_view value, std::string_view more) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}{}", session_cookie_name(request), value,
                     request.peer.is_tls ? "; Secure" : "", more);
}

}  // namespace

std::string session_cookie_name(const net::Request& request) {
  return request.peer.is_tls ? "__Host-garrison_session" : "garrison_session";
}

std::optional<Secret> read_session_cookie(const net::Request& request) {
  const std::string name = session_cookie_name(request);
  for (const std::string_view header : request.headers.all("Cookie")) {
    for (const std::string_view part : text::split(header, ';')) {
      const std::string_view pair = text::trim(part);
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return Secret(std::string(pair.substr(equals + 1)));
    }
  }
  return std::nullopt;
}

std::string set_session_cookie(const net::Request& request, const Secret& session) { return cookie(request, session.reveal(), ""); }
std::string clear_session_cookie(const net::Request& request) { return cookie(request, "", "; Max-Age=0"); }

Result<void> check_same_site(const net::Request& request) {
  if (request.headers.value_or("X-Garrison-Request", "") != "1") {
    return denied("API-0403", "a change with a session needs the header X-Garrison-Request: 1");
  }
  if (const auto origin = request.headers.find("Origin")) {
    const std::string own = fmt::format("{}://{}", request.peer.is_tls ? "https" : "http", request.headers.value_or("Host", ""));
    if (!text::iequals(*origin, own)) return denied("API-0403", "the request comes from another site");
  }
  return {};
}

}  // namespace garrison::api
