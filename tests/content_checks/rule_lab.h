// SPDX-License-Identifier: Apache-2.0
// Workspaces to try rules in: the engine in this process, state in memory, rows brought in by the formats of ingest
// without its log. Once open, any thread may call.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fault_disk.h"
#include "base/random.h"
#include "detect/rule_query.h"
#include "engine/test_engine.h"
#include "ingest/formats/format.h"
#include "state/sqlite_disk_vfs.h"
#include "state/store.h"
#include "table/catalogue.h"
#include "workspace/query_executor.h"
#include "workspace/saved_functions.h"
#include "workspace/table_store.h"

namespace garrison::lab {

struct LoadReport {
  std::uint64_t num_records = 0;
  std::uint64_t num_rejected = 0;
  std::uint64_t num_rows = 0;
  std::string first_reject;
};

class RuleLab final : public detect::RuleQuery {
 public:
  // Empty when an engine can be started here.
  static std::string why_not() { return engine::TestEngine::why_not(); }
  static Result<std::unique_ptr<RuleLab>> open(const std::string& source_folder);
  ~RuleLab() override;

  // JSON records in any layout; format empty: told by the first record. Refused records are counted.
  Result<LoadReport> load(const WorkspaceId& workspace, std::string_view format, std::string_view table,
                          std::string bytes);
  // First and last TimeGenerated of all rows; kNotFound without rows.
  Result<detect::QueryWindow> span(const WorkspaceId& workspace);
  // Whether rows of one of the tables were loaded.
  bool has_any(const WorkspaceId& workspace, const std::vector<std::string>& tables) const;
  Result<void> drop(const WorkspaceId& workspace) { return tables_->drop_workspace(workspace); }

  Result<detect::QueryAnswer> run(const WorkspaceId& workspace, std::string_view kql,
                                  const detect::QueryWindow& window) override;
  Result<table::Schema> check(const WorkspaceId& workspace, std::string_view kql) override;

 private:
  RuleLab() = default;
  Result<void> start(const std::string& source_folder);

  SystemClock clock_;
  SystemDisk files_;
  SystemRandom random_;
  FaultDisk disk_;
  state::SqliteDiskVfs vfs_{disk_};
  std::unique_ptr<engine::TestEngine> engine_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<table::BuiltInTables> built_in_;
  std::unique_ptr<workspace::TableStore> tables_;
  std::unique_ptr<workspace::SavedFunctions> functions_;
  std::unique_ptr<workspace::QueryExecutor> executor_;
  std::atomic<std::uint64_t> num_inserts_ = 0;
};

}  // namespace garrison::lab
