// SPDX-License-Identifier: Apache-2.0
// Routes of workspaces, users, roles and API tokens.
#pragma once

#include "api/route.h"
#include "base/clock.h"
#include "identity/tokens.h"
#include "identity/users.h"
#include "jobs/scheduler.h"
#include "workspace/workspace_service.h"

namespace garrison::api {

struct AccessRouteParts {
  identity::Users& users;
  identity::Tokens& tokens;
  workspace::WorkspaceService& workspaces;
  jobs::Scheduler& scheduler;
  const Clock& clock;
  // Schedules the job that deletes a workspace with everything in it; connected by the server.
  std::function<Result<JobId>(const WorkspaceId&)> delete_workspace;
  // Called after a workspace was created, to install the shipped rules; connected by the server.
  std::function<Result<void>(const WorkspaceId&)> workspace_created;
};
Routes access_routes(const AccessRouteParts& parts);

}  // namespace garrison::api
