// SPDX-License-Identifier: Apache-2.0
// One answer of a ClickHouse server as it arrives, and what it means in the end. An error can come as a status, as a
// header of a 200, or, when rows were sent already, as text behind the rows in a body that may break off. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/result_stream.h"
#include "net/http_client.h"

namespace garrison::engine {

class HttpExchange {
 public:
  // `stream` may be null: the body is then only looked at for errors. It must outlive the exchange.
  explicit HttpExchange(ResultStream* stream) : stream_(stream) {}

  // Sends the request with the callbacks of this exchange. kUnavailable (ENGINE-0002) when the connection broke.
  Result<void> run(net::HttpClient& client, net::OutgoingRequest request);

  // True once part of the rows may have been handed on.
  bool has_begun() const { return num_body_bytes_ > 0; }
  // As X-ClickHouse-Summary said when the answer began.
  std::uint64_t rows_read() const { return rows_read_; }
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  Result<void> take_head(int status, const net::Headers& headers);
  Result<void> take_body(std::string_view bytes);
  Result<void> judge(const Result<net::HttpReply>& reply);

  ResultStream* stream_;
  int status_ = 0;
  int exception_code_ = 0;
  bool is_stopped_ = false;            // the stream wants no more
  std::optional<Error> sink_error_;    // of the caller's sink
  std::optional<Error> decode_error_;  // perhaps an error's text where rows were expected
  std::string tail_;                   // the last bytes of the body
  std::uint64_t num_body_bytes_ = 0;
  std::uint64_t num_bytes_after_error_ = 0;
  std::uint64_t rows_read_ = 0;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace garrison::engine
