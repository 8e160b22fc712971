// SPDX-License-Identifier: Apache-2.0
// Connects detection's alerts to incident's intake. Any thread.
#pragma once

#include "detect/alert_sink.h"
#include "incident/alert_intake.h"

namespace garrison::server {

class IncidentSink final : public detect::AlertSink {
 public:
  explicit IncidentSink(incident::AlertIntake& intake) : intake_(intake) {}
  Result<std::size_t> accept(state::Transaction& transaction, const WorkspaceId& workspace, const entity::IncidentSettings& settings,
                             const std::vector<entity::Alert>& alerts) override {
    return intake_.accept(transaction, workspace, settings, alerts);
  }

 private:
  incident::AlertIntake& intake_;
};

}  // namespace garrison::server
