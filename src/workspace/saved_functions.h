// SPDX-License-Identifier: Apache-2.0
// Functions that users save in a workspace and call by name in KQL. Kept in state, cached whole. Any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "kql/catalogue.h"
#include "state/store.h"

namespace garrison::workspace {

struct FunctionEntry {
  kql::SavedFunction function;
  std::string description;
};

// Immutable, shared by readers.
struct FunctionSnapshot {
  std::map<std::string, FunctionEntry, std::less<>> functions;
  std::uint64_t version = 0;
};

class SavedFunctions {
 public:
  explicit SavedFunctions(state::Store& store) : store_(store) {}

  Result<void> load();
  // Adds or replaces. WORKSPACE-0020 (kBadInput): not a name, or text beyond 1 MiB. The body is not compiled here.
  Result<void> save(const WorkspaceId& workspace, const FunctionEntry& entry);
  // WORKSPACE-0021 (kNotFound).
  Result<void> remove(const WorkspaceId& workspace, std::string_view name);
  Result<void> remove_workspace(const WorkspaceId& workspace);
  std::shared_ptr<const FunctionSnapshot> snapshot(const WorkspaceId& workspace) const;

 private:
  void change(const WorkspaceId& workspace, const std::function<void(FunctionSnapshot&)>& edit);

  state::Store& store_;
  mutable Mutex mutex_;
  std::map<WorkspaceId, std::shared_ptr<const FunctionSnapshot>> spaces_ GARRISON_GUARDED_BY(mutex_);
  std::uint64_t last_version_ GARRISON_GUARDED_BY(mutex_) = 0;
};

}  // namespace garrison::workspace
