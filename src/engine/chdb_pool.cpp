// SPDX-License-Identifier: Apache-2.0
#include "engine/chdb_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/log.h"
#include "engine/engine_error.h"
#include "engine/engine_sql.h"

namespace garrison::engine {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{10};

std::chrono::steady_clock::duration to_duration(Timespan span) {
  return std::chrono::microseconds(span.ticks / kTicksPerMicrosecond);
}

}  // namespace

// A statement under watch. The log comment is how KILL QUERY finds it: the library gives query ids of its own.
struct ChdbPool::Running {
  std::string query_id;
  std::string log_comment;
  StopCheck should_stop;
  std::atomic<bool> is_stopped{false};
};

// A connection taken from the pool; gives it back.
class ChdbPool::Lease {
 public:
  Lease(ChdbPool& pool, std::unique_ptr<ChdbConnection> connection, Lane lane)
      : pool_(&pool), connection_(std::move(connection)), lane_(lane) {}
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (connection_) pool_->release(std::move(connection_), lane_);
  }
  ChdbConnection* operator->() const { return connection_.get(); }

 private:
  ChdbPool* pool_;
  std::unique_ptr<ChdbConnection> connection_;
  Lane lane_;
};

Result<std::unique_ptr<ChdbPool>> ChdbPool::open(const ChdbPoolOptions& options) {
  GARRISON_CHECK(options.num_connections > options.num_reserved);
  GARRISON_ASSIGN(auto api, ChdbApi::load(options.library));
  GARRISON_ASSIGN(auto control, ChdbConnection::open(api, options.open));
  return std::unique_ptr<ChdbPool>(new ChdbPool(std::move(api), options, std::move(control)));
}

ChdbPool::ChdbPool(std::shared_ptr<const ChdbApi> api, const ChdbPoolOptions& options,
                   std::unique_ptr<ChdbConnection> control)
    : api_(std::move(api)), options_(options), control_(std::move(control)), watcher_([this] { watch(); }) {}

ChdbPool::~ChdbPool() {
  {
    Lock lock(watch_mutex_);
    is_stopping_ = true;
    watch_wakes_.notify_all();
  }
  watcher_.join();
}

std::string ChdbPool::version() const { return api_->version(); }

Result<ChdbPool::Lease> ChdbPool::acquire(Lane lane, Timespan patience, const StopCheck& should_stop) {
  const auto deadline = std::chrono::steady_clock::now() + to_duration(patience);
  const std::size_t background_limit = options_.num_connections - options_.num_reserved;
  std::unique_ptr<ChdbConnection> connection;
  {
    Lock lock(mutex_);
    while (num_busy_ >= options_.num_connections || (lane == Lane::kBackground && num_background_ >= background_limit)) {
      if (should_stop && should_stop()) return cancelled_error();
      if (std::chrono::steady_clock::now() >= deadline) {
        return exhausted("ENGINE-0013", "all connections to the engine are busy; try again later");
      }
      freed_.wait_for(mutex_, kWatchInterval);
    }
    ++num_busy_;
    if (lane == Lane::kBackground) ++num_background_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!connection) {
    auto opened = ChdbConnection::open(api_, options_.open);
    if (!opened.ok()) {
      release(nullptr, lane);
      return opened.error();
    }
    connection = std::move(*opened);
  }
  return Lease(*this, std::move(connection), lane);
}

void ChdbPool::release(std::unique_ptr<ChdbConnection> connection, Lane lane) {
  Lock lock(mutex_);
  --num_busy_;
  if (lane == Lane::kBackground) --num_background_;
  if (connection) idle_.push_back(std::move(connection));
  freed_.notify_all();
}

Result<RawFigures> ChdbPool::run(RawStatement statement, Lane lane, Timespan patience, const std::string& query_id,
                                 const StopCheck& should_stop, const ChdbConnection::Sink& sink) {
  auto entry = std::make_shared<Running>();
  entry->query_id = query_id;
  entry->should_stop = should_stop;
  const auto is_stopped = [&] { return entry->is_stopped || (should_stop && should_stop()); };
  {
    Lock lock(watch_mutex_);
    entry->log_comment = fmt::format("garrison-{}", next_tag_++);
    running_.push_back(entry);
    watch_wakes_.notify_all();
  }
  statement.log_comment = entry->log_comment;
  auto result = [&]() -> Result<RawFigures> {
    GARRISON_ASSIGN(const Lease connection, acquire(lane, patience, is_stopped));
    if (is_stopped()) return cancelled_error();
    return connection->run(statement, [&](std::string_view bytes) -> Result<Flow> {
      if (is_stopped()) return cancelled_error();
      return sink(bytes);
    });
  }();
  {
    Lock lock(watch_mutex_);
    std::erase(running_, entry);
  }
  return result;
}

Result<void> ChdbPool::insert(std::string_view sql, std::string_view format, std::span<const Setting> settings,
                              Lane lane, Timespan patience, const ChdbConnection::Source& source) {
  GARRISON_ASSIGN(const Lease connection, acquire(lane, patience, nullptr));
  return connection->insert(sql, format, settings, source);
}

void ChdbPool::kill(std::string_view query_id) {
  if (query_id.empty()) return;
  Lock lock(watch_mutex_);
  for (const auto& entry : running_) {
    if (entry->query_id == query_id) entry->is_stopped = true;
  }
  watch_wakes_.notify_all();
}

// Looks at the running statements and kills those that should stop, again and again until they are gone: a statement
// that has not started yet is not found by the first KILL.
void ChdbPool::watch() {
  while (true) {
    std::vector<std::shared_ptr<Running>> entries;
    {
      Lock lock(watch_mutex_);
      while (!is_stopping_ && running_.empty()) watch_wakes_.wait(watch_mutex_);
      if (is_stopping_) return;
      entries = running_;
    }
    for (const auto& entry : entries) {
      if (!entry->is_stopped && !(entry->should_stop && entry->should_stop())) continue;
      entry->is_stopped = true;
      RawStatement kill;
      kill.sql = fmt::format("KILL QUERY WHERE Settings['log_comment'] = {} ASYNC", quote_literal(entry->log_comment));
      kill.format = "TSV";
      const auto done = control_->run(kill, [](std::string_view) -> Result<Flow> { return Flow::kContinue; });
      if (!done.ok()) log::warning("a statement cannot be stopped: {}", done.error().to_string());
    }
    Lock lock(watch_mutex_);
    if (!is_stopping_) watch_wakes_.wait_for(watch_mutex_, kWatchInterval);
  }
}

}  // namespace garrison::engine
