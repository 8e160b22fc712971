// SPDX-License-Identifier: Apache-2.0
// Which workspaces there are. A workspace exists from the commit of its row in state; its database in the engine comes
// with its first table. Deleting is resumed after a crash. Any thread may call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "state/store.h"
#include "workspace/saved_functions.h"
#include "workspace/table_store.h"

namespace garrison::workspace {

struct Workspace {
  WorkspaceId id;
  std::string display_name;
  std::string description;
  DateTime created;
  std::string rule_id;  // immutable id of its data collection rule, which takes every stream
};

// 1-32 characters of [a-z0-9-], starting with a letter.
bool is_workspace_id(std::string_view text);

class WorkspaceService {
 public:
  // All must outlive the service.
  WorkspaceService(state::Store& store, TableStore& tables, SavedFunctions& functions, const Clock& clock);

  // Within the caller's transaction, so that audit and roles go with it. WORKSPACE-0001 (kBadInput): bad id or name;
  // WORKSPACE-0002 (kConflict): the id is taken.
  Result<Workspace> create(state::Transaction& transaction, const WorkspaceId& id, std::string_view display_name,
                           std::string_view description);
  Result<Workspace> create(const WorkspaceId& id, std::string_view display_name, std::string_view description = {});
  // WORKSPACE-0003 (kNotFound).
  Result<Workspace> get(const WorkspaceId& id);
  Result<std::vector<Workspace>> list();  // by id
  Result<WorkspaceId> find_by_rule(std::string_view rule_id);

  // Called before the data go, in the order of registration: rules, jobs, the ingest log let go of the workspace.
  using RemoveHook = std::function<Result<void>(const WorkspaceId&)>;
  void add_remove_hook(RemoveHook hook);
  // The workspace is gone for everyone from the first commit on; then its data are deleted. An error leaves the rest to
  // resume_removals().
  Result<void> remove(const WorkspaceId& id);
  Result<void> resume_removals();

 private:
  Result<void> delete_data(const WorkspaceId& id);

  state::Store& store_;
  TableStore& tables_;
  SavedFunctions& functions_;
  const Clock& clock_;
  std::vector<RemoveHook> hooks_;  // filled before threads start
};

}  // namespace garrison::workspace
