// SPDX-License-Identifier: Apache-2.0
// Decides where outgoing internet calls may go. The URL is checked before the call, and the address a socket is about
// to connect to is checked again: it decides, whatever the name said. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/address.h"

namespace garrison::net {

struct OutboundPolicy {
  // Host names allowed: exact, or "*.example.com" for its subdomains. Empty: every public host.
  std::vector<std::string> hosts;
  // Networks allowed although their addresses are not public (a ticket system in 10.1.2.0/24).
  std::vector<Cidr> networks;
  std::vector<std::uint16_t> ports;  // empty: all
  bool is_http_allowed = false;      // else https only
};

// A URL that passed the check.
struct OutboundTarget {
  std::string url;     // normalised: the form to call
  std::string scheme;  // "https" or "http"
  std::string host;    // lower case, without trailing dot and brackets
  std::uint16_t port = 443;
  std::string path;
};

class OutboundGuard {
 public:
  explicit OutboundGuard(OutboundPolicy policy) : policy_(std::move(policy)) {}

  // NET-0401 malformed, NET-0402 scheme, NET-0403 user name or password in the URL, NET-0404 host, NET-0405 port,
  // NET-0406 address (when the host is an address).
  Result<OutboundTarget> check_url(std::string_view url) const;
  // NET-0406 when no socket may be connected to the address.
  Result<void> check_address(const IpAddress& address) const;

 private:
  OutboundPolicy policy_;
};

}  // namespace garrison::net
