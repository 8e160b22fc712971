// SPDX-License-Identifier: Apache-2.0
#include "incident/incident_service.h"

#include <fmt/format.h>

#include "base/text.h"
#include "incident/alert_rows.h"

namespace garrison::incident {
namespace {

constexpr std::size_t kMaxTitleCharacters = 500;
constexpr std::size_t kMaxLabels = 50;

Error no_incident(std::int64_t number) { return not_found("INC-0001", fmt::format("there is no incident {}", number)); }

Result<Incident> need(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t number) {
  GARRISON_ASSIGN(auto found, find_incident(transaction, workspace, number));
  if (!found) return no_incident(number);
  return std::move(*found);
}

// The difference between two states as activity entries.
std::vector<Activity> differences(const Incident& before, const Incident& after, const Actor& actor, DateTime now) {
  std::vector<Activity> out;
  const auto note = [&](const char* field, const std::string& from, const std::string& to) {
    if (from != to) out.push_back({0, now, actor.name, actor.kind, "Changed", field, from, to});
  };
  note("title", before.title, after.title);
  note("description", before.description, after.description);
  note("severity", std::string(to_string(before.severity)), std::string(to_string(after.severity)));
  note("status", std::string(to_string(before.status)), std::string(to_string(after.status)));
  note("owner", before.owner, after.owner);
  note("labels", text::join(before.labels, ", "), text::join(after.labels, ", "));
  const auto shown = [](const Classification& c) { return c.reason.empty() ? c.kind : c.kind + " - " + c.reason; };
  note("classification", shown(before.classification), shown(after.classification));
  return out;
}

Result<void> apply(Incident& incident, const IncidentChange& change, DateTime now) {
  if (change.title) {
    if (text::trim(*change.title).empty() || text::num_characters(*change.title) > kMaxTitleCharacters) {
      return bad_input("INC-0004", "a title has 1 to 500 characters");
    }
    incident.title = *change.title;
  }
  if (change.description) incident.description = *change.description;
  if (change.severity) incident.severity = *change.severity;
  if (change.owner) incident.owner = *change.owner;
  if (change.labels) {
    if (change.labels->size() > kMaxLabels) return bad_input("INC-0005", "an incident has at most 50 labels");
    incident.labels = *change.labels;
  }
  if (change.classification) incident.classification = *change.classification;
  if (change.status) {
    const bool closes = *change.status == Status::kClosed && incident.status != Status::kClosed;
    if (closes) incident.closed = now;
    if (*change.status != Status::kClosed) {
      incident.closed.reset();
      incident.classification = {};
    }
    incident.status = *change.status;
  }
  if (incident.status == Status::kClosed && !is_valid(incident.classification)) {
    return bad_input("INC-0003",
                     "closing needs a classification: TruePositive with SuspiciousActivity, BenignPositive with SuspiciousButExpected, "
                     "FalsePositive with IncorrectAlertLogic or InaccurateData, or Undetermined");
  }
  return {};
}

}  // namespace

Result<void> IncidentService::tell(state::Transaction& transaction, const Incident& incident, const Actor& actor) {
  GARRISON_ASSIGN(const auto ids, alert_ids(transaction, incident.workspace, incident.number));
  GARRISON_ASSIGN(const auto comments, list_comments(transaction, incident.workspace, incident.number));
  GARRISON_TRY(outbox_.add(transaction, "incident", incident.workspace, std::to_string(incident.number),
                           incident_row(incident, ids, comments, actor.name, clock_.now())));
  return {};
}

Result<Page<Incident>> IncidentService::list(const WorkspaceId& workspace, const IncidentFilter& filter) {
  return store_.read([&](state::Transaction& transaction) { return list_incidents(transaction, workspace, filter); });
}

Result<Incident> IncidentService::get(const WorkspaceId& workspace, std::int64_t number) {
  return store_.read([&](state::Transaction& transaction) { return need(transaction, workspace, number); });
}

Result<Incident> IncidentService::change(const WorkspaceId& workspace, std::int64_t number, const IncidentChange& change,
                                         const Actor& actor, std::optional<std::int64_t> expected_version) {
  return store_.write([&](state::Transaction& transaction) -> Result<Incident> {
    GARRISON_ASSIGN(const Incident before, need(transaction, workspace, number));
    if (expected_version && before.version != *expected_version) {
      return conflict("INC-0002", "the incident has been changed meanwhile; read it again and repeat the change");
    }
    const DateTime now = clock_.now();
    Incident after = before;
    GARRISON_TRY(apply(after, change, now));
    const auto entries = differences(before, after, actor, now);
    if (entries.empty() && before.classification == after.classification) return before;
    after.modified = now;
    if (!after.first_modified) after.first_modified = now;
    ++after.version;
    GARRISON_TRY(update_incident(transaction, after));
    for (const Activity& entry : entries) GARRISON_TRY(insert_activity(transaction, workspace, number, entry));
    GARRISON_TRY(tell(transaction, after, actor));
    return after;
  });
}

Result<Comment> IncidentService::comment(const WorkspaceId& workspace, std::int64_t number, const std::string& message, const Actor& actor) {
  if (text::trim(message).empty() || text::num_characters(message) > kMaxCommentCharacters) {
    return bad_input("INC-0006", "a comment has 1 to 30,000 characters");
  }
  return store_.write([&](state::Transaction& transaction) -> Result<Comment> {
    GARRISON_ASSIGN(Incident incident, need(transaction, workspace, number));
    if (incident.num_comments >= kMaxComments) return exhausted("INC-0007", "an incident has at most 100 comments");
    const DateTime now = clock_.now();
    GARRISON_ASSIGN(const Comment stored, insert_comment(transaction, workspace, number, {0, actor.name, message, now}));
    ++incident.num_comments;
    ++incident.version;
    incident.modified = now;
    if (!incident.first_modified) incident.first_modified = now;
    GARRISON_TRY(update_incident(transaction, incident));
    GARRISON_TRY(insert_activity(transaction, workspace, number, {0, now, actor.name, actor.kind, "Commented", "", "", ""}));
    GARRISON_TRY(tell(transaction, incident, actor));
    return stored;
  });
}

Result<std::vector<Comment>> IncidentService::comments(const WorkspaceId& workspace, std::int64_t number) {
  return store_.read([&](state::Transaction& transaction) -> Result<std::vector<Comment>> {
    GARRISON_TRY(need(transaction, workspace, number));
    return list_comments(transaction, workspace, number);
  });
}

Result<std::vector<Activity>> IncidentService::activity(const WorkspaceId& workspace, std::int64_t number) {
  return store_.read([&](state::Transaction& transaction) -> Result<std::vector<Activity>> {
    GARRISON_TRY(need(transaction, workspace, number));
    return list_activity(transaction, workspace, number);
  });
}

Result<std::vector<EntityCount>> IncidentService::entities(const WorkspaceId& workspace, std::int64_t number, std::int64_t limit) {
  return store_.read([&](state::Transaction& transaction) { return entities_of(transaction, workspace, number, limit); });
}

Result<Page<StoredAlert>> IncidentService::alerts(const WorkspaceId& workspace, const AlertFilter& filter) {
  return store_.read([&](state::Transaction& transaction) { return list_alerts(transaction, workspace, filter); });
}

Result<StoredAlert> IncidentService::alert(const WorkspaceId& workspace, const AlertId& id) {
  return store_.read([&](state::Transaction& transaction) -> Result<StoredAlert> {
    GARRISON_ASSIGN(auto found, find_alert(transaction, workspace, id));
    if (!found) return not_found("INC-0008", fmt::format("there is no alert {}", id.value));
    return std::move(*found);
  });
}

Result<void> IncidentService::remove_all(state::Transaction& transaction, const WorkspaceId& workspace) {
  return delete_workspace(transaction, workspace);
}

}  // namespace garrison::incident
