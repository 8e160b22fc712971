// SPDX-License-Identifier: Apache-2.0
#include "incident/incident_store.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "incident/alert_codec.h"

namespace garrison::incident {
namespace {

constexpr std::string_view kIncidentColumns =
    "workspace, number, id, title, description, severity, status, owner, classification, classification_reason, "
    "classification_comment, labels, tactics, techniques, rule_ids, created, modified, first_modified, closed, "
    "first_activity, last_activity, num_alerts, num_comments, version, group_key, first_alert";

Incident incident_from_row(const state::Row& row) {
  Incident incident;
  incident.workspace = WorkspaceId(row.string(0));
  incident.number = row.integer(1);
  incident.id = IncidentId(row.string(2));
  incident.title = row.string(3);
  incident.description = row.string(4);
  incident.severity = static_cast<entity::Severity>(row.integer(5));
  incident.status = static_cast<Status>(row.integer(6));
  incident.owner = row.string(7);
  incident.classification = {row.string(8), row.string(9), row.string(10)};
  incident.labels = decode_texts(row.text(11));
  incident.tactics = decode_texts(row.text(12));
  incident.techniques = decode_texts(row.text(13));
  incident.rule_ids = decode_texts(row.text(14));
  incident.created = row.time(15);
  incident.modified = row.time(16);
  incident.first_modified = row.maybe_time(17);
  incident.closed = row.maybe_time(18);
  incident.first_activity = row.time(19);
  incident.last_activity = row.time(20);
  incident.num_alerts = row.integer(21);
  incident.num_comments = row.integer(22);
  incident.version = row.integer(23);
  incident.group_key = row.string(24);
  incident.first_alert = row.time(25);
  return incident;
}

// Builds "WHERE a AND b" with its parameters; values never enter the text.
class Conditions {
 public:
  explicit Conditions(const WorkspaceId& workspace) : text_("workspace = ?"), values_{workspace} {}

  void add(std::string_view condition, std::vector<state::Value> values) {
    text_ += " AND ";
    text_ += condition;
    for (auto& value : values) values_.push_back(std::move(value));
  }
  void add_any(std::string_view column, std::vector<state::Value> values) {
    if (values.empty()) return;
    std::string marks = "?";
    for (std::size_t i = 1; i < values.size(); ++i) marks += ", ?";
    add(fmt::format("{} IN ({})", column, marks), std::move(values));
  }
  void add_search(std::string_view columns, const std::string& search) {
    if (search.empty()) return;
    std::string pattern = "%";
    for (const char c : search) {
      if (c == '%' || c == '_' || c == '\\') pattern += '\\';
      pattern += c;
    }
    add(fmt::format("({}) LIKE ? ESCAPE '\\'", columns), {pattern + "%"});
  }
  std::string where() const { return "WHERE " + text_; }
  std::vector<state::Value> values(std::initializer_list<state::Value> more = {}) const {
    std::vector<state::Value> out = values_;
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

 private:
  std::string text_;
  std::vector<state::Value> values_;
};

using SortField = std::pair<std::string_view, std::string_view>;  // API name, column

template <std::size_t N>
Result<std::string> order_by(std::string_view sort, const std::array<SortField, N>& fields, std::string_view tie) {
  const bool descending = sort.starts_with('-');
  if (descending) sort.remove_prefix(1);
  for (const auto& [name, column] : fields) {
    if (name == sort) return fmt::format("ORDER BY {} {}, {} {}", column, descending ? "DESC" : "ASC", tie, descending ? "DESC" : "ASC");
  }
  return bad_input("INC-0011", fmt::format("cannot sort by '{}'", sort));
}

std::vector<state::Value> severity_values(const std::vector<std::string>& names) {
  std::vector<state::Value> out;
  for (const std::string& name : names) {
    const auto severity = entity::parse_severity(name);
    out.emplace_back(severity ? static_cast<int>(*severity) : -1);
  }
  return out;
}

Result<StoredAlert> alert_from(const std::string& text, std::int64_t incident) {
  GARRISON_ASSIGN(entity::Alert alert, decode_alert(text));
  return StoredAlert{std::move(alert), incident};
}

std::int64_t first_integer(const state::Row& row) { return row.integer(0); }

}  // namespace

state::MigrationSet migrations() {
  return {"incident",
          {{1, "alerts and incidents", R"(
CREATE TABLE incident_alert (
  workspace TEXT NOT NULL, id TEXT NOT NULL, incident INTEGER NOT NULL, display_name TEXT NOT NULL,
  severity INTEGER NOT NULL, rule TEXT NOT NULL, created INTEGER NOT NULL, start INTEGER NOT NULL,
  document TEXT NOT NULL, PRIMARY KEY (workspace, id)) STRICT;
CREATE INDEX incident_alert_created ON incident_alert (workspace, created);
CREATE INDEX incident_alert_incident ON incident_alert (workspace, incident);
CREATE INDEX incident_alert_rule ON incident_alert (workspace, rule, created);
CREATE TABLE incident_entity (
  workspace TEXT NOT NULL, alert TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (workspace, alert, key)) STRICT;
CREATE INDEX incident_entity_key ON incident_entity (workspace, key);
CREATE TABLE incident (
  workspace TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
  severity INTEGER NOT NULL, status INTEGER NOT NULL, owner TEXT NOT NULL, classification TEXT NOT NULL,
  classification_reason TEXT NOT NULL, classification_comment TEXT NOT NULL, labels TEXT NOT NULL, tactics TEXT NOT NULL,
  techniques TEXT NOT NULL, rule_ids TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
  first_modified INTEGER, closed INTEGER, first_activity INTEGER NOT NULL, last_activity INTEGER NOT NULL,
  num_alerts INTEGER NOT NULL, num_comments INTEGER NOT NULL, version INTEGER NOT NULL, group_key TEXT NOT NULL,
  first_alert INTEGER NOT NULL, PRIMARY KEY (workspace, number)) STRICT;
CREATE INDEX incident_group ON incident (workspace, group_key, first_alert);
CREATE INDEX incident_created ON incident (workspace, created);
CREATE TABLE incident_comment (
  id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, incident INTEGER NOT NULL, author TEXT NOT NULL,
  message TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
CREATE INDEX incident_comment_incident ON incident_comment (workspace, incident, id);
CREATE TABLE incident_activity (
  id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, incident INTEGER NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL,
  actor_kind TEXT NOT NULL, action TEXT NOT NULL, field TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL) STRICT;
CREATE INDEX incident_activity_incident ON incident_activity (workspace, incident, id);
)"}}};
}

Result<bool> insert_alert(state::Transaction& transaction, const WorkspaceId& workspace, const entity::Alert& alert) {
  GARRISON_ASSIGN(const std::int64_t added,
                  transaction.execute("INSERT INTO incident_alert (workspace, id, incident, display_name, severity, rule, created, start, "
                                      "document) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, id) DO NOTHING",
                                      {workspace, alert.id, alert.display_name, static_cast<int>(alert.severity), alert.rule,
                                       alert.created, alert.start, encode_alert(alert)}));
  if (added == 0) return false;
  for (const entity::Entity& entity : alert.entities) {
    GARRISON_TRY(transaction.execute("INSERT INTO incident_entity (workspace, alert, key, document) VALUES (?, ?, ?, ?) "
                                     "ON CONFLICT (workspace, alert, key) DO NOTHING",
                                     {workspace, alert.id, entity::key(entity), json::print(entity::to_json(entity))}));
  }
  return true;
}

Result<void> link_alert(state::Transaction& transaction, const WorkspaceId& workspace, const AlertId& alert, std::int64_t incident) {
  GARRISON_TRY(transaction.execute("UPDATE incident_alert SET incident = ? WHERE workspace = ? AND id = ?", {incident, workspace, alert}));
  return {};
}

Result<std::optional<StoredAlert>> find_alert(state::Transaction& transaction, const WorkspaceId& workspace, const AlertId& id) {
  std::optional<StoredAlert> out;
  GARRISON_TRY(transaction.query("SELECT document, incident FROM incident_alert WHERE workspace = ? AND id = ?", {workspace, id},
                                 [&](const state::Row& row) -> Result<void> {
                                   GARRISON_ASSIGN(out, alert_from(row.string(0), row.integer(1)));
                                   return {};
                                 }));
  return out;
}

Result<Page<StoredAlert>> list_alerts(state::Transaction& transaction, const WorkspaceId& workspace, const AlertFilter& filter) {
  static constexpr std::array<SortField, 4> kSorts = {
      {{"createdTime", "created"}, {"severity", "severity"}, {"displayName", "display_name"}, {"startTime", "start"}}};
  GARRISON_ASSIGN(const std::string order, order_by(filter.sort, kSorts, "id"));
  Conditions conditions(workspace);
  conditions.add_any("severity", severity_values(filter.severities));
  conditions.add_any("rule", {filter.rules.begin(), filter.rules.end()});
  conditions.add_search("display_name", filter.search);
  if (filter.incident) conditions.add("incident = ?", {*filter.incident});
  if (filter.created_from) conditions.add("created >= ?", {*filter.created_from});
  if (filter.created_to) conditions.add("created < ?", {*filter.created_to});
  Page<StoredAlert> page;
  GARRISON_ASSIGN(const auto total, transaction.query_one("SELECT count(*) FROM incident_alert " + conditions.where(), conditions.values(), first_integer));
  page.total = total.value_or(0);
  GARRISON_TRY(transaction.query(fmt::format("SELECT document, incident FROM incident_alert {} {} LIMIT ? OFFSET ?", conditions.where(), order),
                                 conditions.values({filter.limit, filter.offset}), [&](const state::Row& row) -> Result<void> {
                                   GARRISON_ASSIGN(auto stored, alert_from(row.string(0), row.integer(1)));
                                   page.items.push_back(std::move(stored));
                                   return {};
                                 }));
  return page;
}

Result<std::vector<std::string>> alert_ids(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident) {
  return transaction.query_all("SELECT id FROM incident_alert WHERE workspace = ? AND incident = ? ORDER BY created, id",
                               {workspace, incident}, [](const state::Row& row) { return row.string(0); });
}

Result<std::vector<EntityCount>> entities_of(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident, std::int64_t limit) {
  std::vector<EntityCount> out;
  GARRISON_TRY(transaction.query(
      "SELECT min(e.document), count(*) FROM incident_entity e JOIN incident_alert a ON a.workspace = e.workspace AND a.id = e.alert "
      "WHERE a.workspace = ? AND a.incident = ? GROUP BY e.key ORDER BY count(*) DESC, e.key LIMIT ?",
      {workspace, incident, limit}, [&](const state::Row& row) -> Result<void> {
        GARRISON_ASSIGN(const json::value document, json::parse(row.text(0)));
        auto entity = entity::from_json(document);
        if (!entity) return corrupt("INC-0010", "a stored entity cannot be read");
        out.push_back({std::move(*entity), row.integer(1)});
        return {};
      }));
  return out;
}

Result<std::int64_t> next_number(state::Transaction& transaction, const WorkspaceId& workspace) {
  GARRISON_ASSIGN(const auto highest, transaction.query_one("SELECT coalesce(max(number), 0) FROM incident WHERE workspace = ?", {workspace}, first_integer));
  return highest.value_or(0) + 1;
}

Result<void> insert_incident(state::Transaction& transaction, const Incident& incident) {
  GARRISON_TRY(transaction.execute(
      fmt::format("INSERT INTO incident ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kIncidentColumns),
      {incident.workspace, incident.number, incident.id, incident.title, incident.description, static_cast<int>(incident.severity),
       static_cast<int>(incident.status), incident.owner, incident.classification.kind, incident.classification.reason,
       incident.classification.comment, encode_texts(incident.labels), encode_texts(incident.tactics), encode_texts(incident.techniques),
       encode_texts(incident.rule_ids), incident.created, incident.modified, incident.first_modified, incident.closed,
       incident.first_activity, incident.last_activity, incident.num_alerts, incident.num_comments, incident.version,
       incident.group_key, incident.first_alert}));
  return {};
}

Result<void> update_incident(state::Transaction& transaction, const Incident& incident) {
  GARRISON_TRY(transaction.execute(
      "UPDATE incident SET title = ?, description = ?, severity = ?, status = ?, owner = ?, classification = ?, "
      "classification_reason = ?, classification_comment = ?, labels = ?, tactics = ?, techniques = ?, rule_ids = ?, modified = ?, "
      "first_modified = ?, closed = ?, first_activity = ?, last_activity = ?, num_alerts = ?, num_comments = ?, version = ? "
      "WHERE workspace = ? AND number = ?",
      {incident.title, incident.description, static_cast<int>(incident.severity), static_cast<int>(incident.status), incident.owner,
       incident.classification.kind, incident.classification.reason, incident.classification.comment, encode_texts(incident.labels),
       encode_texts(incident.tactics), encode_texts(incident.techniques), encode_texts(incident.rule_ids), incident.modified,
       incident.first_modified, incident.closed, incident.first_activity, incident.last_activity, incident.num_alerts,
       incident.num_comments, incident.version, incident.workspace, incident.number}));
  return {};
}

Result<std::optional<Incident>> find_incident(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t number) {
  return transaction.query_one(fmt::format("SELECT {} FROM incident WHERE workspace = ? AND number = ?", kIncidentColumns),
                               {workspace, number}, incident_from_row);
}

Result<std::optional<Incident>> find_group(state::Transaction& transaction, const WorkspaceId& workspace, const std::string& group_key, DateTime since) {
  return transaction.query_one(
      fmt::format("SELECT {} FROM incident WHERE workspace = ? AND group_key = ? AND first_alert >= ? ORDER BY number DESC LIMIT 1", kIncidentColumns),
      {workspace, group_key, since}, incident_from_row);
}

Result<Page<Incident>> list_incidents(state::Transaction& transaction, const WorkspaceId& workspace, const IncidentFilter& filter) {
  static constexpr std::array<SortField, 8> kSorts = {{{"createdTime", "created"},
                                                       {"lastModifiedTime", "modified"},
                                                       {"severity", "severity"},
                                                       {"status", "status"},
                                                       {"number", "number"},
                                                       {"title", "title"},
                                                       {"owner", "owner"},
                                                       {"lastActivityTime", "last_activity"}}};
  GARRISON_ASSIGN(const std::string order, order_by(filter.sort, kSorts, "number"));
  Conditions conditions(workspace);
  conditions.add_any("severity", severity_values(filter.severities));
  std::vector<state::Value> statuses;
  for (const std::string& name : filter.statuses) {
    const auto status = parse_status(name);
    statuses.emplace_back(status ? static_cast<int>(*status) : -1);
  }
  conditions.add_any("status", std::move(statuses));
  conditions.add_any("owner", {filter.owners.begin(), filter.owners.end()});
  conditions.add_search("title || ' ' || description || ' ' || number", filter.search);
  // Lists are stored as JSON arrays of plain names, so a quoted name is found exactly.
  if (!filter.rule.empty()) conditions.add("instr(rule_ids, ?) > 0", {encode_texts({filter.rule}).substr(1, filter.rule.size() + 2)});
  if (!filter.tactic.empty()) conditions.add("instr(tactics, ?) > 0", {encode_texts({filter.tactic}).substr(1, filter.tactic.size() + 2)});
  if (filter.created_from) conditions.add("created >= ?", {*filter.created_from});
  if (filter.created_to) conditions.add("created < ?", {*filter.created_to});
  Page<Incident> page;
  GARRISON_ASSIGN(const auto total, transaction.query_one("SELECT count(*) FROM incident " + conditions.where(), conditions.values(), first_integer));
  page.total = total.value_or(0);
  GARRISON_ASSIGN(page.items, transaction.query_all(fmt::format("SELECT {} FROM incident {} {} LIMIT ? OFFSET ?", kIncidentColumns, conditions.where(), order),
                                                    conditions.values({filter.limit, filter.offset}), incident_from_row));
  return page;
}

Result<Comment> insert_comment(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident, const Comment& comment) {
  GARRISON_ASSIGN(const auto id, transaction.query_one("INSERT INTO incident_comment (workspace, incident, author, message, created) "
                                                       "VALUES (?, ?, ?, ?, ?) RETURNING id",
                                                       {workspace, incident, comment.author, comment.message, comment.created}, first_integer));
  Comment stored = comment;
  stored.id = id.value_or(0);
  return stored;
}

Result<std::vector<Comment>> list_comments(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident) {
  return transaction.query_all("SELECT id, author, message, created FROM incident_comment WHERE workspace = ? AND incident = ? ORDER BY id",
                               {workspace, incident}, [](const state::Row& row) {
                                 return Comment{row.integer(0), row.string(1), row.string(2), row.time(3)};
                               });
}

Result<void> insert_activity(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident, const Activity& activity) {
  GARRISON_TRY(transaction.execute("INSERT INTO incident_activity (workspace, incident, time, actor, actor_kind, action, field, before, after) "
                                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                   {workspace, incident, activity.time, activity.actor, activity.actor_kind, activity.action, activity.field,
                                    activity.from, activity.to}));
  return {};
}

Result<std::vector<Activity>> list_activity(state::Transaction& transaction, const WorkspaceId& workspace, std::int64_t incident) {
  return transaction.query_all(
      "SELECT id, time, actor, actor_kind, action, field, before, after FROM incident_activity "
      "WHERE workspace = ? AND incident = ? ORDER BY id DESC",
      {workspace, incident}, [](const state::Row& row) {
        return Activity{row.integer(0), row.time(1), row.string(2), row.string(3), row.string(4), row.string(5), row.string(6), row.string(7)};
      });
}

Result<void> delete_workspace(state::Transaction& transaction, const WorkspaceId& workspace) {
  for (const char* table : {"incident_alert", "incident_entity", "incident", "incident_comment", "incident_activity"}) {
    GARRISON_TRY(transaction.execute(fmt::format("DELETE FROM {} WHERE workspace = ?", table), {workspace}));
  }
  return {};
}

}  // namespace garrison::incident
