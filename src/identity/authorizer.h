// SPDX-License-Identifier: Apache-2.0
// The one check point of every right. Denies unless something allows it. Stateless; any thread may call.
#pragma once

#include "base/error.h"
#include "base/ids.h"
#include "identity/permission.h"
#include "identity/principal.h"

namespace garrison::identity {

class Authorizer {
 public:
  // AUTH-0001 (kDenied) unless the principal holds the permission: in that workspace, or on the server for a server
  // permission (the workspace is then ignored). The message does not tell whether the workspace exists. AUTH-0005
  // (kDenied) while the principal must change the password.
  static Result<void> check(const Principal& principal, Permission permission, const WorkspaceId& workspace);
  // The same as a predicate, for lists that show only what may be seen.
  static bool is_allowed(const Principal& principal, Permission permission, const WorkspaceId& workspace);
};

}  // namespace garrison::identity
