// SPDX-License-Identifier: Apache-2.0
// For tests only: a blocking TCP or Unix client that sends exactly the bytes it is given, and reads answers.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.h"
#include "net/http.h"

namespace garrison::net {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    set_safety_timeout();
  }
  explicit RawClient(const std::string& unix_path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, unix_path.c_str(), sizeof to.sun_path - 1);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    set_safety_timeout();
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return is_connected_; }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  struct Answer {
    int status = 0;  // 0: the connection ended before a whole answer
    Headers headers;
    std::string body;
  };

  // Reads one answer; `of_head` says that it answers a HEAD request.
  Answer read_answer(bool of_head = false) {
    Answer out;
    const std::string head = read_until("\r\n\r\n");
    if (head.size() < 12) return out;
    const auto lines = text::split(head, '\n');
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const std::string_view line = text::trim(lines[i]);
      if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
        out.headers.add(std::string(line.substr(0, colon)), std::string(text::trim(line.substr(colon + 1))));
      }
    }
    const int status = std::atoi(head.c_str() + 9);
    if (of_head || status == 100 || status == 204) {
      out.status = status;
    } else if (out.headers.find("Transfer-Encoding")) {
      while (true) {
        const std::string size = read_until("\r\n");
        if (size.empty()) return out;
        const auto length = std::strtoull(size.c_str(), nullptr, 16);
        const std::string data = read_bytes(length + 2);
        if (data.size() != length + 2) return out;
        if (length == 0) break;
        out.body.append(data, 0, length);
      }
      out.status = status;
    } else if (const auto length = out.headers.find("Content-Length")) {
      const auto wanted = std::strtoull(std::string(*length).c_str(), nullptr, 10);
      out.body = read_bytes(wanted);
      if (out.body.size() == wanted) out.status = status;
    } else {
      out.body = read_to_end();
      out.status = status;
    }
    return out;
  }

  Answer exchange(std::string_view request) {
    send(request);
    return read_answer();
  }

  // Everything until the server closes.
  std::string read_to_end() {
    while (fill()) {
    }
    return std::move(buffer_);
  }

  // True when the server closes without sending anything more.
  bool is_closed() { return read_to_end().empty(); }

 private:
  void set_safety_timeout() {
    const timeval limit{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  bool fill() {
    char bytes[65536];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }
  std::string read_until(std::string_view mark) {
    std::size_t at;
    while ((at = buffer_.find(mark)) == std::string::npos) {
      if (!fill()) return {};
    }
    return read_bytes(at + mark.size());
  }
  std::string read_bytes(std::size_t count) {
    while (buffer_.size() < count && fill()) {
    }
    std::string out = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return out;
  }

  int socket_;
  bool is_connected_ = false;
  std::string buffer_;
};

}  // namespace garrison::net
