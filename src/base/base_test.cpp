// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.h"
#include "base/disk.h"
#include "base/json.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/ticks.h"

namespace garrison {
namespace {

TEST(Result, TryPassesTheErrorUp) {
  const auto inner = []() -> Result<int> { return bad_input("T-1", "no", Position{2, 3}); };
  const auto outer = [&]() -> Result<std::string> {
    GARRISON_ASSIGN(const int value, inner());
    return std::to_string(value);
  };
  const auto got = outer();
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().to_string(), "T-1 at 2:3: no");
  EXPECT_EQ(http_status(got.error().kind), 400);
}

TEST(Check, EndsTheTaskOnly) { EXPECT_THROW(GARRISON_CHECK(1 == 2), CheckFailed); }

TEST(Ticks, CalendarRoundTripsOverAllYears) {
  for (std::int64_t ticks = 0; ticks <= kMaxTicks; ticks += 987'654'321'987'654) {
    const auto back = from_calendar(to_calendar({ticks}));
    ASSERT_TRUE(back);
    ASSERT_EQ(back->ticks, ticks);
  }
  EXPECT_EQ(format_iso({0}), "0001-01-01T00:00:00.0000000Z");
  EXPECT_EQ(format_iso({kMaxTicks}), "9999-12-31T23:59:59.9999999Z");
  EXPECT_EQ(format_iso({kUnixEpochTicks}), "1970-01-01T00:00:00.0000000Z");
}

TEST(Ticks, ParsesIsoForms) {
  const auto at = [](std::string_view text) { return parse_iso(text).value_or(DateTime{-1}).ticks; };
  EXPECT_EQ(at("1970-01-01"), kUnixEpochTicks);
  EXPECT_EQ(at("1970-01-01T00:00:01Z"), kUnixEpochTicks + kTicksPerSecond);
  EXPECT_EQ(at("1970-01-01 01:00:00.5+01:00"), kUnixEpochTicks + kTicksPerSecond / 2);
  EXPECT_EQ(at("1970-01-01T00:00:00.00000019Z"), kUnixEpochTicks + 1);
  for (const char* wrong : {"", "1970", "1970-13-01", "1970-02-30", "1970-01-01T25:00", "1970-01-01x", "0001-01-01T00:00:00+01:00"})
    EXPECT_FALSE(parse_iso(wrong)) << wrong;
}

TEST(Ticks, TimespanPrintsAsKusto) {
  EXPECT_EQ(format_timespan({kTicksPerDay + 2 * kTicksPerHour}), "1.02:00:00");
  EXPECT_EQ(format_timespan({1}), "00:00:00.0000001");
  EXPECT_EQ(format_timespan({-kTicksPerSecond}), "-00:00:01");
  EXPECT_EQ(format_timespan({INT64_MIN}), "-10675199.02:48:05.4775808");
}

TEST(Ticks, IsoDuration) {
  EXPECT_EQ(parse_iso_duration("PT5M")->ticks, 5 * kTicksPerMinute);
  EXPECT_EQ(parse_iso_duration("P1DT2H")->ticks, kTicksPerDay + 2 * kTicksPerHour);
  EXPECT_EQ(format_iso_duration({kTicksPerDay + 90 * kTicksPerMinute}), "P1DT1H30M");
  EXPECT_EQ(format_iso_duration({0}), "PT0S");
  for (const char* wrong : {"", "P", "PT", "P1M", "P1Y", "5M", "PT5", "PT1.5H", "P99999999WT1X"})
    EXPECT_FALSE(parse_iso_duration(wrong)) << wrong;
}

TEST(Text, Utf8) {
  EXPECT_TRUE(text::is_valid_utf8("caf\xC3\xA9"));
  for (const char* wrong : {"\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) EXPECT_FALSE(text::is_valid_utf8(wrong));
  EXPECT_EQ(text::to_valid_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(text::num_characters("caf\xC3\xA9"), 4u);
}

TEST(Text, EscapeControlStopsTerminalEscapes) {
  EXPECT_EQ(text::escape_control("a\x1B[31mb\nc\xC2\x9B"), "a\\x1b[31mb\\nc\\x9b");
}

TEST(Text, Encodings) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob"}) {
    EXPECT_EQ(text::from_base64(text::base64(bytes)), bytes);
    EXPECT_EQ(text::from_base64(text::base64url(bytes)), bytes);
    EXPECT_EQ(text::from_hex(text::hex(bytes)), bytes);
  }
  EXPECT_FALSE(text::from_base64("a"));
  EXPECT_FALSE(text::from_hex("0g"));
}

TEST(Text, NearestName) {
  const std::vector<std::string> names = {"SecurityEvent", "SigninLogs", "Syslog"};
  EXPECT_EQ(text::nearest("SecurityEvnt", names), "SecurityEvent");
  EXPECT_EQ(text::nearest("syslog", names), "Syslog");
  EXPECT_FALSE(text::nearest("Qwertz", names));
}

TEST(Json, ErrorsCarryAPlace) {
  const auto got = json::parse("{\n  \"a\": ]}");
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().position->line, 2u);
  EXPECT_FALSE(json::parse("{} x").ok());
  EXPECT_FALSE(json::parse(std::string(1000, '[')).ok());
  EXPECT_TRUE(json::parse(" {\"a\": [1, 2]} \n").ok());
}

TEST(Secret, ComparesAndMovesOut) {
  Secret secret("hunter2");
  EXPECT_TRUE(secret.equals("hunter2"));
  EXPECT_FALSE(secret.equals("hunter"));
  EXPECT_FALSE(secret.equals("hunter2hunter2"));
  const Secret moved = std::move(secret);
  EXPECT_TRUE(moved.equals("hunter2"));
}

TEST(Random, SeededRepeatsAndGuidsHaveTheirForm) {
  SeededRandom one(7), two(7);
  EXPECT_EQ(one.bytes(33), two.bytes(33));
  EXPECT_THAT(one.guid(), testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  for (int i = 0; i < 1000; ++i) EXPECT_LT(one.below(7), 7u);
}

TEST(Disk, WritesReplacesAndLocks) {
  const std::string folder = testing::TempDir() + "/garrison_disk_test";
  std::filesystem::remove_all(folder);
  SystemDisk disk;
  ASSERT_TRUE(disk.make_folder(folder + "/a/b").ok());
  ASSERT_TRUE(disk.write_file(folder + "/a/b/f", "one").ok());
  ASSERT_TRUE(disk.write_file(folder + "/a/b/f", "three").ok());
  EXPECT_EQ(disk.read_file(folder + "/a/b/f").value(), "three");
  EXPECT_EQ(disk.read_file(folder + "/a/b/f", 3).error().kind, ErrorKind::kExhausted);
  EXPECT_EQ(disk.read_file(folder + "/none").error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(disk.list(folder + "/a/b").value(), testing::ElementsAre("f"));
  const auto held = disk.lock(folder + "/lock");
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(disk.lock(folder + "/lock").error().kind, ErrorKind::kConflict);
}

TEST(Clock, ManualClockMovesOnlyWhenTold) {
  ManualClock clock({kUnixEpochTicks});
  clock.advance({kTicksPerHour});
  clock.set({kUnixEpochTicks});
  EXPECT_EQ(clock.now().ticks, kUnixEpochTicks);
  EXPECT_EQ(clock.monotonic_ticks(), kTicksPerHour);
}

}  // namespace
}  // namespace garrison
