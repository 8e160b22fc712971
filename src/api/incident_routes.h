// SPDX-License-Identifier: Apache-2.0
// Routes of incidents and alerts.
#pragma once

#include "api/route.h"
#include "base/clock.h"
#include "identity/users.h"
#include "incident/incident_service.h"

namespace garrison::api {

Routes incident_routes(incident::IncidentService& incidents, identity::Users& users, const Clock& clock);

}  // namespace garrison::api
