// SPDX-License-Identifier: Apache-2.0
#include "identity/authorizer.h"

#include <fmt/format.h>

namespace garrison::identity {

Principal Principal::system(std::string name) {
  Principal principal;
  principal.kind = PrincipalKind::kSystem;
  principal.name = std::move(name);
  return principal;
}

bool Authorizer::is_allowed(const Principal& principal, Permission permission, const WorkspaceId& workspace) {
  if (principal.kind == PrincipalKind::kSystem) return true;
  if (principal.must_change_password) return false;
  if (principal.only && !principal.only->contains(permission)) return false;
  if (entry_of(permission).scope == PermissionScope::kServer) {
    return principal.is_server_admin && principal.kind == PrincipalKind::kUser;
  }
  const auto role = principal.roles.find(workspace);
  return role != principal.roles.end() && allows(role->second, permission);
}

Result<void> Authorizer::check(const Principal& principal, Permission permission, const WorkspaceId& workspace) {
  if (is_allowed(principal, permission, workspace)) return {};
  if (principal.must_change_password) {
    return denied("AUTH-0005", "the password must be changed first; nothing else is allowed until then");
  }
  const PermissionEntry& entry = entry_of(permission);
  if (entry.scope == PermissionScope::kServer) {
    return denied("AUTH-0001", fmt::format("this needs a server administrator ({})", entry.name));
  }
  return denied("AUTH-0001", fmt::format("this needs the role {} or higher in the workspace ({}); ask one of its owners",
                                         to_string(entry.least_role), entry.name));
}

}  // namespace garrison::identity
