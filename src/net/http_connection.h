// SPDX-License-Identifier: Apache-2.0
// One connection of the HTTP server: a coroutine on a strand that reads requests, hands each to a worker and writes the
// answer. While a worker has the request, the coroutine waits; the worker's reads and writes of streamed bodies run on
// the strand as well. Internal to this library.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "net/body_decoder.h"
#include "net/byte_stream.h"
#include "net/request_head.h"
#include "net/response_head.h"
#include "net/server_state.h"

namespace garrison::net {

class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(ServerState& state, asio::any_io_executor strand, std::unique_ptr<ByteStream> stream, Peer peer);

  const Peer& peer() const { return peer_; }
  // Serves requests until the connection ends. Runs on the strand.
  asio::awaitable<void> run();

  // Any thread: ends a connection that waits for a request; any connection when everything is cut.
  void stop_when_idle();
  void abort();
  // Any thread: true once an answer has no reader left.
  bool is_cancelled() const;

  // For the worker that has the request: block until the strand has done it.
  Result<std::size_t> read_body(std::span<char> buffer);
  bool send(std::span<const asio::const_buffer> buffers);

  // What the writer of a streamed response needs to know and to say. Worker thread, while it has the request.
  bool is_head_request() const { return request_.method == "HEAD"; }
  int version() const { return request_.version; }
  // Whether the connection can go on after this answer; asked when the header is written.
  bool can_keep_alive() const { return is_keep_alive_ && decoder_.is_done() && !state_.is_stopping; }
  void forbid_keep_alive() { is_keep_alive_ = false; }
  DateTime now() const { return state_.clock.now(); }

 private:
  struct NextHead {
    bool has_ended = false;  // closed, cut or too slow without a byte: no answer is due
    std::optional<Error> error;
    ParsedHead parsed;
  };

  asio::awaitable<NextHead> read_head(std::chrono::milliseconds wait);
  asio::awaitable<bool> serve(ParsedHead parsed);
  asio::awaitable<Result<void>> read_whole_body(std::uint64_t max_bytes);
  asio::awaitable<Result<std::size_t>> read_body_some(std::span<char> buffer);
  asio::awaitable<Result<std::size_t>> read_body_timed(std::span<char> buffer);
  asio::awaitable<bool> send_timed(std::span<const asio::const_buffer> buffers);
  asio::awaitable<void> answer(Response response);
  asio::awaitable<void> answer_error(Error error);
  asio::awaitable<bool> fill_input();
  Error read_error() const;

  // Worker side.
  void work();
  Response call_handler();
  void stream_response(Response& response);
  void complete(std::optional<Response> response);
  Response render(const Error& error) const;
  Response render_unexpected(std::string_view what) const;

  std::string_view input() const { return {input_.data() + input_begin_, input_end_ - input_begin_}; }
  void consume(std::size_t num_bytes);
  void arm(std::chrono::milliseconds after);
  void disarm();
  void release_buffered();

  ServerState& state_;
  asio::any_io_executor strand_;
  std::unique_ptr<ByteStream> stream_;
  Peer peer_;

  // Only on the strand.
  std::vector<char> input_;  // bytes read and not yet used are at [input_begin_, input_end_)
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  asio::steady_timer deadline_;
  std::uint64_t deadline_number_ = 0;  // tells an old expiry from the current one
  bool is_timed_out_ = false;
  asio::steady_timer worker_done_timer_;
  bool is_worker_done_ = false;
  bool is_idle_ = false;
  bool is_gone_ = false;  // the peer takes nothing more
  std::size_t num_buffered_ = 0;

  // Of the current request: the strand's and the worker's in turn.
  Request request_;
  BodyDecoder decoder_;
  bool is_continue_due_ = false;
  bool is_keep_alive_ = false;
  std::optional<Response> response_;

  std::atomic<bool> is_aborted_{false};
  std::atomic<bool> is_long_lived_{false};
};

}  // namespace garrison::net
