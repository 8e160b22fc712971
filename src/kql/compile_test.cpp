// SPDX-License-Identifier: Apache-2.0
#include "kql/compile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "base/json.h"
#include "kql/explain.h"

namespace garrison::kql {
namespace {

using table::Kind;
using table::Schema;

class FakeCatalogue final : public Catalogue {
 public:
  std::map<std::string, TableSource, std::less<>> tables;
  std::map<std::string, SavedFunction, std::less<>> functions;

  void add_table(const std::string& name, Schema schema) {
    tables[name] = {name, std::move(schema), {}, "`ws`.`" + name + "`", {}, {"TimeGenerated"}};
  }
  std::optional<TableSource> find_table(std::string_view name) const override {
    const auto found = tables.find(name);
    return found == tables.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<SavedFunction> find_function(std::string_view name) const override {
    const auto found = functions.find(name);
    return found == functions.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> existing_tables() const override { return known_tables(); }
  std::vector<std::string> known_tables() const override {
    std::vector<std::string> names;
    for (const auto& [name, source] : tables) names.push_back(name);
    return names;
  }
};

class CompileTest : public testing::Test {
 protected:
  CompileTest() {
    options.now = DateTime{638'505'760'890'000'000};
    catalogue.add_table("Events", {{{"TimeGenerated", Kind::kDateTime},
                                    {"Host", Kind::kString},
                                    {"EventID", Kind::kInt},
                                    {"Data", Kind::kDynamic},
                                    {"Unused", Kind::kString}}});
  }
  Compilation run(std::string_view text) { return compile(text, catalogue, options); }
  std::string sql(std::string_view text) {
    const Compilation compilation = run(text);
    if (!compilation.ok()) return compilation.error().to_string();
    return compilation.plan() == nullptr ? "no plan" : compilation.plan()->sql;
  }

  FakeCatalogue catalogue;
  CompileOptions options;
};

TEST_F(CompileTest, ReadsOnlyTheColumnsThatAreNeeded) {
  const std::string text = sql("Events | extend x = strcat(Unused, Host) | where EventID == 1 | project Host");
  EXPECT_NE(text.find("`Host`"), std::string::npos) << text;
  EXPECT_EQ(text.find("`Unused`"), std::string::npos) << text;
  EXPECT_EQ(text.find("`Data`"), std::string::npos) << text;
}

TEST_F(CompileTest, ChainsBecomeOneSelect) {
  const std::string text =
      sql("Events | where EventID == 1 | extend a = EventID + 1 | extend b = a * 2 | where b > 3 | summarize count() by Host");
  std::size_t count = 0;
  for (std::size_t at = text.find("select"); at != std::string::npos; at = text.find("select", at + 1)) ++count;
  EXPECT_EQ(count, 1u) << text;
}

TEST_F(CompileTest, PlainPlanCarriesEverything) {
  options.mode = PlanMode::kPlain;
  EXPECT_NE(sql("Events | project Host").find("`Unused`"), std::string::npos);
}

TEST_F(CompileTest, TimeFilterStandsInFrontOfEveryTable) {
  options.time_filter = TimeRange{DateTime{638'505'000'000'000'000}, DateTime{638'506'000'000'000'000}};
  const std::string text = sql("Events | union Events | count");
  std::size_t count = 0;
  for (std::size_t at = text.find("`TimeGenerated`"); at != std::string::npos; at = text.find("`TimeGenerated`", at + 1)) ++count;
  EXPECT_EQ(count, 2u) << text;
}

TEST_F(CompileTest, ShiftedTimesAreComparedOnTheBareColumn) {
  for (const char* query : {"Events | where TimeGenerated - 1h > datetime(2024-05-06) | count",
                            "Events | where bin(TimeGenerated, 1h) == datetime(2024-05-06) | count",
                            "Events | where TimeGenerated > ago(1d) | count"}) {
    EXPECT_EQ(sql(query).find("reinterpretAsInt64"), std::string::npos) << sql(query);
  }
}

TEST_F(CompileTest, UnknownNamesSayWhatIsNear) {
  const Compilation compilation = run("Events\n| where EventId == 1");
  ASSERT_EQ(compilation.diagnostics.size(), 1u);
  EXPECT_EQ(compilation.diagnostics[0].code, kUnknownName);
  EXPECT_EQ(compilation.diagnostics[0].position, (Position{2, 9}));
  EXPECT_NE(compilation.diagnostics[0].message.find("'EventID'"), std::string::npos);
  EXPECT_EQ(run("Event").diagnostics.at(0).kind, ErrorKind::kNotFound);
}

TEST_F(CompileTest, ErrorsOfSeveralStatementsAreAllReported) {
  const Compilation compilation = run("let a = nosuch1;\nlet b = Events | where nosuch2 == 1;\nEvents | where nosuch3 == a");
  ASSERT_EQ(compilation.diagnostics.size(), 3u);
  EXPECT_EQ(compilation.diagnostics[1].position.line, 2u);
  EXPECT_EQ(compilation.diagnostics[2].position.line, 3u);
}

TEST_F(CompileTest, SyntaxErrorsComeAlone) {
  const Compilation compilation = run("Events | where (EventID == 1");
  EXPECT_FALSE(compilation.ok());
  EXPECT_EQ(compilation.plan(), nullptr);
}

TEST_F(CompileTest, BagUnpackAsksForItsColumnsAndTakesTheAnswer) {
  const std::string_view query = "Events | evaluate bag_unpack(Data) | project Host, Level";
  const Compilation first = run(query);
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  ASSERT_NE(first.discovery(), nullptr);
  options.discovered[first.discovery()->key] = {{{"Level", Kind::kLong}}};
  const Compilation second = run(query);
  ASSERT_TRUE(second.ok()) << second.error().to_string();
  ASSERT_NE(second.plan(), nullptr);
  EXPECT_EQ(second.plan()->schema.to_string(), "Host:string, Level:long");
  options.discovered[first.discovery()->key] = {};
  EXPECT_EQ(run(query).plan()->schema.to_string(), "Host:string, Level:dynamic");
}

TEST_F(CompileTest, DiscoveredKindsAreFolded) {
  table::Batch rows(Schema{{{"name", Kind::kString}, {"kind", Kind::kString}}});
  const auto add = [&](const char* name, const char* kind) {
    rows.columns[0].append_text(name);
    rows.columns[1].append_text(kind);
  };
  add("b", "long");
  add("b", "real");
  add("a", "string");
  add("a", "null");
  add("c", "bool");
  add("c", "string");
  add("d", "null");
  EXPECT_EQ(make_discovered(rows).to_string(), "a:string, b:real, c:dynamic, d:dynamic");
}

TEST_F(CompileTest, DeepRecursionOfFunctionsIsRefused) {
  catalogue.functions["F"] = {"F", "(x:long)", "G(x)"};
  catalogue.functions["G"] = {"G", "(x:long)", "F(x)"};
  EXPECT_FALSE(run("print F(1)").ok());
}

TEST_F(CompileTest, MuchInliningIsRefused) {
  options.limits.max_nodes = 200;
  std::string query = "let t0 = Events | where EventID == 1;";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "t" + std::to_string(i - 1);
    query += "let t" + std::to_string(i) + " = " + before + " | union " + before + ";";
  }
  const Compilation compilation = run(query + "t11 | count");
  ASSERT_FALSE(compilation.ok());
  EXPECT_EQ(compilation.diagnostics[0].kind, ErrorKind::kExhausted);
}

TEST_F(CompileTest, QueryParametersAreCheckedAndCast) {
  const std::string_view query = "declare query_parameters(id:long, host:string = \"x\"); Events | where EventID == id | count";
  EXPECT_FALSE(run(query).ok());
  options.query_parameters["id"] = "4624";
  EXPECT_NE(sql(query).find("4624"), std::string::npos);
  options.query_parameters["id"] = "Events | take 1";
  EXPECT_FALSE(run(query).ok());
}

TEST_F(CompileTest, ExplainShowsTreeAndSql) {
  const std::string text = explain(run("Events | where EventID == 1 | count"));
  EXPECT_NE(text.find("scan Events"), std::string::npos) << text;
  EXPECT_NE(text.find("select"), std::string::npos);
}

// Public rules and the functions they call: as many bind as ever did. The corpus is not part of the repository.
TEST_F(CompileTest, PublicRulesBind) {
  const char* folder = std::getenv("GARRISON_CORPUS");
  const std::string kql = folder == nullptr ? std::string(GARRISON_SOURCE_DIR) + "/../shared/corpus/kql" : std::string(folder) + "/kql";
  std::ifstream schemas(kql + "/schemas.json"), parsers(kql + "/parsers.jsonl"), rules(kql + "/rules.jsonl");
  if (!schemas || !parsers || !rules) GTEST_SKIP() << "no corpus at " << kql;
  const std::string text((std::istreambuf_iterator<char>(schemas)), std::istreambuf_iterator<char>());
  const auto document = json::parse(text);
  ASSERT_TRUE(document.ok());
  for (const auto& [name, columns] : document->as_object()) {
    Schema schema;
    for (const auto& [column, type] : columns.as_object()) {
      schema.columns.push_back({std::string(column), table::parse_kind(std::string_view(type.as_string())).value_or(Kind::kString)});
    }
    catalogue.add_table(std::string(name), std::move(schema));
  }
  std::string line;
  while (std::getline(parsers, line)) {
    const auto parser = json::parse(line);
    ASSERT_TRUE(parser.ok());
    SavedFunction function;
    function.body = json::string_at(*parser, "query").value_or("");
    function.parameters = json::string_at(*parser, "params").value_or("");
    for (const char* key : {"functionName", "alias"}) {
      if (const auto name = json::string_at(*parser, key)) {
        function.name = *name;
        catalogue.functions[*name] = function;
      }
    }
  }
  options.check_only = true;
  std::size_t num_rules = 0, num_bound = 0;
  while (std::getline(rules, line)) {
    const auto rule = json::parse(line);
    ASSERT_TRUE(rule.ok());
    ++num_rules;
    const Compilation compilation = run(*json::string_at(*rule, "query"));
    num_bound += compilation.ok() && compilation.plan() != nullptr;
  }
  RecordProperty("rules", static_cast<int>(num_rules));
  RecordProperty("bound", static_cast<int>(num_bound));
  EXPECT_GE(num_bound * 100, num_rules * 84) << num_bound << " of " << num_rules;
}

}  // namespace
}  // namespace garrison::kql
