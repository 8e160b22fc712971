// SPDX-License-Identifier: Apache-2.0
#include "jobs/scheduler.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/fault_disk.h"
#include "base/random.h"
#include "state/sqlite_disk_vfs.h"

namespace garrison::jobs {
namespace {

constexpr Timespan kSecond{kTicksPerSecond};
constexpr Timespan kMinute{kTicksPerMinute};
const WorkspaceId kMain{"main"};

// Waits generously for what another thread does.
template <typename T>
T get(std::future<T> future) {
  EXPECT_EQ(future.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  return future.get();
}

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    EXPECT_TRUE(disk_.make_folder("/data").ok());
    const state::MigrationSet sets[] = {migrations()};
    auto store = state::Store::open("/data/state.db", {.vfs = vfs_.name()}, sets, clock_);
    EXPECT_TRUE(store.ok()) << store.error().to_string();
    store_ = std::move(*store);
    scheduler_ = make();
  }

  std::unique_ptr<Scheduler> make(bool sole_server = false) {
    return std::make_unique<Scheduler>(*store_, clock_, random_, SchedulerOptions{.sole_server = sole_server});
  }
  // Registers a kind whose handler counts its calls and answers with answer_.
  void add_kind(Scheduler& scheduler, JobKind kind = {.name = "test"}) {
    kind.handler = [this](JobContext& context) {
      runs_.push_back(context.job());
      return answer_(context);
    };
    const auto done = scheduler.register_kind(std::move(kind));
    ASSERT_TRUE(done.ok()) << done.error().to_string();
  }
  JobId add(const std::string& key, std::optional<Timespan> period = std::nullopt, Timespan in = {0},
            const std::string& kind = "test") {
    const auto id = scheduler_->schedule({kind, kMain, key, "{}", clock_.now() + in, period});
    EXPECT_TRUE(id.ok()) << id.error().to_string();
    return id.value_or(JobId());
  }
  std::size_t run() {
    const auto done = scheduler_->run_due();
    EXPECT_TRUE(done.ok()) << done.error().to_string();
    return done.value_or(0);
  }
  Job job(const JobId& id) { return scheduler_->get(id).value(); }

  ManualClock clock_{DateTime{kUnixEpochTicks + kTicksPerDay}};
  SeededRandom random_{1};
  FaultDisk disk_;
  state::SqliteDiskVfs vfs_{disk_};
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<Job> runs_;
  std::function<Result<void>(JobContext&)> answer_ = [](JobContext&) { return Result<void>(); };
};

TEST_F(SchedulerTest, RunsADueJobOnceInTheOrderOfTime) {
  add_kind(*scheduler_);
  const JobId late = add("late", std::nullopt, kMinute);
  const JobId second = add("second", std::nullopt, kSecond);
  add("first");
  EXPECT_EQ(run(), 1u);
  clock_.advance(kMinute);
  EXPECT_EQ(run(), 2u);
  ASSERT_EQ(runs_.size(), 3u);
  EXPECT_EQ(runs_[1].id, second);
  EXPECT_EQ(runs_[2].id, late);
  EXPECT_EQ(job(late).state, JobState::kDone);
  EXPECT_EQ(job(late).progress, 1.0);
  EXPECT_EQ(run(), 0u);
}

TEST_F(SchedulerTest, KeepsAPeriodOnItsGrid) {
  add_kind(*scheduler_);
  const DateTime start = clock_.now();
  const JobId id = add("p", kMinute);
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(job(id).due, start + kMinute);
  // Three and a half minutes asleep: one run, then the grid again.
  clock_.advance({kTicksPerMinute * 7 / 2});
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(runs_.back().due, start + kMinute);
  EXPECT_EQ(job(id).due, start + Timespan{4 * kTicksPerMinute});
  EXPECT_EQ(job(id).state, JobState::kWaiting);
}

TEST_F(SchedulerTest, RunsAgainWhenTheHandlerSays) {
  add_kind(*scheduler_);
  const JobId id = add("a");
  answer_ = [&](JobContext& context) -> Result<void> {
    if (runs_.size() == 1) context.run_again_at(clock_.now() + kMinute);
    return {};
  };
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(job(id).state, JobState::kWaiting);
  clock_.advance(kMinute);
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(job(id).state, JobState::kDone);
}

TEST_F(SchedulerTest, RetriesWithDoublingDelayThenGivesUp) {
  add_kind(*scheduler_, {.name = "test", .max_attempts = 5, .max_delay = {4 * kTicksPerSecond}});
  const JobId id = add("a");
  answer_ = [](JobContext&) -> Result<void> { return unavailable("T-1", "away"); };
  for (const int delay : {1, 2, 4, 4}) {
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(job(id).state, JobState::kWaiting);
    EXPECT_EQ(job(id).last_error, "T-1: away");
    clock_.advance({delay * kTicksPerSecond - 1});
    EXPECT_EQ(run(), 0u) << "before its time";
    clock_.advance({1});
  }
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(runs_.back().num_attempts, 5);
  EXPECT_EQ(job(id).state, JobState::kFailed);
  // Scheduling it anew revives it.
  EXPECT_EQ(add("a"), id);
  answer_ = [](JobContext&) { return Result<void>(); };
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(job(id).state, JobState::kDone);
  EXPECT_EQ(job(id).last_error, "");
}

TEST_F(SchedulerTest, APeriodicJobNeverEndsByFailing) {
  add_kind(*scheduler_, {.name = "test", .max_attempts = 2});
  const JobId id = add("a", kMinute);
  const DateTime start = clock_.now();
  answer_ = [](JobContext&) -> Result<void> { throw std::runtime_error("boom"); };
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(job(id).due, start) << "the retry is still for that time";
  clock_.advance(kSecond);
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(job(id).state, JobState::kWaiting);
  EXPECT_EQ(job(id).due, start + kMinute);
  EXPECT_NE(job(id).last_error.find("boom"), std::string::npos);
}

TEST_F(SchedulerTest, CancelsWaitingAndRunningJobs) {
  add_kind(*scheduler_);
  const JobId waiting = add("w", kMinute);
  ASSERT_TRUE(scheduler_->cancel(waiting).ok());
  EXPECT_EQ(run(), 0u);
  EXPECT_EQ(job(waiting).state, JobState::kCancelled);
  EXPECT_EQ(scheduler_->cancel(JobId("99")).error().code, "JOBS-0002");
  EXPECT_EQ(scheduler_->cancel(JobId("x")).error().code, "JOBS-0002");

  const JobId running = add("r");
  answer_ = [&](JobContext& context) -> Result<void> {
    EXPECT_FALSE(context.is_cancelled());
    EXPECT_TRUE(scheduler_->cancel(running).ok());
    EXPECT_TRUE(context.is_cancelled());
    return timeout("T-1", "stopped");
  };
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(job(running).state, JobState::kCancelled);
  EXPECT_EQ(run(), 0u);
}

TEST_F(SchedulerTest, LearnsOfACancelByAnotherProcessWhenItReports) {
  add_kind(*scheduler_);
  const auto other = make();
  const JobId id = add("a");
  answer_ = [&](JobContext& context) -> Result<void> {
    EXPECT_TRUE(other->cancel(id).ok());
    EXPECT_FALSE(context.is_cancelled());
    EXPECT_TRUE(context.report(0.5, "half").ok());
    EXPECT_EQ(other->get(id).value().progress_text, "half");
    EXPECT_TRUE(context.cancel_flag());
    return timeout("T-1", "stopped");
  };
  run();
  EXPECT_EQ(job(id).state, JobState::kCancelled);
}

TEST_F(SchedulerTest, TakesOverWhenALeaseEnds) {
  add_kind(*scheduler_);
  const auto other = make();
  add_kind(*other);
  const JobId id = add("a");
  std::size_t taken = 0;
  answer_ = [&](JobContext& context) -> Result<void> {
    if (context.job().num_attempts > 1) return {};
    // This worker hangs: until its lease ends the other one gets nothing, then it does.
    EXPECT_EQ(other->run_due().value(), 0u);
    EXPECT_TRUE(context.report(0.1, "").ok());
    clock_.advance({kTicksPerMinute - kTicksPerSecond});
    EXPECT_EQ(other->run_due().value(), 0u);
    clock_.advance(kSecond);
    taken = other->run_due().value();
    EXPECT_EQ(context.report(0.2, "").error().code, "JOBS-0003");
    EXPECT_TRUE(context.is_cancelled());
    return unavailable("T-1", "too late to matter");
  };
  run();
  EXPECT_EQ(taken, 1u);
  EXPECT_EQ(job(id).state, JobState::kDone) << "the loser changes nothing";
  EXPECT_EQ(job(id).num_attempts, 2);
}

TEST_F(SchedulerTest, DoesNotRepeatWhatMustNotBeRepeated) {
  add_kind(*scheduler_, {.name = "test", .after_crash = AfterCrash::kOutcomeUnknown});
  const JobId id = add("a");
  answer_ = [&](JobContext&) -> Result<void> {
    const auto next = make();
    add_kind(*next, {.name = "test", .after_crash = AfterCrash::kOutcomeUnknown});
    clock_.advance(kMinute);
    EXPECT_EQ(next->run_due().value(), 1u);
    return {};
  };
  run();
  EXPECT_EQ(runs_.size(), 1u);
  EXPECT_EQ(job(id).state, JobState::kUnknown);
}

TEST_F(SchedulerTest, GivesUpAJobThatKillsItsWorkers) {
  const JobKind kind = {.name = "test", .max_attempts = 2};
  add_kind(*scheduler_, kind);
  const JobId id = add("a");
  int depth = 0;
  // Each worker vanishes within the handler: what it answers comes too late.
  answer_ = [&](JobContext&) -> Result<void> {
    if (++depth > 5) return {};
    const auto next = make();
    add_kind(*next, kind);
    clock_.advance(kMinute);
    EXPECT_TRUE(next->run_due().ok());
    return {};
  };
  run();
  EXPECT_EQ(depth, 2);
  EXPECT_EQ(job(id).state, JobState::kFailed);
}

TEST_F(SchedulerTest, KeepsOrReplacesAnExistingJob) {
  add_kind(*scheduler_);
  const JobId id = add("a", std::nullopt, kMinute);
  const NewJob sooner = {"test", kMain, "a", R"({"n":2})", clock_.now(), std::nullopt};
  EXPECT_EQ(scheduler_->schedule(sooner, OnExisting::kKeep).value(), id);
  EXPECT_EQ(run(), 0u);
  EXPECT_EQ(scheduler_->schedule(sooner, OnExisting::kReplace).value(), id);
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(runs_[0].payload, R"({"n":2})");
  // The same key of another workspace is another job.
  NewJob foreign = sooner;
  foreign.workspace = WorkspaceId("other");
  EXPECT_NE(scheduler_->schedule(foreign).value(), id);
}

TEST_F(SchedulerTest, AReplacedRunningJobRunsAgainByItsNewPlan) {
  add_kind(*scheduler_);
  const JobId id = add("a");
  answer_ = [&](JobContext& context) -> Result<void> {
    if (context.job().payload == "{}") {
      EXPECT_TRUE(scheduler_->schedule({"test", kMain, "a", "[1]", clock_.now(), std::nullopt}).ok());
    }
    return {};
  };
  EXPECT_EQ(run(), 2u);
  EXPECT_EQ(runs_[1].payload, "[1]");
  EXPECT_EQ(runs_[1].num_attempts, 1);
  EXPECT_EQ(job(id).state, JobState::kDone);
}

TEST_F(SchedulerTest, RefusesBadJobsAndKinds) {
  add_kind(*scheduler_);
  const auto refused = [&](NewJob job) { return scheduler_->schedule(job).error().code; };
  EXPECT_EQ(refused({"test", kMain, "a", "{", clock_.now(), std::nullopt}), "JOBS-0001");
  EXPECT_EQ(refused({"", kMain, "a", "{}", clock_.now(), std::nullopt}), "JOBS-0001");
  EXPECT_EQ(refused({"test", kMain, "a", "{}", clock_.now(), Timespan{1}}), "JOBS-0001");
  EXPECT_EQ(refused({"test", kMain, std::string(501, 'x'), "{}", clock_.now(), std::nullopt}), "JOBS-0001");
  const auto nothing = [](JobContext&) { return Result<void>(); };
  EXPECT_EQ(scheduler_->register_kind({.name = "test", .handler = nothing}).error().code, "JOBS-0005");
  EXPECT_EQ(scheduler_->register_kind({.name = "b", .lane = "no", .handler = nothing}).error().code, "JOBS-0004");
  // A job whose kind nobody registered waits.
  add("unknown", std::nullopt, {0}, "unknown");
  EXPECT_EQ(run(), 0u);
}

TEST_F(SchedulerTest, ListsAndForgets) {
  add_kind(*scheduler_);
  const JobId done = add("a");
  run();
  const JobId waiting = add("b", std::nullopt, kMinute);
  EXPECT_EQ(scheduler_->list({.state = JobState::kWaiting}).value().at(0).id, waiting);
  EXPECT_EQ(scheduler_->list({.workspace = WorkspaceId("other")}).value().size(), 0u);
  EXPECT_EQ(scheduler_->find("test", kMain, "a").value()->id, done);
  EXPECT_FALSE(scheduler_->find("test", kMain, "c").value().has_value());
  EXPECT_EQ(scheduler_->delete_ended(clock_.now()).value(), 0);
  EXPECT_EQ(scheduler_->delete_ended(clock_.now() + kSecond).value(), 1);
  ASSERT_TRUE(store_->write([&](state::Transaction& transaction) {
    return scheduler_->remove_workspace(transaction, kMain);
  }).ok());
  EXPECT_TRUE(scheduler_->list().value().empty());
}

TEST_F(SchedulerTest, SurvivesARestartOfTheServer) {
  add_kind(*scheduler_);
  add("a");
  std::unique_ptr<Scheduler> next;
  std::promise<void> finished;
  answer_ = [&](JobContext& context) -> Result<void> {
    if (context.job().num_attempts == 2) finished.set_value();
    if (context.job().num_attempts > 1) return {};
    // The first worker never comes back; the next server does not wait for the end of its lease.
    next = make(true);
    JobKind kind = {.name = "test"};
    kind.handler = [&](JobContext& again) { return answer_(again); };
    EXPECT_TRUE(next->register_kind(kind).ok());
    EXPECT_TRUE(next->start().ok());
    get(finished.get_future());
    return {};
  };
  run();
  next->stop();
}

TEST_F(SchedulerTest, AShortLaneRunsWhileTheLongOneIsBusy) {
  std::promise<void> release;
  std::promise<void> long_started;
  std::promise<void> short_ran;
  ASSERT_TRUE(scheduler_->register_kind({.name = "long", .lane = "long", .handler = [&](JobContext&) {
    long_started.set_value();
    get(release.get_future());
    return Result<void>();
  }}).ok());
  ASSERT_TRUE(scheduler_->register_kind({.name = "near", .lane = "realtime", .handler = [&](JobContext&) {
    short_ran.set_value();
    return Result<void>();
  }}).ok());
  ASSERT_TRUE(scheduler_->start().ok());
  add("a", std::nullopt, {0}, "long");
  get(long_started.get_future());
  add("b", std::nullopt, {0}, "near");
  get(short_ran.get_future());
  release.set_value();
  scheduler_->stop();
}

TEST_F(SchedulerTest, StoppingGivesRunningJobsBack) {
  std::promise<void> started;
  ASSERT_TRUE(scheduler_->register_kind({.name = "test", .handler = [&](JobContext& context) -> Result<void> {
    started.set_value();
    while (!context.is_cancelled()) std::this_thread::yield();
    return timeout("T-1", "stopped");
  }}).ok());
  ASSERT_TRUE(scheduler_->start().ok());
  const JobId id = add("a");
  get(started.get_future());
  scheduler_->stop();
  EXPECT_EQ(job(id).state, JobState::kWaiting);
  EXPECT_EQ(job(id).num_attempts, 0) << "a stop is no failed attempt";
  scheduler_->stop();
}

}  // namespace
}  // namespace garrison::jobs
