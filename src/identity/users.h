// SPDX-License-Identifier: Apache-2.0
// Accounts and their roles. Every change is audited in its transaction; changes of rights and passwords revoke the
// account's sessions. Checking that the caller may do it is the caller's part (Authorizer). Any thread may call.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/secret.h"
#include "identity/audit.h"
#include "identity/password.h"
#include "identity/principal.h"
#include "state/store.h"

namespace garrison::identity {

// The tables of this library, for Store::open.
state::MigrationSet migrations();

struct User {
  UserId id;
  std::string name;  // as given; compared without regard to ASCII case
  bool is_server_admin = false;
  bool is_disabled = false;
  bool must_change_password = false;
  DateTime created;
  std::optional<DateTime> last_sign_in;
  std::map<WorkspaceId, Role> roles;
};

struct NewUser {
  std::string name;
  Secret password;
  bool is_server_admin = false;
  bool must_change_password = true;
};

class Users {
 public:
  Users(state::Store& store, AuditLog& audit, PasswordHasher& hasher, const Clock& clock, Random& random);

  // AUTH-0010 (kBadInput) for a name outside [a-z0-9._@-]{1,64} in any case, AUTH-0011 (kConflict) when it is taken.
  Result<User> create(const Principal& by, const NewUser& user);
  // The first administrator, made by a local command: gives the random password once. AUTH-0012 (kConflict) when any
  // user exists already.
  Result<Secret> create_first_admin(std::string_view name);

  Result<User> get(const UserId& id);
  Result<std::optional<User>> find(std::string_view name);
  Result<std::vector<User>> list();
  Result<std::int64_t> count();

  // None takes the role away. Ends the user's sessions, unless it is a first role in a workspace by the user's own act
  // (whoever creates a workspace stays signed in).
  Result<void> set_role(const Principal& by, const UserId& id, const WorkspaceId& workspace, std::optional<Role> role);
  // The same within another change, such as creating a workspace.
  Result<void> set_role(state::Transaction& transaction, const Principal& by, const UserId& id,
                        const WorkspaceId& workspace, std::optional<Role> role);
  // AUTH-0013 (kConflict) when it would leave the server without an enabled administrator; so for disable and remove.
  Result<void> set_server_admin(const Principal& by, const UserId& id, bool is_admin);
  Result<void> set_disabled(const Principal& by, const UserId& id, bool is_disabled);
  Result<void> remove(const Principal& by, const UserId& id);

  // The user's own change: AUTH-0003 (kDenied) when the old password is wrong.
  Result<void> change_password(const Principal& by, const Secret& old_password, const Secret& new_password);
  // An administrator's reset: gives a random password once, to be changed at the next sign-in.
  Result<Secret> reset_password(const Principal& by, const UserId& id);

  // Drops the roles, tokens and secrets of a workspace that is deleted.
  Result<void> remove_workspace(state::Transaction& transaction, const WorkspaceId& workspace);

 private:
  state::Store& store_;
  AuditLog& audit_;
  PasswordHasher& hasher_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace garrison::identity
