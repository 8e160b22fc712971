// SPDX-License-Identifier: Apache-2.0
// The tables of every workspace: built-in ones by file, custom ones (`..._CL`) by what arrived, and which of them exist
// in the engine. Creates a table at its first row and adds columns as they come; a column keeps the kind it was first
// given. Any thread may call; owned by the server.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "engine/engine.h"
#include "state/store.h"
#include "table/catalogue.h"
#include "workspace/row_target.h"

namespace garrison::workspace {

// The engine's database of a workspace.
std::string database_name(const WorkspaceId& workspace);

// A letter, then letters, digits and '_', at most 63, ending in _CL.
bool is_custom_table_name(std::string_view name);

inline constexpr std::size_t kMaxCustomTables = 500;   // of one workspace
inline constexpr std::size_t kMaxCustomColumns = 500;  // of one table; further fields stay in _Extra

// What one workspace has. Immutable: shared by readers while the store makes the next one.
struct TableSnapshot {
  using Definition = std::shared_ptr<const table::TableDefinition>;
  std::map<std::string, Definition, std::less<>> custom;
  std::set<std::string, std::less<>> existing;  // in the engine
  std::uint64_t version = 0;                    // another one after every change
};

class TableStore final : public RowTarget {
 public:
  using Definition = std::shared_ptr<const table::TableDefinition>;

  // All must outlive the store.
  TableStore(engine::Engine& engine, state::Store& store, const table::BuiltInTables& built_in);

  // Reads the custom tables from state and the existing ones from the engine, in one statement each, and adds columns
  // that a newer release has. Call before anything else; again after the engine's data were replaced.
  Result<void> load();

  // WORKSPACE-0010 (kNotFound): neither built-in nor custom here, with the nearest name.
  Result<Definition> find(const WorkspaceId& workspace, std::string_view name) const;
  // A custom table with at least these columns: made, or extended by those that it lacks. A column that is there keeps
  // its kind. WORKSPACE-0011 (kBadInput): not the name of a custom table; WORKSPACE-0012 (kExhausted): too many tables.
  // Columns beyond kMaxCustomColumns are left out.
  Result<Definition> declare(const WorkspaceId& workspace, std::string_view name,
                             std::span<const table::Column> columns);

  // Creates database, table and columns where they are missing, then inserts.
  Result<void> insert(const RowInsert& rows) override;

  std::shared_ptr<const TableSnapshot> snapshot(const WorkspaceId& workspace) const;
  const table::BuiltInTables& built_in() const { return built_in_; }

  // Deletes the database and everything known of the workspace.
  Result<void> drop_workspace(const WorkspaceId& workspace);

  // Called after a table or a column came into being, on the thread that made it; short, and not back into the store.
  void set_listener(std::function<void(const WorkspaceId&, const std::string& table)> listener);

 private:
  using Columns = std::set<std::string, std::less<>>;
  // What one table has in the engine, and the lock under which it is changed there.
  struct Stored {
    Mutex ddl;
    Columns columns;  // changed under `ddl` and the store's mutex, so either is enough to read
    bool exists = false;
  };
  struct Space {
    std::shared_ptr<const TableSnapshot> snapshot = std::make_shared<const TableSnapshot>();
    std::map<std::string, std::shared_ptr<Stored>, std::less<>> stored;  // shared: an insert keeps it during a drop
  };

  Result<void> load_custom();
  Result<void> load_existing();
  Result<std::shared_ptr<Stored>> ensure(const WorkspaceId& workspace, const std::string& name,
                                         const std::vector<std::string>& columns);
  void replace_snapshot(const WorkspaceId& workspace, const std::function<void(TableSnapshot&)>& change)
      GARRISON_REQUIRES(mutex_);

  engine::Engine& engine_;
  state::Store& store_;
  const table::BuiltInTables& built_in_;
  Mutex declare_mutex_;  // one declaration at a time
  mutable Mutex mutex_;
  std::map<WorkspaceId, Space> spaces_ GARRISON_GUARDED_BY(mutex_);
  std::uint64_t last_version_ GARRISON_GUARDED_BY(mutex_) = 0;
  std::function<void(const WorkspaceId&, const std::string&)> listener_ GARRISON_GUARDED_BY(mutex_);
};

}  // namespace garrison::workspace
