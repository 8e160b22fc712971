// SPDX-License-Identifier: Apache-2.0
// The part of ClickHouse's HTTP protocol that HttpEngine speaks, over libchdb in this process; requests of other users
// of the machine are refused. GET /ping; POST /?SETTINGS&param_NAME=..&query_id=..&default_format=.. with the statement
// in the body, or with `query` in the URL and rows in the body (INSERT ... FORMAT x; gzip, deflate and zstd bodies).
// Errors: the exception's text and X-ClickHouse-Exception-Code; once rows were sent, the text behind them and a body
// that breaks off. The statement of kill_sql() stops a running one. Called by many threads of an HttpServer.
#pragma once

#include <memory>

#include "engine/chdb_pool.h"
#include "net/http_server.h"

namespace garrison::engine {

class EngineService {
 public:
  // `pool` must outlive the service, and the service its server.
  explicit EngineService(ChdbPool& pool) : pool_(pool) {}

  net::Response handle(net::Request& request);
  // Bodies are streamed and may be of any length.
  static net::BodyPolicy body_policy(const net::RequestHead& head);

 private:
  net::Response run(net::Request& request);
  net::Response select(net::Request& request, RawStatement statement, const std::string& query_id);
  net::Response insert(net::Request& request, const RawStatement& statement);

  ChdbPool& pool_;
};

}  // namespace garrison::engine
