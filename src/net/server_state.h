// SPDX-License-Identifier: Apache-2.0
// What the connections of one server share. Owned by HttpServer and outlives them. Internal to this library.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "net/http_server.h"
#include "net/worker_pool.h"

namespace garrison::net {

class HttpConnection;

// The open connections and their caps. Safe from any thread.
class ConnectionTable {
 public:
  // False when a cap is reached; else the connection counts until remove().
  bool add(const std::shared_ptr<HttpConnection>& connection, const HttpServerOptions& options);
  void remove(const HttpConnection& connection);
  std::vector<std::shared_ptr<HttpConnection>> all() const;
  std::size_t size() const;
  // Waits until no connection is left; false when the time is over before.
  bool wait_until_empty(std::chrono::milliseconds at_most);

 private:
  mutable Mutex mutex_;
  Condition changed_;
  // The connection itself is kept alive by its coroutine.
  std::unordered_map<const HttpConnection*, std::weak_ptr<HttpConnection>> open_ GARRISON_GUARDED_BY(mutex_);
  std::map<IpAddress, std::size_t> per_address_ GARRISON_GUARDED_BY(mutex_);
};

struct ServerState {
  ServerState(HttpServerOptions given, Handler handle, Random& numbers)
      : options(std::move(given)),
        handler(std::move(handle)),
        random(numbers),
        io(options.num_io_threads),
        workers(options.num_workers, options.max_queued_requests, options.max_long_streams) {}

  const HttpServerOptions options;
  const Handler handler;
  Random& random;
  SystemClock clock;  // for the Date header only
  boost::asio::io_context io;
  WorkerPool workers;
  ConnectionTable connections;
  std::atomic<bool> is_stopping{false};
  std::atomic<std::size_t> num_buffered_bytes{0};
  std::atomic<std::uint64_t> num_accepted{0};
  std::atomic<std::uint64_t> num_refused{0};
  std::atomic<std::uint64_t> num_requests{0};
};

}  // namespace garrison::net
