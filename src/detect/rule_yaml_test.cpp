// SPDX-License-Identifier: Apache-2.0
#include "detect/rule_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace garrison::detect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kWhole = R"(id: 0F8FAD5B-d9cb-469f-a165-70867728950e
name: Many failed sign-ins
description: |
  Counts failures.
severity: High
requiredDataConnectors:
  - connectorId: AzureActiveDirectory
    dataTypes:
      - SigninLogs
queryFrequency: 1h
queryPeriod: 1d
triggerOperator: gt
triggerThreshold: 3
tactics:
  - CredentialAccess
relevantTechniques:
  - T1110
query: |
  SigninLogs
  | where ResultType != "0"
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: UserPrincipalName
  - entityType: IP
    fieldMappings:
      - identifier: address
        columnName: IPAddress
customDetails:
  App: AppDisplayName
alertDetailsOverride:
  alertDisplayNameFormat: Failures of {{UserPrincipalName}}
eventGroupingSettings:
  aggregationKind: AlertPerResult
incidentConfiguration:
  createIncident: true
  groupingConfiguration:
    enabled: true
    reopenClosedIncident: true
    lookbackDuration: 5h
    matchingMethod: Selected
    groupByEntities: [Account]
suppressionEnabled: true
suppressionDuration: PT1H
version: 1.0.0
kind: Scheduled
)";

TEST(RuleYaml, ReadsEveryField) {
  const RuleReading reading = read_rule(kWhole);
  ASSERT_TRUE(reading.problems.empty()) << reading.problems.front().message;
  const Rule& rule = reading.rule;
  EXPECT_EQ(rule.id.value, "0f8fad5b-d9cb-469f-a165-70867728950e");
  EXPECT_EQ(rule.severity, entity::Severity::kHigh);
  EXPECT_EQ(rule.frequency.ticks, kTicksPerHour);
  EXPECT_EQ(rule.period.ticks, kTicksPerDay);
  EXPECT_EQ(rule.threshold, 3);
  EXPECT_THAT(rule.techniques, ElementsAre("T1110"));
  ASSERT_EQ(rule.entity_mappings.size(), 2u);
  EXPECT_EQ(rule.entity_mappings[1].fields[0].identifier, "Address");
  EXPECT_TRUE(rule.alert_per_result);
  EXPECT_TRUE(rule.incident.grouping);
  EXPECT_EQ(rule.incident.matching, entity::Matching::kSelected);
  EXPECT_THAT(rule.incident.by_entities, ElementsAre(entity::EntityKind::kAccount));
  EXPECT_EQ(rule.suppression_duration.ticks, kTicksPerHour);
  EXPECT_EQ(reading.query_position, (Position{19, 3}));
}

// The rule with one line replaced.
RuleReading changed(const std::string& from, const std::string& to) { return read_rule(text::replace_all(kWhole, from, to)); }

TEST(RuleYaml, ProblemsNameCodePathAndLine) {
  struct Case { const char* from; const char* to; const char* code; std::uint32_t line; };
  for (const Case& c : std::vector<Case>{{"severity: High", "severity: Urgent", "RULE-0007", 5},
                                         {"queryFrequency: 1h", "queryFrequency: 1m", "RULE-0008", 10},
                                         {"queryPeriod: 1d", "queryPeriod: 30m", "RULE-0009", 11},
                                         {"queryPeriod: 1d", "queryPeriod: soon", "RULE-0004", 11},
                                         {"triggerOperator: gt", "triggerOperator: near", "RULE-0010", 12},
                                         {"triggerThreshold: 3", "triggerThreshold: many", "RULE-0011", 13},
                                         {"entityType: IP", "entityType: Planet", "RULE-0014", 26},
                                         {"identifier: address", "identifier: Colour", "RULE-0016", 28},
                                         {"0F8FAD5B-d9cb-469f-a165-70867728950e", "one", "RULE-0005", 1},
                                         {"kind: Scheduled", "kind: Fusion", "RULE-0006", 47},
                                         {"kind: Scheduled", "kind: NRT", "RULE-0020", 47},
                                         {"name: Many failed sign-ins", "names: x", "RULE-0002", 1},
                                         {"AlertPerResult", "AlertPerDay", "RULE-0018", 35},
                                         {"tactics:\n  - CredentialAccess", "tactics: CredentialAccess", "RULE-0003", 14},
                                         {"suppressionDuration: PT1H", "suppressionDuration: PT25H", "RULE-0008", 45}}) {
    const RuleReading reading = changed(c.from, c.to);
    ASSERT_EQ(reading.problems.size(), 1u) << c.to;
    EXPECT_EQ(reading.problems[0].code, c.code) << c.to;
    EXPECT_EQ(reading.problems[0].position.line, c.line) << c.to;
  }
}

TEST(RuleYaml, BrokenDocumentsAreOneProblem) {
  for (const char* text : {"", "- a\n- b\n", "a: [1, 2\n", "id: {{{"}) {
    EXPECT_EQ(parse_rule(text).error().kind, ErrorKind::kBadInput) << text;
  }
  EXPECT_EQ(read_rule(std::string(kMaxRuleBytes + 1, 'x')).problems[0].code, "RULE-0001");
  EXPECT_EQ(parse_rule(text::replace_all(kWhole, "kind: Scheduled", "kind: NRT")).error().kind, ErrorKind::kUnsupported);
}

TEST(RuleYaml, Durations) {
  EXPECT_EQ(parse_rule_duration("5m")->ticks, 5 * kTicksPerMinute);
  EXPECT_EQ(parse_rule_duration("14d")->ticks, 14 * kTicksPerDay);
  EXPECT_EQ(parse_rule_duration("PT1H")->ticks, kTicksPerHour);
  EXPECT_EQ(parse_rule_duration("05:30:00")->ticks, 5 * kTicksPerHour + 30 * kTicksPerMinute);
  for (const char* wrong : {"", "h", "1w2", "-1h", "1 hour"}) EXPECT_FALSE(parse_rule_duration(wrong)) << wrong;
}

}  // namespace
}  // namespace garrison::detect
