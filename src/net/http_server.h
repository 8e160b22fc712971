// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 server for TCP, TLS and Unix sockets. Connections are coroutines on a few I/O threads; handlers are blocking
// functions on a bounded pool of workers. Every read has a cap in size and time. start() and stop() are for the owner;
// the other members are safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "net/http.h"

namespace garrison::net {

// What a TLS listener shows and asks for. PEM texts.
struct TlsServerOptions {
  std::string certificate_pem;  // server certificate first, then the chain
  Secret key_pem;
  std::string client_ca_pem;   // not empty: a client certificate signed by it is required
  bool is_tls13_only = false;  // else TLS 1.2 and 1.3
};

// One place to listen at: a TCP address, or a Unix socket when unix_path is not empty.
struct Listener {
  std::string address = "127.0.0.1";  // IP literal; an IPv6 listener takes IPv6 only, so name both families
  std::uint16_t port = 0;             // 0: the kernel chooses, see HttpServer::port()
  std::string unix_path;              // at most 107 bytes; created with mode 0600, a stale one is replaced
  std::optional<TlsServerOptions> tls;
};

enum class BodyMode { kBuffered, kStreamed };

// How a request's body is taken. Decided after the header, before any byte of the body is read.
struct BodyPolicy {
  std::uint64_t max_bytes = 8 << 20;    // more is answered 413 before it is read
  BodyMode mode = BodyMode::kBuffered;  // kStreamed: the handler reads Request::body_reader
  std::optional<Response> refusal;      // answered at once; the body is not read (missing token, unknown path)
};

struct HttpServerOptions {
  std::vector<Listener> listeners;
  std::size_t max_header_bytes = 16 << 10;  // 431 above
  std::size_t max_headers = 100;            // 431 above
  // Called on an I/O thread: memory-only and quick. Not set: BodyPolicy{}.
  std::function<BodyPolicy(const RequestHead&)> body_policy;
  std::size_t max_buffered_bytes = 512 << 20;  // bodies in memory over all connections; 503 above

  std::chrono::milliseconds header_timeout{10'000};  // from the first byte (TLS: from accept) to the end of the header
  std::chrono::milliseconds body_timeout{120'000};   // for a whole buffered body
  std::chrono::milliseconds transfer_timeout{60'000};  // for one read or write of a streamed body or response
  std::chrono::milliseconds idle_timeout{75'000};      // between requests
  std::chrono::milliseconds stop_timeout{5'000};       // requests still running then are cut

  std::size_t max_connections = 4096;
  std::size_t max_connections_per_address = 512;  // TCP only
  int num_io_threads = 1;
  int num_workers = 32;
  std::size_t max_queued_requests = 256;    // 503 above
  std::size_t max_long_streams = 256;       // 503 above
  std::size_t unix_buffer_bytes = 1 << 20;  // send and receive buffer asked of the kernel

  // Body and headers of the answers the server makes itself (400, 408, 413, 431, 500, 503). Not set: error_response().
  std::function<Response(const Error&)> render_error;
};

class HttpServer {
 public:
  // Binds, listens and returns once requests are served. Errors: NET-0201 address in use, NET-0202 not permitted,
  // NET-0203 other failure or bad address, NET-0204 certificate or key unusable. `random` must outlive the server.
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, Handler handler, Random& random);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Port of the listener at the index; 0 for a Unix socket.
  std::uint16_t port(std::size_t listener = 0) const;
  // New certificate for connections from now on; listeners without TLS ignore it.
  Result<void> replace_tls(const TlsServerOptions& tls);
  // Takes no new connection, lets running requests end (stop_timeout), closes everything, joins all threads.
  void stop();

  struct Figures {
    std::uint64_t num_connections = 0;  // open now
    std::uint64_t num_accepted = 0;
    std::uint64_t num_refused = 0;  // by a cap
    std::uint64_t num_requests = 0;
  };
  Figures figures() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::net
