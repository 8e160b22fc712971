// SPDX-License-Identifier: Apache-2.0
// Reading users out of the database, shared by the classes that authenticate. Internal to the library; runs inside the
// caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "identity/principal.h"
#include "identity/users.h"
#include "state/transaction.h"

namespace garrison::identity::rows {

struct StoredUser {
  User user;
  std::string password_hash;
};

Result<std::optional<StoredUser>> user_by_id(state::Transaction& transaction, const UserId& id);
Result<std::optional<StoredUser>> user_by_name(state::Transaction& transaction, std::string_view name);
Result<std::map<WorkspaceId, Role>> roles_of(state::Transaction& transaction, const UserId& id);
Principal principal_of(const User& user, std::string credential);
Result<void> end_sessions(state::Transaction& transaction, const UserId& user);

}  // namespace garrison::identity::rows
