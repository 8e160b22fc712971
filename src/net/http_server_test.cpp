// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/mutex.h"
#include "net/compression.h"
#include "net/http_client.h"
#include "net/raw_client.h"

namespace garrison::net {
namespace {

using namespace std::chrono_literals;

// Opened once, by the test, to let handlers go on.
class Gate {
 public:
  void open() {
    const Lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void pass() {
    const Lock lock(mutex_);
    while (!is_open_) changed_.wait(mutex_);
  }

 private:
  Mutex mutex_;
  Condition changed_;
  bool is_open_ = false;
};

class HttpServerTest : public testing::Test {
 protected:
  void start(HttpServerOptions options = {}) {
    if (options.listeners.empty()) options.listeners.push_back({});
    if (!options.body_policy) {
      options.body_policy = [](const RequestHead& head) {
        BodyPolicy policy;
        if (head.path == "/small") policy.max_bytes = 1000;
        if (head.path == "/count" || head.path == "/ignore") {
          policy.mode = BodyMode::kStreamed;
          policy.max_bytes = 1ull << 40;
        }
        if (head.path == "/refused") policy.refusal = text_response(401, "who are you?");
        return policy;
      };
    }
    auto started = HttpServer::start(std::move(options), [this](Request& request) { return handle(request); }, random_);
    ASSERT_TRUE(started.ok()) << started.error().to_string();
    server_ = std::move(*started);
  }

  Response handle(Request& request) {
    if (request.path == "/throw") throw std::runtime_error("the secret reason");
    if (request.path == "/check") GARRISON_CHECK(request.path.empty());
    if (request.path == "/gate") {
      gate_entered_.open();
      gate_.pass();
    }
    if (request.path == "/empty") return text_response(204, "");
    if (request.path == "/count") return count(request);
    if (request.path == "/stream") return stream(request);
    if (request.path == "/split") {
      Response out = text_response(200, "x");
      out.headers.add("X-Evil", "a\r\nSet-Cookie: stolen=1");
      return out;
    }
    if (request.path == "/peer") {
      return text_response(200, fmt::format("{} unix={} uid={}", request.peer.address.to_string(),
                                            request.peer.is_unix_socket, request.peer.user_id.value_or(77777)));
    }
    std::string parameters;
    for (const auto& [name, value] : request.query.items()) parameters += fmt::format(" {}={}", name, value);
    return text_response(200, fmt::format("{} {}{} [{}]", request.method, request.path, parameters, request.body));
  }

  Response count(Request& request) {
    std::vector<char> buffer(256 << 10);
    std::uint64_t total = 0;
    while (true) {
      auto length = request.body_reader->read(buffer);
      if (!length.ok()) return error_response(length.error());
      if (*length == 0) break;
      total += *length;
    }
    return text_response(200, std::to_string(total));
  }

  Response stream(Request& request) {
    Response out = text_response(200, "");
    const auto total = std::stoull(std::string(request.query.value_or("bytes", "0")));
    const bool is_endless = request.query.find("endless").has_value();
    const bool fails = request.query.find("fail").has_value();
    out.is_long_lived = request.query.find("long").has_value();
    out.stream = [=, this](BodyWriter& writer) {
      const std::string block(256 << 10, 'x');
      std::uint64_t left = total;
      while (left > 0 || is_endless) {
        const auto length = is_endless ? block.size() : std::min<std::uint64_t>(left, block.size());
        if (!writer.write(std::string_view(block).substr(0, length)) || !writer.flush()) break;
        left -= is_endless ? 0 : length;
      }
      if (fails) writer.fail();
      stream_ended_.open();
    };
    return out;
  }

  std::string get(std::string_view path, std::string_view more = "") {
    return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n{}\r\n", path, more);
  }

  RawClient client() { return RawClient(server_->port()); }

  SystemRandom random_;
  Gate gate_;
  Gate gate_entered_;
  Gate stream_ended_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, KeepsAConnectionForSeveralRequests) {
  start();
  RawClient raw(server_->port());
  EXPECT_EQ(raw.exchange(get("/a%20b?n=1&n=%C3%A9&e=a+b")).body, "GET /a b n=1 n=\u00e9 e=a b []");
  EXPECT_EQ(raw.exchange("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc").body, "POST /b [abc]");
  const auto last = raw.exchange(get("/c", "Connection: close\r\n"));
  EXPECT_EQ(last.headers.value_or("Connection", ""), "close");
  EXPECT_TRUE(raw.is_closed());
  EXPECT_EQ(server_->figures().num_requests, 3u);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient raw(server_->port());
  raw.send(get("/1") + "\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + get("/3"));
  EXPECT_EQ(raw.read_answer().body, "GET /1 []");
  EXPECT_EQ(raw.read_answer().body, "POST /2 [hi]");
  EXPECT_EQ(raw.read_answer().body, "GET /3 []");
}

TEST_F(HttpServerTest, TakesChunkedBodies) {
  start();
  RawClient raw(server_->port());
  const auto answer = raw.exchange(
      "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;name=value\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: ignored\r\n\r\n");
  EXPECT_EQ(answer.body, "POST /x [abc0123456789]");
  EXPECT_EQ(raw.exchange(get("/after")).body, "GET /after []");
}

TEST_F(HttpServerTest, HeadHasLengthButNoBody) {
  start();
  RawClient raw(server_->port());
  raw.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = raw.read_answer(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.value_or("Content-Length", ""), "12");
  raw.send("HEAD /stream?bytes=5 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(raw.read_answer(true).headers.value_or("Transfer-Encoding", ""), "chunked");
  EXPECT_EQ(raw.exchange(get("/empty")).status, 204);
  EXPECT_EQ(raw.exchange(get("/after")).body, "GET /after []");
}

TEST_F(HttpServerTest, SpeaksHttp10) {
  start();
  RawClient raw(server_->port());
  raw.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_EQ(raw.read_answer().body, "GET /old []");
  EXPECT_TRUE(raw.is_closed());
  RawClient streamed(server_->port());
  streamed.send("GET /stream?bytes=100000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto answer = streamed.read_answer();
  EXPECT_EQ(answer.body.size(), 100000u);
  EXPECT_FALSE(answer.headers.find("Transfer-Encoding"));
}

TEST_F(HttpServerTest, RefusesLargeHeaders) {
  start();
  RawClient bytes(server_->port());
  EXPECT_EQ(bytes.exchange(get("/", "X: " + std::string(17 << 10, 'a') + "\r\n")).status, 431);
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += fmt::format("X-{}: 1\r\n", i);
  RawClient count(server_->port());
  EXPECT_EQ(count.exchange(get("/", fields)).status, 431);
  RawClient endless(server_->port());
  endless.send("GET / HTTP/1.1\r\nX: " + std::string(100 << 10, 'a'));
  EXPECT_EQ(endless.read_answer().status, 431);
  fields.clear();
  for (int i = 0; i < 99; ++i) fields += fmt::format("X-{}: 1\r\n", i);
  RawClient fits(server_->port());
  EXPECT_EQ(fits.exchange(get("/", fields)).status, 200);
}

TEST_F(HttpServerTest, RefusesLargeBodiesBeforeReadingThem) {
  start();
  RawClient length(server_->port());
  const auto answer = length.exchange("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find("NET-0103"), std::string::npos);
  EXPECT_TRUE(length.is_closed());
  RawClient chunked(server_->port());
  EXPECT_EQ(chunked.exchange("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3E9\r\n").status,
            413);
  RawClient huge(server_->port());
  EXPECT_EQ(huge.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10737418240\r\n\r\n").status, 413);
  RawClient fits(server_->port());
  EXPECT_EQ(
      fits.exchange("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a')).status,
      200);
}

TEST_F(HttpServerTest, SenderOfAnOversizedBodySeesTheAnswer) {
  start();
  auto sender = HttpClient::configured();
  OutgoingRequest request;
  request.method = "POST";
  request.url = fmt::format("http://127.0.0.1:{}/x", server_->port());
  request.body = std::string(12 << 20, 'a');
  const auto reply = sender.send(request);
  ASSERT_TRUE(reply.ok()) << reply.error().to_string();
  EXPECT_EQ(reply->status, 413);
}

TEST_F(HttpServerTest, CapsTheBodiesInMemory) {
  HttpServerOptions options;
  options.max_buffered_bytes = 100'000;
  start(std::move(options));
  RawClient raw(server_->port());
  EXPECT_EQ(
      raw.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + std::string(200000, 'a')).status,
      503);
  for (int i = 0; i < 5; ++i) {
    RawClient again(server_->port());
    EXPECT_EQ(
        again.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + std::string(90000, 'a')).status,
        200);
  }
}

TEST_F(HttpServerTest, RefusesMalformedRequests) {
  start();
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::pair<std::string, int> table[] = {
      {"\x16\x03\x01\x02\r\n\r\n", 400},
      {"GET\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01"
       "b\r\n\r\n",
       400},
      {"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /a/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /?a=%4 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {post + "Content-Length: -1\r\n\r\n", 400},
      {post + "Content-Length: 1x\r\n\r\n", 400},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n1\nA\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n1\r\nAB\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 400},
      {post + "Expect: miracles\r\n\r\n", 417},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
  };
  for (const auto& [request, status] : table) {
    RawClient raw(server_->port());
    EXPECT_EQ(raw.exchange(request).status, status) << request;
    EXPECT_TRUE(raw.is_closed()) << request;
  }
  RawClient fine(server_->port());
  EXPECT_EQ(fine.exchange(get("/")).status, 200);
  EXPECT_EQ(fine.exchange("GET http://other/abs?q=1 HTTP/1.1\r\nHost: x\r\n\r\n").body, "GET /abs q=1 []");
  EXPECT_EQ(fine.exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").body, "OPTIONS * []");
}

TEST_F(HttpServerTest, ClosesSlowConnections) {
  HttpServerOptions options;
  options.header_timeout = options.body_timeout = options.idle_timeout = options.transfer_timeout = 50ms;
  start(std::move(options));
  RawClient silent(server_->port());
  EXPECT_TRUE(silent.is_closed());
  RawClient header(server_->port());
  EXPECT_EQ(header.exchange("GET / HT").status, 408);
  EXPECT_TRUE(header.is_closed());
  RawClient body(server_->port());
  EXPECT_EQ(body.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").status, 408);
  RawClient streamed(server_->port());
  EXPECT_EQ(streamed.exchange("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").status, 408);
  EXPECT_TRUE(streamed.is_closed());
  RawClient idle(server_->port());
  EXPECT_EQ(idle.exchange(get("/")).status, 200);
  EXPECT_TRUE(idle.is_closed());
  RawClient reader(server_->port());  // takes nothing of an endless answer
  reader.send(get("/stream?endless=1"));
  stream_ended_.pass();
}

TEST_F(HttpServerTest, ContinuesOnlyWhenTheBodyIsWanted) {
  start();
  RawClient wanted(server_->port());
  wanted.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wanted.read_answer().status, 100);
  EXPECT_EQ(wanted.exchange("ok").body, "POST / [ok]");
  RawClient large(server_->port());
  EXPECT_EQ(
      large.exchange("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n").status,
      413);
  RawClient refused(server_->port());
  EXPECT_EQ(
      refused.exchange("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n").status,
      401);
  RawClient streamed(server_->port());
  streamed.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(streamed.read_answer().status, 100);
  EXPECT_EQ(streamed.exchange("ok").body, "2");
}

TEST_F(HttpServerTest, HandsBodiesOutAsStreams) {
  start();
  RawClient raw(server_->port());
  EXPECT_EQ(raw.exchange("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").body, "0");
  raw.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
  for (int i = 0; i < 3; ++i) raw.send(std::string(1000000, 'a'));
  EXPECT_EQ(raw.read_answer().body, "3000000");
  // A body that the handler leaves ends the connection, after the answer.
  raw.send("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + std::string(1000000, 'a'));
  const auto answer = raw.read_answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.value_or("Connection", ""), "close");
  RawClient gone(server_->port());
  gone.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  gone.close();
  RawClient broken(server_->port());
  EXPECT_EQ(broken.exchange("POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nq\r\n").status, 400);
}

TEST_F(HttpServerTest, StreamsAnswers) {
  start();
  RawClient raw(server_->port());
  const auto answer = raw.exchange(get("/stream?bytes=5000000"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), 5000000u);
  EXPECT_EQ(raw.exchange(get("/stream?bytes=0")).status, 200);
  EXPECT_EQ(raw.exchange(get("/after")).body, "GET /after []");
  RawClient failed(server_->port());
  EXPECT_EQ(failed.exchange(get("/stream?bytes=300000&fail=1")).status, 0) << "a broken stream must not look whole";
  RawClient early(server_->port());
  EXPECT_EQ(early.exchange(get("/stream?bytes=0&fail=1")).status, 500);
}

TEST_F(HttpServerTest, TellsAStreamThatItsClientHasGone) {
  start();
  RawClient raw(server_->port());
  raw.send(get("/stream?endless=1"));
  raw.close();
  stream_ended_.pass();
}

TEST_F(HttpServerTest, RunsLongStreamsBesideTheWorkers) {
  HttpServerOptions options;
  options.num_workers = 1;
  options.max_long_streams = 2;
  start(std::move(options));
  RawClient one(server_->port());
  RawClient two(server_->port());
  one.send(get("/stream?endless=1&long=1"));
  two.send(get("/stream?endless=1&long=1"));
  RawClient other(server_->port());
  EXPECT_EQ(other.exchange(get("/x")).status, 200);
  EXPECT_EQ(other.exchange(get("/stream?endless=1&long=1")).status, 503);
  server_->stop();  // ends them
}

TEST_F(HttpServerTest, HidesWhatWentWrong) {
  start();
  RawClient raw(server_->port());
  for (const char* path : {"/throw", "/check"}) {
    const auto answer = raw.exchange(get(path));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    EXPECT_NE(answer.body.find("under the id "), std::string::npos);
  }
  EXPECT_EQ(raw.exchange(get("/after")).status, 200);
}

TEST_F(HttpServerTest, ValuesCannotAddFields) {
  start();
  RawClient raw(server_->port());
  const auto answer = raw.exchange(get("/split"));
  EXPECT_FALSE(answer.headers.find("Set-Cookie"));
  EXPECT_EQ(answer.headers.value_or("X-Evil", ""), "a  Set-Cookie: stolen=1");
}

TEST_F(HttpServerTest, AnswersBusyWhenTheQueueIsFull) {
  HttpServerOptions options;
  options.num_workers = 1;
  options.max_queued_requests = 1;
  start(std::move(options));
  RawClient running(server_->port());
  running.send(get("/gate"));
  gate_entered_.pass();
  RawClient queued(server_->port());
  queued.send(get("/queued"));
  while (server_->figures().num_requests < 2) std::this_thread::yield();
  // The queue holds one, so of the next two at least the second finds it full.
  RawClient third(server_->port());
  third.send(get("/third"));
  RawClient fourth(server_->port());
  const auto busy = fourth.exchange(get("/fourth"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.headers.value_or("Retry-After", ""), "1");
  gate_.open();
  EXPECT_EQ(running.read_answer().status, 200);
  EXPECT_EQ(queued.read_answer().status, 200);
}

TEST_F(HttpServerTest, CapsConnections) {
  HttpServerOptions options;
  options.max_connections_per_address = 2;
  start(std::move(options));
  RawClient one(server_->port());
  RawClient two(server_->port());
  EXPECT_EQ(one.exchange(get("/")).status, 200);
  EXPECT_EQ(two.exchange(get("/")).status, 200);
  RawClient three(server_->port());
  EXPECT_TRUE(three.is_closed());
  EXPECT_EQ(server_->figures().num_refused, 1u);
  one.close();
  while (server_->figures().num_connections > 1) std::this_thread::yield();
  RawClient four(server_->port());
  EXPECT_EQ(four.exchange(get("/")).status, 200);
}

TEST_F(HttpServerTest, ServesManyAtOnce) {
  HttpServerOptions options;
  options.num_io_threads = 2;
  options.num_workers = 4;
  start(std::move(options));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<RawClient>(server_->port()));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 200; ++i) {
      const std::string body(static_cast<std::size_t>(i), 'b');
      clients[static_cast<std::size_t>(i)]->send(
          fmt::format("POST /{} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", i, i, body));
    }
    for (int i = 0; i < 200; ++i) {
      const auto answer = clients[static_cast<std::size_t>(i)]->read_answer();
      EXPECT_EQ(answer.body, fmt::format("POST /{} [{}]", i, std::string(static_cast<std::size_t>(i), 'b')));
    }
  }
  EXPECT_EQ(server_->figures().num_connections, 200u);
}

TEST_F(HttpServerTest, StopLetsRunningRequestsEnd) {
  start();
  RawClient idle(server_->port());
  EXPECT_EQ(idle.exchange(get("/")).status, 200);
  RawClient running(server_->port());
  running.send(get("/gate"));
  gate_entered_.pass();
  std::thread stopper([this] { server_->stop(); });
  EXPECT_TRUE(idle.is_closed());
  gate_.open();
  const auto answer = running.read_answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.value_or("Connection", ""), "close");
  running.close();
  stopper.join();
  RawClient late(server_->port());
  EXPECT_FALSE(late.is_connected());
}

TEST_F(HttpServerTest, StopCutsWhatDoesNotEnd) {
  HttpServerOptions options;
  options.stop_timeout = 20ms;
  start(std::move(options));
  RawClient reader(server_->port());
  reader.send(get("/stream?endless=1"));
  RawClient sender(server_->port());
  sender.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  while (server_->figures().num_requests < 2) std::this_thread::yield();
  server_->stop();
  stream_ended_.pass();
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  start();
  const auto attempt = [this](Listener listener) {
    HttpServerOptions options;
    options.listeners.push_back(std::move(listener));
    auto started = HttpServer::start(std::move(options), [](Request&) { return Response(); }, random_);
    return started.ok() ? std::string() : started.error().code;
  };
  EXPECT_EQ(attempt({"127.0.0.1", server_->port()}), "NET-0201");
  EXPECT_EQ(attempt({"localhost", 0}), "NET-0203");
  EXPECT_EQ(attempt({"203.0.113.7", 0}), "NET-0203");
  EXPECT_EQ(attempt({"", 0, "/nowhere/at/all.sock"}), "NET-0203");
  EXPECT_EQ(attempt({"", 0, "/tmp/" + std::string(200, 'a')}), "NET-0203");
  EXPECT_EQ(attempt({"", 0, "/etc/passwd"}), "NET-0201");
  EXPECT_EQ(attempt({"127.0.0.1", 0, "", TlsServerOptions{"no pem", Secret("no key")}}), "NET-0204");
  EXPECT_EQ(attempt({"::1", 0}), "");
}

TEST_F(HttpServerTest, ListensOnUnixSockets) {
  const std::string path = testing::TempDir() + fmt::format("garrison_net_{}.sock", ::getpid());
  const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(stale);

  HttpServerOptions options;
  options.listeners.push_back({"", 0, path});
  options.listeners.push_back({});
  start(std::move(options));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  RawClient raw(path);
  EXPECT_EQ(raw.exchange(get("/peer")).body, fmt::format("127.0.0.1 unix=true uid={}", ::getuid()));
  RawClient tcp(server_->port(1));
  EXPECT_EQ(tcp.exchange(get("/peer")).body, "127.0.0.1 unix=false uid=77777");

  HttpServerOptions second;
  second.listeners.push_back({"", 0, path});
  auto started = HttpServer::start(std::move(second), [](Request&) { return Response(); }, random_);
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, "NET-0201");
  server_->stop();
  EXPECT_NE(::stat(path.c_str(), &info), 0) << "the socket file is removed";
}

TEST_F(HttpServerTest, TellsAHandlerThatItsClientHasGone) {
  std::promise<void> noticed;
  HttpServerOptions options;
  options.listeners.push_back({});
  auto started = HttpServer::start(
      std::move(options),
      [&](Request& request) {
        while (!request.is_cancelled()) std::this_thread::yield();
        noticed.set_value();
        return Response();
      },
      random_);
  ASSERT_TRUE(started.ok());
  RawClient raw((*started)->port());
  raw.send(get("/"));
  raw.close();
  EXPECT_EQ(noticed.get_future().wait_for(30s), std::future_status::ready);
}

TEST_F(HttpServerTest, UnpacksBombsNot) {
  HttpServerOptions options;
  options.listeners.push_back({});
  auto started = HttpServer::start(
      std::move(options),
      [&](Request& request) {
        auto body = decompress_body(request);
        return body.ok() ? text_response(200, std::to_string(body->size())) : error_response(body.error());
      },
      random_);
  ASSERT_TRUE(started.ok());
  const auto post = [&](std::string_view encoding, const std::string& body) {
    RawClient raw((*started)->port());
    return raw.exchange(
        fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: {}\r\nContent-Length: {}\r\n\r\n{}", encoding,
                    body.size(), body));
  };
  const std::string bomb(8 << 20, '\0');
  EXPECT_EQ(post("gzip", compress(Encoding::kGzip, bomb)).status, 413);
  EXPECT_EQ(post("zstd", compress(Encoding::kZstd, bomb)).status, 413);
  EXPECT_EQ(post("deflate", compress(Encoding::kDeflate, bomb)).status, 413);
  EXPECT_EQ(post("br", "abc").status, 415);
  EXPECT_EQ(post("gzip", "abc").status, 400);
  EXPECT_EQ(post("gzip", compress(Encoding::kGzip, "hello")).body, "5");
}

}  // namespace
}  // namespace garrison::net
