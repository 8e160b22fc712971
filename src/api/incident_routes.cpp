// SPDX-License-Identifier: Apache-2.0
#include "api/incident_routes.h"

#include <fmt/format.h>

#include <charconv>

#include "api/exchange.h"
#include "api/shapes.h"

namespace garrison::api {
namespace {

using identity::Permission;

constexpr std::int64_t kTopEntities = 5;

Result<std::int64_t> incident_number(const Call& call) {
  const std::string text = call.parameter("incident");
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 1) {
    return not_found("INC-0001", fmt::format("there is no incident '{}'", text));
  }
  return number;
}

incident::Actor actor_of(const Call& call) {
  return {call.principal.name, call.principal.kind == identity::PrincipalKind::kToken ? "Token" : "User"};
}

class IncidentHandlers {
 public:
  IncidentHandlers(incident::IncidentService& incidents, identity::Users& users, const Clock& clock)
      : incidents_(incidents), users_(users), clock_(clock) {}

  Result<net::Response> list(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, "-createdTime"));
    incident::IncidentFilter filter;
    filter.severities = read_filter(call, "severity");
    filter.statuses = read_filter(call, "status");
    for (const std::string& owner : read_filter(call, "owner")) {
      filter.owners.push_back(owner == "none" ? "" : owner == "me" ? call.principal.name : owner);
    }
    filter.search = paging.search;
    filter.rule = call.request.query.value_or("rule", "");
    filter.tactic = call.request.query.value_or("tactic", "");
    filter.sort = paging.sort;
    filter.offset = paging.offset;
    filter.limit = paging.limit;
    GARRISON_ASSIGN(const auto range, read_timespan(call, clock_.now()));
    if (range) {
      filter.created_from = range->from;
      filter.created_to = range->to;
    }
    GARRISON_ASSIGN(const auto page, incidents_.list(call.workspace(), filter));
    json::array items;
    for (const incident::Incident& incident : page.items) {
      GARRISON_ASSIGN(const auto entities, incidents_.entities(call.workspace(), incident.number, kTopEntities));
      items.push_back(incident_shape(incident, entities));
    }
    return list_response(std::move(items), paging, page.total);
  }

  Result<net::Response> get(Call& call) const {
    GARRISON_ASSIGN(const std::int64_t number, incident_number(call));
    GARRISON_ASSIGN(const incident::Incident incident, incidents_.get(call.workspace(), number));
    return shown(call, incident);
  }

  Result<net::Response> update(Call& call) const {
    GARRISON_ASSIGN(const std::int64_t number, incident_number(call));
    GARRISON_ASSIGN(const auto expected, read_if_match(call));
    GARRISON_ASSIGN(const json::value body,
                    read_body(call, {"title", "description", "severity", "status", "owner", "classification", "classificationReason",
                                     "classificationComment", "labels"}));
    GARRISON_ASSIGN(const incident::IncidentChange change, read_change(body));
    if (change.owner && !change.owner->empty()) {
      GARRISON_ASSIGN(const auto owner, users_.find(*change.owner));
      if (!owner || !owner->roles.contains(call.workspace())) {
        return bad_input("API-0030", fmt::format("'{}' holds no role in this workspace, so cannot own an incident", *change.owner));
      }
    }
    GARRISON_ASSIGN(const auto incident, incidents_.change(call.workspace(), number, change, actor_of(call), expected));
    return shown(call, incident);
  }

  Result<net::Response> comments(Call& call) const {
    GARRISON_ASSIGN(const std::int64_t number, incident_number(call));
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_ASSIGN(const auto comments, incidents_.comments(call.workspace(), number));
    json::array items;
    for (const auto& comment : page_of(comments, paging)) items.push_back(comment_shape(comment));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(comments.size()));
  }

  Result<net::Response> add_comment(Call& call) const {
    GARRISON_ASSIGN(const std::int64_t number, incident_number(call));
    GARRISON_ASSIGN(const json::value body, read_body(call, {"message!"}));
    GARRISON_ASSIGN(const auto message, read_text(body, "message", incident::kMaxCommentCharacters));
    GARRISON_ASSIGN(const auto comment, incidents_.comment(call.workspace(), number, message.value_or(""), actor_of(call)));
    return json_response(comment_shape(comment), 201);
  }

  Result<net::Response> activity(Call& call) const {
    GARRISON_ASSIGN(const std::int64_t number, incident_number(call));
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_ASSIGN(const auto entries, incidents_.activity(call.workspace(), number));
    json::array items;
    for (const auto& entry : page_of(entries, paging)) items.push_back(activity_shape(entry));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(entries.size()));
  }

  Result<net::Response> entities(Call& call) const {
    GARRISON_ASSIGN(const std::int64_t number, incident_number(call));
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_TRY(incidents_.get(call.workspace(), number));
    GARRISON_ASSIGN(const auto all, incidents_.entities(call.workspace(), number, 10'000));
    json::array items;
    for (const auto& counted : page_of(all, paging)) items.push_back(entity_shape(counted.entity, counted.num_alerts));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(all.size()));
  }

  Result<net::Response> alerts_of(Call& call) const {
    GARRISON_ASSIGN(const std::int64_t number, incident_number(call));
    GARRISON_TRY(incidents_.get(call.workspace(), number));
    incident::AlertFilter filter;
    filter.incident = number;
    return alert_page(call, std::move(filter));
  }

  Result<net::Response> alerts(Call& call) const { return alert_page(call, {}); }

  Result<net::Response> alert(Call& call) const {
    GARRISON_ASSIGN(const auto stored, incidents_.alert(call.workspace(), AlertId(call.parameter("alert"))));
    return json_response(alert_detail_shape(stored));
  }

 private:
  Result<net::Response> shown(Call& call, const incident::Incident& incident) const {
    GARRISON_ASSIGN(const auto entities, incidents_.entities(call.workspace(), incident.number, kTopEntities));
    return object_response(incident_shape(incident, entities), incident.version);
  }

  Result<net::Response> alert_page(Call& call, incident::AlertFilter filter) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, "-createdTime"));
    filter.severities = read_filter(call, "severity");
    filter.rules = read_filter(call, "rule");
    filter.search = paging.search;
    filter.sort = paging.sort;
    filter.offset = paging.offset;
    filter.limit = paging.limit;
    GARRISON_ASSIGN(const auto range, read_timespan(call, clock_.now()));
    if (range) {
      filter.created_from = range->from;
      filter.created_to = range->to;
    }
    GARRISON_ASSIGN(const auto page, incidents_.alerts(call.workspace(), filter));
    json::array items;
    for (const auto& stored : page.items) items.push_back(alert_shape(stored));
    return list_response(std::move(items), paging, page.total);
  }

  static Result<incident::IncidentChange> read_change(const json::value& body) {
    incident::IncidentChange change;
    GARRISON_ASSIGN(change.title, read_text(body, "title", 500));
    GARRISON_ASSIGN(change.description, read_text(body, "description", 5'000));
    GARRISON_ASSIGN(const auto severity, read_text(body, "severity", 50));
    if (severity) {
      change.severity = entity::parse_severity(*severity);
      if (!change.severity) return bad_input("API-0006", "'severity' must be High, Medium, Low or Informational");
    }
    GARRISON_ASSIGN(const auto status, read_text(body, "status", 50));
    if (status) {
      change.status = incident::parse_status(*status);
      if (!change.status) return bad_input("API-0006", "'status' must be New, Active or Closed");
    }
    const json::value* owner = json::find(body, "owner");
    if (owner != nullptr && owner->is_null()) {
      change.owner = "";
    } else {
      GARRISON_ASSIGN(change.owner, read_text(body, "owner", 128));
    }
    GARRISON_ASSIGN(change.labels, read_texts(body, "labels", 50));
    GARRISON_ASSIGN(const auto kind, read_text(body, "classification", 50));
    GARRISON_ASSIGN(const auto reason, read_text(body, "classificationReason", 50));
    GARRISON_ASSIGN(const auto comment, read_text(body, "classificationComment", 5'000));
    if (kind) change.classification = incident::Classification{*kind, reason.value_or(""), comment.value_or("")};
    return change;
  }

  incident::IncidentService& incidents_;
  identity::Users& users_;
  const Clock& clock_;
};

}  // namespace

Routes incident_routes(incident::IncidentService& incidents, identity::Users& users, const Clock& clock) {
  const auto handlers = std::make_shared<const IncidentHandlers>(incidents, users, clock);
  const auto bind = [&](Result<net::Response> (IncidentHandlers::*method)(Call&) const) {
    return [handlers, method](Call& call) { return ((*handlers).*method)(call); };
  };
  const std::string base = "/api/workspaces/{workspace}/incidents";
  const std::string one = base + "/{incident}";
  return {
      workspace_route("GET", base, "listIncidents", Permission::kIncidentRead, bind(&IncidentHandlers::list)),
      workspace_route("GET", one, "getIncident", Permission::kIncidentRead, bind(&IncidentHandlers::get)),
      workspace_route("PATCH", one, "updateIncident", Permission::kIncidentWrite, bind(&IncidentHandlers::update)),
      workspace_route("GET", one + "/comments", "listIncidentComments", Permission::kIncidentRead, bind(&IncidentHandlers::comments)),
      workspace_route("POST", one + "/comments", "addIncidentComment", Permission::kIncidentWrite, bind(&IncidentHandlers::add_comment)),
      workspace_route("GET", one + "/alerts", "listIncidentAlerts", Permission::kAlertRead, bind(&IncidentHandlers::alerts_of)),
      workspace_route("GET", one + "/entities", "listIncidentEntities", Permission::kIncidentRead, bind(&IncidentHandlers::entities)),
      workspace_route("GET", one + "/activity", "listIncidentActivity", Permission::kIncidentRead, bind(&IncidentHandlers::activity)),
      workspace_route("GET", "/api/workspaces/{workspace}/alerts", "listAlerts", Permission::kAlertRead, bind(&IncidentHandlers::alerts)),
      workspace_route("GET", "/api/workspaces/{workspace}/alerts/{alert}", "getAlert", Permission::kAlertRead, bind(&IncidentHandlers::alert)),
  };
}

}  // namespace garrison::api
