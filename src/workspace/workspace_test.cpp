// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/fault_disk.h"
#include "engine/native_format.h"
#include "engine/test_engine.h"
#include "state/sqlite_disk_vfs.h"
#include "workspace/migrations.h"
#include "workspace/workspace_catalogue.h"
#include "workspace/workspace_service.h"

namespace garrison::workspace {
namespace {

using table::Kind;

// State in memory, the real engine in this process.
class WorkspaceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!engine::TestEngine::why_not().empty()) GTEST_SKIP() << engine::TestEngine::why_not();
    engine_ = engine::TestEngine::start(engine::EngineRoute::kInProcess);
    ASSERT_NE(engine_, nullptr);
    ASSERT_TRUE(disk_.make_folder("/s"));
    const std::vector<state::MigrationSet> sets{migrations()};
    auto store = state::Store::open("/s/state.sqlite", {.vfs = vfs_.name()}, sets, clock_);
    ASSERT_TRUE(store) << store.error().to_string();
    store_ = std::move(*store);
    auto built_in = table::BuiltInTables::open(files_, std::string(GARRISON_SOURCE_DIR) + "/content/tables");
    ASSERT_TRUE(built_in);
    built_in_ = std::move(*built_in);
    reopen();
  }

  void reopen() {
    service_.reset();
    tables_ = std::make_unique<TableStore>(engine_->engine(), *store_, *built_in_);
    const auto loaded = tables_->load();
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    functions_ = std::make_unique<SavedFunctions>(*store_);
    ASSERT_TRUE(functions_->load());
    service_ = std::make_unique<WorkspaceService>(*store_, *tables_, *functions_, clock_);
  }

  Result<void> insert(const std::string& table, const table::Schema& schema, std::int64_t number,
                      const std::string& token) {
    table::Batch batch(schema);
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      if (schema.columns[i].kind == Kind::kDateTime)
        batch.columns[i].append_integer(kUnixEpochTicks + 20'000 * kTicksPerDay);
      else if (schema.columns[i].kind == Kind::kString)
        batch.columns[i].append_text("text");
      else
        batch.columns[i].append_integer(number);
    }
    std::string native;
    GARRISON_TRY(engine::encode_native(native, batch));
    std::vector<std::string> columns;
    for (const table::Column& column : schema.columns) columns.push_back(column.name);
    return tables_->insert({kMain, table, columns, native, token});
  }

  std::int64_t count(const std::string& table) {
    std::int64_t rows = -1;
    engine::Statement statement;
    statement.sql = "SELECT toInt64(count()) FROM `ws_main`.`" + table + "`";
    const auto done =
        engine_->engine().query(statement, {{{"n", Kind::kLong}}}, {}, [&](table::Batch&& batch) -> Result<void> {
          rows = batch.columns[0].integer(0);
          return {};
        });
    EXPECT_TRUE(done) << done.error().to_string();
    return rows;
  }

  const WorkspaceId kMain{"main"};
  const table::Schema kEventColumns{
      {{"TimeGenerated", Kind::kDateTime}, {"EventID", Kind::kInt}, {"_IngestionTime", Kind::kDateTime}}};
  ManualClock clock_{DateTime{kUnixEpochTicks + 20'000 * kTicksPerDay}};
  SystemDisk files_;
  FaultDisk disk_;
  state::SqliteDiskVfs vfs_{disk_};
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<engine::TestEngine> engine_;
  std::unique_ptr<table::BuiltInTables> built_in_;
  std::unique_ptr<TableStore> tables_;
  std::unique_ptr<SavedFunctions> functions_;
  std::unique_ptr<WorkspaceService> service_;
};

TEST(WorkspaceNames, FollowTheirRules) {
  EXPECT_TRUE(is_workspace_id("a"));
  EXPECT_TRUE(is_workspace_id("soc-2"));
  for (const char* bad : {"", "A", "1a", "a_b", "a`b", "ä", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    EXPECT_FALSE(is_workspace_id(bad)) << bad;
  EXPECT_TRUE(is_custom_table_name("App_CL"));
  for (const char* bad : {"", "_CL", "App", "1_CL", "a b_CL", "a`_CL"}) EXPECT_FALSE(is_custom_table_name(bad)) << bad;
}

TEST_F(WorkspaceTest, TableExistsFromItsFirstRowAndStaysKnownAfterRestart) {
  const auto event = tables_->find(kMain, "SecurityEvent");
  ASSERT_TRUE(event);
  WorkspaceCatalogue before(kMain, *tables_, *functions_);
  EXPECT_EQ(before.find_table("SecurityEvent")->sql_name, "");
  EXPECT_TRUE(before.existing_tables().empty());

  const auto inserted = insert("SecurityEvent", kEventColumns, 4688, "t-1");
  ASSERT_TRUE(inserted) << inserted.error().to_string();
  ASSERT_TRUE(insert("SecurityEvent", kEventColumns, 4688, "t-1"));  // the same token
  EXPECT_EQ(count("SecurityEvent"), 1);
  reopen();
  WorkspaceCatalogue after(kMain, *tables_, *functions_);
  EXPECT_NE(after.version(), before.version());
  const auto source = after.find_table("SecurityEvent");
  EXPECT_EQ(source->sql_name, "`ws_main`.`SecurityEvent`");
  EXPECT_EQ(source->schema.columns.size(), 229u);
  EXPECT_NE(source->hidden.find("_Extra"), nullptr);
  EXPECT_EQ(after.existing_tables(), std::vector<std::string>{"SecurityEvent"});
  EXPECT_EQ(before.find_table("SecurityEvent")->sql_name, "");  // a snapshot does not change
  // Another workspace sees nothing of it.
  EXPECT_EQ(WorkspaceCatalogue(WorkspaceId("other"), *tables_, *functions_).find_table("SecurityEvent")->sql_name, "");
}

TEST_F(WorkspaceTest, CustomTableGrowsAndKeepsItsKinds) {
  const std::vector<table::Column> first{{"Count", Kind::kLong}};
  ASSERT_TRUE(tables_->declare(kMain, "App_CL", first));
  ASSERT_TRUE(insert("App_CL", {{{"TimeGenerated", Kind::kDateTime}, {"Count", Kind::kLong}}}, 1, "c-1"));
  const std::vector<table::Column> more{{"Count", Kind::kString}, {"Name", Kind::kString}};
  const auto grown = tables_->declare(kMain, "App_CL", more);
  ASSERT_TRUE(grown);
  EXPECT_EQ((*grown)->schema.to_string(), "TimeGenerated:datetime, Count:long, Name:string");
  ASSERT_TRUE(insert("App_CL", {{{"TimeGenerated", Kind::kDateTime}, {"Name", Kind::kString}}}, 1, "c-2"));
  EXPECT_EQ(count("App_CL"), 2);
  reopen();
  const auto loaded = tables_->find(kMain, "App_CL");
  ASSERT_TRUE(loaded);
  EXPECT_EQ((*loaded)->schema, (*grown)->schema);
  const std::vector<std::string> known = WorkspaceCatalogue(kMain, *tables_, *functions_).known_tables();
  EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
  EXPECT_TRUE(std::binary_search(known.begin(), known.end(), "App_CL"));
}

TEST_F(WorkspaceTest, NamesThatAreNoTablesAreRefused) {
  const auto unknown = tables_->find(kMain, "SecurityEvents");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "WORKSPACE-0010");
  EXPECT_NE(unknown.error().message.find("SecurityEvent`?"), std::string::npos) << unknown.error().message;
  EXPECT_EQ(tables_->declare(kMain, "x`; DROP_CL", {}).error().code, "WORKSPACE-0011");
  const auto no_column =
      insert("SecurityEvent", {{{"TimeGenerated", Kind::kDateTime}, {"NoSuch", Kind::kString}}}, 1, "n-1");
  // A table that is made has all its columns; the engine names the one that is not there.
  ASSERT_FALSE(no_column);
}

TEST_F(WorkspaceTest, WorkspacesAreMadeListedFoundAndRemoved) {
  ASSERT_TRUE(service_->create(kMain, "Main"));
  ASSERT_TRUE(service_->create(WorkspaceId("b"), ""));
  EXPECT_EQ(service_->create(kMain, "again").error().code, "WORKSPACE-0002");
  EXPECT_EQ(service_->create(WorkspaceId("No"), "").error().code, "WORKSPACE-0001");
  const auto list = service_->list();
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].display_name, "b");
  EXPECT_EQ(*service_->find_by_rule("dcr-main"), kMain);
  EXPECT_EQ(service_->find_by_rule("dcr-x").error().code, "WORKSPACE-0004");

  ASSERT_TRUE(insert("SecurityEvent", kEventColumns, 1, "w-1"));
  ASSERT_TRUE(functions_->save(kMain, {{"F", "()", "print 1"}, ""}));
  // A hook that fails leaves the rest for later; the workspace is gone for users at once.
  bool is_ready = false;
  service_->add_remove_hook([&](const WorkspaceId&) -> Result<void> {
    return is_ready ? Result<void>() : Result<void>(unavailable("T-1", "not yet"));
  });
  EXPECT_FALSE(service_->remove(kMain));
  EXPECT_EQ(service_->get(kMain).error().code, "WORKSPACE-0003");
  is_ready = true;
  ASSERT_TRUE(service_->resume_removals());
  EXPECT_TRUE(tables_->snapshot(kMain)->existing.empty());
  EXPECT_TRUE(functions_->snapshot(kMain)->functions.empty());
  ASSERT_TRUE(service_->create(kMain, "new"));  // the id is free again
}

TEST_F(WorkspaceTest, SavedFunctionsOutliveARestart) {
  ASSERT_TRUE(functions_->save(
      kMain, {{"Logons", "(since:timespan=1h)", "SecurityEvent | where TimeGenerated > ago(since)"}, "d"}));
  EXPECT_EQ(functions_->save(kMain, {{"1x", "()", ""}, ""}).error().code, "WORKSPACE-0020");
  reopen();
  const auto function = WorkspaceCatalogue(kMain, *tables_, *functions_).find_function("Logons");
  ASSERT_TRUE(function);
  EXPECT_EQ(function->parameters, "(since:timespan=1h)");
  ASSERT_TRUE(functions_->remove(kMain, "Logons"));
  EXPECT_EQ(functions_->remove(kMain, "Logons").error().code, "WORKSPACE-0021");
}

}  // namespace
}  // namespace garrison::workspace
