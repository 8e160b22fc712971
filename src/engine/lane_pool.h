// SPDX-License-Identifier: Apache-2.0
// A bounded pool of connections of any kind, some of which are kept for Lane::kInteractive. Connections are made when
// first needed. Any thread may call; all leases must be gone before the pool is destroyed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "base/ticks.h"
#include "engine/engine.h"
#include "engine/engine_error.h"

namespace garrison::engine {

struct LaneSizes {
  std::size_t num_connections = 8;
  std::size_t num_reserved = 2;  // of them never serve Lane::kBackground
};

template <typename Connection>
class LanePool {
 public:
  using Factory = std::function<Result<std::unique_ptr<Connection>>()>;
  // True once the caller no longer wants a connection.
  using StopCheck = std::function<bool()>;

  // A connection taken from the pool; gives it back when destroyed.
  class Lease {
   public:
    Lease(LanePool& pool, std::unique_ptr<Connection> connection, Lane lane)
        : pool_(&pool), connection_(std::move(connection)), lane_(lane) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->release(std::move(connection_), lane_);
    }
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    LanePool* pool_;
    std::unique_ptr<Connection> connection_;
    Lane lane_;
  };

  LanePool(LaneSizes sizes, Factory factory) : sizes_(sizes), factory_(std::move(factory)) {
    GARRISON_CHECK(sizes_.num_connections > sizes_.num_reserved);
  }

  // Waits as long as `patience`. ENGINE-0013 (kExhausted) when no connection of the lane came free; kCancelledCode when
  // `should_stop` (may be empty) says so.
  Result<Lease> acquire(Lane lane, Timespan patience, const StopCheck& should_stop) {
    std::unique_ptr<Connection> connection;
    GARRISON_TRY(admit(lane, patience, should_stop, connection));
    if (!connection) {
      auto made = factory_();
      if (!made.ok()) {
        release(nullptr, lane);
        return std::move(made).error();
      }
      connection = std::move(*made);
    }
    return Lease(*this, std::move(connection), lane);
  }

 private:
  Result<void> admit(Lane lane, Timespan patience, const StopCheck& should_stop,
                     std::unique_ptr<Connection>& connection) {
    constexpr std::chrono::milliseconds kLook{10};
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::microseconds(patience.ticks / kTicksPerMicrosecond);
    Lock lock(mutex_);
    while (is_full(lane)) {
      if (should_stop && should_stop()) return cancelled_error();
      if (std::chrono::steady_clock::now() >= deadline) {
        return exhausted("ENGINE-0013", "all connections to the engine are busy; try again later");
      }
      freed_.wait_for(mutex_, kLook);
    }
    ++num_busy_;
    if (lane == Lane::kBackground) ++num_background_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    return {};
  }

  bool is_full(Lane lane) const GARRISON_REQUIRES(mutex_) {
    if (num_busy_ >= sizes_.num_connections) return true;
    return lane == Lane::kBackground && num_background_ >= sizes_.num_connections - sizes_.num_reserved;
  }

  void release(std::unique_ptr<Connection> connection, Lane lane) {
    Lock lock(mutex_);
    --num_busy_;
    if (lane == Lane::kBackground) --num_background_;
    if (connection) idle_.push_back(std::move(connection));
    freed_.notify_all();
  }

  const LaneSizes sizes_;
  const Factory factory_;
  mutable Mutex mutex_;
  Condition freed_;
  std::vector<std::unique_ptr<Connection>> idle_ GARRISON_GUARDED_BY(mutex_);
  std::size_t num_busy_ GARRISON_GUARDED_BY(mutex_) = 0;
  std::size_t num_background_ GARRISON_GUARDED_BY(mutex_) = 0;
};

}  // namespace garrison::engine
