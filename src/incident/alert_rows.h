// SPDX-License-Identifier: Apache-2.0
// Rows of the tables SecurityAlert and SecurityIncident as JSON, in the columns and shapes that public content reads.
// Pure functions.
#pragma once

#include <string>
#include <vector>

#include "incident/incident.h"

namespace garrison::incident {

std::string alert_row(const WorkspaceId& workspace, const entity::Alert& alert, bool is_incident, DateTime now);
// One row a change; alert ids, the newest comments that fit into 64 KB.
std::string incident_row(const Incident& incident, const std::vector<std::string>& alert_ids,
                         const std::vector<Comment>& comments, const std::string& modified_by, DateTime now);
// The entities as the Entities column has them: a JSON array with $id.
std::string entities_json(const std::vector<entity::Entity>& entities);

}  // namespace garrison::incident
