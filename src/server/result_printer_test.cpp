// SPDX-License-Identifier: Apache-2.0
#include "server/result_printer.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"
#include "server/table_printer.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

using table::Batch;
using table::Kind;

Batch sample() {
  Batch batch(table::Schema{
      {{"When", Kind::kDateTime}, {"Name", Kind::kString}, {"Count", Kind::kLong}, {"Data", Kind::kDynamic}}});
  batch.columns[0].append_integer(kUnixEpochTicks);
  batch.columns[1].append_text("Jörg 日本");
  batch.columns[2].append_integer(7);
  batch.columns[3].append_text(R"({"a":[1]})");
  batch.columns[0].append_null();
  batch.columns[1].append_text("=cmd(), \"x\"");
  batch.columns[2].append_integer(-12345);
  batch.columns[3].append_null();
  return batch;
}

std::string printed(Batch batch, PrintOptions options, const kql::Render& render = {}, std::string* note = nullptr) {
  std::string out;
  const auto printer = ResultPrinter::create(options, [&](std::string_view text) -> Result<void> {
    out += text;
    return {};
  });
  EXPECT_TRUE(printer->begin(batch.schema).ok());
  EXPECT_TRUE(printer->add(std::move(batch)).ok());
  EXPECT_TRUE(printer->end(render).ok());
  if (note != nullptr) *note = printer->note();
  return out;
}

TEST(ResultPrinter, TableIsAlignedByDisplayedWidth) {
  EXPECT_EQ(printed(sample(), {}),
            "When                          Name          Count  Data\n"
            "----------------------------  -----------  ------  ---------\n"
            "1970-01-01T00:00:00.0000000Z  Jörg 日本         7  {\"a\":[1]}\n"
            "                              =cmd(), \"x\"  -12345\n");
}

TEST(ResultPrinter, TableIsCutToTheTerminal) {
  EXPECT_EQ(printed(sample(), {.terminal_width = 40}),
            "When        Name        Count  Data\n"
            "----------  ---------  ------  ---------\n"
            "1970-01-0…  Jörg 日本       7  {\"a\":[1]}\n"
            "            =cmd(), …  -12345\n");
}

TEST(ResultPrinter, ColumnsThatDoNotFitAreNamedInTheNote) {
  std::string note;
  const std::string out = printed(sample(), {.terminal_width = 20}, {}, &note);
  EXPECT_EQ(out.substr(0, out.find('\n')), "When       Name");
  EXPECT_NE(note.find("2 of 4 columns"), std::string::npos) << note;
}

TEST(ResultPrinter, WidthsShrinkFromTheWidest) {
  EXPECT_EQ(fit_widths({3, 50, 10}, 40), (std::vector<std::size_t>{3, 23, 10}));
  EXPECT_EQ(fit_widths({3, 4}, 40), (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(fit_widths({30, 30, 30}, 14), (std::vector<std::size_t>{6, 6}));
  EXPECT_EQ(fit_widths({30}, 4), (std::vector<std::size_t>{4}));
  EXPECT_TRUE(fit_widths({}, 10).empty());
}

TEST(ResultPrinter, JsonIsAnArrayOfObjects) {
  EXPECT_EQ(printed(sample(), {.format = ResultFormat::kJson}),
            "[\n{\"When\":\"1970-01-01T00:00:00.0000000Z\",\"Name\":\"Jörg 日本\",\"Count\":7,\"Data\":{\"a\":[1]}},\n"
            "{\"When\":null,\"Name\":\"=cmd(), \\\"x\\\"\",\"Count\":-12345,\"Data\":null}\n]\n");
  EXPECT_EQ(printed(Batch(sample().schema), {.format = ResultFormat::kJson}), "[]\n");
}

TEST(ResultPrinter, JsonLinesAreDocumentsOfTheirOwn) {
  const std::string out = printed(sample(), {.format = ResultFormat::kJsonLines});
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  EXPECT_TRUE(json::parse(out.substr(0, out.find('\n'))).ok());
}

TEST(ResultPrinter, CsvQuotesAndDisarmsFormulas) {
  EXPECT_EQ(printed(sample(), {.format = ResultFormat::kCsv}),
            "When,Name,Count,Data\r\n"
            "1970-01-01T00:00:00.0000000Z,Jörg 日本,7,\"{\"\"a\"\":[1]}\"\r\n"
            ",\"'=cmd(), \"\"x\"\"\",-12345,\r\n");
}

TEST(ResultPrinter, HostileTextDoesNothingToTheTerminal) {
  Batch batch(table::Schema{{{"x", Kind::kString}}});
  batch.columns[0].append_text(
      "\x1b[2J\xC2\x9B"
      "1m\n\t\xE2\x80\xAE"
      "end\xFF");
  EXPECT_EQ(printed(batch, {}), "x\n---------------------------\n\\x1b[2J\\x9b1m\\n\\t\\u202eend\xEF\xBF\xBD\n");
  const std::string as_json = printed(batch, {.format = ResultFormat::kJsonLines});
  EXPECT_EQ(as_json.find('\x1b'), std::string::npos);
  EXPECT_EQ(as_json.find("\xC2\x9B"), std::string::npos);
  EXPECT_EQ(json::string_at(*json::parse(as_json), "x"),
            "\x1b[2J\xC2\x9B"
            "1m\n\t\xE2\x80\xAE"
            "end\xEF\xBF\xBD");
  EXPECT_EQ(printed(batch, {.format = ResultFormat::kCsv, .terminal_width = 80}).find('\x1b'), std::string::npos);
}

TEST(ResultPrinter, OutputThatFailsEndsThePrinting) {
  const auto printer =
      ResultPrinter::create({}, [](std::string_view) -> Result<void> { return unavailable("TEST-1", "gone"); });
  ASSERT_TRUE(printer->begin(sample().schema).ok());
  ASSERT_TRUE(printer->add(sample()).ok());
  EXPECT_EQ(printer->end({}).error().code, "TEST-1");
}

Batch per_hour() {
  Batch batch(table::Schema{{{"TimeGenerated", Kind::kDateTime}, {"count_", Kind::kLong}}});
  for (const std::int64_t count : {0, 10, 20, 30, 40}) {
    batch.columns[0].append_integer(kUnixEpochTicks + static_cast<std::int64_t>(batch.num_rows()) * kTicksPerHour);
    batch.columns[1].append_integer(count);
  }
  return batch;
}

TEST(TerminalChart, TimeChartDrawsTheLineFromCornerToCorner) {
  const std::string out = printed(per_hour(), {.terminal_width = 40}, {"timechart", {{"title", "Events"}}});
  EXPECT_EQ(out,
            "Events\n"
            "40 ┤                                 ⢀⠤⠊\n"
            "   │                               ⡠⠒⠁\n"
            "   │                            ⢀⠔⠊\n"
            "   │                          ⡠⠊⠁\n"
            "   │                       ⣀⠔⠉\n"
            "   │                    ⢀⠤⠊\n"
            "   │                  ⡠⠒⠁\n"
            "20 ┤               ⢀⠔⠊\n"
            "   │             ⡠⠊⠁\n"
            "   │          ⣀⠔⠉\n"
            "   │       ⢀⡠⠊\n"
            "   │     ⡠⠔⠁\n"
            "   │  ⢀⠤⠊\n"
            " 0 ┤⡠⠒⠁\n"
            "    1970-01-01          1970-01-01 04:00\n");
}

TEST(TerminalChart, BarsAreProportionalAndPiesTellShares) {
  Batch batch(table::Schema{{{"Account", Kind::kString}, {"n", Kind::kLong}}});
  for (const auto& [name, count] : {std::pair{"alice", 30}, std::pair{"", 10}}) {
    batch.columns[0].append_text(name);
    batch.columns[1].append_integer(count);
  }
  EXPECT_EQ(printed(batch, {.terminal_width = 30}, {"barchart", {}}),
            "alice   │██████████████████ 30\n"
            "(empty) │██████ 10\n");
  EXPECT_EQ(printed(batch, {.terminal_width = 32}, {"piechart", {}}),
            "alice   │████████████ 30  75.0 %\n"
            "(empty) │████ 10  25.0 %\n");
}

TEST(TerminalChart, ColumnsStandUpright) {
  Batch batch(table::Schema{{{"k", Kind::kString}, {"n", Kind::kReal}}});
  for (const auto& [name, value] : {std::pair{"a", 1.0}, std::pair{"b", 0.5}}) {
    batch.columns[0].append_text(name);
    batch.columns[1].append_real(value);
  }
  const std::string out = printed(batch, {.terminal_width = 30}, {"columnchart", {}});
  EXPECT_EQ(out.substr(0, out.find('\n')), "1 ┤█████");
  EXPECT_NE(out.find("0 ┤█████ █████\n   a     b\n"), std::string::npos) << out;
}

TEST(TerminalChart, FallsBackToTheTable) {
  Batch texts(table::Schema{{{"a", Kind::kString}}});
  texts.columns[0].append_text("x");
  std::string note;
  EXPECT_EQ(printed(texts, {.terminal_width = 80}, {"timechart", {}}, &note), "a\n-\nx\n");
  EXPECT_NE(note.find("timechart"), std::string::npos);
  EXPECT_TRUE(printed(per_hour(), {}, {"timechart", {}}).starts_with("TimeGenerated")) << "no terminal, no chart";
  EXPECT_TRUE(printed(per_hour(), {.terminal_width = 80}, {"treemap", {}}, &note).starts_with("TimeGenerated"));
  EXPECT_TRUE(
      printed(Batch(per_hour().schema), {.terminal_width = 80}, {"timechart", {}}).starts_with("TimeGenerated"));
}

TEST(TerminalChart, ValuesWithoutSizeAreLeftOut) {
  Batch batch(table::Schema{{{"x", Kind::kReal}, {"y", Kind::kReal}}});
  for (const double value :
       {1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 3.0}) {
    batch.columns[0].append_real(static_cast<double>(batch.num_rows()));
    batch.columns[1].append_real(value);
  }
  EXPECT_NE(printed(batch, {.terminal_width = 40}, {"scatterchart", {}}).find("3 ┤"), std::string::npos);
}

}  // namespace
}  // namespace garrison::server
