// SPDX-License-Identifier: Apache-2.0
#include "server/error_report.h"

#include <gtest/gtest.h>

#include "server/schema_file_catalogue.h"
#include "server/server_result.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

Error at(std::uint32_t line, std::uint32_t column) {
  return bad_input("KQL-0031", "unknown name", Position{line, column});
}

TEST(ErrorReport, PointsAtThePlace) {
  EXPECT_EQ(error_report(at(1, 18), "Events | sort by nosuch asc", 0),
            "garrison: KQL-0031 at 1:18: unknown name\n"
            "  Events | sort by nosuch asc\n"
            "                   ^\n");
  EXPECT_EQ(error_report(at(2, 3), "Events\n\t| where x\r\n| take 1", 0),
            "garrison: KQL-0031 at 2:3: unknown name\n"
            "   | where x\n"
            "    ^\n");
}

TEST(ErrorReport, CountsCharactersAndMeasuresColumns) {
  EXPECT_EQ(error_report(at(1, 10), "x == \"日本\" y", 0),
            "garrison: KQL-0031 at 1:10: unknown name\n"
            "  x == \"日本\" y\n"
            "             ^\n");
}

TEST(ErrorReport, LongLinesAreShownAroundThePlace) {
  const std::string text = std::string(500, 'a') + "!" + std::string(500, 'b');
  const std::string out = error_report(at(1, 501), text, 40);
  EXPECT_NE(out.find("a!bbb"), std::string::npos) << out;
  for (std::size_t begin = out.find('\n') + 1; begin < out.size();) {
    const std::size_t end = out.find('\n', begin);
    EXPECT_LE(display_width(out.substr(begin, end - begin)), 40u);
    begin = end + 1;
  }
}

TEST(ErrorReport, PlacesOutsideTheTextAreNotShown) {
  EXPECT_EQ(error_report(at(7, 1), "one line", 0), "garrison: KQL-0031 at 7:1: unknown name\n");
  EXPECT_EQ(error_report(at(1, 99), "ab", 0), "garrison: KQL-0031 at 1:99: unknown name\n  ab\n    ^\n");
  EXPECT_EQ(error_report(not_found("X-1", "gone \x1b[1m"), "ab", 0), "garrison: X-1: gone \\x1b[1m\n");
}

TEST(ServerResult, ReadsEveryKind) {
  const auto result = read_server_result(
      R"({"queryId":"1","columns":[{"name":"b","type":"bool"},{"name":"l","type":"long"},{"name":"r","type":"real"},{"name":"d","type":"datetime"},)"
      R"({"name":"t","type":"timespan"},{"name":"s","type":"string"},{"name":"j","type":"dynamic"},{"name":"m","type":"decimal"}],)"
      R"("rows":[[true,"9223372036854775807",1.5,"2024-05-06T07:08:09.1234567Z","1.02:03:04","é\n",{"a": [1, 2.0]},"1.10"],)"
      R"([null,-5,"NaN",null,null,"","text",null],[false,1,2,null,null,"x",12,"1"]],)"
      R"("statistics":{"elapsedMs":12.5,"rows":3,"rowsRead":10,"bytesRead":100},"warnings":[{"severity":"warning","code":"K","message":"slow","line":1,"column":1}],)"
      R"("truncated":true,"render":{"kind":"timechart","yColumns":["l","r"],"title":"T"}})");
  ASSERT_TRUE(result.ok()) << result.error().to_string();
  std::string text;
  for (std::size_t row = 0; row < result->rows.num_rows(); ++row) {
    for (const auto& column : result->rows.columns)
      text += (column.is_null(row) ? "null" : table::to_display(column, row)) + "|";
    text += "\n";
  }
  EXPECT_EQ(text,
            "True|9223372036854775807|1.5|2024-05-06T07:08:09.1234567Z|1.02:03:04|é\n|{\"a\": [1, 2.0]}|1.10|\n"
            "null|-5|NaN|null|null||\"text\"|null|\n"
            "False|1|2.0|null|null|x|12|1|\n");
  EXPECT_TRUE(result->truncated);
  EXPECT_EQ(result->warnings, std::vector<std::string>{"slow"});
  EXPECT_EQ(result->render.chart, "timechart");
  EXPECT_EQ(result->render.properties,
            (std::vector<std::pair<std::string, std::string>>{{"ycolumns", "l,r"}, {"title", "T"}}));
}

TEST(ServerResult, RefusesWhatItDoesNotUnderstand) {
  for (const std::string body :
       {"", "[]", "{\"columns\":[{\"name\":\"a\"}]}", R"({"columns":[{"name":"a","type":"long"}],"rows":[["x"]]})",
        R"({"columns":[{"name":"a","type":"long"}],"rows":[[1,2]]})",
        R"({"columns":[{"name":"a","type":"long"}],"rows":[[]]})"}) {
    const auto result = read_server_result(body);
    ASSERT_FALSE(result.ok()) << body;
    EXPECT_EQ(result.error().code, "CLI-0003");
  }
}

TEST(SchemaFileCatalogue, ReadsTablesAndFunctions) {
  SchemaFileCatalogue catalogue(nullptr);
  ASSERT_TRUE(catalogue.add_tables(R"({"T":{"A":"string","B":"int"}})").ok());
  ASSERT_TRUE(
      catalogue
          .add_functions("{\"functionName\":\"f\",\"params\":[{\"Name\":\"off\",\"Type\":\"bool\",\"Default\":false},"
                         "{\"Name\":\"s\",\"Type\":\"string\",\"Default\":\"*\"}],\"query\":\"T\",\"alias\":\"g\"}\n\n"
                         "{\"functionName\":\"f\",\"params\":null,\"query\":\"other\"}\n")
          .ok());
  EXPECT_EQ(catalogue.find_table("T")->schema.to_string(), "A:string, B:int");
  EXPECT_FALSE(catalogue.find_table("t"));
  EXPECT_EQ(catalogue.find_function("f")->parameters, "(off:bool=false, s:string=\"*\")");
  EXPECT_EQ(catalogue.find_function("g")->body, "T");
  EXPECT_EQ(catalogue.add_tables(R"({"T":{"A":"nosuch"}})").error().code, "CLI-0010");
  EXPECT_EQ(catalogue.add_functions("\n{}").error().code, "CLI-0011");
}

}  // namespace
}  // namespace garrison::server
