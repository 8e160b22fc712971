// SPDX-License-Identifier: Apache-2.0
#include "detect/rule_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/random.h"

namespace garrison::detect {
namespace {

using testing::HasSubstr;

const WorkspaceId kHome("home");

std::string rule_yaml(const std::string& extra = "", const std::string& frequency = "1h", const std::string& period = "2h") {
  return "id: 0f8fad5b-d9cb-469f-a165-70867728950e\nname: Rule\nseverity: Low\nqueryFrequency: " + frequency +
         "\nqueryPeriod: " + period + "\nquery: |\n  T | where x\nentityMappings:\n  - entityType: Host\n    fieldMappings:\n"
         "      - identifier: HostName\n        columnName: Host\n" + extra;
}

// Answers with the rows or the error that the test sets, and remembers the windows.
class FakeQuery final : public RuleQuery {
 public:
  Result<QueryAnswer> run(const WorkspaceId&, std::string_view, const QueryWindow& window) override {
    windows.push_back(window);
    if (failure) return *failure;
    QueryAnswer answer;
    answer.schema.columns = {{"TimeGenerated", table::Kind::kDateTime}, {"Host", table::Kind::kString}};
    answer.batches.emplace_back(answer.schema);
    for (int i = 0; i < num_rows; ++i) {
      answer.batches[0].columns[0].append_integer(window.end.ticks - i - 1);
      answer.batches[0].columns[1].append_text("host" + std::to_string(i));
    }
    answer.num_rows = num_rows;
    return answer;
  }
  Result<table::Schema> check(const WorkspaceId&, std::string_view) override {
    if (failure) return *failure;
    return table::Schema{};
  }

  std::vector<QueryWindow> windows;
  std::optional<Error> failure;
  int num_rows = 1;
};

class FakeSink final : public AlertSink {
 public:
  Result<std::size_t> accept(state::Transaction&, const WorkspaceId&, const entity::IncidentSettings&,
                             const std::vector<entity::Alert>& taken) override {
    alerts.insert(alerts.end(), taken.begin(), taken.end());
    return taken.size();
  }
  std::vector<entity::Alert> alerts;
};

class RuleServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "/garrison_rules_" + testing::UnitTest::GetInstance()->current_test_info()->name() + ".db";
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
    open();
  }
  void open() {
    scheduler_.reset();
    service_.reset();
    outbox_.reset();
    store_.reset();
    const std::vector<state::MigrationSet> sets = {jobs::migrations(), migrations()};
    auto opened = state::Store::open(path_, {}, sets, clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store_ = std::move(opened).value();
    outbox_ = std::make_unique<state::Outbox>(*store_, clock_);
    scheduler_ = std::make_unique<jobs::Scheduler>(*store_, clock_, random_);
    service_ = std::make_unique<RuleService>(RuleService::Parts{*store_, *outbox_, *scheduler_, query_, sink_, clock_});
    ASSERT_TRUE(service_->register_jobs().ok());
  }
  void run_due() { ASSERT_TRUE(scheduler_->run_due().ok()); }
  SavedRule saved() { return service_->get(kHome, RuleId("0f8fad5b-d9cb-469f-a165-70867728950e")).value(); }

  std::string path_;
  ManualClock clock_{DateTime{638'500'000'000'000'000}};
  SeededRandom random_{1};
  FakeQuery query_;
  FakeSink sink_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<state::Outbox> outbox_;
  std::unique_ptr<jobs::Scheduler> scheduler_;
  std::unique_ptr<RuleService> service_;
};

TEST_F(RuleServiceTest, RunsAtActivationThenFiveMinutesAfterEachSlotWithoutGaps) {
  ASSERT_TRUE(service_->save(kHome, rule_yaml(), true, RuleOrigin::kUser).ok());
  run_due();
  ASSERT_EQ(query_.windows.size(), 1u);
  EXPECT_EQ(query_.windows[0].end, clock_.now());
  EXPECT_EQ((query_.windows[0].end - query_.windows[0].start).ticks, 2 * kTicksPerHour);
  for (int minute = 0; minute < 6 * 60; ++minute) {
    clock_.advance({kTicksPerMinute});
    run_due();
  }
  ASSERT_GE(query_.windows.size(), 6u);
  for (std::size_t i = 1; i < query_.windows.size(); ++i) {
    EXPECT_LE((query_.windows[i].end - query_.windows[i - 1].end).ticks, kTicksPerHour) << i;
    EXPECT_GE(query_.windows[i].end, query_.windows[i - 1].end);
  }
  EXPECT_EQ((query_.windows[2].end - query_.windows[1].end).ticks, kTicksPerHour);
  EXPECT_EQ(saved().state, RuleState::kHealthy);
}

TEST_F(RuleServiceTest, ARestartNeitherSkipsNorRepeatsAWindow) {
  ASSERT_TRUE(service_->save(kHome, rule_yaml(), true, RuleOrigin::kUser).ok());
  run_due();
  clock_.advance({5 * kTicksPerHour});
  open();
  for (int i = 0; i < 10; ++i) {
    run_due();
    clock_.advance({kTicksPerSecond});
  }
  ASSERT_GE(query_.windows.size(), 5u);
  for (std::size_t i = 2; i < query_.windows.size(); ++i) {
    EXPECT_EQ((query_.windows[i].end - query_.windows[i - 1].end).ticks, kTicksPerHour) << i;
  }
}

TEST_F(RuleServiceTest, AlertIdsRepeatForTheSameWindowOnly) {
  ASSERT_TRUE(service_->save(kHome, rule_yaml(), false, RuleOrigin::kUser).ok());
  const DateTime now = clock_.now();
  ASSERT_TRUE(service_->replay(kHome, saved().rule.id, now - Timespan{3 * kTicksPerHour}, now).ok());
  run_due();
  ASSERT_TRUE(service_->replay(kHome, saved().rule.id, now - Timespan{3 * kTicksPerHour}, now).ok());
  run_due();
  ASSERT_EQ(sink_.alerts.size(), 6u);
  EXPECT_EQ(sink_.alerts[0].id, sink_.alerts[3].id);
  EXPECT_NE(sink_.alerts[0].id, sink_.alerts[1].id);
  EXPECT_EQ(service_->num_runs(kHome, saved().rule.id).value(), 6);
  EXPECT_EQ(entity::display_name(sink_.alerts[0].entities.at(0)), "host0");
}

TEST_F(RuleServiceTest, AMissingTableMakesTheRuleWaitAndComeBack) {
  query_.failure = not_found("KQL-0100", "no table T");
  ASSERT_TRUE(service_->save(kHome, rule_yaml(), true, RuleOrigin::kUser).ok());
  for (int i = 0; i < 20; ++i) {
    run_due();
    clock_.advance({kTicksPerHour});
  }
  EXPECT_EQ(saved().state, RuleState::kWaiting);
  EXPECT_TRUE(saved().enabled);
  EXPECT_THAT(saved().reason, HasSubstr("no table T"));
  query_.failure.reset();
  ASSERT_TRUE(service_->retry_waiting(kHome).ok());
  run_due();
  EXPECT_EQ(saved().state, RuleState::kHealthy);
}

TEST_F(RuleServiceTest, PermanentFailuresSwitchTheRuleOffTransientOnesDoNot) {
  ASSERT_TRUE(service_->save(kHome, rule_yaml(), true, RuleOrigin::kUser).ok());
  run_due();
  query_.failure = timeout("ENG-1", "slow");
  for (int i = 0; i < 60; ++i) {
    clock_.advance({20 * kTicksPerMinute});
    run_due();
  }
  EXPECT_TRUE(saved().enabled);
  EXPECT_EQ(saved().state, RuleState::kFailing);
  query_.failure = bad_input("KQL-1", "wrong");
  for (int i = 0; i < 20; ++i) {
    clock_.advance({kTicksPerHour});
    run_due();
  }
  EXPECT_FALSE(saved().enabled);
  EXPECT_EQ(saved().state, RuleState::kAutoDisabled);
  EXPECT_THAT(saved().reason, HasSubstr("AUTO DISABLED"));
}

TEST_F(RuleServiceTest, SuppressionStopsRunsAfterAnAlert) {
  ASSERT_TRUE(service_->save(kHome, rule_yaml("suppressionEnabled: true\nsuppressionDuration: 5h\n"), true, RuleOrigin::kUser).ok());
  run_due();
  for (int i = 0; i < 4; ++i) {
    clock_.advance({kTicksPerHour});
    run_due();
  }
  EXPECT_EQ(query_.windows.size(), 1u);
  clock_.advance({2 * kTicksPerHour});
  run_due();
  EXPECT_GT(query_.windows.size(), 1u);
}

TEST_F(RuleServiceTest, AChangeNeedsTheRightVersion) {
  const auto first = service_->save(kHome, rule_yaml(), false, RuleOrigin::kUser);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(service_->set_enabled(kHome, first->rule.id, true, 7).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(service_->save(WorkspaceId("other"), rule_yaml(), false, RuleOrigin::kUser, 1).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(service_->get(WorkspaceId("other"), first->rule.id).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(service_->remove(kHome, first->rule.id, 1).ok());
  EXPECT_EQ(service_->get(kHome, first->rule.id).error().kind, ErrorKind::kNotFound);
}

TEST(RuleRunner, GroupsRowsAndCapsTheAlertsOfARun) {
  Rule rule;
  rule.id = RuleId("r");
  rule.name = "R";
  rule.alert_override.display_name_format = "On {{Host}}";
  FakeQuery query;
  query.num_rows = 200;
  const QueryWindow window{{0}, {kTicksPerHour}};
  EXPECT_EQ(run_rule(query, kHome, rule, window, {0})->alerts.size(), 1u);
  rule.alert_per_result = true;
  const auto many = run_rule(query, kHome, rule, window, {0}).value();
  ASSERT_EQ(many.alerts.size(), 150u);
  EXPECT_EQ(many.alerts[3].display_name, "On host3");
  EXPECT_EQ(many.alerts.back().num_events, 51);
  rule.threshold = 200;
  EXPECT_TRUE(run_rule(query, kHome, rule, window, {0})->alerts.empty());
  rule.trigger = TriggerOperator::kEqual;
  EXPECT_EQ(run_rule(query, kHome, rule, window, {0})->alerts.size(), 150u);
}

}  // namespace
}  // namespace garrison::detect
