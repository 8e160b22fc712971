// SPDX-License-Identifier: Apache-2.0
// The connections of this process to its ClickHouse, with a lane kept free for small interactive statements, and the
// watch that stops running statements. Any thread may call. All streams must be gone before the pool is destroyed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/chdb_connection.h"
#include "engine/lane_pool.h"
#include "engine/statement_watch.h"

namespace garrison::engine {

struct ChdbPoolOptions {
  std::string library;  // empty: see find_chdb_library()
  ChdbOpenOptions open;
  LaneSizes lanes;
};

class ChdbPool {
 public:
  // Errors: ENGINE-0001 no library, ENGINE-0015 the folder cannot be opened.
  static Result<std::unique_ptr<ChdbPool>> open(const ChdbPoolOptions& options);
  ~ChdbPool();
  ChdbPool(const ChdbPool&) = delete;
  ChdbPool& operator=(const ChdbPool&) = delete;

  using StopCheck = StatementWatch::StopCheck;

  // A running statement with the connection it runs on.
  class Stream {
   public:
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    // See ChdbStream; a statement that was stopped fails with kCancelledCode.
    Result<std::string_view> next();
    const RawFigures& figures() const;

   private:
    friend class ChdbPool;
    Stream() = default;
    // Destroyed in reverse: the stream first, then the connection goes back.
    std::unique_ptr<StatementWatch::Entry> watched_;
    std::optional<LanePool<ChdbConnection>::Lease> connection_;
    std::unique_ptr<ChdbStream> stream_;
  };

  // Waits for a connection of the lane as long as `patience` (see LanePool), then starts the statement. `query_id` and
  // `should_stop` may be empty; `should_stop` is called by other threads until the stream is destroyed.
  Result<std::unique_ptr<Stream>> start(RawStatement statement, Lane lane, Timespan patience,
                                        const std::string& query_id, StopCheck should_stop);
  Result<void> insert(std::string_view sql, std::string_view format, std::span<const Setting> settings, Lane lane,
                      Timespan patience, const ChdbConnection::Producer& producer);
  // Stops the statements that run or wait under the id; returns at once.
  void kill(std::string_view query_id);
  std::string version() const;

 private:
  ChdbPool(std::shared_ptr<const ChdbApi> api, const ChdbPoolOptions& options,
           std::unique_ptr<ChdbConnection> control);

  const std::shared_ptr<const ChdbApi> api_;
  const std::unique_ptr<ChdbConnection> control_;  // of the watch's thread: sends KILL QUERY
  LanePool<ChdbConnection> connections_;
  StatementWatch watch_;
};

}  // namespace garrison::engine
