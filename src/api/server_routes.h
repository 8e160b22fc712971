// SPDX-License-Identifier: Apache-2.0
// Routes of the server as a whole: health, status, jobs, audit.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/route.h"
#include "base/clock.h"
#include "identity/audit.h"
#include "jobs/scheduler.h"

namespace garrison::api {

struct EngineStatus {
  std::string state;  // running, starting, down
  std::string mode;   // child, in_process, cluster
  std::string version;
  std::int64_t restarts = 0;
  std::string message;
};

struct UnsupportedPart {
  std::string kind;  // "KQL function"
  std::string name;
  std::string remark;
};

struct ServerRouteParts {
  jobs::Scheduler& scheduler;
  identity::AuditLog& audit;
  const Clock& clock;
  std::string version;
  DateTime started;
  std::function<EngineStatus()> engine;
  std::function<bool()> is_healthy;
  std::function<std::vector<UnsupportedPart>()> unsupported;
};
Routes server_routes(const ServerRouteParts& parts);

}  // namespace garrison::api
