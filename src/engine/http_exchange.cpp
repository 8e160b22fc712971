// SPDX-License-Identifier: Apache-2.0
#include "engine/http_exchange.h"

#include <fmt/format.h>

#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "engine/engine_error.h"

namespace garrison::engine {
namespace {

constexpr std::size_t kTailBytes = 16 << 10;
// How much is read on after the first undecodable byte to find the text of an error.
constexpr std::uint64_t kMaxAfterError = 256 << 10;
constexpr std::string_view kExceptionMark = "DB::Exception";

std::uint64_t summary_number(const json::value& summary, std::string_view key) {
  const auto text = json::string_at(summary, key);
  std::uint64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

// "Code: ..." within the text, from the last place where one starts.
std::string_view exception_in(std::string_view text) {
  if (text.find(kExceptionMark) == std::string_view::npos) return {};
  const auto at = text.rfind("Code: ", text.rfind(kExceptionMark));
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

Error status_error(int status, int code, std::string_view body) {
  const std::string_view text = body.substr(0, 4096);
  if (code == 0) code = exception_code(text);
  if (code != 0) return engine_error(code, text);
  std::string message = fmt::format("the engine answered {}: {}", status, text::escape_control(text::trim(text)));
  if (status == 401 || status == 403) return denied("ENGINE-0008", std::move(message));
  return unavailable("ENGINE-0002", std::move(message));
}

}  // namespace

Result<void> HttpExchange::run(net::HttpClient& client, net::OutgoingRequest request) {
  request.on_head = [this](int status, const net::Headers& headers) { return take_head(status, headers); };
  request.on_body = [this](std::string_view bytes) { return take_body(bytes); };
  return judge(client.send(request));
}

Result<void> HttpExchange::take_head(int status, const net::Headers& headers) {
  status_ = status;
  if (const auto code = headers.find("X-ClickHouse-Exception-Code")) {
    std::from_chars(code->data(), code->data() + code->size(), exception_code_);
  }
  if (const auto summary = headers.find("X-ClickHouse-Summary")) {
    if (const auto parsed = json::parse(*summary); parsed.ok()) {
      rows_read_ = summary_number(*parsed, "read_rows");
      bytes_read_ = summary_number(*parsed, "read_bytes");
    }
  }
  return {};
}

Result<void> HttpExchange::take_body(std::string_view bytes) {
  num_body_bytes_ += bytes.size();
  tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), kTailBytes));
  if (tail_.size() > 2 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  if (status_ != 200 || exception_code_ != 0 || !stream_) return {};
  if (decode_error_) {
    num_bytes_after_error_ += bytes.size();
    if (num_bytes_after_error_ > kMaxAfterError) return *decode_error_;
    return {};
  }
  const auto flow = stream_->write(bytes);
  if (!flow.ok()) {
    if (flow.error().code == "ENGINE-0021") {
      decode_error_ = flow.error();
      return {};
    }
    sink_error_ = flow.error();
    return flow.error();
  }
  if (*flow == Flow::kStop) {
    is_stopped_ = true;
    return cancelled_error();
  }
  return {};
}

Result<void> HttpExchange::judge(const Result<net::HttpReply>& reply) {
  if (sink_error_) return *sink_error_;
  if (is_stopped_) return {};
  if (status_ != 0 && (status_ != 200 || exception_code_ != 0)) return status_error(status_, exception_code_, tail_);
  Result<void> outcome;
  if (decode_error_) {
    outcome = *decode_error_;
  } else if (!reply.ok()) {
    const Error& error = reply.error();
    if (error.code == "NET-0502") {
      outcome = timeout("ENGINE-0004", "the engine did not answer in time: " + error.message);
    } else {
      outcome = unavailable("ENGINE-0002", "the engine is away: " + error.message);
    }
  } else if (stream_) {
    outcome = stream_->finish();
  }
  const std::string_view text = exception_in(tail_);
  if ((!outcome.ok() || !stream_) && !text.empty()) return engine_error(text);
  return outcome;
}

}  // namespace garrison::engine
