// SPDX-License-Identifier: Apache-2.0
// Sends a streamed response: collects small writes, frames chunks, and keeps the header back until the first bytes go
// out, so that a stream that fails before can still be answered with an error. Worker thread; internal.
#pragma once

#include <string>

#include "net/http.h"

namespace garrison::net {

class HttpConnection;

class ResponseWriter final : public BodyWriter {
 public:
  ResponseWriter(HttpConnection& connection, Response& response) : connection_(connection), response_(response) {}

  bool write(std::string_view bytes) override;
  bool flush() override;
  void fail() override { has_failed_ = true; }
  bool is_cancelled() override;

  // Ends the body. False when nothing was sent and the stream failed: another answer can still be given.
  bool finish();

 private:
  bool send(std::string_view bytes, std::string_view last);

  HttpConnection& connection_;
  Response& response_;
  std::string collected_;
  bool is_head_sent_ = false;
  bool has_failed_ = false;
  bool is_gone_ = false;
};

}  // namespace garrison::net
