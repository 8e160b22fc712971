// SPDX-License-Identifier: Apache-2.0
#include "engine/statement_watch.h"

#include <chrono>

#include "base/log.h"

namespace garrison::engine {
namespace {

constexpr std::chrono::milliseconds kInterval{10};

}  // namespace

struct StatementWatch::Entry::State {
  std::string query_id;
  std::string tag;
  StopCheck should_stop;
  std::atomic<bool> is_stopped{false};

  bool wants_stop() const { return is_stopped || (should_stop && should_stop()); }
};

StatementWatch::Entry::~Entry() {
  Lock lock(watch_.mutex_);
  std::erase(watch_.running_, state_);
}

const std::string& StatementWatch::Entry::tag() const { return state_->tag; }
bool StatementWatch::Entry::is_stopped() const { return state_->wants_stop(); }

StatementWatch::StatementWatch(std::string tag_prefix, Kill kill)
    : tag_prefix_(std::move(tag_prefix)), kill_(std::move(kill)), thread_([this] { run(); }) {}

StatementWatch::~StatementWatch() {
  {
    Lock lock(mutex_);
    is_stopping_ = true;
    wakes_.notify_all();
  }
  thread_.join();
}

std::unique_ptr<StatementWatch::Entry> StatementWatch::add(std::string query_id, StopCheck should_stop,
                                                           std::string tag) {
  auto state = std::make_shared<Entry::State>();
  state->query_id = std::move(query_id);
  state->should_stop = std::move(should_stop);
  Lock lock(mutex_);
  state->tag = tag.empty() ? tag_prefix_ + std::to_string(next_number_++) : std::move(tag);
  running_.push_back(state);
  wakes_.notify_all();
  return std::unique_ptr<Entry>(new Entry(*this, std::move(state)));
}

bool StatementWatch::stop(std::string_view query_id) {
  if (query_id.empty()) return false;
  bool is_found = false;
  Lock lock(mutex_);
  for (const auto& state : running_) {
    if (state->query_id != query_id) continue;
    state->is_stopped = true;
    is_found = true;
  }
  wakes_.notify_all();
  return is_found;
}

void StatementWatch::run() {
  while (true) {
    std::vector<std::shared_ptr<Entry::State>> entries;
    {
      Lock lock(mutex_);
      while (!is_stopping_ && running_.empty()) wakes_.wait(mutex_);
      if (is_stopping_) return;
      entries = running_;
    }
    for (const auto& state : entries) {
      if (!state->wants_stop()) continue;
      state->is_stopped = true;
      if (const auto done = kill_(state->tag); !done.ok()) {
        log::warning("a statement cannot be stopped: {}", done.error().to_string());
      }
    }
    entries.clear();
    Lock lock(mutex_);
    if (!is_stopping_) wakes_.wait_for(mutex_, kInterval);
  }
}

}  // namespace garrison::engine
