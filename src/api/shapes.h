// SPDX-License-Identifier: Apache-2.0
// JSON shapes of what the routes answer, as openapi.yaml states them. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "detect/rule_store.h"
#include "identity/audit.h"
#include "identity/tokens.h"
#include "identity/users.h"
#include "incident/incident_store.h"
#include "jobs/job.h"
#include "table/schema.h"

namespace garrison::api {

json::object entity_shape(const entity::Entity& entity, std::int64_t num_alerts);
json::object incident_shape(const incident::Incident& incident, const std::vector<incident::EntityCount>& entities);
json::object comment_shape(const incident::Comment& comment);
json::object activity_shape(const incident::Activity& activity);
json::object alert_shape(const incident::StoredAlert& stored);
json::object alert_detail_shape(const incident::StoredAlert& stored);
json::object rule_shape(const detect::SavedRule& saved, std::int64_t alerts_last_week);
json::object rule_detail_shape(const detect::SavedRule& saved, std::int64_t alerts_last_week);
json::object run_shape(const detect::RunRecord& run);
json::object job_shape(const jobs::Job& job);
json::object user_shape(const identity::User& user);
json::object token_shape(const identity::TokenInfo& token, const std::string& owner_name);
json::object audit_shape(const identity::AuditEntry& entry);
json::array columns_shape(const table::Schema& schema);

}  // namespace garrison::api
