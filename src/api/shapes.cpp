// SPDX-License-Identifier: Apache-2.0
#include "api/shapes.h"

#include "api/exchange.h"

namespace garrison::api {
namespace {

json::object person(const std::string& name) { return {{"name", name}, {"displayName", name}}; }

std::string_view job_state(jobs::JobState state) {
  switch (state) {
    case jobs::JobState::kWaiting: return "Waiting";
    case jobs::JobState::kRunning: return "Running";
    case jobs::JobState::kDone: return "Succeeded";
    case jobs::JobState::kFailed:
    case jobs::JobState::kUnknown: return "Failed";
    case jobs::JobState::kCancelled: return "Cancelled";
  }
  return "Failed";
}

json::object health_shape(const detect::SavedRule& saved) {
  json::object health;
  const bool disabled = !saved.enabled && saved.state != detect::RuleState::kAutoDisabled;
  health["state"] = disabled ? "Disabled" : detect::to_string(saved.state);
  if (!saved.reason.empty()) health["reason"] = saved.reason;
  if (saved.last_run) {
    health["lastRunTime"] = time_value(*saved.last_run);
    health["lastRunMs"] = saved.last_run_milliseconds;
  }
  if (saved.enabled && saved.next_slot) health["nextRunTime"] = time_value(*saved.next_slot + Timespan{5 * kTicksPerMinute});
  health["consecutiveFailures"] = saved.consecutive_failures;
  return health;
}

}  // namespace

json::object entity_shape(const entity::Entity& entity, std::int64_t num_alerts) {
  json::object out;
  out["id"] = entity::key(entity);
  out["kind"] = entity::to_string(entity.kind);
  out["name"] = entity::display_name(entity);
  json::object properties;
  for (const auto& [name, value] : entity.properties) properties[name] = value;
  out["properties"] = std::move(properties);
  if (num_alerts > 0) out["alertsCount"] = num_alerts;
  return out;
}

json::object incident_shape(const incident::Incident& incident, const std::vector<incident::EntityCount>& entities) {
  json::object out;
  out["id"] = incident.id.value;
  out["number"] = incident.number;
  out["title"] = incident.title;
  out["description"] = incident.description;
  out["severity"] = to_string(incident.severity);
  out["status"] = to_string(incident.status);
  out["owner"] = incident.owner.empty() ? json::value(nullptr) : json::value(person(incident.owner));
  if (!incident.classification.kind.empty()) out["classification"] = incident.classification.kind;
  if (!incident.classification.reason.empty()) out["classificationReason"] = incident.classification.reason;
  if (!incident.classification.comment.empty()) out["classificationComment"] = incident.classification.comment;
  json::array labels;
  for (const std::string& label : incident.labels) labels.push_back(json::object{{"name", label}, {"kind", "User"}});
  out["labels"] = std::move(labels);
  out["tactics"] = text_array(incident.tactics);
  out["techniques"] = text_array(incident.techniques);
  out["alertsCount"] = incident.num_alerts;
  out["commentsCount"] = incident.num_comments;
  out["ruleIds"] = text_array(incident.rule_ids);
  json::array top;
  for (const auto& counted : entities) top.push_back(entity_shape(counted.entity, counted.num_alerts));
  out["entities"] = std::move(top);
  out["firstActivityTime"] = time_value(incident.first_activity);
  out["lastActivityTime"] = time_value(incident.last_activity);
  out["createdTime"] = time_value(incident.created);
  out["lastModifiedTime"] = time_value(incident.modified);
  if (incident.closed) out["closedTime"] = time_value(*incident.closed);
  out["etag"] = std::to_string(incident.version);
  return out;
}

json::object comment_shape(const incident::Comment& comment) {
  return {{"id", std::to_string(comment.id)},
          {"author", person(comment.author)},
          {"message", comment.message},
          {"createdTime", time_value(comment.created)}};
}

json::object activity_shape(const incident::Activity& activity) {
  json::object out{{"id", std::to_string(activity.id)},
                   {"time", time_value(activity.time)},
                   {"actor", activity.actor},
                   {"actorKind", activity.actor_kind},
                   {"action", activity.action}};
  if (!activity.field.empty()) out["field"] = activity.field;
  if (!activity.from.empty() || !activity.to.empty()) {
    out["from"] = activity.from.empty() ? json::value(nullptr) : json::value(activity.from);
    out["to"] = activity.to.empty() ? json::value(nullptr) : json::value(activity.to);
  }
  return out;
}

json::object alert_shape(const incident::StoredAlert& stored) {
  const entity::Alert& alert = stored.alert;
  json::object out;
  out["id"] = alert.id.value;
  out["displayName"] = alert.display_name;
  out["description"] = alert.description;
  out["severity"] = to_string(alert.severity);
  out["ruleId"] = alert.rule.value;
  out["ruleName"] = alert.rule_name;
  out["productName"] = alert.product_name;
  out["incidentNumber"] = stored.incident == 0 ? json::value(nullptr) : json::value(stored.incident);
  out["createdTime"] = time_value(alert.created);
  out["startTime"] = time_value(alert.start);
  out["endTime"] = time_value(alert.end);
  out["tactics"] = text_array(alert.tactics);
  out["techniques"] = text_array(alert.techniques);
  json::array entities;
  for (const entity::Entity& entity : alert.entities) entities.push_back(entity_shape(entity, 0));
  out["entities"] = std::move(entities);
  json::object details;
  for (const auto& [key, values] : alert.custom_details) details[key] = text_array(values);
  out["customDetails"] = std::move(details);
  out["eventsCount"] = alert.num_events;
  return out;
}

json::object alert_detail_shape(const incident::StoredAlert& stored) {
  json::object out = alert_shape(stored);
  const entity::Alert& alert = stored.alert;
  // The query looked back from the window's end; asked later it must do the same.
  out["eventsQuery"] = json::object{{"query", "set query_now = datetime(" + format_iso(alert.window_end) + ");\n" + alert.query},
                                    {"timespan", format_iso(alert.window_start) + "/" + format_iso(alert.window_end)}};
  json::object extended;
  if (!alert.event_json.empty()) {
    if (auto event = json::parse(alert.event_json); event.ok()) extended["event"] = std::move(*event);
  }
  out["extendedProperties"] = std::move(extended);
  return out;
}

json::object rule_shape(const detect::SavedRule& saved, std::int64_t alerts_last_week) {
  const detect::Rule& rule = saved.rule;
  json::object out;
  out["id"] = rule.id.value;
  out["displayName"] = rule.name;
  out["description"] = rule.description;
  out["kind"] = "Scheduled";
  out["severity"] = to_string(rule.severity);
  out["enabled"] = saved.enabled;
  out["origin"] = saved.origin == detect::RuleOrigin::kShipped ? "shipped" : "user";
  if (!rule.version.empty()) out["version"] = rule.version;
  out["tactics"] = text_array(rule.tactics);
  out["techniques"] = text_array(rule.techniques);
  json::array tables;
  for (const auto& [connector, types] : rule.connectors) {
    for (const std::string& type : types) tables.emplace_back(type);
  }
  out["tables"] = std::move(tables);
  out["queryFrequency"] = format_iso_duration(rule.frequency);
  out["queryPeriod"] = format_iso_duration(rule.period);
  out["health"] = health_shape(saved);
  out["alertsLastWeek"] = alerts_last_week;
  out["lastModifiedTime"] = time_value(saved.modified);
  out["etag"] = std::to_string(saved.version);
  return out;
}

json::object rule_detail_shape(const detect::SavedRule& saved, std::int64_t alerts_last_week) {
  json::object out = rule_shape(saved, alerts_last_week);
  out["query"] = saved.rule.query;
  out["yaml"] = saved.yaml;
  out["triggerOperator"] = to_string(saved.rule.trigger);
  out["triggerThreshold"] = saved.rule.threshold;
  json::array mappings;
  for (const entity::EntityMapping& mapping : saved.rule.entity_mappings) {
    json::array fields;
    for (const auto& field : mapping.fields) fields.push_back(json::object{{"identifier", field.identifier}, {"columnName", field.column}});
    mappings.push_back(json::object{{"entityType", entity::to_string(mapping.kind)}, {"fieldMappings", std::move(fields)}});
  }
  out["entityMappings"] = std::move(mappings);
  out["createIncident"] = saved.rule.incident.create_incident;
  return out;
}

json::object run_shape(const detect::RunRecord& run) {
  json::object out;
  out["id"] = std::to_string(run.id);
  out["windowStart"] = time_value(run.window_start);
  out["windowEnd"] = time_value(run.window_end);
  out["startTime"] = time_value(run.started);
  out["state"] = run.state == detect::RunState::kSucceeded ? "Succeeded" : run.state == detect::RunState::kWaiting ? "Waiting" : "Failed";
  out["durationMs"] = run.milliseconds;
  out["rows"] = run.num_rows;
  out["rowsRead"] = run.rows_read;
  out["alerts"] = run.num_alerts;
  if (!run.error.empty()) out["error"] = run.error;
  return out;
}

json::object job_shape(const jobs::Job& job) {
  json::object out;
  out["id"] = job.id.value;
  out["kind"] = job.kind;
  out["state"] = job_state(job.state);
  out["progress"] = job.progress;
  out["message"] = job.last_error.empty() ? job.progress_text : job.last_error;
  if (!job.workspace.empty()) out["workspace"] = job.workspace.value;
  return out;
}

json::object user_shape(const identity::User& user) {
  json::object out = person(user.name);
  out["enabled"] = !user.is_disabled;
  out["administrator"] = user.is_server_admin;
  out["mustChangePassword"] = user.must_change_password;
  out["createdTime"] = time_value(user.created);
  if (user.last_sign_in) out["lastSignInTime"] = time_value(*user.last_sign_in);
  json::array roles;
  for (const auto& [workspace, role] : user.roles) roles.push_back(json::object{{"workspace", workspace.value}, {"role", to_string(role)}});
  out["roles"] = std::move(roles);
  // Users carry no version: the etag is made of what can be changed.
  const std::size_t hash = std::hash<std::string>()(json::print(out));
  out["etag"] = std::to_string(hash & INT64_MAX);
  return out;
}

json::object token_shape(const identity::TokenInfo& token, const std::string& owner_name) {
  json::object out;
  out["id"] = token.id;
  out["name"] = token.name;
  out["owner"] = owner_name;
  out["workspace"] = token.workspace.value;
  out["role"] = to_string(token.role);
  out["createdTime"] = time_value(token.created);
  out["expiresTime"] = time_value(token.expires);
  if (token.last_used) out["lastUsedTime"] = time_value(*token.last_used);
  if (!token.only.empty()) {
    json::array only;
    for (const identity::Permission permission : token.only) only.emplace_back(to_string(permission));
    out["permissions"] = std::move(only);
  }
  return out;
}

json::object audit_shape(const identity::AuditEntry& entry) {
  json::object out;
  out["id"] = std::to_string(entry.number);
  out["time"] = time_value(entry.time);
  out["actor"] = entry.event.actor;
  out["action"] = entry.event.action;
  if (!entry.event.target.empty()) out["target"] = entry.event.target;
  out["outcome"] = to_string(entry.event.outcome);
  if (!entry.event.workspace.empty()) out["workspace"] = entry.event.workspace.value;
  if (!entry.event.address.empty()) out["address"] = entry.event.address;
  json::object details = entry.event.details;
  if (const json::value* id = details.if_contains("requestId")) {
    out["requestId"] = *id;
    details.erase("requestId");
  }
  if (!details.empty()) out["detail"] = json::print(details);
  return out;
}

json::array columns_shape(const table::Schema& schema) {
  json::array out;
  for (const table::Column& column : schema.columns) {
    out.push_back(json::object{{"name", column.name}, {"type", to_string(column.kind)}});
  }
  return out;
}

}  // namespace garrison::api
