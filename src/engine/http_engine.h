// SPDX-License-Identifier: Apache-2.0
// The engine behind ClickHouse's HTTP protocol: the `garrison engine` child on a Unix socket, or a server or cluster by
// URL. Any thread may call. A statement is repeated after a broken connection only where that cannot change the result:
// a query before its first byte, an insert with a token.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "engine/engine.h"
#include "engine/lane_pool.h"
#include "engine/statement_watch.h"
#include "net/compression.h"
#include "net/http_client.h"

namespace garrison::engine {

struct HttpEngineOptions {
  std::string unix_socket;  // not empty: the path of the socket, and url is not used
  std::string url;          // "https://host:8443"
  std::string user;         // empty: the server's default user
  Secret password;
  std::string ca_pem;       // not empty: only these CAs are trusted
  net::Encoding compression = net::Encoding::kIdentity;  // of inserts; answers are asked compressed unless kIdentity
  // False for servers that know neither our settings nor {name:Type}: then the budget holds on this side only.
  bool sends_settings = true;
  LaneSizes lanes;
  Timespan retry_time{3 * kTicksPerSecond};  // how long broken connections are tried again
  Timespan insert_time{5 * kTicksPerMinute};
};

class HttpEngine final : public Engine {
 public:
  // Connects when first needed. `clock` must outlive the engine; `random` is used here only, for ids of statements.
  HttpEngine(HttpEngineOptions options, const Clock& clock, Random& random);
  ~HttpEngine() override;

  Result<Statistics> query(const Statement& statement, const table::Schema& schema, const Budget& budget,
                           const BatchSink& sink, std::shared_ptr<CancelToken> cancel) override;
  Result<void> execute(const Statement& statement) override;
  Result<void> insert(const Insert& insert) override;
  Result<void> cancel(std::string_view query_id) override;
  Result<std::string> version() override;
  // Answers once the server takes requests; kUnavailable when it does not. Never retries.
  Result<void> ping();

 private:
  using Client = LanePool<net::HttpClient>::Lease;

  std::unique_ptr<net::HttpClient> make_client() const;
  net::OutgoingRequest make_request(const Statement& statement, const std::string& query_id) const;
  Result<void> insert_once(net::HttpClient& client, const Insert& insert, std::string_view body);
  Result<void> kill(const std::string& query_id);

  const HttpEngineOptions options_;
  const Clock& clock_;
  const std::string base_url_;
  LanePool<net::HttpClient> clients_;
  const std::unique_ptr<net::HttpClient> control_;  // of the watch's thread
  StatementWatch watch_;
};

}  // namespace garrison::engine
