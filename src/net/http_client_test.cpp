// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "net/compression.h"
#include "net/http_server.h"

namespace garrison::net {
namespace {

using namespace std::chrono_literals;

class HttpClientTest : public testing::Test {
 protected:
  void SetUp() override {
    HttpServerOptions options;
    options.listeners.push_back({"127.0.0.1", 0});
    path_ = testing::TempDir() + fmt::format("garrison_client_{}.sock", ::getpid());
    options.listeners.push_back({"", 0, path_});
    options.body_policy = [](const RequestHead& head) {
      BodyPolicy policy;
      if (head.path == "/echo") policy = {1ull << 40, BodyMode::kStreamed, {}};
      return policy;
    };
    auto started = HttpServer::start(std::move(options), [this](Request& request) { return handle(request); }, random_);
    ASSERT_TRUE(started.ok()) << started.error().to_string();
    server_ = std::move(*started);
  }

  Response handle(Request& request) {
    if (request.path == "/echo") {
      Response out = text_response(200, "");
      out.stream = [&request](BodyWriter& writer) {
        std::vector<char> buffer(256 << 10);
        while (true) {
          const auto length = request.body_reader->read(buffer);
          if (!length.ok()) return writer.fail();
          if (*length == 0 || !writer.write(std::string_view(buffer.data(), *length))) return;
        }
      };
      return out;
    }
    if (request.path == "/wait") {
      while (!request.is_cancelled()) std::this_thread::yield();
      return text_response(200, "late");
    }
    if (request.path == "/zeros") {
      Response out = text_response(200, compress(Encoding::kGzip, std::string(1 << 20, '\0')));
      out.headers.add("Content-Encoding", "gzip");
      return out;
    }
    if (request.path == "/headers") {
      Response out = text_response(200, "x");
      out.headers.add("X-Large", std::string(70 << 10, 'a'));
      return out;
    }
    if (request.path == "/cut") {
      Response out = text_response(200, "");
      out.stream = [](BodyWriter& writer) {
        writer.write(std::string(100000, 'a'));
        writer.fail();
      };
      return out;
    }
    Response out =
        text_response(request.path == "/missing" ? 404 : 200,
                      fmt::format("{} {} {} type={} x={} expect={}", request.method, request.target, request.body,
                                  request.headers.value_or("Content-Type", "-"), request.headers.value_or("X", "-"),
                                  request.headers.value_or("Expect", "-")));
    out.headers.add("X-Answer", "1");
    return out;
  }

  OutgoingRequest request(std::string path, std::string method = "GET") {
    OutgoingRequest out;
    out.method = std::move(method);
    out.url = fmt::format("http://127.0.0.1:{}{}", server_->port(), path);
    return out;
  }

  SystemRandom random_;
  std::string path_;
  std::unique_ptr<HttpServer> server_;
  HttpClient client_ = HttpClient::configured();
};

TEST_F(HttpClientTest, SendsEveryMethodOverOneConnection) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    OutgoingRequest out = request("/a?b=c", method);
    out.headers.add("X", "1");
    if (out.method != "GET") out.body = std::string("b\0dy", 4);
    const auto reply = client_.send(out);
    ASSERT_TRUE(reply.ok()) << reply.error().to_string();
    EXPECT_EQ(reply->body, fmt::format("{} /a?b=c {} type=- x=1 expect=-", method, out.body));
    EXPECT_EQ(reply->headers.value_or("x-answer", ""), "1");
  }
  const auto head = client_.send(request("/", "HEAD"));
  EXPECT_EQ(head->status, 200);
  EXPECT_TRUE(head->body.empty());
  EXPECT_EQ(client_.send(request("/missing"))->status, 404);
  EXPECT_EQ(client_.send(request("/", "POST"))->status, 200);
  EXPECT_EQ(server_->figures().num_accepted, 1u);
}

TEST_F(HttpClientTest, StreamsBothWaysOverAUnixSocket) {
  auto client = HttpClient::unix_socket(path_);
  constexpr std::uint64_t kTotal = 20 << 20;
  for (const bool is_length_known : {false, true}) {
    OutgoingRequest out = request("/echo", "POST");
    out.url = "http://engine/echo";
    std::uint64_t sent = 0;
    std::uint64_t sum_sent = 0;
    std::uint64_t received = 0;
    std::uint64_t sum_received = 0;
    out.upload = [&](std::span<char> buffer) -> Result<std::size_t> {
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), kTotal - sent));
      for (std::size_t i = 0; i < length; ++i) {
        buffer[i] = static_cast<char>((sent + i) * 31 >> 3);
        sum_sent = sum_sent * 7 + static_cast<unsigned char>(buffer[i]);
      }
      sent += length;
      return length;
    };
    if (is_length_known) out.upload_bytes = kTotal;
    int num_heads = 0;
    out.on_head = [&](int status, const Headers&) -> Result<void> {
      ++num_heads;
      EXPECT_EQ(status, 200);
      return {};
    };
    out.on_body = [&](std::string_view bytes) -> Result<void> {
      received += bytes.size();
      for (const char c : bytes) sum_received = sum_received * 7 + static_cast<unsigned char>(c);
      return {};
    };
    out.max_response_bytes = kTotal;
    const auto reply = client.send(out);
    ASSERT_TRUE(reply.ok()) << reply.error().to_string();
    EXPECT_EQ(num_heads, 1);
    EXPECT_EQ(received, kTotal);
    EXPECT_EQ(sum_received, sum_sent);
  }
}

TEST_F(HttpClientTest, CapsAnswers) {
  OutgoingRequest out = request("/echo", "POST");
  out.body = std::string(100'000, 'a');
  out.max_response_bytes = 99'999;
  EXPECT_EQ(client_.send(out).error().code, "NET-0503");
  out.max_response_bytes = 100'000;
  EXPECT_TRUE(client_.send(out).ok());
  OutgoingRequest zeros = request("/zeros");
  EXPECT_LT(client_.send(zeros)->body.size(), 10'000u);
  zeros.accepts_compressed = true;
  EXPECT_EQ(client_.send(zeros)->body.size(), 1u << 20);
  zeros.max_response_bytes = 1'000'000;
  EXPECT_EQ(client_.send(zeros).error().code, "NET-0503");
  EXPECT_EQ(client_.send(request("/headers")).error().code, "NET-0503");
}

TEST_F(HttpClientTest, CallbacksCanEndACall) {
  OutgoingRequest out = request("/echo", "POST");
  out.upload = [](std::span<char>) -> Result<std::size_t> { return corrupt("T-1", "source broke"); };
  EXPECT_EQ(client_.send(out).error().code, "T-1");
  out.upload = [](std::span<char>) -> Result<std::size_t> { throw std::runtime_error("thrown"); };
  EXPECT_EQ(client_.send(out).error().kind, ErrorKind::kBug);
  out.upload = nullptr;
  out.body = "abc";
  out.on_body = [](std::string_view) -> Result<void> { return conflict("T-2", "enough"); };
  EXPECT_EQ(client_.send(out).error().code, "T-2");
  out.on_head = [](int, const Headers&) -> Result<void> { return conflict("T-3", "not this"); };
  EXPECT_EQ(client_.send(out).error().code, "T-3");
}

TEST_F(HttpClientTest, EndsOnTimeoutAndCancel) {
  OutgoingRequest out = request("/wait");
  out.timeout = 50ms;
  EXPECT_EQ(client_.send(out).error().code, "NET-0502");
  out.timeout = 0ms;
  int num_asked = 0;
  out.is_cancelled = [&] { return ++num_asked > 2; };
  EXPECT_EQ(client_.send(out).error().code, "NET-0506");
}

TEST_F(HttpClientTest, SaysWhatFailed) {
  EXPECT_EQ(client_.send(request("/cut")).error().code, "NET-0501");
  OutgoingRequest out = request("/");
  out.url = "http://127.0.0.1:1/";
  EXPECT_EQ(client_.send(out).error().code, "NET-0501");
  out.url = "ftp://127.0.0.1/";
  EXPECT_EQ(client_.send(out).error().code, "NET-0505");
  out.url = "not a url";
  EXPECT_EQ(client_.send(out).error().code, "NET-0505");
  auto away = HttpClient::unix_socket("/nowhere/x.sock");
  EXPECT_EQ(away.send(request("/")).error().code, "NET-0501");
  EXPECT_EQ(client_.send(request("/", "GET / HTTP/1.1\r\nX: ")).error().code, "NET-0505");
  OutgoingRequest injected = request("/");
  injected.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(client_.send(injected).error().code, "NET-0505");
  injected = request("/");
  injected.headers.add("X: y", "a");
  EXPECT_EQ(client_.send(injected).error().code, "NET-0505");
}

TEST_F(HttpClientTest, TakesNoProxyFromTheEnvironment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(client_.send(request("/")).ok());
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

}  // namespace
}  // namespace garrison::net
