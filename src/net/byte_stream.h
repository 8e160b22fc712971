// SPDX-License-Identifier: Apache-2.0
// A connection's bytes, with or without TLS, behind one type: TLS code is instantiated in tls_stream.cpp only, which
// keeps every other file quick to compile. Internal to this library. All members but abort() and descriptor() are
// called on the connection's strand.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <span>

#include "base/error.h"
#include "net/http.h"

namespace garrison::net {

struct TlsServerOptions;

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using StreamSocket = asio::generic::stream_protocol::socket;

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Does what must come before the first byte; false when the peer fails at it.
  virtual asio::awaitable<bool> handshake() = 0;
  // Reads at least one byte, or sets the code (asio::error::eof at the end).
  virtual asio::awaitable<std::size_t> read_some(asio::mutable_buffer buffer, ErrorCode& code) = 0;
  // Writes everything, or sets the code.
  virtual asio::awaitable<void> write(std::span<const asio::const_buffer> buffers, ErrorCode& code) = 0;
  // Ends our side, then reads and drops what still arrives until the peer closes, so that it sees our last answer and
  // not a reset. The caller limits the time.
  virtual asio::awaitable<void> linger() = 0;
  // Makes the pending operation fail.
  virtual void cancel() = 0;
  // Fills in what TLS knows of the peer.
  virtual void describe(Peer& peer) = 0;

  virtual int descriptor() const = 0;
  // Cuts the connection; the descriptor stays valid until destruction. Any thread.
  void abort();
};

// TLS settings shared by the connections of a listener; immutable.
class TlsContext;

std::unique_ptr<ByteStream> make_plain_stream(StreamSocket socket);
// NET-0204 when the certificate or the key is unusable.
Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsServerOptions& options);
std::unique_ptr<ByteStream> make_tls_stream(StreamSocket socket, std::shared_ptr<TlsContext> context);

// Reads and drops until the end or a failure.
asio::awaitable<void> drain(StreamSocket& socket);

}  // namespace garrison::net
