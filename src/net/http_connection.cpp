// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <future>

#include "base/log.h"
#include "base/text.h"
#include "net/response_writer.h"

namespace garrison::net {
namespace {

constexpr std::size_t kMinInput = 16 << 10;
constexpr std::size_t kBodyStep = 256 << 10;  // a buffered body grows by what arrives, not by what was promised
constexpr std::size_t kWriteSlice = 1 << 20;  // each slice of a buffered answer has the transfer timeout
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kSecondCut{1000};

// Runs the operation on the strand and blocks the calling thread until it is done.
template <typename T>
T run_on(const asio::any_io_executor& strand, asio::awaitable<T> operation) {
  std::promise<T> promise;
  std::future<T> future = promise.get_future();
  asio::co_spawn(strand, std::move(operation),
                 [promise = std::move(promise)](std::exception_ptr failure, T value) mutable {
                   if (failure) {
                     promise.set_exception(failure);
                   } else {
                     promise.set_value(std::move(value));
                   }
                 });
  return future.get();
}

}  // namespace

HttpConnection::HttpConnection(ServerState& state, asio::any_io_executor strand, std::unique_ptr<ByteStream> stream,
                               Peer peer)
    : state_(state),
      strand_(strand),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      input_(std::max(state.options.max_header_bytes + 1, kMinInput)),
      deadline_(strand),
      worker_done_timer_(strand) {}

asio::awaitable<void> HttpConnection::run() {
  arm(state_.options.header_timeout);
  const bool is_ready = co_await stream_->handshake();
  disarm();
  if (!is_ready) co_return;
  stream_->describe(peer_);
  std::chrono::milliseconds wait = state_.options.header_timeout;
  while (true) {
    NextHead next = co_await read_head(wait);
    if (next.has_ended) break;
    if (next.error) {
      co_await answer_error(std::move(*next.error));
      break;
    }
    const bool goes_on = co_await serve(std::move(next.parsed));
    release_buffered();
    if (!goes_on) break;
    wait = state_.options.idle_timeout;
  }
  const bool has_unread = !decoder_.is_done() || !input().empty();
  if (is_gone_ || is_aborted_ || (state_.is_stopping && !has_unread)) co_return;
  is_idle_ = true;
  arm(kLinger);
  co_await stream_->linger();
  disarm();
}

// Reads once into the input buffer; false at the end, on failure or timeout.
asio::awaitable<bool> HttpConnection::fill_input() {
  if (input_begin_ > 0) {
    std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
    input_end_ -= input_begin_;
    input_begin_ = 0;
  }
  if (is_timed_out_) co_return false;
  ErrorCode code;
  const std::size_t length =
      co_await stream_->read_some(asio::buffer(input_.data() + input_end_, input_.size() - input_end_), code);
  if (code) co_return false;
  input_end_ += length;
  co_return true;
}

void HttpConnection::consume(std::size_t num_bytes) {
  input_begin_ += num_bytes;
  if (input_begin_ == input_end_) input_begin_ = input_end_ = 0;
}

asio::awaitable<HttpConnection::NextHead> HttpConnection::read_head(std::chrono::milliseconds wait) {
  NextHead out;
  if (input().empty()) {
    is_idle_ = true;
    if (state_.is_stopping) {
      out.has_ended = true;
      co_return out;
    }
    arm(wait);
    const bool has_more = co_await fill_input();
    disarm();
    is_idle_ = false;
    if (!has_more) {
      out.has_ended = true;
      co_return out;
    }
  }
  arm(state_.options.header_timeout);
  std::size_t searched = 0;
  while (true) {
    // RFC 9112 section 2.2: skip empty lines before the request line.
    while (input().substr(0, 2) == "\r\n") {
      consume(2);
      searched = 0;
    }
    if (const auto length = find_head_end(input(), searched)) {
      auto parsed =
          parse_request_head(input().substr(0, *length), {state_.options.max_header_bytes, state_.options.max_headers});
      consume(*length);
      if (parsed.ok()) {
        out.parsed = std::move(*parsed);
      } else {
        out.error = std::move(parsed).error();
      }
      break;
    }
    searched = input().size();
    if (searched > state_.options.max_header_bytes) {
      out.error =
          bad_input("NET-0102", fmt::format("the header has more than {} bytes", state_.options.max_header_bytes));
      break;
    }
    const bool has_more = co_await fill_input();
    if (!has_more && is_timed_out_ && !is_aborted_) {
      out.error = timeout("NET-0105", "the request header came too slowly");
      break;
    }
    if (!has_more) {
      out.has_ended = true;
      is_gone_ = input().empty();
      break;
    }
  }
  disarm();
  co_return out;
}

// Serves one request; false when the connection must end.
asio::awaitable<bool> HttpConnection::serve(ParsedHead parsed) {
  ++state_.num_requests;
  request_ = Request();
  static_cast<RequestHead&>(request_) = std::move(parsed.head);
  request_.peer = peer_;
  request_.is_cancelled = [self = weak_from_this()] {
    const auto connection = self.lock();
    return !connection || connection->is_cancelled();
  };
  response_.reset();
  is_keep_alive_ = parsed.is_keep_alive;
  is_continue_due_ = parsed.expects_continue;
  is_long_lived_ = false;

  BodyPolicy policy;
  std::optional<Response> refusal;
  if (state_.options.body_policy) {
    try {
      policy = state_.options.body_policy(request_);
      refusal = std::move(policy.refusal);
    } catch (const std::exception& failure) {
      refusal = render_unexpected(failure.what());
    }
  }
  decoder_ = parsed.is_chunked ? BodyDecoder::chunked(policy.max_bytes)
                               : BodyDecoder::with_length(parsed.content_length.value_or(0));
  if (!refusal && parsed.content_length.value_or(0) > policy.max_bytes) {
    refusal = render(bad_input("NET-0103", fmt::format("the request body has {} bytes; at most {} are taken here",
                                                       *parsed.content_length, policy.max_bytes)));
  }
  if (!refusal && policy.mode == BodyMode::kBuffered && !decoder_.is_done()) {
    const Result<void> read = co_await read_whole_body(policy.max_bytes);
    if (!read.ok() && read.error().code == "NET-0106") {
      is_gone_ = true;
      co_return false;
    }
    if (!read.ok()) refusal = render(read.error());
  }
  if (refusal) {
    co_await answer(std::move(*refusal));
    co_return is_keep_alive_ && !is_gone_;
  }

  class StreamedBody final : public BodyReader {
   public:
    explicit StreamedBody(HttpConnection& connection) : connection_(connection) {}
    Result<std::size_t> read(std::span<char> buffer) override { return connection_.read_body(buffer); }

   private:
    HttpConnection& connection_;
  } reader(*this);
  if (policy.mode == BodyMode::kStreamed) request_.body_reader = &reader;

  is_worker_done_ = false;
  worker_done_timer_.expires_at(std::chrono::steady_clock::time_point::max());
  if (state_.workers.submit([self = shared_from_this()] { self->work(); })) {
    while (!is_worker_done_) {
      ErrorCode cancelled;
      co_await worker_done_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
  } else {
    response_ = render(unavailable("NET-0104", "the server is busy; try again shortly"));
  }
  if (response_) {
    Response response = std::move(*response_);
    co_await answer(std::move(response));
  }
  request_ = Request();
  co_return is_keep_alive_ && !is_gone_ && !is_aborted_;
}

asio::awaitable<Result<void>> HttpConnection::read_whole_body(std::uint64_t max_bytes) {
  arm(state_.options.body_timeout);
  std::string& body = request_.body;
  std::size_t length = 0;
  while (!decoder_.is_done()) {
    if (length == body.size()) {
      const std::uint64_t ahead = std::max<std::uint64_t>(decoder_.payload_ahead(), 1024);
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(ahead, std::max(kBodyStep, body.size())));
      num_buffered_ += step;
      if ((state_.num_buffered_bytes += step) > state_.options.max_buffered_bytes) {
        co_return unavailable("NET-0104", "too many request bodies are in memory; try again shortly");
      }
      body.resize(body.size() + step);
    }
    Result<std::size_t> got = co_await read_body_some(std::span<char>(body.data() + length, body.size() - length));
    if (!got.ok()) co_return std::move(got).error();
    length += *got;
    if (length > max_bytes) co_return bad_input("NET-0103", "the request body is larger than allowed here");
  }
  body.resize(length);
  disarm();
  co_return Result<void>();
}

void HttpConnection::release_buffered() {
  state_.num_buffered_bytes -= num_buffered_;
  num_buffered_ = 0;
}

Error HttpConnection::read_error() const {
  if (is_timed_out_ && !is_aborted_) return timeout("NET-0105", "the request body came too slowly");
  return unavailable("NET-0106", "the client closed the connection before the end of the request body");
}

// Reads payload into the buffer: what is in the input first, then straight from the connection.
asio::awaitable<Result<std::size_t>> HttpConnection::read_body_some(std::span<char> buffer) {
  if (is_continue_due_) {
    is_continue_due_ = false;
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const asio::const_buffer line(kContinue.data(), kContinue.size());
    ErrorCode code;
    if (input().empty()) co_await stream_->write(std::span(&line, 1), code);
    if (code) co_return read_error();
  }
  while (!decoder_.is_done() && !buffer.empty()) {
    if (!input().empty()) {
      const Result<BodyDecoder::Step> step = decoder_.decode(input(), buffer.size());
      if (!step.ok()) co_return step.error();
      std::copy(step->payload.begin(), step->payload.end(), buffer.begin());
      const std::size_t length = step->payload.size();
      consume(step->num_consumed);
      if (length > 0) co_return length;
      continue;
    }
    if (is_timed_out_) co_return read_error();
    if (const std::uint64_t ahead = decoder_.payload_ahead(); ahead > 0) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(ahead, buffer.size()));
      ErrorCode code;
      const std::size_t length = co_await stream_->read_some(asio::buffer(buffer.data(), wanted), code);
      if (code) co_return read_error();
      decoder_.skip_payload(length);
      co_return length;
    }
    const bool has_more = co_await fill_input();
    if (!has_more) co_return read_error();
  }
  co_return std::size_t{0};
}

asio::awaitable<Result<std::size_t>> HttpConnection::read_body_timed(std::span<char> buffer) {
  arm(state_.options.transfer_timeout);
  Result<std::size_t> out = co_await read_body_some(buffer);
  disarm();
  co_return out;
}

asio::awaitable<bool> HttpConnection::send_timed(std::span<const asio::const_buffer> buffers) {
  if (is_gone_ || is_aborted_) co_return false;
  arm(state_.options.transfer_timeout);
  ErrorCode code;
  co_await stream_->write(buffers, code);
  disarm();
  is_gone_ = static_cast<bool>(code);
  co_return !is_gone_;
}

asio::awaitable<void> HttpConnection::answer_error(Error error) {
  is_keep_alive_ = false;
  Response response = render(error);
  co_await answer(std::move(response));
}

asio::awaitable<void> HttpConnection::answer(Response response) {
  const std::string_view body = response.shared_body ? std::string_view(*response.shared_body) : response.body;
  if (!can_keep_alive()) is_keep_alive_ = false;
  const std::string head =
      format_response_head(response, {std::max(request_.version, 10), is_keep_alive_, body.size()}, now());
  const bool has_body = !is_head_request() && !is_bodiless(response.status);
  std::string_view rest = has_body ? body : std::string_view();
  const std::string_view first = rest.substr(0, kWriteSlice);
  rest.remove_prefix(first.size());
  const std::array<asio::const_buffer, 2> start = {asio::const_buffer(head.data(), head.size()),
                                                   asio::const_buffer(first.data(), first.size())};
  bool is_sent = co_await send_timed(start);
  while (is_sent && !rest.empty()) {
    const std::string_view slice = rest.substr(0, kWriteSlice);
    rest.remove_prefix(slice.size());
    const asio::const_buffer buffer(slice.data(), slice.size());
    is_sent = co_await send_timed(std::span(&buffer, 1));
  }
}

// A deadline that passes makes the pending operation fail; when the connection then does not move on, it is cut.
void HttpConnection::arm(std::chrono::milliseconds after) {
  is_timed_out_ = false;
  const std::uint64_t number = ++deadline_number_;
  deadline_.expires_after(after);
  deadline_.async_wait([self = shared_from_this(), number](const ErrorCode& code) {
    if (code || number != self->deadline_number_) return;
    self->is_timed_out_ = true;
    self->stream_->cancel();
    self->deadline_.expires_after(kSecondCut);
    self->deadline_.async_wait([self, number](const ErrorCode& second) {
      if (!second && number == self->deadline_number_) self->abort();
    });
  });
}

void HttpConnection::disarm() {
  ++deadline_number_;
  deadline_.cancel();
}

void HttpConnection::abort() {
  is_aborted_ = true;
  stream_->abort();
}

void HttpConnection::stop_when_idle() {
  asio::post(strand_, [self = shared_from_this()] {
    if (self->is_idle_ || self->is_long_lived_) self->abort();
  });
}

bool HttpConnection::is_cancelled() const {
  if (is_aborted_ || (is_long_lived_ && state_.is_stopping)) return true;
  pollfd entry{stream_->descriptor(), POLLRDHUP, 0};
  return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

// ---- worker side ----

Result<std::size_t> HttpConnection::read_body(std::span<char> buffer) {
  return run_on(strand_, read_body_timed(buffer));
}

bool HttpConnection::send(std::span<const asio::const_buffer> buffers) {
  if (is_long_lived_ && state_.is_stopping) return false;
  return run_on(strand_, send_timed(buffers));
}

Response HttpConnection::render(const Error& error) const {
  return state_.options.render_error ? state_.options.render_error(error) : error_response(error);
}

// What went wrong stays in the log; the client gets an id to ask for it.
Response HttpConnection::render_unexpected(std::string_view what) const {
  const std::string id = text::hex(state_.random.bytes(8));
  log::error("request {} {} failed, incident {}: {}", request_.method, request_.path, id, what);
  return render(bug(fmt::format("internal error; the server's log has it under the id {}", id)));
}

Response HttpConnection::call_handler() {
  try {
    return state_.handler(request_);
  } catch (const CheckFailed& failure) {
    return render_unexpected(failure.text);
  } catch (const std::exception& failure) {
    return render_unexpected(failure.what());
  } catch (...) {
    return render_unexpected("unknown exception");
  }
}

void HttpConnection::work() {
  auto response = std::make_shared<Response>(call_handler());  // shared only because a task must be copyable
  if (!response->stream) return complete(std::move(*response));
  if (!response->is_long_lived) return stream_response(*response);
  is_long_lived_ = true;
  const bool is_taken =
      state_.workers.submit_long([self = shared_from_this(), response] { self->stream_response(*response); });
  if (!is_taken) complete(render(unavailable("NET-0104", "too many event streams are open; try again shortly")));
}

void HttpConnection::stream_response(Response& response) {
  ResponseWriter writer(*this, response);
  std::optional<Response> instead;
  try {
    if (!is_head_request() && !is_bodiless(response.status)) {
      response.stream(writer);
    }
  } catch (const CheckFailed& failure) {
    instead = render_unexpected(failure.text);
    writer.fail();
  } catch (const std::exception& failure) {
    instead = render_unexpected(failure.what());
    writer.fail();
  } catch (...) {
    instead = render_unexpected("unknown exception");
    writer.fail();
  }
  const bool is_answered = writer.finish();
  response.stream = nullptr;  // what it captured goes before the request does
  const bool is_unheard = !is_answered && is_cancelled();
  if (is_unheard) forbid_keep_alive();
  if (is_answered || is_unheard) return complete(std::nullopt);
  complete(instead ? std::move(*instead) : render_unexpected("the response failed before its first byte"));
}

void HttpConnection::complete(std::optional<Response> response) {
  asio::post(strand_, [self = shared_from_this(), response = std::move(response)]() mutable {
    self->response_ = std::move(response);
    self->is_worker_done_ = true;
    self->worker_done_timer_.cancel();
  });
}

}  // namespace garrison::net
