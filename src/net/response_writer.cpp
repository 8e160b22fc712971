// SPDX-License-Identifier: Apache-2.0
#include "net/response_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/http_connection.h"

namespace garrison::net {
namespace {

constexpr std::size_t kCollect = 64 << 10;
constexpr std::size_t kMaxChunk = 4 << 20;  // one chunk must pass within the transfer timeout

}  // namespace

bool ResponseWriter::write(std::string_view bytes) {
  if (is_gone_ || has_failed_) return false;
  if (collected_.size() + bytes.size() < kCollect) {
    collected_.append(bytes);
    return true;
  }
  while (!bytes.empty() && !is_gone_) {
    const std::string_view piece = bytes.substr(0, kMaxChunk);
    bytes.remove_prefix(piece.size());
    send(piece, {});
  }
  return !is_gone_;
}

bool ResponseWriter::flush() {
  if (is_gone_ || has_failed_) return false;
  if (!collected_.empty() || !is_head_sent_) send({}, {});
  return !is_gone_;
}

bool ResponseWriter::is_cancelled() {
  return is_gone_ || connection_.is_cancelled();
}

bool ResponseWriter::finish() {
  if (is_gone_) return true;
  if (has_failed_) {
    if (!is_head_sent_) return false;
    connection_.abort();
    return true;
  }
  send({}, "0\r\n\r\n");
  return true;
}

// Sends what was collected, then the bytes, as one chunk, and the last chunk after it when given.
bool ResponseWriter::send(std::string_view bytes, std::string_view last) {
  const bool has_body = !connection_.is_head_request() && !is_bodiless(response_.status);
  const bool is_chunked = has_body && connection_.version() >= 11;
  std::string head;
  if (!is_head_sent_) {
    if (has_body && !is_chunked) connection_.forbid_keep_alive();  // the end of the body is the end of the connection
    if (!connection_.can_keep_alive()) connection_.forbid_keep_alive();
    ResponseFraming framing{connection_.version(), connection_.can_keep_alive(), std::nullopt};
    head = format_response_head(response_, framing, connection_.now());
    is_head_sent_ = true;
  }
  const std::size_t length = collected_.size() + bytes.size();
  std::string_view tail;
  if (is_chunked && length > 0) {
    head += fmt::format("{:x}\r\n", length);
    tail = "\r\n";
  }
  if (!is_chunked) last = {};
  const std::array<asio::const_buffer, 5> buffers = {
      asio::const_buffer(head.data(), head.size()), asio::const_buffer(collected_.data(), collected_.size()),
      asio::const_buffer(bytes.data(), bytes.size()), asio::const_buffer(tail.data(), tail.size()),
      asio::const_buffer(last.data(), last.size())};
  is_gone_ = !connection_.send(buffers);
  collected_.clear();
  return !is_gone_;
}

}  // namespace garrison::net
