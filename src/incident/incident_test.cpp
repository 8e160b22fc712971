// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/random.h"
#include "incident/alert_codec.h"
#include "incident/alert_intake.h"
#include "incident/incident_service.h"

namespace garrison::incident {
namespace {

using testing::ElementsAre;

const WorkspaceId kHome("home");
const Actor kAnn{"ann", "User"};

entity::Alert make_alert(const std::string& id, const std::string& host) {
  entity::Alert alert;
  alert.id = AlertId(id);
  alert.display_name = "Found on " + host;
  alert.rule = RuleId("rule-1");
  alert.rule_name = "Rule";
  alert.tactics = {"Execution"};
  alert.custom_details["App"] = {"mail"};
  alert.entities = {{entity::EntityKind::kHost, {{"HostName", host}, {"DnsDomain", "corp.example"}}}};
  return alert;
}

class IncidentTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = testing::TempDir() + "/garrison_incident_" + testing::UnitTest::GetInstance()->current_test_info()->name() + ".db";
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    const std::vector<state::MigrationSet> sets = {migrations()};
    auto opened = state::Store::open(path, {}, sets, clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store_ = std::move(opened).value();
    outbox_ = std::make_unique<state::Outbox>(*store_, clock_);
    intake_ = std::make_unique<AlertIntake>(*outbox_, clock_, random_);
    service_ = std::make_unique<IncidentService>(*store_, *outbox_, clock_);
    state::Projection projection;
    projection.name = "test";
    projection.topics = {"alert", "incident"};
    projection.handler = [this](std::span<const state::OutboxEntry> entries) -> Result<void> {
      for (const auto& entry : entries) rows_.push_back(entry);
      return {};
    };
    ASSERT_TRUE(outbox_->register_projection(std::move(projection)).ok());
  }
  std::size_t accept(const entity::IncidentSettings& settings, const std::vector<entity::Alert>& alerts) {
    const auto taken = store_->write([&](state::Transaction& transaction) { return intake_->accept(transaction, kHome, settings, alerts); });
    EXPECT_TRUE(taken.ok()) << (taken.ok() ? "" : taken.error().to_string());
    return taken.value_or(0);
  }
  std::vector<std::int64_t> alerts_per_incident() {
    IncidentFilter filter;
    filter.sort = "number";
    filter.limit = 1000;
    std::vector<std::int64_t> out;
    for (const Incident& incident : service_->list(kHome, filter)->items) out.push_back(incident.num_alerts);
    return out;
  }
  std::vector<std::string> row_fields(const std::string& topic, const std::string& field) {
    EXPECT_TRUE(outbox_->pump().ok());
    std::vector<std::string> out;
    for (const auto& row : rows_) {
      if (row.topic == topic) out.push_back(json::string_at(json::parse(row.payload).value(), field).value_or("-"));
    }
    return out;
  }

  ManualClock clock_{DateTime{638'500'000'000'000'000}};
  SeededRandom random_{1};
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<state::Outbox> outbox_;
  std::unique_ptr<AlertIntake> intake_;
  std::unique_ptr<IncidentService> service_;
  std::vector<state::OutboxEntry> rows_;
};

TEST_F(IncidentTest, WithoutGroupingEachAlertIsAnIncidentAndRepeatsAreTakenOnce) {
  EXPECT_EQ(accept({}, {make_alert("a", "h1"), make_alert("b", "h1")}), 2u);
  EXPECT_EQ(accept({}, {make_alert("a", "h1"), make_alert("b", "h1")}), 0u);
  EXPECT_THAT(alerts_per_incident(), ElementsAre(1, 1));
  EXPECT_THAT(row_fields("alert", "SystemAlertId"), ElementsAre("a", "b"));
  EXPECT_THAT(row_fields("incident", "Title"), ElementsAre("Found on h1", "Found on h1"));
}

TEST_F(IncidentTest, GroupsByEntitiesWithinTheLookBack) {
  entity::IncidentSettings settings;
  settings.grouping = true;
  accept(settings, {make_alert("a", "h1"), make_alert("b", "h1"), make_alert("c", "h2")});
  EXPECT_THAT(alerts_per_incident(), ElementsAre(2, 1));
  clock_.advance({4 * kTicksPerHour});
  accept(settings, {make_alert("d", "h1")});
  EXPECT_THAT(alerts_per_incident(), ElementsAre(3, 1));
  clock_.advance({2 * kTicksPerHour});
  accept(settings, {make_alert("e", "h1")});
  EXPECT_THAT(alerts_per_incident(), ElementsAre(3, 1, 1));
}

TEST_F(IncidentTest, SelectedMatchingUsesTheNamedDetailsOnly) {
  entity::IncidentSettings settings;
  settings.grouping = true;
  settings.matching = entity::Matching::kSelected;
  settings.by_custom_details = {"App"};
  accept(settings, {make_alert("a", "h1"), make_alert("b", "h2")});
  EXPECT_THAT(alerts_per_incident(), ElementsAre(2));
  settings.by_display_name = true;
  accept(settings, {make_alert("c", "h1"), make_alert("d", "h2")});
  EXPECT_THAT(alerts_per_incident(), ElementsAre(2, 1, 1));
}

TEST_F(IncidentTest, AFullIncidentOpensASibling) {
  entity::IncidentSettings settings;
  settings.grouping = true;
  settings.matching = entity::Matching::kAnyAlert;
  std::vector<entity::Alert> alerts;
  for (int i = 0; i < 151; ++i) alerts.push_back(make_alert("a" + std::to_string(i), "h"));
  accept(settings, alerts);
  EXPECT_THAT(alerts_per_incident(), ElementsAre(150, 1));
}

TEST_F(IncidentTest, AClosedIncidentIsReopenedOnlyWhereTheRuleSaysSo) {
  entity::IncidentSettings settings;
  settings.grouping = true;
  accept(settings, {make_alert("a", "h")});
  IncidentChange close;
  close.status = Status::kClosed;
  EXPECT_EQ(service_->change(kHome, 1, close, kAnn).error().code, "INC-0003");
  close.classification = Classification{"TruePositive", "SuspiciousActivity", "done"};
  ASSERT_TRUE(service_->change(kHome, 1, close, kAnn).ok());
  accept(settings, {make_alert("b", "h")});
  EXPECT_THAT(alerts_per_incident(), ElementsAre(1, 1));
  ASSERT_TRUE(service_->change(kHome, 2, close, kAnn).ok());
  settings.reopen_closed = true;
  accept(settings, {make_alert("c", "h")});
  EXPECT_THAT(alerts_per_incident(), ElementsAre(1, 2));
  EXPECT_EQ(service_->get(kHome, 2)->status, Status::kActive);
}

TEST_F(IncidentTest, AlertsWithoutIncident) {
  entity::IncidentSettings settings;
  settings.create_incident = false;
  EXPECT_EQ(accept(settings, {make_alert("a", "h")}), 1u);
  EXPECT_TRUE(alerts_per_incident().empty());
  EXPECT_EQ(service_->alert(kHome, AlertId("a"))->incident, 0);
}

TEST_F(IncidentTest, ChangesAreCheckedLoggedAndTold) {
  accept({}, {make_alert("a", "h")});
  IncidentChange change;
  change.owner = "ann";
  change.severity = entity::Severity::kHigh;
  EXPECT_EQ(service_->change(kHome, 1, change, kAnn, 99).error().code, "INC-0002");
  const auto changed = service_->change(kHome, 1, change, kAnn, service_->get(kHome, 1)->version);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->owner, "ann");
  ASSERT_TRUE(service_->comment(kHome, 1, "looking at it", kAnn).ok());
  EXPECT_EQ(service_->comment(kHome, 1, "  ", kAnn).error().code, "INC-0006");
  std::vector<std::string> actions;
  const auto activity = service_->activity(kHome, 1);
  ASSERT_TRUE(activity.ok());
  for (const Activity& entry : *activity) actions.push_back(entry.action + entry.field);
  EXPECT_THAT(actions, ElementsAre("Commented", "Changedowner", "Changedseverity", "AlertAdded", "Created"));
  EXPECT_THAT(row_fields("incident", "Severity"), ElementsAre("Medium", "High", "High"));
  EXPECT_EQ(service_->change(WorkspaceId("other"), 1, change, kAnn).error().kind, ErrorKind::kNotFound);
}

TEST_F(IncidentTest, ListsFilterSortAndPage) {
  for (int i = 0; i < 5; ++i) accept({}, {make_alert("a" + std::to_string(i), "h%" + std::to_string(i))});
  IncidentFilter filter;
  filter.limit = 2;
  filter.offset = 2;
  filter.sort = "number";
  const auto page = service_->list(kHome, filter);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->total, 5);
  EXPECT_EQ(page->items.at(0).number, 3);
  filter = {};
  filter.search = "h%3";
  EXPECT_EQ(service_->list(kHome, filter)->total, 1);
  filter.search = "h_3";
  EXPECT_EQ(service_->list(kHome, filter)->total, 0);
  filter = {};
  filter.tactic = "Execution";
  filter.rule = "rule-1";
  EXPECT_EQ(service_->list(kHome, filter)->total, 5);
  filter.severities = {"High"};
  EXPECT_EQ(service_->list(kHome, filter)->total, 0);
  filter = {};
  filter.sort = "title; drop table incident";
  EXPECT_EQ(service_->list(kHome, filter).error().code, "INC-0011");
  EXPECT_EQ(service_->list(WorkspaceId("other"), {})->total, 0);
}

TEST_F(IncidentTest, EntitiesAreCountedOverTheAlerts) {
  entity::IncidentSettings settings;
  settings.grouping = true;
  settings.matching = entity::Matching::kAnyAlert;
  accept(settings, {make_alert("a", "h1"), make_alert("b", "h1"), make_alert("c", "h2")});
  const auto entities = service_->entities(kHome, 1, 10);
  ASSERT_TRUE(entities.ok());
  ASSERT_EQ(entities->size(), 2u);
  EXPECT_EQ(entities->at(0).num_alerts, 2);
  EXPECT_EQ(entity::display_name(entities->at(0).entity), "h1.corp.example");
}

TEST(AlertCodec, RoundTripsAndRefusesForeignText) {
  const entity::Alert alert = make_alert("a", "h");
  const auto back = decode_alert(encode_alert(alert));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(encode_alert(*back), encode_alert(alert));
  EXPECT_FALSE(decode_alert("{}").ok());
  EXPECT_FALSE(decode_alert("x").ok());
}

}  // namespace
}  // namespace garrison::incident
