// SPDX-License-Identifier: Apache-2.0
#include "workspace/saved_functions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <functional>

namespace garrison::workspace {
namespace {

constexpr std::size_t kMaxTextBytes = 1 << 20;

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 128 || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

}  // namespace

Result<void> SavedFunctions::load() {
  std::map<WorkspaceId, FunctionSnapshot> loaded;
  GARRISON_TRY(store_.read([&](state::Transaction& transaction) {
    return transaction.query("SELECT workspace, name, parameters, body, description FROM saved_function", {},
                             [&](const state::Row& row) -> Result<void> {
                               loaded[WorkspaceId(row.string(0))].functions[row.string(1)] = {
                                   {row.string(1), row.string(2), row.string(3)}, row.string(4)};
                               return {};
                             });
  }));
  Lock lock(mutex_);
  spaces_.clear();
  for (auto& [workspace, snapshot] : loaded) {
    snapshot.version = ++last_version_;
    spaces_[workspace] = std::make_shared<const FunctionSnapshot>(std::move(snapshot));
  }
  return {};
}

void SavedFunctions::change(const WorkspaceId& workspace, const std::function<void(FunctionSnapshot&)>& edit) {
  Lock lock(mutex_);
  std::shared_ptr<const FunctionSnapshot>& current = spaces_[workspace];
  auto next = current == nullptr ? std::make_shared<FunctionSnapshot>() : std::make_shared<FunctionSnapshot>(*current);
  edit(*next);
  next->version = ++last_version_;
  current = std::move(next);
}

Result<void> SavedFunctions::save(const WorkspaceId& workspace, const FunctionEntry& entry) {
  const kql::SavedFunction& function = entry.function;
  if (!is_name(function.name))
    return bad_input("WORKSPACE-0020", "the name of a function has letters, digits and '_' only, at most 128");
  if (function.body.size() + function.parameters.size() > kMaxTextBytes)
    return bad_input("WORKSPACE-0020", "a function is at most 1 MiB long");
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute(
        "INSERT INTO saved_function (workspace, name, parameters, body, description) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (workspace, name) DO UPDATE SET parameters = excluded.parameters, body = excluded.body, "
        "description = excluded.description",
        {workspace, function.name, function.parameters, function.body, entry.description}));
    return {};
  }));
  change(workspace, [&](FunctionSnapshot& next) { next.functions[function.name] = entry; });
  return {};
}

Result<void> SavedFunctions::remove(const WorkspaceId& workspace, std::string_view name) {
  GARRISON_ASSIGN(const std::int64_t removed, store_.write([&](state::Transaction& transaction) {
    return transaction.execute("DELETE FROM saved_function WHERE workspace = ? AND name = ?", {workspace, name});
  }));
  if (removed == 0) return not_found("WORKSPACE-0021", fmt::format("no saved function `{}`", name));
  change(workspace, [&](FunctionSnapshot& next) { next.functions.erase(next.functions.find(name)); });
  return {};
}

Result<void> SavedFunctions::remove_workspace(const WorkspaceId& workspace) {
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) {
    return transaction.execute("DELETE FROM saved_function WHERE workspace = ?", {workspace});
  }));
  Lock lock(mutex_);
  spaces_.erase(workspace);
  return {};
}

std::shared_ptr<const FunctionSnapshot> SavedFunctions::snapshot(const WorkspaceId& workspace) const {
  static const auto none = std::make_shared<const FunctionSnapshot>();
  Lock lock(mutex_);
  const auto found = spaces_.find(workspace);
  return found == spaces_.end() ? none : found->second;
}

}  // namespace garrison::workspace
