// SPDX-License-Identifier: Apache-2.0
#include "engine/chdb_pool.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>

#include "base/log.h"
#include "engine/engine_error.h"
#include "engine/engine_sql.h"

namespace garrison::engine {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{10};

}  // namespace

// A statement under watch; shared by its stream and the watch. The log comment is how KILL QUERY finds the statement:
// the library gives query ids of its own.
struct ChdbPool::Running {
  std::string query_id;
  std::string log_comment;
  StopCheck should_stop;
  std::atomic<bool> is_stopped{false};

  bool wants_stop() { return is_stopped || (should_stop && should_stop()); }
};

struct ChdbPool::Stream::State {
  ChdbPool& pool;
  std::shared_ptr<Running> running;
  // Destroyed in reverse: the stream first, then the connection goes back.
  std::optional<LanePool<ChdbConnection>::Lease> connection;
  std::unique_ptr<ChdbStream> stream;

  ~State() {
    stream.reset();
    Lock lock(pool.mutex_);
    std::erase(pool.running_, running);
  }
};

ChdbPool::Stream::Stream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChdbPool::Stream::~Stream() = default;
const RawFigures& ChdbPool::Stream::figures() const { return state_->stream->figures(); }

Result<std::string_view> ChdbPool::Stream::next() {
  if (state_->running->wants_stop()) return cancelled_error();
  return state_->stream->next();
}

Result<std::unique_ptr<ChdbPool>> ChdbPool::open(const ChdbPoolOptions& options) {
  GARRISON_ASSIGN(auto api, ChdbApi::load(options.library));
  GARRISON_ASSIGN(auto control, ChdbConnection::open(api, options.open));
  return std::unique_ptr<ChdbPool>(new ChdbPool(std::move(api), options, std::move(control)));
}

ChdbPool::ChdbPool(std::shared_ptr<const ChdbApi> api, const ChdbPoolOptions& options,
                   std::unique_ptr<ChdbConnection> control)
    : api_(api),
      control_(std::move(control)),
      connections_(options.lanes, [api, open = options.open] { return ChdbConnection::open(api, open); }),
      watcher_([this] { watch(); }) {}

ChdbPool::~ChdbPool() {
  {
    Lock lock(mutex_);
    is_stopping_ = true;
    wakes_.notify_all();
  }
  watcher_.join();
}

std::string ChdbPool::version() const { return api_->version(); }

Result<std::unique_ptr<ChdbPool::Stream>> ChdbPool::start(RawStatement statement, Lane lane, Timespan patience,
                                                          const std::string& query_id, StopCheck should_stop) {
  auto running = std::make_shared<Running>();
  running->query_id = query_id;
  running->should_stop = std::move(should_stop);
  std::unique_ptr<Stream::State> state(new Stream::State{*this, running, std::nullopt, nullptr});
  {
    Lock lock(mutex_);
    running->log_comment = fmt::format("garrison-{}", next_tag_++);
    running_.push_back(running);
    wakes_.notify_all();
  }
  statement.log_comment = running->log_comment;
  const auto wants_stop = [&] { return running->wants_stop(); };
  GARRISON_ASSIGN(auto connection, connections_.acquire(lane, patience, wants_stop));
  state->connection.emplace(std::move(connection));
  if (wants_stop()) return cancelled_error();
  GARRISON_ASSIGN(state->stream, (*state->connection)->start(statement));
  return std::unique_ptr<Stream>(new Stream(std::move(state)));
}

Result<void> ChdbPool::insert(std::string_view sql, std::string_view format, std::span<const Setting> settings,
                              Lane lane, Timespan patience, const ChdbConnection::Producer& producer) {
  GARRISON_ASSIGN(const auto connection, connections_.acquire(lane, patience, nullptr));
  return connection->insert(sql, format, settings, producer);
}

void ChdbPool::kill(std::string_view query_id) {
  if (query_id.empty()) return;
  Lock lock(mutex_);
  for (const auto& entry : running_) {
    if (entry->query_id == query_id) entry->is_stopped = true;
  }
  wakes_.notify_all();
}

// Looks at the running statements and kills those that should stop, again and again until they are gone: a statement
// that has not started yet is not found by the first KILL.
void ChdbPool::watch() {
  while (true) {
    std::vector<std::shared_ptr<Running>> entries;
    {
      Lock lock(mutex_);
      while (!is_stopping_ && running_.empty()) wakes_.wait(mutex_);
      if (is_stopping_) return;
      entries = running_;
    }
    for (const auto& entry : entries) {
      if (!entry->wants_stop()) continue;
      entry->is_stopped = true;
      RawStatement kill;
      kill.sql = fmt::format("KILL QUERY WHERE Settings['log_comment'] = {} ASYNC", quote_literal(entry->log_comment));
      const auto done = control_->execute(kill);
      if (!done.ok()) log::warning("a statement cannot be stopped: {}", done.error().to_string());
    }
    Lock lock(mutex_);
    if (!is_stopping_) wakes_.wait_for(mutex_, kWatchInterval);
  }
}

}  // namespace garrison::engine
