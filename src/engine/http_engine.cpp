// SPDX-License-Identifier: Apache-2.0
#include "engine/http_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "base/text.h"
#include "engine/engine_error.h"
#include "engine/engine_sql.h"
#include "engine/http_exchange.h"

namespace garrison::engine {
namespace {

// How much longer than the budget the server may take: it ends the statement itself, and says so.
constexpr Timespan kGrace{10 * kTicksPerSecond};
constexpr Timespan kExecuteTime{10 * kTicksPerMinute};
constexpr Timespan kKillTime{5 * kTicksPerSecond};
constexpr std::uint64_t kNoLimit = 1ull << 62;

std::chrono::milliseconds milliseconds(Timespan span) {
  return std::chrono::milliseconds(span.ticks / kTicksPerMillisecond);
}

void append_parameter(std::string& url, std::string_view name, std::string_view value) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  url += url.ends_with('?') ? "" : "&";
  url += name;
  url += '=';
  for (const char c : value) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.') {
      url += c;
    } else {
      url += '%';
      url += kDigits[static_cast<unsigned char>(c) >> 4];
      url += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
}

// Tries again, with growing pauses, while the connection breaks and it is allowed.
class Retry {
 public:
  Retry(const Clock& clock, Timespan time) : clock_(clock), deadline_(clock.monotonic_ticks() + time.ticks) {}

  bool wait(const Error& error) {
    if (error.code != "ENGINE-0002" || clock_.monotonic_ticks() >= deadline_) return false;
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(pause_ * 2, std::chrono::milliseconds(200));
    return true;
  }

 private:
  const Clock& clock_;
  const std::int64_t deadline_;
  std::chrono::milliseconds pause_{10};
};

std::string base_url(const HttpEngineOptions& options) {
  if (!options.unix_socket.empty()) return "http://engine";
  std::string url = options.url;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

HttpEngine::HttpEngine(HttpEngineOptions options, const Clock& clock, Random& random)
    : options_(std::move(options)),
      clock_(clock),
      base_url_(base_url(options_)),
      clients_(options_.lanes, [this]() -> Result<std::unique_ptr<net::HttpClient>> { return make_client(); }),
      control_(make_client()),
      watch_("garrison-" + random.guid() + "-", [this](const std::string& tag) { return kill(tag); }) {}

HttpEngine::~HttpEngine() = default;

std::unique_ptr<net::HttpClient> HttpEngine::make_client() const {
  net::HttpClientOptions client;
  client.ca_pem = options_.ca_pem;
  client.connect_timeout = std::chrono::milliseconds(5'000);
  return std::make_unique<net::HttpClient>(options_.unix_socket.empty()
                                               ? net::HttpClient::configured(std::move(client))
                                               : net::HttpClient::unix_socket(options_.unix_socket, std::move(client)));
}

net::OutgoingRequest HttpEngine::make_request(const Statement& statement, const std::string& query_id) const {
  net::OutgoingRequest request;
  request.method = "POST";
  request.url = base_url_ + "/?";
  append_parameter(request.url, "default_format", "Native");
  if (!query_id.empty()) append_parameter(request.url, "query_id", query_id);
  for (const Statement::Parameter& parameter : statement.parameters) {
    append_parameter(request.url, "param_" + parameter.name, escape_parameter(parameter.value));
  }
  // Behind a socket is our child, whose connections have them.
  if (options_.sends_settings && options_.unix_socket.empty()) {
    for (const Setting& setting : base_settings()) append_parameter(request.url, setting.name, setting.value);
  }
  for (const Setting& setting : statement.settings) append_parameter(request.url, setting.name, setting.value);
  if (!options_.user.empty()) {
    request.headers.set("X-ClickHouse-User", options_.user);
    request.headers.set("X-ClickHouse-Key", std::string(options_.password.reveal()));
  }
  if (options_.compression != net::Encoding::kIdentity) {
    append_parameter(request.url, "enable_http_compression", "1");
    request.accepts_compressed = true;
  }
  request.max_response_bytes = kNoLimit;
  request.idle_timeout = std::chrono::milliseconds(0);
  return request;
}

Result<Statistics> HttpEngine::query(const Statement& statement, const table::Schema& schema, const Budget& budget,
                                     const BatchSink& sink, std::shared_ptr<CancelToken> cancel) {
  const std::int64_t start = clock_.monotonic_ticks();
  const auto watched = watch_.add(
      statement.query_id, [cancel] { return cancel && cancel->is_cancelled(); }, statement.query_id);
  GARRISON_ASSIGN(const Client client, clients_.acquire(statement.lane, budget.time_limit,
                                                        [&] { return watched->is_stopped(); }));
  net::OutgoingRequest request = make_request(statement, watched->tag());
  request.body = statement.sql;
  const bool is_limited = budget.time_limit.ticks > 0;
  request.timeout = milliseconds({is_limited ? budget.time_limit.ticks + kGrace.ticks : 0});
  request.is_cancelled = [&] { return watched->is_stopped(); };
  if (options_.sends_settings) {
    for (const Setting& setting : budget_settings(budget)) append_parameter(request.url, setting.name, setting.value);
  }
  for (Retry retry(clock_, options_.retry_time);;) {
    if (watched->is_stopped()) return cancelled_error();
    ResultStream stream(schema, budget, sink);
    HttpExchange exchange(&stream);
    const auto outcome = exchange.run(*client, request);
    if (!outcome.ok()) {
      if (watched->is_stopped() && outcome.error().code == "ENGINE-0002") return cancelled_error();
      if (!exchange.has_begun() && retry.wait(outcome.error())) continue;
      return outcome.error();
    }
    Statistics statistics;
    statistics.num_rows = stream.num_rows();
    statistics.rows_read = exchange.rows_read();
    statistics.bytes_read = exchange.bytes_read();
    statistics.elapsed = {clock_.monotonic_ticks() - start};
    statistics.truncated = stream.is_truncated();
    return statistics;
  }
}

Result<void> HttpEngine::execute(const Statement& statement) {
  GARRISON_ASSIGN(const Client client, clients_.acquire(statement.lane, kExecuteTime, nullptr));
  net::OutgoingRequest request = make_request(statement, statement.query_id);
  request.body = statement.sql;
  request.timeout = milliseconds(kExecuteTime);
  return HttpExchange(nullptr).run(*client, std::move(request));
}

Result<void> HttpEngine::insert(const Insert& insert) {
  GARRISON_ASSIGN(const Client client, clients_.acquire(Lane::kBackground, options_.insert_time, nullptr));
  std::string compressed;
  std::string_view body = insert.native;
  if (options_.compression != net::Encoding::kIdentity) {
    compressed = net::compress(options_.compression, insert.native);
    body = compressed;
  }
  for (Retry retry(clock_, options_.retry_time);;) {
    auto outcome = insert_once(*client, insert, body);
    if (outcome.ok()) return {};
    // Whether a broken insert was taken is not known; only a token makes it safe to send it again.
    if (!insert.token.empty() && retry.wait(outcome.error())) continue;
    if (outcome.error().kind == ErrorKind::kTimeout) return unavailable("ENGINE-0002", outcome.error().message);
    return outcome.error();
  }
}

Result<void> HttpEngine::insert_once(net::HttpClient& client, const Insert& insert, std::string_view body) {
  net::OutgoingRequest request = make_request(Statement{}, {});
  append_parameter(request.url, "query", insert_sql(insert) + " FORMAT Native");
  if (!insert.token.empty()) append_parameter(request.url, "insert_deduplication_token", insert.token);
  if (options_.compression != net::Encoding::kIdentity) {
    const std::string_view name = options_.compression == net::Encoding::kZstd   ? "zstd"
                                  : options_.compression == net::Encoding::kGzip ? "gzip"
                                                                                 : "deflate";
    request.headers.set("Content-Encoding", std::string(name));
  }
  request.timeout = milliseconds(options_.insert_time);
  request.upload_bytes = body.size();
  request.upload = [rest = body](std::span<char> buffer) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(buffer.size(), rest.size());
    std::memcpy(buffer.data(), rest.data(), count);
    rest.remove_prefix(count);
    return count;
  };
  return HttpExchange(nullptr).run(client, std::move(request));
}

Result<void> HttpEngine::cancel(std::string_view query_id) {
  if (query_id.empty() || watch_.stop(query_id)) return {};
  // Not ours: perhaps another server's on the same cluster.
  GARRISON_ASSIGN(const Client client, clients_.acquire(Lane::kInteractive, kKillTime, nullptr));
  net::OutgoingRequest request = make_request(Statement{}, {});
  request.body = kill_sql(query_id);
  request.timeout = milliseconds(kKillTime);
  return HttpExchange(nullptr).run(*client, std::move(request));
}

Result<void> HttpEngine::kill(const std::string& query_id) {
  net::OutgoingRequest request = make_request(Statement{}, {});
  request.body = kill_sql(query_id);
  request.timeout = milliseconds(kKillTime);
  return HttpExchange(nullptr).run(*control_, std::move(request));
}

Result<std::string> HttpEngine::version() {
  Statement statement;
  statement.sql = "SELECT version()";
  std::string version;
  Budget budget;
  budget.time_limit = {10 * kTicksPerSecond};
  GARRISON_TRY(query(
      statement, table::Schema{{{"version", table::Kind::kString}}}, budget,
      [&](table::Batch&& batch) -> Result<void> {
        version = batch.columns[0].text(0);
        return {};
      },
      nullptr));
  return version;
}

Result<void> HttpEngine::ping() {
  GARRISON_ASSIGN(const Client client, clients_.acquire(Lane::kInteractive, kKillTime, nullptr));
  net::OutgoingRequest request;
  request.url = base_url_ + "/ping";
  request.timeout = milliseconds(kKillTime);
  return HttpExchange(nullptr).run(*client, std::move(request));
}

}  // namespace garrison::engine
