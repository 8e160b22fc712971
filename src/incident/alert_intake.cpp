// SPDX-License-Identifier: Apache-2.0
#include "incident/alert_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "incident/alert_rows.h"
#include "incident/incident_store.h"

namespace garrison::incident {
namespace {

void add_missing(std::vector<std::string>& into, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (std::find(into.begin(), into.end(), value) == into.end()) into.push_back(value);
  }
}

// Keys of the entities of the kinds, sorted; all kinds when the list is empty.
std::string entity_keys(const entity::Alert& alert, const std::vector<entity::EntityKind>& kinds) {
  std::vector<std::string> keys;
  for (const entity::Entity& entity : alert.entities) {
    if (kinds.empty() || std::find(kinds.begin(), kinds.end(), entity.kind) != kinds.end()) keys.push_back(entity::key(entity));
  }
  std::sort(keys.begin(), keys.end());
  return text::join(keys, "\n");
}

void add_to(Incident& incident, const entity::Alert& alert) {
  ++incident.num_alerts;
  incident.first_activity = std::min(incident.first_activity, alert.start);
  incident.last_activity = std::max(incident.last_activity, alert.end);
  incident.severity = std::max(incident.severity, alert.severity);
  add_missing(incident.tactics, alert.tactics);
  add_missing(incident.techniques, alert.techniques);
  add_missing(incident.rule_ids, {alert.rule.value});
}

}  // namespace

std::string group_key(const entity::IncidentSettings& settings, const entity::Alert& alert) {
  if (!settings.grouping) return {};
  std::string out = alert.rule.value;
  switch (settings.matching) {
    case entity::Matching::kAnyAlert: return out + "|any";
    case entity::Matching::kAllEntities:
      if (alert.entities.empty()) return {};
      return out + "|all|" + entity_keys(alert, {});
    case entity::Matching::kSelected: break;
  }
  out += "|selected";
  if (!settings.by_entities.empty()) out += "|" + entity_keys(alert, settings.by_entities);
  if (settings.by_display_name) out += "|" + alert.display_name;
  if (settings.by_severity) out += "|" + std::string(to_string(alert.severity));
  for (const std::string& name : settings.by_custom_details) {
    const auto found = alert.custom_details.find(name);
    out += "|" + name + "=" + (found == alert.custom_details.end() ? "" : text::join(found->second, "\n"));
  }
  return out;
}

Result<Incident> AlertIntake::open_incident(state::Transaction& transaction, const WorkspaceId& workspace, const entity::Alert& alert,
                                            const std::string& key) {
  Incident incident;
  incident.workspace = workspace;
  GARRISON_ASSIGN(incident.number, next_number(transaction, workspace));
  incident.id = IncidentId(random_.guid());
  incident.title = alert.display_name;
  incident.description = alert.description;
  incident.severity = alert.severity;
  incident.created = clock_.now();
  incident.modified = incident.created;
  incident.first_alert = incident.created;
  incident.first_activity = alert.start;
  incident.last_activity = alert.end;
  incident.group_key = key;
  GARRISON_TRY(insert_incident(transaction, incident));
  Activity activity;
  activity.time = incident.created;
  activity.actor = alert.rule_name;
  activity.actor_kind = "AnalyticsRule";
  activity.action = "Created";
  GARRISON_TRY(insert_activity(transaction, workspace, incident.number, activity));
  return incident;
}

Result<Incident> AlertIntake::incident_for(state::Transaction& transaction, const WorkspaceId& workspace,
                                           const entity::IncidentSettings& settings, const entity::Alert& alert, bool& created) {
  const std::string key = group_key(settings, alert);
  created = false;
  if (!key.empty()) {
    GARRISON_ASSIGN(auto found, find_group(transaction, workspace, key, clock_.now() - settings.lookback));
    const bool usable = found && found->num_alerts < kMaxAlertsPerIncident &&
                        (found->status != Status::kClosed || settings.reopen_closed);
    if (usable) {
      if (found->status == Status::kClosed) {
        Activity activity{0, clock_.now(), alert.rule_name, "AnalyticsRule", "Changed", "status", "Closed", "Active"};
        GARRISON_TRY(insert_activity(transaction, workspace, found->number, activity));
        found->status = Status::kActive;
        found->closed.reset();
        found->classification = {};
      }
      return std::move(*found);
    }
  }
  created = true;
  return open_incident(transaction, workspace, alert, key);
}

Result<std::size_t> AlertIntake::accept(state::Transaction& transaction, const WorkspaceId& workspace,
                                        const entity::IncidentSettings& settings, const std::vector<entity::Alert>& alerts) {
  std::vector<const entity::Alert*> fresh;
  for (const entity::Alert& alert : alerts) {
    GARRISON_ASSIGN(const bool is_new, insert_alert(transaction, workspace, alert));
    if (!is_new) continue;
    GARRISON_TRY(outbox_.add(transaction, "alert", workspace, alert.id.value,
                             alert_row(workspace, alert, settings.create_incident, clock_.now())));
    fresh.push_back(&alert);
  }
  if (!settings.create_incident) return fresh.size();
  // Incidents follow once all alerts of the run exist; each changed one tells its news once.
  std::map<std::int64_t, std::string> changed;
  for (const entity::Alert* alert : fresh) {
    bool created = false;
    GARRISON_ASSIGN(Incident incident, incident_for(transaction, workspace, settings, *alert, created));
    add_to(incident, *alert);
    incident.modified = clock_.now();
    if (!created && !changed.contains(incident.number)) ++incident.version;
    GARRISON_TRY(update_incident(transaction, incident));
    GARRISON_TRY(link_alert(transaction, workspace, alert->id, incident.number));
    const Activity activity{0, clock_.now(), alert->rule_name, "AnalyticsRule", "AlertAdded", "", "", alert->display_name};
    GARRISON_TRY(insert_activity(transaction, workspace, incident.number, activity));
    changed.emplace(incident.number, created ? "Incident created from alert" : "Alert Grouping");
  }
  for (const auto& [number, modified_by] : changed) {
    GARRISON_ASSIGN(const auto incident, find_incident(transaction, workspace, number));
    GARRISON_ASSIGN(const auto ids, alert_ids(transaction, workspace, number));
    GARRISON_ASSIGN(const auto comments, list_comments(transaction, workspace, number));
    GARRISON_TRY(outbox_.add(transaction, "incident", workspace, std::to_string(number),
                             incident_row(*incident, ids, comments, modified_by, clock_.now())));
  }
  return fresh.size();
}

}  // namespace garrison::incident
