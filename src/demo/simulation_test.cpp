// SPDX-License-Identifier: Apache-2.0
#include "demo/simulation.h"

#include <gtest/gtest.h>

#include <map>

#include "base/json.h"
#include "demo/yaml_reader.h"

namespace garrison::demo {
namespace {

const DateTime kEnd = *parse_iso("2026-03-04T15:30:00Z");

const Simulation& shipped() {
  static const Simulation simulation = [] {
    SystemDisk disk;
    auto opened = Simulation::open(disk, GARRISON_SOURCE_DIR "/content/demo");
    if (!opened.ok()) throw std::runtime_error(opened.error().to_string());
    return std::move(*opened);
  }();
  return simulation;
}

struct Made {
  std::string text;
  std::map<std::string, std::size_t> num_events;
  std::size_t total = 0;
};

// The day of seed 1 with the attack, made once for all tests.
const Made& made_day();

Made make(std::uint64_t seed, Attack attack) {
  Made made;
  const auto done = shipped().generate({seed, kEnd, attack}, [&](EventBatch&& batch) -> Result<void> {
    EXPECT_LE(batch.json.size(), kMaxBatchBytes + 1);
    made.num_events[batch.stream] += batch.num_events;
    made.total += batch.num_events;
    made.text += batch.json;
    return {};
  });
  EXPECT_TRUE(done.ok()) << done.error().to_string();
  return made;
}

const Made& made_day() {
  static const Made made = make(1, Attack::kIncluded);
  return made;
}

TEST(Simulation, ADayHasTensOfThousandsOfEventsInAllStreams) {
  const Made& made = made_day();
  EXPECT_GE(made.total, 20'000u);
  EXPECT_LE(made.total, 60'000u);
  for (const char* stream : {"SigninLogs", "AuditLogs", "OfficeActivity", "AzureActivity", "SecurityEvent", "Event",
                             "DeviceProcessEvents", "DeviceNetworkEvents", "DeviceFileEvents", "DeviceLogonEvents",
                             "DeviceRegistryEvents", "CommonSecurityLog", "Syslog"})
    EXPECT_GE(made.num_events.at(stream), 30u) << stream;
}

TEST(Simulation, TheSameSeedGivesTheSameBytes) {
  EXPECT_EQ(made_day().text, make(1, Attack::kIncluded).text);
  // Another seed and no attack.
  const Made other = make(2, Attack::kNone);
  EXPECT_NE(made_day().text.substr(0, 5'000), other.text.substr(0, 5'000));
  EXPECT_NE(made_day().text.find("comsvcs"), std::string::npos);
  EXPECT_EQ(other.text.find("comsvcs"), std::string::npos);
}

TEST(Simulation, EventsAreJsonInOrderWithinTheDay) {
  const auto done = shipped().generate({3, kEnd, Attack::kIncluded}, [&](EventBatch&& batch) -> Result<void> {
    if (batch.stream != "SecurityEvent") return {};
    DateTime before = kEnd - Timespan{kTicksPerDay};
    const auto parsed = json::parse(batch.json);
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->as_array().size(), batch.num_events);
    for (const auto& event : parsed->as_array()) {
      const auto at = parse_iso(*json::string_at(event, "TimeGenerated"));
      EXPECT_GE(*at, before);
      EXPECT_LT(*at, kEnd);
      before = *at;
    }
    return {};
  });
  EXPECT_TRUE(done.ok());
}

TEST(Simulation, TheSinksErrorStopsIt) {
  int num_calls = 0;
  const auto done = shipped().generate({1, kEnd, Attack::kNone}, [&](EventBatch&&) -> Result<void> {
    ++num_calls;
    return unavailable("TEST-0001", "full");
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "TEST-0001");
  EXPECT_EQ(num_calls, 1);
}

TEST(Templates, MistakesNameTheirLine) {
  const auto broken = parse_activities("activities:\n  - name: A\n    every: soon\n    events: []\n", "activities");
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code, "DEMO-0001");
  EXPECT_NE(broken.error().message.find("line 3"), std::string::npos);
  EXPECT_FALSE(parse_activities("activities: [", "activities").ok());
  EXPECT_FALSE(parse_company("facts: {}\n").ok());
}

TEST(Templates, AnUnknownPlaceholderIsAnError) {
  const Company company;
  const Cast cast;
  SeededRandom random(1);
  TemplateFiller filler(company, cast, random);
  const auto activities = parse_activities(
      "a:\n  - name: A\n    events:\n      - {stream: T, fields: {X: '${nobody.name}', N: 5, Q: '5', P: '${pick:7|7}', "
      "B: true}}\n",
      "a");
  ASSERT_TRUE(activities.ok()) << activities.error().to_string();
  std::string out;
  const auto done = filler.append_event(out, activities->front().events.front(), kEnd, 0, {});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "DEMO-0002");
  const Properties nobody = {{"name", "x\"y"}};
  out.clear();
  ASSERT_TRUE(filler.append_event(out, activities->front().events.front(), kEnd, 0, {{"nobody", &nobody}}).ok());
  EXPECT_EQ(out, R"({"TimeGenerated":"2026-03-04T15:30:00.0000000Z","X":"x\"y","N":5,"Q":"5","P":"7","B":true})");
}

TEST(Templates, Spans) {
  EXPECT_EQ(parse_span("1h30m")->ticks, 90 * kTicksPerMinute);
  EXPECT_EQ(parse_span("200ms")->ticks, 200 * kTicksPerMillisecond);
  EXPECT_FALSE(parse_span(""));
  EXPECT_FALSE(parse_span("5"));
  EXPECT_FALSE(parse_span("h"));
}

}  // namespace
}  // namespace garrison::demo
