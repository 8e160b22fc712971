// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/log.h"
#include "net/http_connection.h"

namespace garrison::net {
namespace {

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kAcceptPause{50};  // when descriptors have run out

// An address of any family as the socket calls take it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Error listen_error(const std::string& place, std::string_view what, int code) {
  const std::string message = fmt::format("cannot listen on {}: {}: {}", place, what, std::strerror(code));
  if (code == EADDRINUSE) return conflict("NET-0201", message + "; another program has it");
  if (code == EACCES || code == EPERM)
    return denied("NET-0202", message + "; take a port above 1023 or check the folder");
  return bad_input("NET-0203", message);
}

Result<SocketAddress> tcp_address(const Listener& listener) {
  SocketAddress out;
  auto ip = IpAddress::parse(listener.address);
  if (!ip.ok()) return bad_input("NET-0203", fmt::format("cannot listen on '{}': not an IP address", listener.address));
  if (ip->is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(listener.port);
    in.sin_addr.s_addr = htonl(ip->v4_value());
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(listener.port);
    std::memcpy(in.sin6_addr.s6_addr, ip->bytes().data(), 16);
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  }
  return out;
}

Result<SocketAddress> unix_address(const std::string& path) {
  sockaddr_un un{};
  if (path.size() >= sizeof un.sun_path || path.find('\0') != std::string::npos) {
    return bad_input("NET-0203",
                     fmt::format("the socket path '{}' has more than {} bytes", path, sizeof un.sun_path - 1));
  }
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  SocketAddress out;
  std::memcpy(&out.storage, &un, out.length = sizeof un);
  return out;
}

// Removes a socket file that no server answers on.
Result<void> clear_stale_socket(const std::string& path, const SocketAddress& address) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) return conflict("NET-0201", fmt::format("'{}' exists and is not a socket", path));
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return listen_error(path, "socket", errno);
  const bool is_alive = ::connect(probe, address.get(), address.length) == 0 || errno == EAGAIN;
  ::close(probe);
  if (is_alive) return conflict("NET-0201", fmt::format("another server listens on '{}'", path));
  ::unlink(path.c_str());
  return {};
}

void set_buffers(int descriptor, std::size_t num_bytes) {
  const int size = static_cast<int>(num_bytes);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

// A bound, listening, non-blocking socket.
Result<int> open_listener(const Listener& listener) {
  const bool is_unix = !listener.unix_path.empty();
  const std::string place = is_unix ? listener.unix_path : fmt::format("{} port {}", listener.address, listener.port);
  GARRISON_ASSIGN(const SocketAddress address, is_unix ? unix_address(listener.unix_path) : tcp_address(listener));
  if (is_unix) GARRISON_TRY(clear_stale_socket(listener.unix_path, address));
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return listen_error(place, "socket", errno);
  const auto fail = [&](std::string_view what) {
    const int code = errno;
    ::close(descriptor);
    return listen_error(place, what, code);
  };
  const int on = 1;
  if (!is_unix) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(descriptor, address.get(), address.length) != 0) return fail("bind");
  // Nobody can connect before listen(), so the socket is never open to others.
  if (is_unix && ::chmod(listener.unix_path.c_str(), 0600) != 0) return fail("chmod");
  if (::listen(descriptor, kBacklog) != 0) return fail("listen");
  return descriptor;
}

std::uint16_t bound_port(int descriptor) {
  SocketAddress address;
  address.length = sizeof address.storage;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.length);
  sockaddr_in6 in{};  // the port stands at the same place in both families
  std::memcpy(&in, &address.storage, sizeof in);
  return address.storage.ss_family == AF_UNIX ? 0 : ntohs(in.sin6_port);
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, Handler handler, Random& random)
      : state_(std::move(options), std::move(handler), random), work_(state_.io.get_executor()) {}

  Result<void> start() {
    ::signal(SIGPIPE, SIG_IGN);  // a client that goes away is an error value, not the end of the process
    for (const Listener& listener : state_.options.listeners) {
      auto place = std::make_unique<Place>(listener, asio::make_strand(state_.io));
      if (listener.tls) {
        GARRISON_ASSIGN(auto context, make_tls_context(*listener.tls));
        const Lock lock(place->mutex);
        place->tls = std::move(context);
      }
      GARRISON_ASSIGN(const int descriptor, open_listener(listener));
      place->socket.assign(descriptor);
      place->port = bound_port(descriptor);
      places_.push_back(std::move(place));
    }
    for (const auto& place : places_) asio::co_spawn(place->strand, accept_loop(*place), asio::detached);
    for (int i = 0; i < state_.options.num_io_threads; ++i) threads_.emplace_back([this] { run_io(); });
    return {};
  }

  ~Impl() { stop(); }

  void stop() {
    if (state_.is_stopping.exchange(true)) return;
    for (const auto& place : places_) {
      asio::post(place->strand, [&place] {
        ErrorCode ignored;
        place->socket.close(ignored);
      });
      if (!place->unix_path.empty()) ::unlink(place->unix_path.c_str());
    }
    for (const auto& connection : state_.connections.all()) connection->stop_when_idle();
    if (!threads_.empty() && !state_.connections.wait_until_empty(state_.options.stop_timeout)) {
      // Cuts until all have seen it: one may have been accepted in between. Handlers are waited for without limit.
      do {
        for (const auto& connection : state_.connections.all()) connection->abort();
      } while (!state_.connections.wait_until_empty(std::chrono::milliseconds(200)));
    }
    state_.workers.stop();
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::uint16_t port(std::size_t listener) const { return places_.at(listener)->port; }

  Result<void> replace_tls(const TlsServerOptions& tls) {
    GARRISON_ASSIGN(const auto context, make_tls_context(tls));
    for (const auto& place : places_) {
      const Lock lock(place->mutex);
      if (place->tls) place->tls = context;
    }
    return {};
  }

  Figures figures() const {
    return {state_.connections.size(), state_.num_accepted, state_.num_refused, state_.num_requests};
  }

 private:
  struct Place {
    Place(const Listener& listener, asio::any_io_executor on) : strand(on), socket(on), unix_path(listener.unix_path) {}
    asio::any_io_executor strand;
    asio::posix::stream_descriptor socket;
    std::string unix_path;
    std::uint16_t port = 0;
    Mutex mutex;
    std::shared_ptr<TlsContext> tls GARRISON_GUARDED_BY(mutex);  // immutable, shared with its connections
  };

  void run_io() {
    while (true) {
      try {
        state_.io.run();
        return;
      } catch (const std::exception& failure) {
        log::error("the HTTP server goes on after: {}", failure.what());
      }
    }
  }

  asio::awaitable<void> accept_loop(Place& place) {
    asio::steady_timer pause(place.strand);
    while (!state_.is_stopping) {
      ErrorCode code;
      co_await place.socket.async_wait(asio::posix::stream_descriptor::wait_read,
                                       asio::redirect_error(asio::use_awaitable, code));
      if (code) break;
      SocketAddress from;
      from.length = sizeof from.storage;
      const int descriptor = ::accept4(place.socket.native_handle(), reinterpret_cast<sockaddr*>(&from.storage),
                                       &from.length, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (descriptor >= 0) {
        try {
          admit(place, descriptor, from);
        } catch (const std::exception& failure) {
          log::error("a connection was dropped: {}", failure.what());
        }
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log::warning("cannot accept a connection: {}", std::strerror(errno));
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, code));
      }
    }
  }

  void admit(Place& place, int descriptor, const SocketAddress& from) {
    Peer peer;
    const int on = 1;
    const int family = from.storage.ss_family;
    if (family == AF_UNIX) {
      peer.is_unix_socket = true;
      peer.address = IpAddress::v4(0x7f000001);
      ucred credentials{};
      socklen_t length = sizeof credentials;
      if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0) peer.user_id = credentials.uid;
      set_buffers(descriptor, state_.options.unix_buffer_bytes);
    } else {
      sockaddr_in6 in{};
      std::memcpy(&in, &from.storage, sizeof in);
      peer.port = ntohs(in.sin6_port);
      peer.address = IpAddress::from_socket(from.get()).value_or(IpAddress());
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    }
    ++state_.num_accepted;
    const asio::any_io_executor strand = asio::make_strand(state_.io);
    StreamSocket socket(strand, asio::generic::stream_protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP),
                        descriptor);
    std::shared_ptr<TlsContext> tls;
    {
      const Lock lock(place.mutex);
      tls = place.tls;
    }
    auto stream = tls ? make_tls_stream(std::move(socket), std::move(tls)) : make_plain_stream(std::move(socket));
    auto connection = std::make_shared<HttpConnection>(state_, strand, std::move(stream), std::move(peer));
    if (!state_.connections.add(connection, state_.options)) {
      ++state_.num_refused;
      return;
    }
    HttpConnection& running = *connection;
    asio::co_spawn(strand, running.run(), [this, connection](std::exception_ptr failure) {
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const std::exception& what) {
        log::error("an HTTP connection ended by: {}", what.what());
      }
      state_.connections.remove(*connection);
    });
  }

  ServerState state_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<std::thread> threads_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, Handler handler, Random& random) {
  std::unique_ptr<HttpServer> out;
  try {
    out.reset(new HttpServer(std::make_unique<Impl>(std::move(options), std::move(handler), random)));
    GARRISON_TRY(out->impl_->start());
  } catch (const std::exception& failure) {
    return unavailable("NET-0203", fmt::format("the HTTP server cannot start: {}", failure.what()));
  }
  return out;
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port(std::size_t listener) const {
  return impl_->port(listener);
}
Result<void> HttpServer::replace_tls(const TlsServerOptions& tls) {
  return impl_->replace_tls(tls);
}
void HttpServer::stop() {
  impl_->stop();
}
HttpServer::Figures HttpServer::figures() const {
  return impl_->figures();
}

}  // namespace garrison::net
