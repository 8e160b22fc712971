// SPDX-License-Identifier: Apache-2.0
#include "ingest/table_writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <compare>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "ingest/plan_insert.h"

namespace garrison::ingest {
namespace {

struct Key {
  WorkspaceId workspace;
  std::string table;
  std::int32_t day = 0;
  auto operator<=>(const Key&) const = default;
};

struct Waiting {
  LogEntry entry;
  std::shared_ptr<const std::string> native;  // shared with the log's caller; null: read it from the log
  std::int64_t since = 0;                     // monotonic ticks
};

// What waits for one table and day.
struct Group {
  std::deque<InsertPlan> plans;  // interrupted by a crash: first
  std::deque<Waiting> entries;
  std::uint64_t num_bytes = 0;
  bool is_busy = false;
  LogPosition urgent_until = 0;  // a flush wants the entries up to here
  std::int64_t not_before = 0;   // monotonic ticks: back-off
  int num_failures = 0;
};

std::int64_t ticks_of(std::chrono::milliseconds span) {
  return span.count() * kTicksPerMillisecond;
}

}  // namespace

class TableWriter::Impl {
 public:
  Impl(IngestLog& log, workspace::RowTarget& target, TableBuilder::Definition rejects, const Clock& clock,
       TableWriterOptions options)
      : log_(log), target_(target), rejects_(std::move(rejects)), clock_(clock), options_(options) {}

  Result<void> start() {
    GARRISON_ASSIGN(const std::vector<LogEntry> entries, log_.entries());
    GARRISON_ASSIGN(const std::vector<InsertPlan> plans, log_.plans());
    std::unordered_map<LogPosition, const LogEntry*> by_position;
    for (const LogEntry& entry : entries) by_position.emplace(entry.position, &entry);
    std::set<LogPosition> planned;
    for (const InsertPlan& plan : plans) {
      const bool is_whole = std::all_of(plan.positions.begin(), plan.positions.end(),
                                        [&](LogPosition position) { return by_position.contains(position); });
      if (!is_whole) {
        GARRISON_TRY(log_.drop_plan(plan));
        continue;
      }
      const std::lock_guard lock(mutex_);
      Group& group = groups_[{plan.workspace, plan.table, plan.day}];
      for (const LogPosition position : plan.positions) {
        planned.insert(position);
        planned_entries_[position] = *by_position.at(position);
        unfinished_.insert(position);
        num_rows_waiting_ += by_position.at(position)->num_rows;
      }
      group.plans.push_back(plan);
    }
    {
      const std::lock_guard lock(mutex_);
      for (const LogEntry& entry : entries)
        if (!planned.contains(entry.position)) add(entry, nullptr);
    }
    log_.set_listener([this](std::span<const LogEntry> added, std::span<const LogRecord> records) {
      {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < added.size(); ++i) add(added[i], records[i].native);
      }
      wake_.notify_all();
    });
    for (int i = 0; i < options_.num_threads; ++i) threads_.emplace_back([this] { run(); });
    return {};
  }

  void stop() {
    log_.set_listener(nullptr);
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
    }
    wake_.notify_all();
    done_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  Result<void> flush(const std::function<bool(const Key&)>& wanted, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    std::set<LogPosition> positions;
    for (auto& [key, group] : groups_) {
      if (!wanted(key)) continue;
      if (!group.entries.empty()) group.urgent_until = group.entries.back().entry.position;
      group.not_before = 0;
      for (const Waiting& waiting : group.entries) positions.insert(waiting.entry.position);
      for (const InsertPlan& plan : group.plans) positions.insert(plan.positions.begin(), plan.positions.end());
    }
    for (const auto& [position, key] : in_flight_)
      if (wanted(key)) positions.insert(position);
    wake_.notify_all();
    const auto is_done = [&] {
      return stops_ || std::none_of(positions.begin(), positions.end(),
                                    [&](LogPosition position) { return unfinished_.contains(position); });
    };
    if (!done_.wait_for(lock, timeout, is_done)) return timeout_error();
    if (stops_) return unavailable("INGEST-0032", "the writer stops");
    return {};
  }

  void remove_workspace(const WorkspaceId& workspace) {
    {
      std::unique_lock lock(mutex_);
      removed_.insert(workspace);
      // An insert at hand ends first, so that its plan is gone afterwards.
      done_.wait(lock, [&] {
        return stops_ || std::none_of(groups_.begin(), groups_.end(), [&](const auto& item) {
                 return item.first.workspace == workspace && item.second.is_busy;
               });
      });
      for (auto item = groups_.begin(); item != groups_.end();) {
        if (item->first.workspace != workspace) {
          ++item;
          continue;
        }
        for (const Waiting& waiting : item->second.entries) forget(waiting.entry);
        for (const InsertPlan& plan : item->second.plans)
          for (const LogPosition position : plan.positions) forget(planned_entries_.at(position));
        item = groups_.erase(item);
      }
      removed_.erase(workspace);
    }
    done_.notify_all();
  }

  TableWriterFigures figures() const {
    const std::lock_guard lock(mutex_);
    TableWriterFigures figures;
    figures.num_rows_waiting = num_rows_waiting_;
    figures.num_entries_waiting = unfinished_.size();
    figures.num_rows_inserted = num_rows_inserted_;
    figures.num_rows_refused = num_rows_refused_;
    figures.last_error = last_error_;
    std::int64_t oldest = clock_.monotonic_ticks();
    for (const auto& [key, group] : groups_)
      if (!group.entries.empty()) oldest = std::min(oldest, group.entries.front().since);
    figures.oldest = {clock_.monotonic_ticks() - oldest};
    return figures;
  }

 private:
  Error timeout_error() const {
    return timeout("INGEST-0031", last_error_ ? "rows are not in the engine yet: " + last_error_->to_string()
                                              : std::string("rows are not in the engine yet; try again"));
  }

  // With the lock held.
  void add(const LogEntry& entry, std::shared_ptr<const std::string> native) {
    if (native != nullptr) {
      if (held_bytes_ + entry.num_bytes > options_.max_held_bytes)
        native = nullptr;
      else
        held_bytes_ += entry.num_bytes;
    }
    Group& group = groups_[{entry.workspace, entry.table, entry.day}];
    group.num_bytes += entry.num_bytes;
    group.entries.push_back({entry, std::move(native), clock_.monotonic_ticks()});
    unfinished_.insert(entry.position);
    num_rows_waiting_ += entry.num_rows;
  }
  void forget(const LogEntry& entry) {
    if (unfinished_.erase(entry.position) != 0) num_rows_waiting_ -= entry.num_rows;
    planned_entries_.erase(entry.position);
    in_flight_.erase(entry.position);
  }

  std::int64_t due_at(const Group& group, std::int64_t interval) const {
    if (!group.plans.empty() || group.entries.front().entry.position <= group.urgent_until ||
        group.num_bytes >= options_.flush_bytes)
      return group.not_before;
    return std::max(group.not_before, group.entries.front().since + interval);
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!stops_) {
      const auto interval = std::clamp(options_.age_per_table * static_cast<int>(groups_.size()), options_.min_age,
                                       std::max(options_.min_age, options_.max_age));
      const std::int64_t now = clock_.monotonic_ticks();
      std::int64_t next = INT64_MAX;
      auto chosen = groups_.end();
      for (auto item = groups_.begin(); item != groups_.end(); ++item) {
        if (item->second.is_busy || removed_.contains(item->first.workspace)) continue;
        const std::int64_t due = due_at(item->second, ticks_of(interval));
        if (due < next) {
          next = due;
          chosen = item;
        }
      }
      if (next > now) {
        if (next == INT64_MAX)
          wake_.wait(lock);
        else
          wake_.wait_for(lock, std::chrono::microseconds((next - now) / kTicksPerMicrosecond + 1));
        continue;
      }
      write(chosen, lock);
    }
  }

  using GroupItem = std::map<Key, Group>::iterator;

  // Inserts the next piece of a group. The lock is released meanwhile; the group stays because it is busy.
  void write(GroupItem item, std::unique_lock<std::mutex>& lock) {
    const Key key = item->first;
    Group& group = item->second;
    group.is_busy = true;
    std::vector<Waiting> taken;
    std::optional<InsertPlan> plan;
    if (!group.plans.empty()) {
      plan = group.plans.front();
      for (const LogPosition position : plan->positions) taken.push_back({planned_entries_.at(position), nullptr, 0});
    } else {
      std::uint64_t num_bytes = 0;
      for (const Waiting& waiting : group.entries) {
        if (!taken.empty() && num_bytes + waiting.entry.num_bytes > options_.max_insert_bytes) break;
        num_bytes += waiting.entry.num_bytes;
        taken.push_back(waiting);
      }
    }
    for (const Waiting& waiting : taken) in_flight_.emplace(waiting.entry.position, key);
    lock.unlock();
    Outcome outcome = insert(key, std::move(plan), taken);
    lock.lock();
    settle(item, taken, outcome);
    lock.unlock();
    // The rows in memory go away outside of the lock.
    taken.clear();
    lock.lock();
    done_.notify_all();
    wake_.notify_one();
  }

  struct Outcome {
    Result<PlanInsert::Done> done;
    std::optional<InsertPlan> plan;    // fixed, to be repeated
    std::vector<LogPosition> damaged;  // set aside; the plan was dropped
    explicit Outcome(Result<PlanInsert::Done> with) : done(std::move(with)) {}
  };

  Outcome insert(const Key& key, std::optional<InsertPlan> plan, const std::vector<Waiting>& taken) {
    std::vector<std::shared_ptr<const std::string>> natives;
    Outcome outcome{PlanInsert::Done{}};
    for (const Waiting& waiting : taken) {
      if (waiting.native != nullptr) {
        natives.push_back(waiting.native);
        continue;
      }
      Result<std::string> read = log_.read(waiting.entry);
      if (read) {
        natives.push_back(std::make_shared<const std::string>(std::move(*read)));
      } else if (read.error().kind == ErrorKind::kCorrupt) {
        outcome.damaged.push_back(waiting.entry.position);
        if (const auto moved = log_.set_damaged(waiting.entry.position, read.error().message); !moved)
          outcome.done = moved.error();
      } else {
        outcome.done = read.error();
      }
    }
    outcome.plan = plan;
    if (!outcome.damaged.empty()) {
      if (plan) {
        if (const auto dropped = log_.drop_plan(*plan); !dropped) outcome.done = dropped.error();
      }
      return outcome;
    }
    if (!outcome.done) return outcome;
    if (!plan) {
      std::vector<LogPosition> positions;
      for (const Waiting& waiting : taken) positions.push_back(waiting.entry.position);
      Result<InsertPlan> made = log_.make_plan(key.workspace, key.table, key.day, std::move(positions));
      if (!made) {
        outcome.done = made.error();
        return outcome;
      }
      outcome.plan = std::move(*made);
    }
    PlanInsert inserter(target_, rejects_, clock_, options_.max_single_refusals);
    outcome.done = inserter.run(*outcome.plan, natives);
    if (outcome.done) {
      if (const auto finished = log_.finish_plan(*outcome.plan, std::move(outcome.done->rejects)); !finished)
        outcome.done = finished.error();
    }
    return outcome;
  }

  // With the lock held.
  void settle(GroupItem item, const std::vector<Waiting>& taken, Outcome& outcome) {
    Group& group = item->second;
    const bool had_plan = !group.plans.empty();
    for (const Waiting& waiting : taken) in_flight_.erase(waiting.entry.position);
    group.is_busy = false;
    if (!outcome.damaged.empty()) {
      // The sound entries are planned anew.
      if (had_plan) group.plans.pop_front();
      for (const Waiting& waiting : taken) {
        const bool is_damaged =
            std::find(outcome.damaged.begin(), outcome.damaged.end(), waiting.entry.position) != outcome.damaged.end();
        if (is_damaged) {
          if (!had_plan) remove_entry(group, waiting.entry.position);
          forget(waiting.entry);
        } else if (had_plan) {
          group.entries.push_front(waiting);
          group.num_bytes += waiting.entry.num_bytes;
        }
      }
    } else if (outcome.done) {
      if (had_plan)
        group.plans.pop_front();
      else
        remove_taken(group, taken);
      for (const Waiting& waiting : taken) forget(waiting.entry);
      num_rows_inserted_ += outcome.done->num_inserted;
      num_rows_refused_ += outcome.done->num_refused;
      group.num_failures = 0;
      last_error_.reset();
    } else {
      // The plan is fixed: the same rows again under the same token.
      if (outcome.plan && !had_plan) {
        remove_taken(group, taken);
        for (const Waiting& waiting : taken) planned_entries_[waiting.entry.position] = waiting.entry;
        group.plans.push_back(*outcome.plan);
      }
      const auto delay = std::min(options_.max_retry, options_.first_retry * (1 << std::min(group.num_failures, 10)));
      ++group.num_failures;
      group.not_before = clock_.monotonic_ticks() + ticks_of(delay);
      last_error_ = outcome.done.error();
      if (group.num_failures == 1) log::warning("rows for {} wait: {}", item->first.table, last_error_->to_string());
    }
    if (group.entries.empty() && group.plans.empty()) groups_.erase(item);
  }

  void remove_taken(Group& group, const std::vector<Waiting>& taken) {
    for (std::size_t i = 0; i < taken.size(); ++i) {
      group.num_bytes -= group.entries.front().entry.num_bytes;
      if (group.entries.front().native != nullptr) held_bytes_ -= group.entries.front().entry.num_bytes;
      group.entries.pop_front();
    }
  }
  void remove_entry(Group& group, LogPosition position) {
    const auto found = std::find_if(group.entries.begin(), group.entries.end(),
                                    [&](const Waiting& waiting) { return waiting.entry.position == position; });
    if (found == group.entries.end()) return;
    group.num_bytes -= found->entry.num_bytes;
    group.entries.erase(found);
  }

  IngestLog& log_;
  workspace::RowTarget& target_;
  const TableBuilder::Definition rejects_;
  const Clock& clock_;
  const TableWriterOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;  // something to do, or stop
  std::condition_variable done_;  // something was done, or stop
  std::map<Key, Group> groups_;
  std::map<LogPosition, LogEntry> planned_entries_;
  std::map<LogPosition, Key> in_flight_;
  std::set<LogPosition> unfinished_;
  std::set<WorkspaceId> removed_;
  std::uint64_t held_bytes_ = 0;
  std::uint64_t num_rows_waiting_ = 0;
  std::uint64_t num_rows_inserted_ = 0;
  std::uint64_t num_rows_refused_ = 0;
  std::optional<Error> last_error_;
  bool stops_ = false;
  std::vector<std::thread> threads_;
};

TableWriter::TableWriter(IngestLog& log, workspace::RowTarget& target, TableBuilder::Definition rejects,
                         const Clock& clock, TableWriterOptions options)
    : impl_(std::make_unique<Impl>(log, target, std::move(rejects), clock, options)) {}
TableWriter::~TableWriter() {
  impl_->stop();
}

Result<void> TableWriter::start() {
  return impl_->start();
}
void TableWriter::stop() {
  impl_->stop();
}

Result<void> TableWriter::flush(std::chrono::milliseconds timeout) {
  return impl_->flush([](const Key&) { return true; }, timeout);
}
Result<void> TableWriter::flush(const WorkspaceId& workspace, const std::string& table,
                                std::chrono::milliseconds timeout) {
  return impl_->flush([&](const Key& key) { return key.workspace == workspace && key.table == table; }, timeout);
}

void TableWriter::remove_workspace(const WorkspaceId& workspace) {
  impl_->remove_workspace(workspace);
}

TableWriterFigures TableWriter::figures() const {
  return impl_->figures();
}

}  // namespace garrison::ingest
