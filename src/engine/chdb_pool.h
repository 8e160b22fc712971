// SPDX-License-Identifier: Apache-2.0
// The connections of this process to its ClickHouse, with a lane kept free for small interactive statements, and the
// watch that stops running statements. Any thread may call. All leases must be gone before the pool is destroyed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "engine/chdb_connection.h"

namespace garrison::engine {

struct ChdbPoolOptions {
  std::string library;  // empty: see find_chdb_library()
  ChdbOpenOptions open;
  std::size_t num_connections = 8;
  std::size_t num_reserved = 2;  // of them never serve Lane::kBackground
};

class ChdbPool {
 public:
  static Result<std::unique_ptr<ChdbPool>> open(const ChdbPoolOptions& options);
  ~ChdbPool();
  ChdbPool(const ChdbPool&) = delete;
  ChdbPool& operator=(const ChdbPool&) = delete;

  // True once the statement should stop; asked every few milliseconds while it runs.
  using StopCheck = std::function<bool()>;

  // Run on a connection of the lane; wait for one as long as `patience`. ENGINE-0013 (kExhausted) when none came free.
  // `query_id` may be empty. A statement stopped by `should_stop` or kill() fails with kCancelledCode.
  Result<RawFigures> run(RawStatement statement, Lane lane, Timespan patience, const std::string& query_id,
                         const StopCheck& should_stop, const ChdbConnection::Sink& sink);
  Result<void> insert(std::string_view sql, std::string_view format, std::span<const Setting> settings, Lane lane,
                      Timespan patience, const ChdbConnection::Source& source);
  // Stops the statements that run or wait under the id; returns at once.
  void kill(std::string_view query_id);
  std::string version() const;

 private:
  struct Running;
  class Lease;
  ChdbPool(std::shared_ptr<const ChdbApi> api, const ChdbPoolOptions& options,
           std::unique_ptr<ChdbConnection> control);

  Result<Lease> acquire(Lane lane, Timespan patience, const StopCheck& should_stop);
  void release(std::unique_ptr<ChdbConnection> connection, Lane lane);
  void watch();

  const std::shared_ptr<const ChdbApi> api_;
  const ChdbPoolOptions options_;
  std::unique_ptr<ChdbConnection> control_;  // of the watch thread: sends KILL QUERY

  Mutex mutex_;
  Condition freed_;
  std::vector<std::unique_ptr<ChdbConnection>> idle_ GARRISON_GUARDED_BY(mutex_);
  std::size_t num_busy_ GARRISON_GUARDED_BY(mutex_) = 0;
  std::size_t num_background_ GARRISON_GUARDED_BY(mutex_) = 0;

  Mutex watch_mutex_;
  Condition watch_wakes_;
  std::vector<std::shared_ptr<Running>> running_ GARRISON_GUARDED_BY(watch_mutex_);
  std::uint64_t next_tag_ GARRISON_GUARDED_BY(watch_mutex_) = 1;
  bool is_stopping_ GARRISON_GUARDED_BY(watch_mutex_) = false;
  std::thread watcher_;
};

}  // namespace garrison::engine
