// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/byte_stream.h"

namespace garrison::net {
namespace {

constexpr std::size_t kMaxTransfer = 4 << 20;

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(StreamSocket socket) : socket_(std::move(socket)) {}

  asio::awaitable<bool> handshake() override { co_return true; }

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer buffer, ErrorCode& code) override {
    co_return co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, code));
  }

  asio::awaitable<void> write(std::span<const asio::const_buffer> buffers, ErrorCode& code) override {
    // Asio's own conditions cut every transfer at 64 KiB.
    const auto in_large_parts = [](const ErrorCode& failure, std::size_t) -> std::size_t {
      return failure ? 0 : kMaxTransfer;
    };
    co_await asio::async_write(socket_, buffers, in_large_parts, asio::redirect_error(asio::use_awaitable, code));
  }

  asio::awaitable<void> linger() override {
    ErrorCode ignored;  // the peer may be gone already
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    co_await drain(socket_);
  }

  void cancel() override {
    ErrorCode ignored;
    socket_.cancel(ignored);
  }

  void describe(Peer&) override {}
  int descriptor() const override { return const_cast<StreamSocket&>(socket_).native_handle(); }

 private:
  StreamSocket socket_;
};

}  // namespace

void ByteStream::abort() {
  ::shutdown(descriptor(), SHUT_RDWR);
}

asio::awaitable<void> drain(StreamSocket& socket) {
  std::array<char, 16384> dropped;
  ErrorCode code;
  while (!code) {
    co_await socket.async_read_some(asio::buffer(dropped), asio::redirect_error(asio::use_awaitable, code));
  }
}

std::unique_ptr<ByteStream> make_plain_stream(StreamSocket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace garrison::net
