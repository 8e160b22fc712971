// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/operators.h"

#include <gtest/gtest.h>

#include "kql/scalar/command_line.h"
#include "kql/scalar/registry.h"
#include "kql/scalar/timespan_text.h"
#include "kql/scalar/xml_to_json.h"

namespace garrison::kql {
namespace {

class FakeContext final : public LoweringContext {
 public:
  DateTime now() const override { return {kUnixEpochTicks}; }
  std::string bind(const std::string& sql) override { return sql; }
  std::string fresh_name(std::string_view prefix) override { return std::string(prefix) + std::to_string(next_++); }
  Result<std::string> row_order() override { return std::string("n"); }
  Result<Scalar> native(const NativeFunction& function, std::span<const Scalar>) override {
    return make_null(function.result);
  }

 private:
  int next_ = 0;
};

Scalar column(Kind kind, const std::string& name) {
  return make_column(kind, "t.`" + name + "`", name);
}

TEST(QuoteTest, TextCannotLeaveItsQuotes) {
  EXPECT_EQ(quote_text("a'b"), "'a\\'b'");
  EXPECT_EQ(quote_text("a\\"), "'a\\\\'");
  EXPECT_EQ(quote_text(std::string_view("a\0b\n", 4)), "'a\\x00b\\x0A'");
  EXPECT_EQ(quote_name("a`b"), "`a\\`b`");
  EXPECT_EQ(make_string("x' or 1=1 --").sql, "'x\\' or 1=1 --'");
}

TEST(LiteralTest, NumbersKeepTypeAndSign) {
  EXPECT_EQ(make_long(5).sql, "toInt64(5)");
  EXPECT_EQ(make_long(std::numeric_limits<std::int64_t>::min()).sql, "toInt64('-9223372036854775808')");
  EXPECT_EQ(make_real(-0.0).sql, "toFloat64(-0.0)");
  EXPECT_EQ(make_real(2).sql, "toFloat64(2.0)");
  EXPECT_TRUE(make_null(Kind::kLong).nullable);
  EXPECT_EQ(make_null(Kind::kString).sql, "''");
}

TEST(ArithmeticTest, ConstantsFoldAndWrap) {
  FakeContext context;
  const auto sum =
      lower_binary(context, BinaryOperator::kAdd, make_long(std::numeric_limits<std::int64_t>::max()), make_long(1));
  ASSERT_TRUE(sum.ok());
  EXPECT_EQ(std::get<std::int64_t>(*sum->constant), std::numeric_limits<std::int64_t>::min());
  const auto product = lower_binary(context, BinaryOperator::kMultiply, make_timespan({kTicksPerDay}), make_long(7));
  ASSERT_TRUE(product.ok());
  EXPECT_EQ(product->kind, Kind::kTimespan);
  EXPECT_EQ(std::get<std::int64_t>(*product->constant), 7 * kTicksPerDay);
}

TEST(ArithmeticTest, RefusesTextsAndSumsOfTimes) {
  FakeContext context;
  const auto texts = lower_binary(context, BinaryOperator::kAdd, make_string("a"), make_string("b"));
  ASSERT_FALSE(texts.ok());
  EXPECT_EQ(texts.error().code, "KQL-0201");
  const Scalar time = column(Kind::kDateTime, "T");
  EXPECT_FALSE(lower_binary(context, BinaryOperator::kAdd, time, time).ok());
  EXPECT_FALSE(lower_unary(context, UnaryOperator::kMinus, time).ok());
}

TEST(ComparisonTest, ComparesBareTimeColumnSoThatItsKeyIsUsed) {
  FakeContext context;
  const Scalar time = column(Kind::kDateTime, "T");
  const auto later = lower_binary(context, BinaryOperator::kAdd, time, make_timespan({kTicksPerHour}));
  ASSERT_TRUE(later.ok());
  const auto condition =
      lower_binary(context, BinaryOperator::kGreater, *later, make_datetime({kUnixEpochTicks + kTicksPerHour}));
  ASSERT_TRUE(condition.ok());
  EXPECT_EQ(condition->sql, "(t.`T` > toDateTime64('1970-01-01 00:00:00.0000000', 7, 'UTC'))");
}

TEST(ComparisonTest, EqualityWithConstantIsNeverNull) {
  FakeContext context;
  const auto equal = lower_binary(context, BinaryOperator::kEqual, column(Kind::kInt, "EventID"), make_long(4625));
  ASSERT_TRUE(equal.ok());
  EXPECT_FALSE(equal->nullable);
  EXPECT_EQ(equal->sql, "(ifNull(t.`EventID` = toInt64(4625), false))");
  EXPECT_EQ(condition_sql(*equal), equal->sql);
}

TEST(TextMatchTest, SingleTermOnIndexedColumnAsksTheIndexOnly) {
  FakeContext context;
  Scalar text = column(Kind::kString, "CommandLine");
  text.text_indexed = true;
  const auto has = lower_binary(context, BinaryOperator::kHas, text, make_string("Mimikatz"));
  ASSERT_TRUE(has.ok());
  EXPECT_EQ(has->sql.rfind("hasAllTokens(", 0), 0u);
  EXPECT_NE(has->sql.find("['mimikatz']"), std::string::npos);
  const auto several = lower_binary(context, BinaryOperator::kHas, text, make_string("a/b"));
  ASSERT_TRUE(several.ok());
  EXPECT_NE(several->sql.find("match("), std::string::npos) << "tokens alone do not say that they follow one another";
  const auto no_term = lower_binary(context, BinaryOperator::kHas, text, make_string("::"));
  ASSERT_TRUE(no_term.ok());
  EXPECT_EQ(no_term->sql.find("hasAllTokens"), std::string::npos);
}

TEST(TextMatchTest, BadPatternIsAnErrorBeforeTheEngineSeesIt) {
  FakeContext context;
  const auto match =
      lower_binary(context, BinaryOperator::kMatchesRegex, column(Kind::kString, "a"), make_string("(?=x)"));
  ASSERT_FALSE(match.ok());
  EXPECT_EQ(match.error().code, "KQL-0205");
}

TEST(MemberTest, ChainIsReadInOneCall) {
  FakeContext context;
  auto value = lower_member(context, column(Kind::kDynamic, "d"), "a");
  ASSERT_TRUE(value.ok());
  value = lower_member(context, *value, "b'c");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->sql, "nullIf(nullIf(JSONExtractRaw(ifNull(t.`d`, ''), 'a', 'b\\'c'), ''), 'null')");
  EXPECT_FALSE(lower_member(context, column(Kind::kString, "s"), "a").ok());
}

TEST(CallTest, ChecksNumberAndKindsOfArguments) {
  FakeContext context;
  const Function& strlen = *find_function("strlen");
  const auto none = lower_call(context, strlen, {});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, "KQL-0202");
  const Scalar number[] = {make_long(5)};
  const auto wrong = lower_call(context, strlen, number);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, "KQL-0203");
  const Scalar pattern[] = {column(Kind::kString, "p"), make_long(1), column(Kind::kString, "s")};
  const auto not_constant = lower_call(context, *find_function("extract"), pattern);
  ASSERT_FALSE(not_constant.ok());
  EXPECT_EQ(not_constant.error().code, "KQL-0204");
}

TEST(TimespanTextTest, ReadsClockAndUnits) {
  EXPECT_EQ(parse_timespan("1.02:03:04.5")->ticks,
            kTicksPerDay + 2 * kTicksPerHour + 3 * kTicksPerMinute + 4 * kTicksPerSecond + 5'000'000);
  EXPECT_EQ(parse_timespan("-00:00:01")->ticks, -kTicksPerSecond);
  EXPECT_EQ(parse_timespan("1.5h")->ticks, 90 * kTicksPerMinute);
  EXPECT_EQ(parse_timespan("3")->ticks, 3 * kTicksPerDay);
  EXPECT_FALSE(parse_timespan("1.5").has_value());
  EXPECT_FALSE(parse_timespan("25:00:00").has_value());
  EXPECT_FALSE(parse_timespan("1 fortnight").has_value());
  EXPECT_FALSE(parse_timespan("99999999999999d").has_value());
}

TEST(XmlTest, AttributesTextAndRepeatedElements) {
  EXPECT_EQ(xml_to_json("<E><D Name=\"a\">1</D><D Name=\"b\">2</D><C>x</C></E>"),
            R"({"E":{"D":[{"@Name":"a","#text":"1"},{"@Name":"b","#text":"2"}],"C":"x"}})");
  EXPECT_EQ(xml_to_json("<a>&lt;&#65;&amp;</a>"), R"({"a":"<A&"})");
  EXPECT_EQ(xml_to_json("<a/>"), R"({"a":null})");
}

TEST(XmlTest, RefusesDocumentTypesDepthAndDamage) {
  EXPECT_FALSE(xml_to_json("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").has_value());
  EXPECT_FALSE(xml_to_json("<a>&unknown;</a>").has_value());
  EXPECT_FALSE(xml_to_json("<a><b></a>").has_value());
  EXPECT_FALSE(xml_to_json("").has_value());
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "<a>";
  for (int i = 0; i < 65; ++i) deep += "</a>";
  EXPECT_FALSE(xml_to_json(deep).has_value());
  EXPECT_FALSE(xml_to_json("<a>12345</a>", {.max_bytes = 8}).has_value());
  EXPECT_FALSE(xml_to_json("<a><b/><b/></a>", {.max_nodes = 2}).has_value());
}

TEST(CommandLineTest, FollowsTheRulesOfTheRuntime) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(split_windows_command_line(R"(echo "hello world!")"), (Parts{"echo", "hello world!"}));
  EXPECT_EQ(split_windows_command_line(R"(a\\b "c\"d" "e\\" f)"), (Parts{R"(a\\b)", R"(c"d)", R"(e\)", "f"}));
  EXPECT_EQ(split_windows_command_line(R"("")"), Parts{""});
  EXPECT_TRUE(split_windows_command_line("  ").empty());
}

TEST(CsvTest, ReadsTheFirstRecord) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(split_csv_record("a,\"b,\"\"c\"\"\",\nnext"), (Parts{"a", "b,\"c\"", ""}));
  EXPECT_EQ(split_csv_record(""), Parts{""});
}

}  // namespace
}  // namespace garrison::kql
