// SPDX-License-Identifier: Apache-2.0
#include "net/request_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/text.h"
#include "net/request_target.h"

namespace garrison::net {
namespace {

namespace http = boost::beast::http;

Error malformed(std::string_view what) {
  return bad_input("NET-0101", fmt::format("malformed request: {}", what));
}

Error wrong_version() {
  return bad_input("NET-0108", "only HTTP/1.0 and HTTP/1.1 are spoken here");
}

// Refuses what lets two parsers disagree about where the body ends (RFC 9112 section 6.3).
Result<void> check_framing(const ParsedHead& parsed) {
  const auto codings = parsed.head.headers.all("Transfer-Encoding");
  if (codings.empty()) return {};
  if (parsed.head.headers.find("Content-Length")) return malformed("both Content-Length and Transfer-Encoding");
  if (parsed.head.version < 11) return malformed("Transfer-Encoding in HTTP/1.0");
  if (codings.size() > 1 || !text::iequals(text::trim(codings[0]), "chunked") || !parsed.is_chunked) {
    return unsupported("NET-0109", "the only transfer coding known is 'chunked'");
  }
  return {};
}

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t searched) {
  const std::size_t at = bytes.find("\r\n\r\n", searched < 3 ? 0 : searched - 3);
  if (at == std::string_view::npos) return std::nullopt;
  return at + 4;
}

Result<ParsedHead> parse_request_head(std::string_view bytes, const HeadLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return bad_input("NET-0102", fmt::format("the header has more than {} bytes", limits.max_bytes));
  }
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.max_bytes + 1));
  parser.body_limit(boost::none);
  parser.eager(false);
  boost::system::error_code code;
  const std::size_t used = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
  if (code == http::error::bad_version) return wrong_version();
  if (code) return malformed(code.message());
  if (!parser.is_header_done() || used != bytes.size()) return malformed("incomplete header");

  ParsedHead out;
  const auto& message = parser.get();
  out.head.version = static_cast<int>(message.version());
  if (out.head.version != 10 && out.head.version != 11) {
    return wrong_version();
  }
  std::size_t num_hosts = 0;
  for (const auto& field : message) {
    if (out.head.headers.fields().size() >= limits.max_headers) {
      return bad_input("NET-0102", fmt::format("more than {} header fields", limits.max_headers));
    }
    if (field.name() == http::field::host) ++num_hosts;
    out.head.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  if (num_hosts > 1 || (num_hosts == 0 && out.head.version == 11))
    return malformed("exactly one Host header is needed");

  out.head.method = std::string(message.method_string());
  out.is_keep_alive = message.keep_alive();
  out.is_chunked = parser.chunked();
  if (const auto length = parser.content_length()) out.content_length = *length;
  GARRISON_TRY(check_framing(out));
  if (const auto expectation = out.head.headers.find("Expect"); expectation && out.head.version == 11) {
    if (!text::iequals(*expectation, "100-continue")) {
      return bad_input("NET-0107", "the only expectation known is '100-continue'");
    }
    out.expects_continue = out.is_chunked || out.content_length.value_or(0) > 0;
  }
  GARRISON_TRY(parse_target(std::string_view(message.target().data(), message.target().size()), out.head));
  return out;
}

}  // namespace garrison::net
