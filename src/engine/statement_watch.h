// SPDX-License-Identifier: Apache-2.0
// Stops running statements on demand: one thread looks at those that run and kills each that should stop, by whatever
// means the adapter has. Any thread may call; entries must be gone before the watch is destroyed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"

namespace garrison::engine {

class StatementWatch {
 public:
  // True once the statement should stop; asked every few milliseconds while it runs, from the watch's thread.
  using StopCheck = std::function<bool()>;
  // Stops the statement that the engine knows by the tag. Called again until the entry is gone: a statement that has
  // not started yet is not found the first time.
  using Kill = std::function<Result<void>(const std::string& tag)>;

  // Tags made here are the prefix and a number.
  StatementWatch(std::string tag_prefix, Kill kill);
  ~StatementWatch();
  StatementWatch(const StatementWatch&) = delete;
  StatementWatch& operator=(const StatementWatch&) = delete;

  // One statement under watch, from construction to destruction.
  class Entry {
   public:
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    const std::string& tag() const;
    // True once somebody wants it stopped.
    bool is_stopped() const;

   private:
    friend class StatementWatch;
    struct State;
    Entry(StatementWatch& watch, std::shared_ptr<State> state) : watch_(watch), state_(std::move(state)) {}
    StatementWatch& watch_;
    std::shared_ptr<State> state_;  // shared with the thread, which may be killing it
  };

  // `query_id` and `should_stop` may be empty, and so may `tag`: then one is made.
  std::unique_ptr<Entry> add(std::string query_id, StopCheck should_stop, std::string tag = {});
  // Stops the statements under the id; false when there is none.
  bool stop(std::string_view query_id);

 private:
  void run();

  const std::string tag_prefix_;
  const Kill kill_;
  Mutex mutex_;
  Condition wakes_;
  std::vector<std::shared_ptr<Entry::State>> running_ GARRISON_GUARDED_BY(mutex_);
  std::uint64_t next_number_ GARRISON_GUARDED_BY(mutex_) = 1;
  bool is_stopping_ GARRISON_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace garrison::engine
