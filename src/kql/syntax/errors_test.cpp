// SPDX-License-Identifier: Apache-2.0
// What is wrong is said at its place; the tree stays complete; limits hold.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kql/syntax/dump.h"

namespace garrison::kql::syntax {
namespace {

std::string errors(std::string_view text, const ParseLimits& limits = {}) {
  std::string out;
  for (const Diagnostic& each : parse(text, limits).diagnostics) {
    EXPECT_FALSE(each.message.empty());
    if (!out.empty()) out += ' ';
    out += each.code + "@" + std::to_string(each.position.line) + ":" + std::to_string(each.position.column);
  }
  return out;
}

struct Case {
  const char* text;
  const char* errors;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.text;
}

class ErrorsTest : public testing::TestWithParam<Case> {};

TEST_P(ErrorsTest, AtTheirPlace) {
  EXPECT_EQ(errors(GetParam().text), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Lexer, ErrorsTest,
    testing::Values(Case{"print 'a", "KQL-0002@1:7"}, Case{"print 'a\n| take 1", "KQL-0002@1:7"},
                    Case{"print ```a", "KQL-0002@1:7"}, Case{"print 'a\\qb'", "KQL-0003@1:9"},
                    Case{"print '\\u12'", "KQL-0003@1:8"}, Case{"print a ^ b", "KQL-0001@1:9 KQL-0008@1:9"},
                    Case{"print “a”", "KQL-0001@1:7"}, Case{"print int(x)", "KQL-0004@1:7"},
                    Case{"print datetime(foo)", "KQL-0004@1:7"}, Case{"print guid(12)", "KQL-0004@1:7"},
                    Case{"print int(2147483648)", "KQL-0004@1:7"}, Case{"print 9223372036854775808", "KQL-0004@1:7"},
                    Case{"print -9223372036854775808", "KQL-0004@1:8"}, Case{"print 1.5x", "KQL-0004@1:7"},
                    Case{"print \xFF", "KQL-0001@1:7"}));

INSTANTIATE_TEST_SUITE_P(
    Expressions, ErrorsTest,
    testing::Values(Case{"T | where", "KQL-0006@1:10"}, Case{"T | where a ==", "KQL-0006@1:15"},
                    Case{"T\n| where a == \n| take 5", "KQL-0006@2:13"}, Case{"T | where a == 1 and", "KQL-0006@1:21"},
                    Case{"T | where and b", "KQL-0006@1:10"}, Case{"T | where (a", "KQL-0005@1:13"},
                    Case{"T | where f(a, , b)", "KQL-0006@1:15"}, Case{"T | project a,\n", "KQL-0006@1:15"},
                    Case{"T | where a in 5..", "KQL-0008@1:17"}, Case{"T | where a in", "KQL-0005@1:15"},
                    Case{"T | where a between (1, 2)", "KQL-0005@1:23"}, Case{"T | where a between 1", "KQL-0005@1:20"},
                    Case{"T | where a.", "KQL-0007@1:13"}, Case{"T | where a[", "KQL-0006@1:13"},
                    Case{"T | where a !foo b", "KQL-0008@1:13"}, Case{"T | where a has ('x', 'y')", "KQL-0005@1:21"},
                    Case{"T | extend first = 1", "KQL-0007@1:12"}, Case{"T | project where", "KQL-0006@1:12"},
                    Case{"print dynamic([1 2])", "KQL-0005@1:17"}, Case{"print dynamic({'a' 1})", "KQL-0005@1:19"},
                    Case{"print dynamic([a])", "KQL-0006@1:16"}, Case{"datatable(a:long)[1 + 2]", "KQL-0004@1:19"},
                    Case{"datatable(a:string)['x', null]", "KQL-0004@1:26"}));

INSTANTIATE_TEST_SUITE_P(Operators, ErrorsTest,
                         testing::Values(Case{"T | wher a == 1", "KQL-0009@1:5"},
                                         Case{"T | wher a | foo b | take x", "KQL-0009@1:5 KQL-0009@1:14"},
                                         Case{"T |", "KQL-0005@1:4"}, Case{"T | | take 1", "KQL-0005@1:4"},
                                         Case{"T | take 1 2", "KQL-0005@1:11"}, Case{"T | top 5 x", "KQL-0005@1:10"},
                                         Case{"T | sort a", "KQL-0005@1:9"}, Case{"T | join (U)", "KQL-0005@1:13"},
                                         Case{"T | make-series count() on t", "KQL-0006@1:29"},
                                         Case{"T | parse a", "KQL-0005@1:12"},
                                         Case{"T | mv-apply a (take 1)", "KQL-0005@1:21 KQL-0005@1:24"},
                                         Case{"T | evaluate pivot", "KQL-0005@1:19"},
                                         Case{"T | scan with (s1: true)", "KQL-0005@1:16"},
                                         Case{"T | graph-match (a)-(b)", "KQL-0005@1:21"},
                                         Case{"T | summarize count() by", "KQL-0006@1:25"}));

INSTANTIATE_TEST_SUITE_P(
    Statements, ErrorsTest,
    testing::Values(Case{"let x 5; T", "KQL-0005@1:6"}, Case{"let x = ; T", "KQL-0006@1:8"},
                    Case{"let a = 1\nT | take 1", "KQL-0005@1:10"}, Case{"| take 1", "KQL-0008@1:1"},
                    Case{"T | take 1;\n| take 2", "KQL-0008@2:1"}, Case{"T | where a\n)\n| take 1", "KQL-0008@2:1"},
                    Case{"let f = (a) { T }; T", "KQL-0005@1:11"}, Case{"declare foo; T", "KQL-0005@1:8"},
                    Case{"(T | take 1", "KQL-0005@1:12"}, Case{"T }", "KQL-0008@1:3"},
                    Case{"let f = () { T; U }; f; V | wher b", "KQL-0009@1:29"}));

TEST(RecoveryTest, LaterPartsAreKept) {
  const Query query = parse("let a = ;\nT | wher x | where b == | project c, | take 5;\nU | count");
  EXPECT_EQ(dump(query),
            "(let a <missing>)\n"
            "(pipe T (wher <unknown>) (where (== b <missing>)) (project c <missing>) (take 5))\n"
            "(pipe U (count))");
  EXPECT_EQ(query.diagnostics.size(), 4u);
  for (std::size_t i = 1; i < query.diagnostics.size(); ++i) {
    EXPECT_LE(query.diagnostics[i - 1].span.begin, query.diagnostics[i].span.begin);
  }
}

TEST(RecoveryTest, ErrorCarriesPosition) {
  const Error error = parse("T\n| wher a").error();
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(error.code, "KQL-0009");
  EXPECT_EQ(error.position, (Position{2, 3}));
}

TEST(RecoveryTest, UnknownOperatorNamesTheNearest) {
  EXPECT_NE(parse("T | sumarize count()").error().message.find("summarize"), std::string::npos);
}

TEST(LimitsTest, BytesAndTokens) {
  EXPECT_EQ(errors("print 12345", {.max_bytes = 11}), "");
  EXPECT_EQ(errors("print 123456", {.max_bytes = 11}), "KQL-0011@1:1");
  EXPECT_EQ(errors("print 1, 2", {.max_tokens = 4}), "");
  EXPECT_NE(errors("print 1, 2, 3", {.max_tokens = 4}).find("KQL-0011"), std::string::npos);
}

TEST(LimitsTest, DiagnosticsAreCapped) {
  std::string text = "T";
  for (int i = 0; i < 200; ++i) text += " | foo";
  EXPECT_EQ(parse(text, {.max_diagnostics = 7}).diagnostics.size(), 7u);
}

std::string repeated(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

TEST(LimitsTest, DepthIsAnErrorNotACrash) {
  EXPECT_EQ(errors("print " + repeated("(", 200) + "1" + repeated(")", 200)), "");
  for (const char* part :
       {"(", "f(", "-(", "a[", "case(a and b or (", "dynamic([", "{", "T | where x in (", "iff(", "["}) {
    for (const char* start : {"print ", "T | where ", "let f = () {", "let f = (a:long) ", "", "print dynamic("}) {
      const Query query = parse(start + repeated(part, 20'000));
      EXPECT_FALSE(query.ok()) << start << part;
      EXPECT_FALSE(dump(query).empty());
    }
  }
  EXPECT_EQ(errors("print " + repeated("(", 5'000)), "KQL-0010@1:256");
  EXPECT_EQ(errors("print 1" + repeated(" + 1", 2'000)).substr(0, 8), "KQL-0010");
  EXPECT_EQ(errors("print a" + repeated(".b", 2'000)).substr(0, 8), "KQL-0010");
  EXPECT_EQ(errors("print " + repeated("-", 2'000) + "1").substr(0, 8), "KQL-0010");
  EXPECT_EQ(errors("T | union (" + repeated("T | union (", 2'000)).substr(0, 8), "KQL-0010");
  EXPECT_EQ(errors(repeated("let f = () { ", 2'000)).substr(0, 8), "KQL-0010");
}

TEST(LimitsTest, MixedNestingStaysBounded) {
  // Long chains at every level would add up to a tree far deeper than the text nests.
  std::string text = "1";
  for (int i = 0; i < 40; ++i) text = "(" + text + repeated("+1", 40) + ")";
  EXPECT_EQ(errors("print " + text).substr(0, 8), "KQL-0010");
}

TEST(LimitsTest, LongListsAndChainsAreFlat) {
  const Query chain = parse("T | where a == 0" + repeated(" or a == 1", 10'000));
  ASSERT_TRUE(chain.ok());
  const Pipeline& pipeline = *chain.statements[0].as<QueryStatement>()->pipeline;
  const Logical* logical = pipeline.operators[0].as<WhereOperator>()->predicate->as<Logical>();
  ASSERT_NE(logical, nullptr);
  EXPECT_EQ(logical->terms.size(), 10'001u);
  EXPECT_TRUE(parse("T" + repeated(" | where a", 10'000)).ok());
  EXPECT_TRUE(parse("T | where a in (1" + repeated(", 1", 50'000) + ")").ok());
  EXPECT_TRUE(parse("T | where a" + repeated(" and b or c", 10'000)).ok());
}

}  // namespace
}  // namespace garrison::kql::syntax
