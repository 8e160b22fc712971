// SPDX-License-Identifier: Apache-2.0
// HTTP messages as the server's handlers and the client's callers see them. A Request belongs to the handler that got
// it and lives until the handler (and the streaming body of its response) has returned; one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/address.h"

namespace garrison::net {

// Header fields in the order of arrival; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of the name by one.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);
  // The first field of the name, or none.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view value_or(std::string_view name, std::string_view fallback) const;
  std::vector<std::string_view> all(std::string_view name) const;
  // True when the comma-separated list in the fields of the name has the token (ASCII case ignored).
  bool has_token(std::string_view name, std::string_view token) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Query parameters, decoded, in the order of arrival; names are case-sensitive and may repeat.
class QueryParameters {
 public:
  void add(std::string name, std::string value) { items_.emplace_back(std::move(name), std::move(value)); }
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view value_or(std::string_view name, std::string_view fallback) const;
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& items() const { return items_; }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

// The far end of a connection.
struct Peer {
  IpAddress address;  // 127.0.0.1 for a Unix socket
  std::uint16_t port = 0;
  bool is_unix_socket = false;
  std::optional<std::uint32_t> user_id;  // of the process at the other end of a Unix socket
  bool is_tls = false;
  // Subject in RFC 2253 form ("CN=host1,O=Garrison") and common name of a verified client certificate.
  std::optional<std::string> certificate_subject;
  std::optional<std::string> certificate_common_name;
};

// A request body that is read while it arrives. Blocks the calling (worker) thread.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // Fills up to buffer.size() bytes and returns how many; 0 is the end. Errors: NET-0101 malformed body, NET-0103
  // larger than allowed, NET-0105 too slow, NET-0106 the client is gone. Give it 256 KiB or more for speed.
  virtual Result<std::size_t> read(std::span<char> buffer) = 0;
};

// A response body that is sent while it is made. Blocks the calling (worker) thread.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Sends, or collects up to 64 KiB first. False: the client is gone or the server stops; the caller should end.
  virtual bool write(std::string_view bytes) = 0;
  // Sends what was collected; server-sent events need it after each event.
  virtual bool flush() = 0;
  // Ends the body as broken, so that the client sees a failure and not a short answer.
  virtual void fail() = 0;
  // True once writing has become pointless. Cheap enough to ask every 100 ms.
  virtual bool is_cancelled() = 0;
};

// What is known once the header has been read.
struct RequestHead {
  std::string method;  // upper case as sent
  std::string target;  // as sent: path and query, not decoded
  std::string path;  // decoded, valid UTF-8, starts with '/', has no "." or ".." segment and no NUL; "*" for OPTIONS *
  QueryParameters query;
  Headers headers;
  Peer peer;
  int version = 11;  // 10 or 11
};

struct Request : RequestHead {
  std::string body;                   // whole, unless the policy of the path says kStreamed
  BodyReader* body_reader = nullptr;  // set only for kStreamed; owned by the connection
  // True once the client has gone or the server stops; a long query asks it now and then. Any thread.
  std::function<bool()> is_cancelled = [] { return false; };
};

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Transfer-Encoding, Connection and Date are the server's
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // immutable, for content sent to many; used when set
  // Streaming body, run after the header was sent; used when set. Must not outlive what it captures.
  std::function<void(BodyWriter&)> stream;
  // Runs `stream` on a thread of its own instead of a worker (server-sent events); capped by max_long_streams.
  bool is_long_lived = false;
};

using Handler = std::function<Response(Request&)>;

// Response of the given type with a body.
Response text_response(int status, std::string body, std::string_view content_type = "text/plain; charset=utf-8");
// {"error":{"code":..,"message":..}} with response_status(error).
Response error_response(const Error& error);
// HTTP status of an error: 413, 415, 431 and 408 for the codes of this library that mean them, else http_status(kind).
int response_status(const Error& error);
// Reason phrase of RFC 9110, "" for unknown numbers.
std::string_view reason_phrase(int status);

}  // namespace garrison::net
