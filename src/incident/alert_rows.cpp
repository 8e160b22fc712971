// SPDX-License-Identifier: Apache-2.0
#include "incident/alert_rows.h"

#include "base/json.h"
#include "base/text.h"

namespace garrison::incident {
namespace {

constexpr std::size_t kMaxRowBytes = 64 << 10;

json::array texts(const std::vector<std::string>& values) {
  json::array out;
  for (const std::string& value : values) out.emplace_back(value);
  return out;
}

// SecurityAlert keeps a number of its columns as text that holds JSON.
std::string extended_properties(const entity::Alert& alert) {
  json::object out;
  out["Query"] = alert.query;
  out["Query Start Time UTC"] = format_iso(alert.window_start);
  out["Query End Time UTC"] = format_iso(alert.window_end);
  out["Search Query Results Overall Count"] = std::to_string(alert.num_events);
  out["Analytic Rule Ids"] = json::print(json::array{json::value(alert.rule.value)});
  out["Analytic Rule Name"] = alert.rule_name;
  out["Event Grouping"] = alert.event_json.empty() ? "SingleAlert" : "AlertPerResult";
  if (!alert.event_json.empty()) out["Event"] = alert.event_json;
  if (!alert.custom_details.empty()) {
    json::object details;
    for (const auto& [key, values] : alert.custom_details) details[key] = texts(values);
    out["Custom Details"] = json::print(details);
  }
  return json::print(out);
}

}  // namespace

std::string entities_json(const std::vector<entity::Entity>& entities) {
  json::array out;
  int id = 2;
  for (const entity::Entity& entity : entities) {
    json::object item{{"$id", std::to_string(++id)}};
    for (const auto& member : entity::to_json(entity)) item.insert(member);
    out.push_back(std::move(item));
  }
  return json::print(out);
}

std::string alert_row(const WorkspaceId& workspace, const entity::Alert& alert, bool is_incident, DateTime now) {
  json::object row;
  row["TimeGenerated"] = format_iso(now);
  row["DisplayName"] = alert.display_name;
  row["AlertName"] = alert.display_name;
  row["AlertSeverity"] = to_string(alert.severity);
  row["Description"] = alert.description;
  row["ProviderName"] = alert.provider_name;
  row["VendorName"] = "Garrison";
  row["VendorOriginalId"] = alert.id.value;
  row["SystemAlertId"] = alert.id.value;
  row["AlertType"] = workspace.value + "_" + alert.rule.value;
  row["IsIncident"] = is_incident;
  row["StartTime"] = format_iso(alert.start);
  row["EndTime"] = format_iso(alert.end);
  row["ProcessingEndTime"] = format_iso(now);
  row["ExtendedProperties"] = extended_properties(alert);
  row["Entities"] = entities_json(alert.entities);
  row["ProductName"] = alert.product_name;
  row["ProductComponentName"] = "Scheduled Alerts";
  row["Status"] = "New";
  row["Tactics"] = text::join(alert.tactics, ", ");
  row["Techniques"] = json::print(texts(alert.techniques));
  row["Type"] = "SecurityAlert";
  return json::print(row);
}

std::string incident_row(const Incident& incident, const std::vector<std::string>& alert_ids,
                         const std::vector<Comment>& comments, const std::string& modified_by, DateTime now) {
  json::object row;
  row["TimeGenerated"] = format_iso(now);
  row["IncidentName"] = incident.id.value;
  row["Title"] = incident.title;
  row["Description"] = incident.description;
  row["Severity"] = to_string(incident.severity);
  row["Status"] = to_string(incident.status);
  row["Classification"] = incident.classification.kind;
  row["ClassificationComment"] = incident.classification.comment;
  row["ClassificationReason"] = incident.classification.reason;
  row["Owner"] = incident.owner.empty() ? json::value(json::object{{"objectId", nullptr}, {"assignedTo", nullptr}, {"userPrincipalName", nullptr}})
                                        : json::value(json::object{{"objectId", incident.owner}, {"assignedTo", incident.owner}, {"userPrincipalName", incident.owner}});
  row["ProviderName"] = "Garrison";
  row["ProviderIncidentId"] = std::to_string(incident.number);
  row["FirstActivityTime"] = format_iso(incident.first_activity);
  row["LastActivityTime"] = format_iso(incident.last_activity);
  if (incident.first_modified) row["FirstModifiedTime"] = format_iso(*incident.first_modified);
  row["LastModifiedTime"] = format_iso(incident.modified);
  row["CreatedTime"] = format_iso(incident.created);
  if (incident.closed) row["ClosedTime"] = format_iso(*incident.closed);
  row["IncidentNumber"] = incident.number;
  row["RelatedAnalyticRuleIds"] = texts(incident.rule_ids);
  row["AlertIds"] = texts(alert_ids);
  row["BookmarkIds"] = json::array{};
  json::array labels;
  for (const std::string& label : incident.labels) labels.push_back(json::object{{"labelName", label}, {"labelType", "User"}});
  row["Labels"] = std::move(labels);
  row["AdditionalData"] = json::object{{"alertsCount", incident.num_alerts},
                                       {"bookmarksCount", 0},
                                       {"commentsCount", incident.num_comments},
                                       {"alertProductNames", json::array{"Garrison"}},
                                       {"tactics", texts(incident.tactics)},
                                       {"techniques", texts(incident.techniques)}};
  row["ModifiedBy"] = modified_by;
  row["Type"] = "SecurityIncident";
  // The row holds at most 64 KB: the earliest comments are left out first.
  std::size_t num_bytes = json::print(row).size();
  json::array kept;
  for (auto comment = comments.rbegin(); comment != comments.rend(); ++comment) {
    const json::object item{{"message", comment->message}, {"author", comment->author}, {"createdTimeUtc", format_iso(comment->created)}};
    num_bytes += json::print(item).size();
    if (num_bytes > kMaxRowBytes) break;
    kept.insert(kept.begin(), item);
  }
  row["Comments"] = std::move(kept);
  return json::print(row);
}

}  // namespace garrison::incident
