// SPDX-License-Identifier: Apache-2.0
// Routes of signing in and out, and of one's own profile.
#pragma once

#include "api/route.h"
#include "identity/sessions.h"
#include "identity/users.h"
#include "workspace/workspace_service.h"

namespace garrison::api {

struct SessionRouteParts {
  identity::Sessions& sessions;
  identity::Users& users;
  workspace::WorkspaceService& workspaces;
};
Routes session_routes(const SessionRouteParts& parts);

}  // namespace garrison::api
