// SPDX-License-Identifier: Apache-2.0
#include "workspace/kql_conformance.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/test_engine.h"
#include "workspace/conformance_compare.h"
#include "workspace/printed_table.h"

namespace garrison::workspace {
namespace {

using table::Kind;

table::Batch two_columns() {
  table::Batch batch(table::Schema{{{"s", Kind::kString}, {"n", Kind::kLong}}});
  batch.columns[0].append_text("a'b");
  batch.columns[1].append_integer(1);
  batch.columns[0].append_text("c");
  batch.columns[1].append_null();
  return batch;
}

Result<ConformanceAnswer> answer(std::string_view query) {
  if (query == "bad") return bad_input("KQL-0001", "no");
  return ConformanceAnswer{two_columns(), query == "sorted"};
}

ConformanceTotals run(const std::string& lines, std::string* printed = nullptr) {
  const engine::TestFolder folder;
  const std::string path = folder.path() + "/cases.jsonl";
  std::ofstream(path) << lines;
  std::ostringstream output;
  const std::string files[] = {path};
  const auto totals = run_conformance(files, {}, answer, output);
  EXPECT_TRUE(totals.ok());
  if (printed != nullptr) *printed = output.str();
  return totals.ok() ? *totals : ConformanceTotals{};
}

TEST(ConformanceTest, CountsEachCaseOnceAndPrintsFamilies) {
  std::string printed;
  const auto totals = run(
      R"json({"id":"1","family":"f","query":"any","columns":["s:String","n:Int"],"row_count":2,"rows_text":["('c', null)","('a'b', 1)"]}
{"id":"2","family":"f","query":"sorted","columns":["s:String","n:Int"],"row_count":2,"rows_text":["('c', null)","('a'b', 1)"]}
{"id":"3","family":"g","query":"bad","error":"rejected"}
{"id":"4","family":"g","query":"any","error":"rejected"}
{"id":"5","page":"abs-function.md","query":"any","columns":["s","n"],"column_types":["String","Int64"],"rows":[["a'b",1],["c",null]]}
{"id":"6","page":"abs-function.md","query":"any","columns":["s","n"],"column_types":["String","Int32"],"rows":[["a'b",1],["c",null]]}
)json",
      &printed);
EXPECT_EQ(totals.passed, 3u);
EXPECT_EQ(totals.failed, 3u);
EXPECT_NE(printed.find("f "), std::string::npos);
EXPECT_EQ(printed.substr(printed.rfind('\n', printed.size() - 2) + 1), "3 passed, 3 failed\n");
}

TEST(ConformanceTest, DamagedLineIsAnErrorWithItsPlace) {
  const engine::TestFolder folder;
  const std::string path = folder.path() + "/cases.jsonl";
  std::ofstream(path) << "{}\n{\n";
  std::ostringstream output;
  const std::string files[] = {path};
  const auto totals = run_conformance(files, {}, answer, output);
  ASSERT_FALSE(totals.ok());
  EXPECT_EQ(totals.error().code, "CONFORMANCE-0001");
  EXPECT_EQ(totals.error().position->line, 2u);
}

TEST(CompareTest, NumbersWithinTheToleranceOnly) {
  const auto near = json::parse("[1.0000000001, {\"a\": 2}]");
  const auto exact = json::parse("[1, {\"a\": 2.0}]");
  const auto far = json::parse("[1.001, {\"a\": 2}]");
  EXPECT_TRUE(same_json(*near, *exact, 1e-9));
  EXPECT_FALSE(same_json(*far, *exact, 1e-9));
  EXPECT_FALSE(same_json(*json::parse("{\"a\": 1}"), *json::parse("{\"b\": 1}"), 1e-9));
}

TEST(PrintedTableTest, ComparesLinesAndTables) {
  const table::Batch batch = two_columns();
  EXPECT_EQ(compare_printed_table(batch, "LastLineOfResult.Be", "c,<null>"), "");
  EXPECT_NE(compare_printed_table(batch, "LastLineOfResult.Be", "c,1"), "");
  EXPECT_EQ(compare_printed_table(batch, "table (header)", "s:string; n:long\n------\na'b; 1\nc; (null)"), "");
  EXPECT_NE(compare_printed_table(batch, "table (header)", "s:string; n:int\n------\na'b; 1\nc; (null)"), "");
}

}  // namespace
}  // namespace garrison::workspace
