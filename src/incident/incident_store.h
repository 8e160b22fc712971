// SPDX-License-Identifier: Apache-2.0
// Alerts, incidents, comments and activity in the state database: functions over a transaction, without rules of their
// own. Every key carries the workspace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "incident/incident.h"
#include "state/migration.h"
#include "state/transaction.h"

namespace garrison::incident {

state::MigrationSet migrations();

struct StoredAlert {
  entity::Alert alert;
  std::int64_t incident = 0;  // number, 0 for none
};

// What a list asks for; empty fields do not filter.
struct IncidentFilter {
  std::vector<std::string> severities;
  std::vector<std::string> statuses;
  std::vector<std::string> owners;  // "" stands for nobody
  std::string search;               // in title, description and number
  std::string rule;
  std::string tactic;
  std::optional<DateTime> created_from;
  std::optional<DateTime> created_to;
  std::string sort = "-createdTime";  // createdTime, lastModifiedTime, severity, status, number, title, lastActivityTime
  std::int64_t offset = 0;
  std::int64_t limit = 50;
};
struct AlertFilter {
  std::vector<std::string> severities;
  std::vector<std::string> rules;
  std::string search;
  std::optional<std::int64_t> incident;
  std::optional<DateTime> created_from;
  std::optional<DateTime> created_to;
  std::string sort = "-createdTime";  // createdTime, severity, displayName, startTime
  std::int64_t offset = 0;
  std::int64_t limit = 50;
};
template <typename T>
struct Page {
  std::vector<T> items;
  std::int64_t total = 0;
};

Result<bool> insert_alert(state::Transaction& transaction, const WorkspaceId& workspace, const entity::Alert& alert);
Result<void> link_alert(state::Transaction& transaction, const WorkspaceId& workspace, const AlertId& alert, std::int64_t incident);
Result<std::optional<StoredAlert>> find_alert(state::Transaction& transaction, const WorkspaceId& workspace, const AlertId& id);
Result<Page<StoredAlert>> list_alerts(state::Transaction& transaction, const WorkspaceId& workspace, const AlertFilter& filter);
Result<std::vector<std::string>> alert_ids(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident);
Result<std::vector<EntityCount>> entities_of(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident, std::int64_t limit);

Result<std::int64_t> next_number(state::Transaction& transaction, const WorkspaceId& workspace);
Result<void> insert_incident(state::Transaction& transaction, const Incident& incident);
Result<void> update_incident(state::Transaction& transaction, const Incident& incident);
Result<std::optional<Incident>> find_incident(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t number);
// The newest incident with the group key whose first alert came at or after `since`.
Result<std::optional<Incident>> find_group(state::Transaction& transaction, const WorkspaceId& workspace, const std::string& group_key, DateTime since);
Result<Page<Incident>> list_incidents(state::Transaction& transaction, const WorkspaceId& workspace, const IncidentFilter& filter);

Result<Comment> insert_comment(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident, const Comment& comment);
Result<std::vector<Comment>> list_comments(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident);
Result<void> insert_activity(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident, const Activity& activity);
Result<std::vector<Activity>> list_activity(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident);
Result<void> delete_workspace(state::Transaction& transaction, const WorkspaceId& workspace);

}  // namespace garrison::incident
