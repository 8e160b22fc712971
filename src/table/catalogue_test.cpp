// SPDX-License-Identifier: Apache-2.0
#include "table/catalogue.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "base/json.h"

namespace garrison::table {
namespace {

const std::string kFolder = std::string(GARRISON_SOURCE_DIR) + "/content/tables";

std::unique_ptr<BuiltInTables> shipped(Disk& disk) {
  auto tables = BuiltInTables::open(disk, kFolder);
  EXPECT_TRUE(tables) << tables.error().to_string();
  return std::move(*tables);
}

TEST(TableFile, ReadsHeaderAndColumnsInOrder) {
  auto definition =
      parse_table_file("T",
                       "# remark\norder EventID\ntext Command Line\n\nEventID: int\nCommand Line: string\n"
                       "TimeGenerated: datetime\n");
  ASSERT_TRUE(definition) << definition.error().to_string();
  EXPECT_EQ(definition->order_column, "EventID");
  EXPECT_EQ(definition->text_columns, std::vector<std::string>{"Command Line"});
  EXPECT_EQ(definition->schema.to_string(), "EventID:int, Command Line:string, TimeGenerated:datetime");
}

TEST(TableFile, AddsTimeGenerated) {
  auto definition = parse_table_file("T", "text: string\n");
  ASSERT_TRUE(definition) << definition.error().to_string();
  EXPECT_EQ(definition->schema.to_string(), "text:string, TimeGenerated:datetime");
}

TEST(TableFile, BrokenPartsNameTheirLine) {
  for (const char* text :
       {"a\n", "a: nosuch\n", "a: int\na: int\n", "order b\n\na: int\n", "text a\n\na: int\n",
        "TimeGenerated: string\n", "order a\norder a\n\na: int\n", ": int\n", "order d\n\nd: dynamic\n"}) {
    const auto definition = parse_table_file("T", text);
    ASSERT_FALSE(definition) << text;
    EXPECT_EQ(definition.error().code, "TABLE-0002") << text;
    EXPECT_NE(definition.error().message.find("T.table line "), std::string::npos) << text;
  }
}

TEST(BuiltInTables, EveryShippedFileIsSound) {
  SystemDisk disk;
  const auto tables = shipped(disk);
  EXPECT_GE(tables->names().size(), 2'040u);
  for (const std::string& name : tables->names()) {
    const auto found = tables->find(name);
    ASSERT_TRUE(found) << found.error().to_string();
    EXPECT_EQ((*found)->name, name);
  }
}

TEST(BuiltInTables, MainTablesAreSortedByWhatRulesFilter) {
  SystemDisk disk;
  const auto tables = shipped(disk);
  EXPECT_EQ((*tables->find("SecurityEvent"))->order_column, "EventID");
  EXPECT_EQ((*tables->find("SecurityEvent"))->schema.find("EventID")->kind, Kind::kInt);
  EXPECT_EQ((*tables->find("DeviceProcessEvents"))->order_column, "ActionType");
  EXPECT_EQ((*tables->find("AuditLogs"))->order_column, "OperationName");
  EXPECT_EQ((*tables->find("CommonSecurityLog"))->order_column, "DeviceVendor");
}

TEST(BuiltInTables, UnknownNameIsNotFound) {
  SystemDisk disk;
  const auto found = shipped(disk)->find("../tables/SecurityEvent");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "TABLE-0001");
}

TEST(BuiltInTables, MissingFolderIsSaid) {
  SystemDisk disk;
  const auto tables = BuiltInTables::open(disk, kFolder + "/nosuch");
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().code, "TABLE-0003");
}

TEST(BuiltInTables, ManyThreadsGetTheSameDefinition) {
  SystemDisk disk;
  const auto tables = shipped(disk);
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<const TableDefinition>> found(4);
  for (std::size_t i = 0; i < found.size(); ++i)
    threads.emplace_back([&, i] { found[i] = *tables->find("SigninLogs"); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& definition : found) EXPECT_EQ(definition, found.front());
}

// Names, columns and types are those of the published schemas.
TEST(BuiltInTables, HoldsEveryPublishedTable) {
  const char* given = std::getenv("GARRISON_CORPUS");
  const std::string corpus = given != nullptr ? given : std::string(GARRISON_SOURCE_DIR) + "/../shared/corpus";
  SystemDisk disk;
  const auto text = disk.read_file(corpus + "/kql/schemas.json");
  if (!text) GTEST_SKIP() << "no corpus: " << text.error().message;
  const auto schemas = json::parse(*text);
  ASSERT_TRUE(schemas) << schemas.error().to_string();
  const auto tables = shipped(disk);
  std::size_t count = 0;
  for (const auto& [name, columns] : schemas->as_object()) {
    const auto found = tables->find(std::string_view(name));
    ASSERT_TRUE(found) << found.error().to_string();
    const Schema& schema = (*found)->schema;
    std::size_t index = 0;
    for (const auto& [column, type] : columns.as_object()) {
      ASSERT_LT(index, schema.columns.size());
      EXPECT_EQ(schema.columns[index].name, std::string_view(column)) << name;
      // One published schema calls TimeGenerated a string; ours is a datetime everywhere.
      const std::string_view kind = column == kTimeGenerated ? "datetime" : std::string_view(type.as_string());
      EXPECT_EQ(to_string(schema.columns[index].kind), kind) << name << "." << column;
      ++index;
    }
    ++count;
  }
  EXPECT_EQ(count, 2'038u);
}

}  // namespace
}  // namespace garrison::table
