// SPDX-License-Identifier: Apache-2.0
// Takes the alerts of a rule run and makes or extends incidents. Works inside the caller's transaction, so that run,
// alerts, incidents and their news are stored together or not at all. Any thread.
#pragma once

#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "incident/incident.h"
#include "state/outbox.h"

namespace garrison::incident {

// Alerts an incident holds; the next one opens a sibling with the same details.
inline constexpr std::int64_t kMaxAlertsPerIncident = 150;

class AlertIntake {
 public:
  AlertIntake(state::Outbox& outbox, const Clock& clock, Random& random) : outbox_(outbox), clock_(clock), random_(random) {}

  // Stores what is new by id; gives its number.
  Result<std::size_t> accept(state::Transaction& transaction, const WorkspaceId& workspace,
                             const entity::IncidentSettings& settings, const std::vector<entity::Alert>& alerts);

 private:
  Result<Incident> open_incident(state::Transaction& transaction, const WorkspaceId& workspace, const entity::Alert& alert,
                                 const std::string& group_key);
  Result<Incident> incident_for(state::Transaction& transaction, const WorkspaceId& workspace,
                                const entity::IncidentSettings& settings, const entity::Alert& alert, bool& created);

  state::Outbox& outbox_;
  const Clock& clock_;
  Random& random_;
};

// What must be equal for two alerts of one rule to share an incident; empty: they never do.
std::string group_key(const entity::IncidentSettings& settings, const entity::Alert& alert);

}  // namespace garrison::incident
