// SPDX-License-Identifier: Apache-2.0
// Outgoing HTTP calls by libcurl. A client keeps its connections open between calls; one thread at a time uses it, so
// callers keep a few. No proxy from the environment, no netrc, no cookies, http and https only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "net/http.h"
#include "net/outbound_guard.h"

namespace garrison::net {

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout{10'000};
  std::string ca_pem;           // not empty: only these CAs are trusted, else the system's
  std::string certificate_pem;  // client certificate with its key, when the server asks for one
  Secret key_pem;
  std::string user_agent = "Garrison";
  std::size_t max_header_bytes = 64 << 10;
  // Maps a host name to addresses instead of the system's resolver. The calls connect to these addresses only.
  std::function<Result<std::vector<IpAddress>>(const std::string& host)> resolver;
};

struct OutgoingRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  // Streaming upload, used when set: fills the buffer and returns how many bytes; 0 ends; an error aborts the call.
  std::function<Result<std::size_t>(std::span<char> buffer)> upload;
  std::optional<std::uint64_t> upload_bytes;  // length when known, else chunked

  // Streaming answer: the head once, then pieces of the body as they arrive. An error from either aborts the call with
  // that error. Without on_body the body is collected.
  std::function<Result<void>(int status, const Headers& headers)> on_head;
  std::function<Result<void>(std::string_view bytes)> on_body;
  std::uint64_t max_response_bytes = 8 << 20;  // after decompression; NET-0503 above; also for on_body

  std::chrono::milliseconds timeout{30'000};       // whole call; 0: none
  std::chrono::milliseconds idle_timeout{60'000};  // without a byte either way, in whole seconds; 0: none
  int max_redirects = 0;                           // GET and HEAD only; each hop passes the guard
  bool accepts_compressed = false;                 // asks for gzip, deflate or zstd and unpacks it
  std::function<bool()> is_cancelled;              // asked about once a second and with each progress
};

struct HttpReply {
  int status = 0;
  Headers headers;
  std::string body;  // empty with on_body
  std::string url;   // the last one called
};

class HttpClient {
 public:
  // Calls into the internet: each passes the guard, which must outlive the client.
  static HttpClient guarded(const OutboundGuard& guard, HttpClientOptions options = {});
  // Calls to one process behind a Unix socket; the host in the URL is only sent as the Host header.
  static HttpClient unix_socket(std::string path, HttpClientOptions options = {});
  // Calls to a server that the operator's own configuration names (engine cluster, own server): no guard.
  static HttpClient configured(HttpClientOptions options = {});
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  // Any status is a reply, also 4xx and 5xx. Errors: NET-04xx refused by the guard, NET-0501 not reachable or cut off,
  // NET-0502 timeout, NET-0503 answer too large, NET-0504 TLS, NET-0505 malformed answer or URL, NET-0506 cancelled.
  // A request whose connection broke may have had its effect: the caller decides whether to repeat it.
  Result<HttpReply> send(const OutgoingRequest& request);

 private:
  class Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::net
