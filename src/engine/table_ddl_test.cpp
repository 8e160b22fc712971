// SPDX-License-Identifier: Apache-2.0
#include "engine/table_ddl.h"

#include <gtest/gtest.h>

#include "engine/engine_sql.h"
#include "engine/native_format.h"
#include "engine/test_engine.h"
#include "table/text_index.h"

namespace garrison::engine {
namespace {

using table::Batch;
using table::Kind;
using table::Schema;

class TableDdl : public testing::Test {
 protected:
  static void TearDownTestSuite() { harness_.reset(); }

  void SetUp() override {
    if (const std::string reason = TestEngine::why_not(); !reason.empty()) GTEST_SKIP() << reason;
    if (!harness_) harness_ = TestEngine::start(EngineRoute::kInProcess);
    ASSERT_NE(harness_, nullptr);
    execute(drop_database_sql("w`1"));
    execute(create_database_sql("w`1"));
  }

  void execute(const std::string& sql) {
    Statement statement;
    statement.sql = sql;
    const auto done = harness_->engine().execute(statement);
    ASSERT_TRUE(done.ok()) << sql << ": " << done.error().to_string();
  }

  std::vector<std::string> texts(const std::string& sql) {
    Statement statement;
    statement.sql = sql;
    std::vector<std::string> out;
    const auto done = harness_->engine().query(statement, Schema{{{"s", Kind::kString}}}, Budget{},
                                               [&](Batch&& batch) -> Result<void> {
                                                 for (std::size_t row = 0; row < batch.num_rows(); ++row) {
                                                   out.emplace_back(batch.columns[0].text(row));
                                                 }
                                                 return {};
                                               });
    EXPECT_TRUE(done.ok()) << sql << ": " << (done.ok() ? "" : done.error().to_string());
    return out;
  }

  static inline std::unique_ptr<TestEngine> harness_;
};

table::TableDefinition events() {
  return {"Odd `name` 'x'",
          Schema{{{"TimeGenerated", Kind::kDateTime},
                  {"EventID", Kind::kInt},
                  {"Command Line", Kind::kString},
                  {"Extra\\Data", Kind::kDynamic}}},
          "EventID",
          {"Command Line"}};
}

TEST_F(TableDdl, EventsTableTakesRowsOnceAndFindsTerms) {
  const table::TableDefinition definition = events();
  const std::string sql = create_table_sql("w`1", definition, {90});
  execute(sql);
  execute(sql);  // an existing table is left alone
  const Schema schema = stored_schema(definition);
  ASSERT_EQ(schema.columns.size(), 8u);
  Batch batch(schema);
  for (const char* command : {"powershell \xe2\x80\x93" "enc \xe2\x80\x9cMimiKatz\xe2\x80\x9d", "cmd /c dir"}) {
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      if (schema.columns[i].name == "Command Line") {
        batch.columns[i].append_text(command);
      } else if (schema.columns[i].kind == Kind::kDateTime) {
        batch.columns[i].append_integer(kUnixEpochTicks + 20'000 * kTicksPerDay);
      } else {
        batch.columns[i].append_null();
      }
    }
  }
  // The clock of the engine is not ours: the retention must not take these rows while the test looks at them.
  execute(set_retention_sql("w`1", definition.name, std::nullopt));
  std::string native;
  ASSERT_TRUE(encode_native(native, batch, stored_nullability(schema)).ok());
  std::vector<std::string> names;
  for (const auto& column : schema.columns) names.push_back(column.name);
  for (int i = 0; i < 2; ++i) {
    const auto done = harness_->engine().insert({qualified_name("w`1", definition.name), names, native, "batch-1"});
    ASSERT_TRUE(done.ok()) << done.error().to_string();
  }
  const std::string from = " FROM " + qualified_name("w`1", definition.name);
  EXPECT_EQ(texts("SELECT toString(count())" + from), std::vector<std::string>{"2"});
  const std::string has =
      " WHERE hasAllTokens(" + table::text_index_expression(quote_identifier("Command Line")) + ", 'mimikatz')";
  EXPECT_EQ(texts("SELECT toString(count())" + from + has), std::vector<std::string>{"1"});
  // The index is used, not only right.
  const auto plan = texts("EXPLAIN indexes = 1 SELECT count()" + from + has);
  const bool has_index = std::any_of(plan.begin(), plan.end(), [](const std::string& line) {
    return line.find("text_Command Line") != std::string::npos;
  });
  EXPECT_TRUE(has_index) << testing::PrintToString(plan);

  execute(add_column_sql("w`1", definition.name, {"New", Kind::kGuid}));
  execute(add_column_sql("w`1", definition.name, {"New", Kind::kGuid}));
  EXPECT_EQ(texts("SELECT toString(count())" + from + " WHERE isNull(`New`)"), std::vector<std::string>{"2"});
  execute(drop_table_sql("w`1", definition.name));
  execute(drop_database_sql("w`1"));
}

TEST_F(TableDdl, RetentionDropsOldRows) {
  table::TableDefinition definition = events();
  execute(create_table_sql("w`1", definition, {30}));
  const std::string table = qualified_name("w`1", definition.name);
  execute("INSERT INTO " + table + " (TimeGenerated, EventID) VALUES ('2001-01-01 00:00:00', 1)");
  execute("INSERT INTO " + table + " (TimeGenerated, EventID) SELECT now64(7), 2");
  execute("OPTIMIZE TABLE " + table + " FINAL");
  EXPECT_EQ(texts("SELECT toString(EventID) FROM " + table), std::vector<std::string>{"2"});
}

TEST_F(TableDdl, StateTableKeepsTheLastVersion) {
  const StateTableDefinition definition{
      "Assessments", Schema{{{"Id", Kind::kString}, {"State", Kind::kString}}}, {"Id"}};
  execute(create_state_table_sql("w`1", definition));
  const std::string table = qualified_name("w`1", "Assessments");
  execute("INSERT INTO " + table + " VALUES ('a', 'old', 1, false), ('a', 'new', 2, false), ('b', 'x', 1, false)");
  execute("INSERT INTO " + table + " VALUES ('b', 'x', 3, true), ('a', 'late', 1, false)");
  EXPECT_EQ(texts("SELECT State FROM " + table + " FINAL ORDER BY Id"), std::vector<std::string>{"new"});
}

TEST(EngineSql, QuotesAndKinds) {
  EXPECT_EQ(quote_literal("a'b\\c\n"), "'a\\'b\\\\c\\n'");
  EXPECT_EQ(quote_identifier("a`b"), "`a\\`b`");
  EXPECT_TRUE(is_select(" -- c\n /* x */ ( with a as (select 1) select 2)"));
  EXPECT_FALSE(is_select("SELECTED"));
  EXPECT_FALSE(is_select("EXPLAIN SELECT 1"));
  EXPECT_FALSE(is_select("-- only a comment"));
  EXPECT_TRUE(is_insert("insert into t"));
  EXPECT_EQ(settings_clause({}), "");
}

}  // namespace
}  // namespace garrison::engine
