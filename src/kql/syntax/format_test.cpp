// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/format.h"

#include <gtest/gtest.h>

#include "kql/syntax/dump.h"
#include "kql/syntax/tree.h"

namespace garrison::kql::syntax {
namespace {

struct Case {
  const char* text;
  const char* formatted;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.text;
}

class FormatTest : public testing::TestWithParam<Case> {};

TEST_P(FormatTest, LaysOut) {
  const std::string once = format(GetParam().text);
  EXPECT_EQ(once, GetParam().formatted);
  EXPECT_EQ(format(once), once);
  EXPECT_EQ(dump(parse(once)), dump(parse(GetParam().text)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, FormatTest,
    testing::Values(
        Case{"T|where a==1|project b,c", "T\n| where a == 1\n| project b, c"},
        Case{"T | join kind=inner(U|where x>1) on k", "T\n| join kind=inner(\n    U\n    | where x > 1\n) on k"},
        Case{"let a=1;\n\nlet f=(x:long){T|take x};f(1)", "let a=1;\n\nlet f=(x:long){\n    T\n    | take x\n};\nf(1)"},
        Case{"T // all\n| where a // some\n// none\n| take 1", "T // all\n| where a // some\n// none\n| take 1"},
        Case{"T|where a-1 >-b  and c in('x' ,\"y\")", "T\n| where a-1 > -b and c in('x', \"y\")"},
        Case{"T | project-away a*,*_b | extend x=a[0].b[ 'c' ]", "T\n| project-away a*, *_b\n| extend x=a[0].b['c']"},
        Case{"T | where (a", "T\n| where (a"}, Case{"", ""}, Case{"print 'a|b;c'", "print 'a|b;c'"}));

TEST(FormatTest, BreaksLongLists) {
  EXPECT_EQ(format("print f(aaaa, bbbb)", {.indent = 2, .max_columns = 8}), "print f(\n  aaaa,\n  bbbb\n)");
}

TEST(ScriptTest, BlankLinesPartQueries) {
  const std::string text = "// first\nT\n| take 1\n\n\n(U\n\n| take 2)\n \nV // end\n";
  std::vector<std::string> queries;
  for (const Span span : split_queries(text)) queries.push_back(text.substr(span.begin, span.end - span.begin));
  EXPECT_EQ(queries, (std::vector<std::string>{"T\n| take 1", "(U\n\n| take 2)", "V"}));
  EXPECT_TRUE(split_queries(" // nothing\n").empty());
}

TEST(ScriptTest, WantsMore) {
  for (const char* text :
       {"T |", "T | where a ==", "T | where (a", "print ```a", "let x =", "T | project a,", "T | sort by"}) {
    EXPECT_TRUE(wants_more(text)) << text;
  }
  for (const char* text : {"T", "T | take 1", "let x = 1;", "print 'a", "T)", "", "T | where a == 1 // |"}) {
    EXPECT_FALSE(wants_more(text)) << text;
  }
}

}  // namespace
}  // namespace garrison::kql::syntax
