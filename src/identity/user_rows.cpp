// SPDX-License-Identifier: Apache-2.0
#include "identity/user_rows.h"

#include <fmt/format.h>

#include "base/text.h"

namespace garrison::identity::rows {
namespace {

constexpr std::string_view kColumns =
    "id, name, password_hash, is_server_admin, is_disabled, must_change_password, created, last_sign_in";

StoredUser stored_of(const state::Row& row) {
  StoredUser stored;
  stored.user.id = UserId(row.string(0));
  stored.user.name = row.string(1);
  stored.password_hash = row.string(2);
  stored.user.is_server_admin = row.boolean(3);
  stored.user.is_disabled = row.boolean(4);
  stored.user.must_change_password = row.boolean(5);
  stored.user.created = row.time(6);
  stored.user.last_sign_in = row.maybe_time(7);
  return stored;
}

Result<std::optional<StoredUser>> user_where(state::Transaction& transaction, std::string_view column,
                                             const state::Value& value) {
  GARRISON_ASSIGN(auto stored, transaction.query_one(fmt::format("SELECT {} FROM users WHERE {} = ?", kColumns, column),
                                                     {value}, stored_of));
  if (stored) {
    GARRISON_ASSIGN(stored->user.roles, roles_of(transaction, stored->user.id));
  }
  return stored;
}

}  // namespace

Result<std::optional<StoredUser>> user_by_id(state::Transaction& transaction, const UserId& id) {
  return user_where(transaction, "id", id);
}

Result<std::optional<StoredUser>> user_by_name(state::Transaction& transaction, std::string_view name) {
  return user_where(transaction, "name_key", text::ascii_lower(name));
}

Result<std::map<WorkspaceId, Role>> roles_of(state::Transaction& transaction, const UserId& id) {
  std::map<WorkspaceId, Role> roles;
  GARRISON_TRY(transaction.query("SELECT workspace, role FROM user_roles WHERE user_id = ?", {id},
                                 [&](const state::Row& row) -> Result<void> {
    const auto role = parse_role(row.text(1));
    if (!role) return corrupt("AUTH-0041", fmt::format("user {} has the unknown role '{}'", id.value, row.text(1)));
    roles[WorkspaceId(row.string(0))] = *role;
    return {};
  }));
  return roles;
}

Principal principal_of(const User& user, std::string credential) {
  Principal principal;
  principal.kind = PrincipalKind::kUser;
  principal.user = user.id;
  principal.name = user.name;
  principal.credential = std::move(credential);
  principal.is_server_admin = user.is_server_admin;
  principal.must_change_password = user.must_change_password;
  principal.roles = user.roles;
  return principal;
}

Result<void> end_sessions(state::Transaction& transaction, const UserId& user) {
  GARRISON_TRY(transaction.execute("DELETE FROM sessions WHERE user_id = ?", {user}));
  return {};
}

}  // namespace garrison::identity::rows
