// SPDX-License-Identifier: Apache-2.0
#include "engine/chdb_pool.h"

#include <fmt/format.h>

#include "engine/engine_error.h"
#include "engine/engine_sql.h"

namespace garrison::engine {
namespace {

// The library gives query ids of its own, so a statement is known by its log comment.
Result<void> kill_by_comment(ChdbConnection& connection, const std::string& comment) {
  RawStatement kill;
  kill.sql = fmt::format("KILL QUERY WHERE Settings['log_comment'] = {} ASYNC", quote_literal(comment));
  return connection.execute(kill);
}

}  // namespace

const RawFigures& ChdbPool::Stream::figures() const { return stream_->figures(); }

Result<std::string_view> ChdbPool::Stream::next() {
  if (watched_->is_stopped()) return cancelled_error();
  return stream_->next();
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
      watch_("garrison-", [this](const std::string& tag) { return kill_by_comment(*control_, tag); }) {}

ChdbPool::~ChdbPool() = default;

std::string ChdbPool::version() const { return api_->version(); }

Result<std::unique_ptr<ChdbPool::Stream>> ChdbPool::start(RawStatement statement, Lane lane, Timespan patience,
                                                          const std::string& query_id, StopCheck should_stop) {
  std::unique_ptr<Stream> stream(new Stream());
  stream->watched_ = watch_.add(query_id, std::move(should_stop));
  const StatementWatch::Entry& watched = *stream->watched_;
  statement.log_comment = watched.tag();
  GARRISON_ASSIGN(auto connection, connections_.acquire(lane, patience, [&] { return watched.is_stopped(); }));
  stream->connection_.emplace(std::move(connection));
  if (watched.is_stopped()) return cancelled_error();
  GARRISON_ASSIGN(stream->stream_, (*stream->connection_)->start(statement));
  return stream;
}

Result<void> ChdbPool::insert(std::string_view sql, std::string_view format, std::span<const Setting> settings,
                              Lane lane, Timespan patience, const ChdbConnection::Producer& producer) {
  GARRISON_ASSIGN(const auto connection, connections_.acquire(lane, patience, nullptr));
  return connection->insert(sql, format, settings, producer);
}

void ChdbPool::kill(std::string_view query_id) { watch_.stop(query_id); }

}  // namespace garrison::engine
