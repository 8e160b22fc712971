// SPDX-License-Identifier: Apache-2.0
#include "net/outbound_guard.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/text.h"

namespace garrison::net {
namespace {

constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxHost = 253;

using ParsedUrl = std::unique_ptr<CURLU, void (*)(CURLU*)>;

Error malformed(std::string_view why) {
  return bad_input("NET-0401", fmt::format("the URL is not usable: {}", why));
}

// A part of the URL, "" when it is absent.
std::string part_of(CURLU* url, CURLUPart part, unsigned int flags = 0) {
  char* value = nullptr;
  if (curl_url_get(url, part, &value, flags) != CURLUE_OK || value == nullptr) return {};
  std::string out(value);
  curl_free(value);
  return out;
}

// Checks the bytes before any parser sees them, where parsers are known to disagree: blanks, control characters,
// backslashes, anything but ASCII (international names are to be given as punycode), missing or extra slashes.
Result<void> check_bytes(std::string_view url) {
  if (url.empty() || url.size() > kMaxUrl) return malformed(fmt::format("it must have 1 to {} bytes", kMaxUrl));
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) return malformed("blanks, control and non-ASCII characters must be encoded");
    if (c == '\\') return malformed("it has a backslash");
  }
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return malformed("it must start with https://");
  const std::string_view authority = url.substr(colon + 3, url.find_first_of("/?#", colon + 3) - (colon + 3));
  if (authority.empty()) return malformed("it names no host");
  if (authority.find('@') != std::string_view::npos) {
    return bad_input("NET-0403", "a URL with a user name or password is refused; give credentials apart from it");
  }
  return {};
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

// A name is made of labels; a last label that is a number would be an address in a form we do not take.
Result<void> check_name(const std::string& host) {
  if (host.size() > kMaxHost || !std::all_of(host.begin(), host.end(), is_host_character)) {
    return bad_input("NET-0404", "the host name has characters that no host name has, or is too long");
  }
  for (const std::string_view label : text::split(host, '.')) {
    // A leading '-' would also be a command in libcurl's list of pinned addresses.
    if (label.empty() || label.front() == '-' || label.size() > 63)
      return bad_input("NET-0404", "the host name has an empty, overlong or malformed label");
  }
  const std::string_view last = std::string_view(host).substr(host.rfind('.') + 1);
  const bool is_number = last.find_first_not_of("0123456789") == std::string_view::npos || last.substr(0, 2) == "0x";
  if (is_number) return bad_input("NET-0404", "the host is a number, but no IP address");
  return {};
}

bool matches(std::string_view pattern, std::string_view host) {
  if (pattern.substr(0, 2) != "*.") return text::iequals(pattern, host);
  pattern.remove_prefix(1);
  return host.size() > pattern.size() && text::iequals(host.substr(host.size() - pattern.size()), pattern);
}

}  // namespace

Result<OutboundTarget> OutboundGuard::check_url(std::string_view url) const {
  GARRISON_TRY(check_bytes(url));
  const ParsedUrl parsed(curl_url(), curl_url_cleanup);
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) return malformed(curl_url_strerror(code));

  OutboundTarget out;
  out.scheme = text::ascii_lower(part_of(parsed.get(), CURLUPART_SCHEME));
  if (out.scheme != "https" && !(out.scheme == "http" && policy_.is_http_allowed)) {
    return denied("NET-0402", fmt::format("the scheme '{}' is not allowed for outgoing calls", out.scheme));
  }
  if (!part_of(parsed.get(), CURLUPART_USER).empty() || !part_of(parsed.get(), CURLUPART_PASSWORD).empty()) {
    return bad_input("NET-0403", "a URL with a user name or password is refused; give credentials apart from it");
  }
  if (!part_of(parsed.get(), CURLUPART_ZONEID).empty())
    return bad_input("NET-0404", "addresses with a zone are refused");

  const std::string port = part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (out.port == 0 || (!policy_.ports.empty() &&
                        std::find(policy_.ports.begin(), policy_.ports.end(), out.port) == policy_.ports.end())) {
    return denied("NET-0405", fmt::format("outgoing calls to port {} are not allowed", port));
  }

  std::string host = text::ascii_lower(part_of(parsed.get(), CURLUPART_HOST));
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (!host.empty() && host.back() == '.') host.pop_back();  // the root label changes nothing
  const auto address = IpAddress::parse(host);
  if (address.ok()) {
    GARRISON_TRY(check_address(*address));
  } else {
    GARRISON_TRY(check_name(host));
  }
  const auto is_listed = [&](const std::string& pattern) { return matches(pattern, host); };
  const auto is_inside = [&](const Cidr& network) { return address.ok() && network.contains(*address); };
  if (!policy_.hosts.empty() && std::none_of(policy_.hosts.begin(), policy_.hosts.end(), is_listed) &&
      std::none_of(policy_.networks.begin(), policy_.networks.end(), is_inside)) {
    return denied("NET-0404", fmt::format("outgoing calls to '{}' are not on the list of allowed hosts", host));
  }
  out.host = host;
  out.path = part_of(parsed.get(), CURLUPART_PATH);
  const std::string query = part_of(parsed.get(), CURLUPART_QUERY);
  const bool is_v6 = address.ok() && !address->is_v4();
  out.url = fmt::format("{}://{}{}{}:{}{}{}{}", out.scheme, is_v6 ? "[" : "", host, is_v6 ? "]" : "", out.port,
                        out.path, query.empty() ? "" : "?", query);
  return out;
}

Result<void> OutboundGuard::check_address(const IpAddress& address) const {
  const AddressKind kind = address.kind();
  if (kind == AddressKind::kPublic) return {};
  for (const Cidr& network : policy_.networks) {
    if (network.contains(address)) return {};
  }
  return denied("NET-0406",
                fmt::format("outgoing calls to {} are refused: the address is {}; allow its network to permit them",
                            address.to_string(), to_string(kind)));
}

}  // namespace garrison::net
