// SPDX-License-Identifier: Apache-2.0
// Who acts, with the rights held at the moment of authentication. Built by Sessions, Tokens or for the server itself;
// never stored: a session or token is looked up anew for each request. Plain value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/ids.h"
#include "identity/permission.h"

namespace garrison::identity {

enum class PrincipalKind : std::uint8_t {
  kUser,    // signed in with a session
  kToken,   // an API token, never with more rights than its owner has now
  kSystem,  // the server's own work and local commands of its operator
};

struct Principal {
  PrincipalKind kind = PrincipalKind::kUser;
  UserId user;
  std::string name;
  std::string credential;  // public id of the session or token, for audit
  bool is_server_admin = false;
  // Nothing is allowed until the password is changed.
  bool must_change_password = false;
  std::map<WorkspaceId, Role> roles;
  // Set for a token limited to some permissions of its role.
  std::optional<std::set<Permission>> only;

  // May do everything: for the server's own work and local commands only.
  static Principal system(std::string name = "system");
};

}  // namespace garrison::identity
