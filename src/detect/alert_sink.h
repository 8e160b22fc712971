// SPDX-License-Identifier: Apache-2.0
// Where alerts go; implemented by incident, connected by the server.
#pragma once

#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "entity/alert.h"
#include "state/transaction.h"

namespace garrison::detect {

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  // Takes the alerts of one run inside the run's own transaction. Alerts already known by id are passed over. Gives
  // the number that is new.
  virtual Result<std::size_t> accept(state::Transaction& transaction, const WorkspaceId& workspace,
                                     const entity::IncidentSettings& settings, const std::vector<entity::Alert>& alerts) = 0;
};

}  // namespace garrison::detect
