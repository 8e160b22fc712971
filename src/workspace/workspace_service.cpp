// SPDX-License-Identifier: Apache-2.0
#include "workspace/workspace_service.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace garrison::workspace {
namespace {

constexpr std::string_view kSelect =
    "SELECT w.id, w.display_name, w.description, w.created, r.id FROM workspace w "
    "JOIN data_collection_rule r ON r.workspace = w.id WHERE w.is_deleting = 0";

Workspace read(const state::Row& row) {
  return {WorkspaceId(row.string(0)), row.string(1), row.string(2), row.time(3), row.string(4)};
}

}  // namespace

bool is_workspace_id(std::string_view text) {
  if (text.empty() || text.size() > 32 || text.front() < 'a' || text.front() > 'z') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

WorkspaceService::WorkspaceService(state::Store& store, TableStore& tables, SavedFunctions& functions,
                                   const Clock& clock)
    : store_(store), tables_(tables), functions_(functions), clock_(clock) {}

Result<Workspace> WorkspaceService::create(state::Transaction& transaction, const WorkspaceId& id,
                                           std::string_view display_name, std::string_view description) {
  if (!is_workspace_id(id.value))
    return bad_input("WORKSPACE-0001",
                     "a workspace id has 1 to 32 characters of a-z, 0-9 and '-', and starts with a letter");
  const std::string_view name = display_name.empty() ? std::string_view(id.value) : display_name;
  if (text::num_characters(name) > 128 || description.size() > 4'096 || !text::is_valid_utf8(name))
    return bad_input("WORKSPACE-0001", "a display name has at most 128 characters, a description 4,096 bytes");
  GARRISON_ASSIGN(const auto taken, transaction.query_one("SELECT 1 FROM workspace WHERE id = ?", {id},
                                                          [](const state::Row&) { return true; }));
  if (taken) return conflict("WORKSPACE-0002", fmt::format("there is a workspace `{}` already", id.value));
  Workspace made{id, std::string(name), std::string(description), clock_.now(), "dcr-" + id.value};
  GARRISON_TRY(transaction.execute(
      "INSERT INTO workspace (id, display_name, description, created, is_deleting) VALUES (?, ?, ?, ?, 0)",
      {id, made.display_name, made.description, made.created}));
  GARRISON_TRY(
      transaction.execute("INSERT INTO data_collection_rule (id, workspace) VALUES (?, ?)", {made.rule_id, id}));
  return made;
}

Result<Workspace> WorkspaceService::create(const WorkspaceId& id, std::string_view display_name,
                                           std::string_view description) {
  return store_.write(
      [&](state::Transaction& transaction) { return create(transaction, id, display_name, description); });
}

Result<Workspace> WorkspaceService::get(const WorkspaceId& id) {
  GARRISON_ASSIGN(auto found, store_.read([&](state::Transaction& transaction) {
    return transaction.query_one(std::string(kSelect) + " AND w.id = ?", {id}, read);
  }));
  if (!found) return not_found("WORKSPACE-0003", fmt::format("no workspace `{}`", text::escape_control(id.value)));
  return std::move(*found);
}

Result<std::vector<Workspace>> WorkspaceService::list() {
  return store_.read([&](state::Transaction& transaction) {
    return transaction.query_all(std::string(kSelect) + " ORDER BY w.id", {}, read);
  });
}

Result<WorkspaceId> WorkspaceService::find_by_rule(std::string_view rule_id) {
  GARRISON_ASSIGN(auto found, store_.read([&](state::Transaction& transaction) {
    return transaction.query_one(std::string(kSelect) + " AND r.id = ?", {rule_id}, read);
  }));
  if (!found)
    return not_found("WORKSPACE-0004", fmt::format("no data collection rule `{}`", text::escape_control(rule_id)));
  return found->id;
}

void WorkspaceService::add_remove_hook(RemoveHook hook) {
  hooks_.push_back(std::move(hook));
}

Result<void> WorkspaceService::remove(const WorkspaceId& id) {
  GARRISON_ASSIGN(const std::int64_t changed, store_.write([&](state::Transaction& transaction) {
    return transaction.execute("UPDATE workspace SET is_deleting = 1 WHERE id = ? AND is_deleting = 0", {id});
  }));
  if (changed == 0)
    return not_found("WORKSPACE-0003", fmt::format("no workspace `{}`", text::escape_control(id.value)));
  return delete_data(id);
}

Result<void> WorkspaceService::delete_data(const WorkspaceId& id) {
  for (const RemoveHook& hook : hooks_) GARRISON_TRY(hook(id));
  GARRISON_TRY(tables_.drop_workspace(id));
  GARRISON_TRY(functions_.remove_workspace(id));
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute("DELETE FROM data_collection_rule WHERE workspace = ?", {id}));
    GARRISON_TRY(transaction.execute("DELETE FROM workspace WHERE id = ?", {id}));
    return {};
  });
}

Result<void> WorkspaceService::resume_removals() {
  GARRISON_ASSIGN(const std::vector<WorkspaceId> ids, store_.read([&](state::Transaction& transaction) {
    return transaction.query_all("SELECT id FROM workspace WHERE is_deleting = 1", {},
                                 [](const state::Row& row) { return WorkspaceId(row.string(0)); });
  }));
  for (const WorkspaceId& id : ids) GARRISON_TRY(delete_data(id));
  return {};
}

}  // namespace garrison::workspace
