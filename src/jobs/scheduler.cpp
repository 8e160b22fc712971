// SPDX-License-Identifier: Apache-2.0
#include "jobs/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "base/log.h"
#include "base/mutex.h"
#include "jobs/job_table.h"

namespace garrison::jobs {
namespace {

using table::Claim;
using table::Outcome;

// Idle workers look again after this long even when nothing woke them: another process may have added a job.
constexpr std::int64_t kMaxIdleTicks = 5 * kTicksPerSecond;
constexpr Timespan kLeastDelay{kTicksPerSecond};

std::chrono::microseconds real_time(std::int64_t ticks) { return std::chrono::microseconds(ticks / 10); }

Timespan back_off(const JobKind& kind, int num_attempts) {
  const int doublings = std::clamp(num_attempts - 1, 0, 30);
  return {std::min(kind.first_delay.ticks << doublings, kind.max_delay.ticks)};
}

// The first time after now on the grid of the period.
DateTime next_on_grid(const Job& job, DateTime now) {
  const std::int64_t late = std::max<std::int64_t>(0, now.ticks - job.due.ticks);
  return {job.due.ticks + (late / job.period->ticks + 1) * job.period->ticks};
}

}  // namespace

class Scheduler::Impl {
 public:
  Impl(state::Store& store, const Clock& clock, Random& random, SchedulerOptions options)
      : store_(store), clock_(clock), options_(std::move(options)), owner_(random.guid()) {}

  Result<void> register_kind(JobKind kind) {
    if (std::ranges::find(options_.lanes, kind.lane, &Lane::name) == options_.lanes.end()) {
      return bad_input("JOBS-0004", fmt::format("job kind '{}' names the unknown lane '{}'", kind.name, kind.lane));
    }
    if (!kind.handler || kind.max_attempts < 1 || kind.lease.ticks < kTicksPerSecond) {
      return bug(fmt::format("job kind '{}' needs a handler, an attempt and a lease of a second", kind.name));
    }
    const Lock lock(mutex_);
    const std::string name = kind.name;
    if (!kinds_.emplace(name, std::make_shared<const JobKind>(std::move(kind))).second) {
      return conflict("JOBS-0005", fmt::format("job kind '{}' is registered already", name));
    }
    return {};
  }

  Result<std::size_t> run_due() {
    std::size_t num_runs = 0;
    for (;;) {
      GARRISON_ASSIGN(const bool ran, run_one(kinds_of("")));
      if (!ran) return num_runs;
      ++num_runs;
    }
  }

  Result<void> start() {
    if (options_.sole_server) {
      GARRISON_TRY(store_.write([&](state::Transaction& transaction) {
        return table::free_leases(transaction, owner_, clock_.now());
      }));
    }
    const Lock lock(mutex_);
    if (!threads_.empty()) return {};
    is_stopping_ = false;
    keeper_ends_ = false;
    for (const Lane& lane : options_.lanes) {
      for (std::size_t i = 0; i < lane.num_workers; ++i) threads_.emplace_back([this, name = lane.name] { work(name); });
    }
    keeper_ = std::thread([this] { keep_leases(); });
    return {};
  }

  void stop() {
    std::vector<std::thread> threads;
    {
      const Lock lock(mutex_);
      is_stopping_ = true;
      for (const auto& [id, running] : running_) running->flag = true;
      threads.swap(threads_);
      wake_.notify_all();
    }
    for (std::thread& thread : threads) thread.join();
    // Last, so that leases hold until their handlers have returned.
    std::thread keeper;
    {
      const Lock lock(mutex_);
      keeper_ends_ = true;
      keeper.swap(keeper_);
      keeper_wakes_.notify_all();
    }
    if (keeper.joinable()) keeper.join();
  }

  void wake() {
    const Lock lock(mutex_);
    ++num_wakes_;
    wake_.notify_all();
  }

  void tell_cancelled(const std::vector<JobId>& ids) {
    const Lock lock(mutex_);
    for (const JobId& id : ids) {
      const auto found = running_.find(id);
      if (found == running_.end()) continue;
      found->second->is_cancelled = true;
      found->second->flag = true;
    }
  }

  state::Store& store_;
  const Clock& clock_;

 private:
  // What other threads tell a running job.
  struct Signals {
    std::atomic<bool> flag = false;          // stop soon, for whatever reason
    std::atomic<bool> is_cancelled = false;  // because somebody cancelled it
  };

  class Context final : public JobContext {
   public:
    Context(Impl& scheduler, const Claim& claim, const JobKind& kind, Signals& signals)
        : scheduler_(scheduler), claim_(claim), kind_(kind), signals_(signals) {}

    const Job& job() const override { return claim_.job; }
    bool is_cancelled() const override { return signals_.flag; }
    const std::atomic<bool>& cancel_flag() const override { return signals_.flag; }
    Result<void> report(double fraction, std::string_view text) override {
      return scheduler_.report(claim_.job.id, kind_, fraction, text, signals_);
    }
    void run_again_at(DateTime at) override { again_ = at; }

    std::optional<DateTime> again_;

   private:
    Impl& scheduler_;
    const Claim& claim_;
    const JobKind& kind_;
    Signals& signals_;
  };

  std::vector<std::string> kinds_of(std::string_view lane) {
    const Lock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, kind] : kinds_) {
      if (lane.empty() || kind->lane == lane) names.push_back(name);
    }
    return names;
  }

  std::shared_ptr<const JobKind> kind_of(const std::string& name) {
    const Lock lock(mutex_);
    return kinds_.at(name);
  }

  // Claims and runs one job of the kinds; false when none is due.
  Result<bool> run_one(const std::vector<std::string>& kinds) {
    if (kinds.empty()) return false;
    const DateTime now = clock_.now();
    GARRISON_ASSIGN(const std::optional<Claim> claim,
                    store_.write([&](state::Transaction& transaction) -> Result<std::optional<Claim>> {
      GARRISON_ASSIGN(auto claimed, table::claim(transaction, kinds, owner_, now));
      if (!claimed) return claimed;
      GARRISON_TRY(table::set_lease(transaction, claimed->job.id, owner_, now + kind_of(claimed->job.kind)->lease));
      return claimed;
    }));
    if (!claim) return false;
    const std::shared_ptr<const JobKind> kind = kind_of(claim->job.kind);
    const Outcome outcome = run_claim(*claim, *kind);
    GARRISON_TRY(store_.write([&](state::Transaction& transaction) {
      return table::finish(transaction, *claim, owner_, outcome, clock_.now());
    }));
    return true;
  }

  Outcome run_claim(const Claim& claim, const JobKind& kind) {
    const bool was_running = claim.job.state == JobState::kRunning;
    if (claim.job.cancel_requested) return ended(claim, JobState::kCancelled, "cancelled");
    if (was_running && kind.after_crash == AfterCrash::kOutcomeUnknown) {
      return ended(claim, JobState::kUnknown, "its worker vanished while it ran; check what it did before running it again");
    }
    if (claim.job.num_attempts > kind.max_attempts) {
      return after_failure(claim, kind, fmt::format("gave up: its worker vanished {} times", kind.max_attempts));
    }
    const auto signals = std::make_shared<Signals>();
    {
      const Lock lock(mutex_);
      running_[claim.job.id] = signals;
      signals->flag = is_stopping_;
    }
    Context context(*this, claim, kind, *signals);
    const Result<void> done = call(kind, context);
    bool is_stopping = false;
    {
      const Lock lock(mutex_);
      running_.erase(claim.job.id);
      is_stopping = is_stopping_;
    }
    if (done.ok()) return after_success(claim, context.again_, signals->is_cancelled);
    if (signals->is_cancelled) return ended(claim, JobState::kCancelled, done.error().to_string());
    if (is_stopping) {
      // Given back; being interrupted by a stop is no failed attempt.
      return {JobState::kWaiting, claim.job.due, clock_.now(), claim.job.num_attempts - 1, 0, done.error().to_string()};
    }
    log::warning("job {} ({} {}) failed, attempt {}: {}", claim.job.id.value, claim.job.kind, claim.job.key,
                 claim.job.num_attempts, done.error().to_string());
    return after_failure(claim, kind, done.error().to_string());
  }

  static Result<void> call(const JobKind& kind, JobContext& context) {
    try {
      return kind.handler(context);
    } catch (const CheckFailed& failed) {
      return bug(failed.text);
    } catch (const std::bad_alloc&) {
      return exhausted("JOBS-0006", "out of memory");
    } catch (const std::exception& thrown) {
      return bug(fmt::format("job kind '{}' threw: {}", kind.name, thrown.what()));
    }
  }

  static Outcome ended(const Claim& claim, JobState state, std::string error) {
    return {state, claim.job.due, {}, claim.job.num_attempts, state == JobState::kDone ? 1.0 : 0.0, std::move(error)};
  }

  Outcome after_success(const Claim& claim, std::optional<DateTime> again, bool is_cancelled) const {
    if (!claim.job.period && !again) return ended(claim, JobState::kDone, "");
    if (is_cancelled) return ended(claim, JobState::kCancelled, "");
    const DateTime now = clock_.now();
    const DateTime next = again ? std::max(*again, now + kLeastDelay) : next_on_grid(claim.job, now);
    return {JobState::kWaiting, next, next, 0, 1, ""};
  }

  Outcome after_failure(const Claim& claim, const JobKind& kind, std::string error) const {
    const DateTime now = clock_.now();
    const DateTime retry = now + back_off(kind, claim.job.num_attempts);
    const bool may_retry = claim.job.num_attempts < kind.max_attempts;
    if (claim.job.period) {
      const DateTime next = next_on_grid(claim.job, now);
      if (!may_retry || retry >= next) return {JobState::kWaiting, next, next, 0, 0, std::move(error)};
    }
    if (!may_retry) return ended(claim, JobState::kFailed, std::move(error));
    return {JobState::kWaiting, claim.job.due, retry, claim.job.num_attempts, 0, std::move(error)};
  }

  Result<void> report(const JobId& id, const JobKind& kind, double fraction, std::string_view text, Signals& signals) {
    const auto lost_or_cancelled = store_.write([&](state::Transaction& transaction) -> Result<bool> {
      GARRISON_TRY(table::set_progress(transaction, id, owner_, std::clamp(fraction, 0.0, 1.0), text));
      GARRISON_TRY(table::set_lease(transaction, id, owner_, clock_.now() + kind.lease));
      return table::is_cancel_requested(transaction, id, owner_);
    });
    if (!lost_or_cancelled.ok()) {
      if (lost_or_cancelled.error().kind == ErrorKind::kConflict) signals.flag = true;
      return lost_or_cancelled.error();
    }
    if (*lost_or_cancelled) {
      signals.is_cancelled = true;
      signals.flag = true;
    }
    return {};
  }

  void work(const std::string& lane) {
    for (;;) {
      std::uint64_t seen_wakes = 0;
      {
        const Lock lock(mutex_);
        if (is_stopping_) return;
        seen_wakes = num_wakes_;
      }
      const std::vector<std::string> kinds = kinds_of(lane);
      const Result<bool> ran = run_one(kinds);
      if (ran.ok() && *ran) continue;
      if (!ran.ok()) log::error("jobs of lane '{}': {}", lane, ran.error().to_string());
      const std::int64_t idle = ran.ok() ? idle_ticks(kinds) : kTicksPerSecond;
      const Lock lock(mutex_);
      if (!is_stopping_ && num_wakes_ == seen_wakes && idle > 0) wake_.wait_for(mutex_, real_time(idle));
    }
  }

  std::int64_t idle_ticks(const std::vector<std::string>& kinds) {
    if (kinds.empty()) return kMaxIdleTicks;
    const auto next = store_.read([&](state::Transaction& transaction) { return table::next_due(transaction, kinds); });
    if (!next.ok() || !*next) return kMaxIdleTicks;
    return std::clamp<std::int64_t>((*next)->ticks - clock_.now().ticks, 0, kMaxIdleTicks);
  }

  // Renews the leases of what runs, and learns of cancels by other processes.
  void keep_leases() {
    for (;;) {
      std::vector<std::pair<JobId, std::shared_ptr<Signals>>> running;
      std::int64_t pause = 10 * kTicksPerSecond;
      {
        const Lock lock(mutex_);
        for (const auto& [name, kind] : kinds_) pause = std::min(pause, kind->lease.ticks / 4);
        if (!keeper_ends_) keeper_wakes_.wait_for(mutex_, real_time(pause));
        if (keeper_ends_) return;
        for (const auto& [id, signals] : running_) running.emplace_back(id, signals);
      }
      for (const auto& [id, signals] : running) renew(id, *signals);
    }
  }

  void renew(const JobId& id, Signals& signals) {
    const auto cancelled = store_.write([&](state::Transaction& transaction) -> Result<bool> {
      GARRISON_ASSIGN(const auto jobs, table::select(transaction, "id = ?", {table::row_of(id)}));
      if (jobs.empty()) return true;
      GARRISON_TRY(table::set_lease(transaction, id, owner_, clock_.now() + kind_of(jobs[0].kind)->lease));
      return table::is_cancel_requested(transaction, id, owner_);
    });
    if (cancelled.ok()) {
      if (!*cancelled) return;
      signals.is_cancelled = true;
    } else if (cancelled.error().kind != ErrorKind::kConflict) {
      log::error("cannot renew the lease of job {}: {}", id.value, cancelled.error().to_string());
      return;
    }
    signals.flag = true;
  }

  const SchedulerOptions options_;
  const std::string owner_;
  Mutex mutex_;
  Condition wake_;
  Condition keeper_wakes_;
  std::map<std::string, std::shared_ptr<const JobKind>> kinds_ GARRISON_GUARDED_BY(mutex_);
  std::map<JobId, std::shared_ptr<Signals>> running_ GARRISON_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ GARRISON_GUARDED_BY(mutex_);
  std::thread keeper_ GARRISON_GUARDED_BY(mutex_);
  bool keeper_ends_ GARRISON_GUARDED_BY(mutex_) = false;
  std::uint64_t num_wakes_ GARRISON_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ GARRISON_GUARDED_BY(mutex_) = false;
};

Scheduler::Scheduler(state::Store& store, const Clock& clock, Random& random, SchedulerOptions options)
    : impl_(std::make_unique<Impl>(store, clock, random, std::move(options))) {}

Scheduler::~Scheduler() { impl_->stop(); }

Result<void> Scheduler::register_kind(JobKind kind) { return impl_->register_kind(std::move(kind)); }

Result<JobId> Scheduler::schedule(state::Transaction& transaction, const NewJob& job, OnExisting existing) {
  GARRISON_ASSIGN(JobId id, table::schedule(transaction, job, existing));
  transaction.after_commit([impl = impl_.get()] { impl->wake(); });
  return id;
}

Result<JobId> Scheduler::schedule(const NewJob& job, OnExisting existing) {
  return impl_->store_.write([&](state::Transaction& transaction) { return schedule(transaction, job, existing); });
}

Result<void> Scheduler::cancel(const JobId& id) {
  return impl_->store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const auto jobs, table::select(transaction, "id = ?", {table::row_of(id)}));
    if (jobs.empty()) return not_found("JOBS-0002", fmt::format("no job '{}'", id.value));
    GARRISON_ASSIGN(auto running, table::cancel(transaction, jobs, impl_->clock_.now()));
    transaction.after_commit([impl = impl_.get(), running] { impl->tell_cancelled(running); });
    return {};
  });
}

Result<void> Scheduler::cancel(state::Transaction& transaction, std::string_view kind, const WorkspaceId& workspace,
                               std::string_view key) {
  GARRISON_ASSIGN(const auto jobs, table::select(transaction, "kind = ? AND workspace = ? AND key = ?",
                                                 {kind, workspace, key}));
  if (jobs.empty()) return not_found("JOBS-0002", fmt::format("no job '{}' of kind '{}'", key, kind));
  GARRISON_ASSIGN(auto running, table::cancel(transaction, jobs, impl_->clock_.now()));
  transaction.after_commit([impl = impl_.get(), running] { impl->tell_cancelled(running); });
  return {};
}

Result<void> Scheduler::remove_workspace(state::Transaction& transaction, const WorkspaceId& workspace) {
  GARRISON_ASSIGN(const auto jobs, table::select(transaction, "workspace = ?", {workspace}));
  GARRISON_ASSIGN(auto running, table::cancel(transaction, jobs, impl_->clock_.now()));
  GARRISON_TRY(transaction.execute("DELETE FROM jobs WHERE workspace = ?", {workspace}));
  transaction.after_commit([impl = impl_.get(), running] { impl->tell_cancelled(running); });
  return {};
}

Result<Job> Scheduler::get(const JobId& id) {
  GARRISON_ASSIGN(auto jobs, impl_->store_.read([&](state::Transaction& transaction) {
    return table::select(transaction, "id = ?", {table::row_of(id)});
  }));
  if (jobs.empty()) return not_found("JOBS-0002", fmt::format("no job '{}'", id.value));
  return std::move(jobs[0]);
}

Result<std::optional<Job>> Scheduler::find(std::string_view kind, const WorkspaceId& workspace, std::string_view key) {
  GARRISON_ASSIGN(auto jobs, impl_->store_.read([&](state::Transaction& transaction) {
    return table::select(transaction, "kind = ? AND workspace = ? AND key = ?", {kind, workspace, key});
  }));
  return jobs.empty() ? std::optional<Job>() : std::optional<Job>(std::move(jobs[0]));
}

Result<std::vector<Job>> Scheduler::list(const JobFilter& filter) {
  std::string where = "1 = 1";
  std::vector<state::Value> params;
  if (filter.workspace) {
    where += " AND workspace = ?";
    params.emplace_back(*filter.workspace);
  }
  if (filter.kind) {
    where += " AND kind = ?";
    params.emplace_back(*filter.kind);
  }
  if (filter.state) {
    where += " AND state = ?";
    params.emplace_back(static_cast<int>(*filter.state));
  }
  where += " ORDER BY id DESC LIMIT ?";
  params.emplace_back(filter.max_jobs);
  return impl_->store_.read([&](state::Transaction& transaction) { return table::select(transaction, where, params); });
}

Result<std::int64_t> Scheduler::delete_ended(DateTime before) {
  return impl_->store_.write([&](state::Transaction& transaction) {
    return transaction.execute("DELETE FROM jobs WHERE ended < ?", {before});
  });
}

Result<std::size_t> Scheduler::run_due() { return impl_->run_due(); }
Result<void> Scheduler::start() { return impl_->start(); }
void Scheduler::stop() { impl_->stop(); }
void Scheduler::wake() { impl_->wake(); }

}  // namespace garrison::jobs
