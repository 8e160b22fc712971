// SPDX-License-Identifier: Apache-2.0
#include "api/rule_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/exchange.h"
#include "api/shapes.h"
#include "base/text.h"
#include "detect/rule_yaml.h"

namespace garrison::api {
namespace {

using identity::Permission;

bool is_any_of(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) { return text::iequals(name, value); });
}

std::string health_name(const json::object& shape) { return std::string(shape.at("health").at("state").as_string()); }

class RuleHandlers {
 public:
  explicit RuleHandlers(const RuleRouteParts& parts) : parts_(parts) {}

  Result<net::Response> list(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, "displayName"));
    GARRISON_ASSIGN(const auto rules, parts_.rules.list(call.workspace()));
    const auto severities = read_filter(call, "severity");
    const auto health = read_filter(call, "health");
    const auto tactics = read_filter(call, "tactic");
    const auto enabled = call.request.query.find("enabled");
    std::vector<json::object> shapes;
    for (const detect::SavedRule& saved : rules) {
      GARRISON_ASSIGN(const std::int64_t alerts, alerts_last_week(call.workspace(), saved.rule.id));
      json::object shape = rule_shape(saved, alerts);
      const bool has_tactic = tactics.empty() || std::any_of(saved.rule.tactics.begin(), saved.rule.tactics.end(),
                                                             [&](const std::string& name) { return is_any_of(tactics, name); });
      if (!has_tactic || !is_any_of(severities, to_string(saved.rule.severity)) || !is_any_of(health, health_name(shape))) continue;
      if (enabled && saved.enabled != (*enabled == "true")) continue;
      if (!contains(saved.rule.name, paging.search) && !contains(saved.rule.description, paging.search)) continue;
      shapes.push_back(std::move(shape));
    }
    GARRISON_TRY(sort(shapes, paging.sort));
    json::array items;
    for (auto& shape : page_of(shapes, paging)) items.push_back(std::move(shape));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(shapes.size()));
  }

  Result<net::Response> get(Call& call) const {
    GARRISON_ASSIGN(const auto saved, parts_.rules.get(call.workspace(), rule_id(call)));
    return shown(call, saved);
  }

  Result<net::Response> put(Call& call) const {
    GARRISON_ASSIGN(const auto expected, read_if_match(call));
    GARRISON_ASSIGN(const json::value body, read_body(call, {"yaml!", "enabled"}));
    GARRISON_ASSIGN(const auto yaml, read_text(body, "yaml", detect::kMaxRuleBytes));
    GARRISON_ASSIGN(const auto enabled, read_bool(body, "enabled"));
    GARRISON_ASSIGN(const detect::Rule rule, detect::parse_rule(yaml.value_or("")));
    if (rule.id != rule_id(call)) {
      return bad_input("API-0031", fmt::format("the rule's id is '{}', the path names '{}'", rule.id.value, rule_id(call).value));
    }
    const auto existing = parts_.rules.get(call.workspace(), rule.id);
    const bool was_enabled = existing.ok() && existing->enabled;
    GARRISON_ASSIGN(const auto saved, parts_.rules.save(call.workspace(), *yaml, enabled.value_or(existing.ok() ? was_enabled : true),
                                                        detect::RuleOrigin::kUser, expected));
    return shown(call, saved);
  }

  Result<net::Response> update(Call& call) const {
    GARRISON_ASSIGN(const auto expected, read_if_match(call));
    GARRISON_ASSIGN(const json::value body, read_body(call, {"enabled!"}));
    GARRISON_ASSIGN(const auto enabled, read_bool(body, "enabled"));
    GARRISON_ASSIGN(const auto saved, parts_.rules.set_enabled(call.workspace(), rule_id(call), enabled.value_or(false), expected));
    return shown(call, saved);
  }

  Result<net::Response> remove(Call& call) const {
    GARRISON_ASSIGN(const auto expected, read_if_match(call));
    GARRISON_TRY(parts_.rules.remove(call.workspace(), rule_id(call), expected));
    return no_content();
  }

  Result<net::Response> validate(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"yaml!", "enabled"}));
    GARRISON_ASSIGN(const auto yaml, read_text(body, "yaml", detect::kMaxRuleBytes));
    const detect::RuleReading reading = detect::read_rule(yaml.value_or(""));
    json::array diagnostics;
    for (const detect::RuleProblem& problem : reading.problems) diagnostics.push_back(diagnostic(problem.code, problem.message, problem.position));
    json::array waiting;
    if (!reading.rule.query.empty()) {
      const auto checked = parts_.query.check(call.workspace(), reading.rule.query);
      if (!checked.ok() && checked.error().kind == ErrorKind::kNotFound) {
        waiting.emplace_back(checked.error().message);
      } else if (!checked.ok()) {
        diagnostics.push_back(diagnostic(checked.error().code, checked.error().message, place_in_yaml(reading, checked.error().position)));
      }
    }
    json::object out;
    out["valid"] = diagnostics.empty();
    if (!reading.rule.id.empty()) out["id"] = reading.rule.id.value;
    out["diagnostics"] = std::move(diagnostics);
    out["waitingFor"] = std::move(waiting);
    return json_response(out);
  }

  Result<net::Response> run(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"timespan"}));
    GARRISON_ASSIGN(const auto timespan, read_text(body, "timespan", 100));
    const DateTime now = parts_.clock.now();
    TimeRange range{now, now};
    if (timespan) {
      GARRISON_ASSIGN(range, parse_timespan(*timespan, now));
    }
    GARRISON_ASSIGN(const JobId id, parts_.rules.replay(call.workspace(), rule_id(call), range.from, range.to));
    GARRISON_ASSIGN(const auto job, parts_.scheduler.get(id));
    net::Response response = json_response(job_shape(job), 202);
    response.headers.set("Location", "/api/jobs/" + id.value);
    return response;
  }

  Result<net::Response> runs(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_TRY(parts_.rules.get(call.workspace(), rule_id(call)));
    GARRISON_ASSIGN(const std::int64_t total, parts_.rules.num_runs(call.workspace(), rule_id(call)));
    // Pages are cut from the newest runs; a rule's history beyond the first thousands is read by KQL (SentinelHealth).
    GARRISON_ASSIGN(const auto newest, parts_.rules.runs(call.workspace(), rule_id(call), 0, paging.offset + paging.limit));
    json::array items;
    for (const auto& run : page_of(newest, paging)) items.push_back(run_shape(run));
    return list_response(std::move(items), paging, total);
  }

 private:
  static RuleId rule_id(const Call& call) { return RuleId(text::ascii_lower(call.parameter("rule"))); }
  static bool contains(std::string_view where, std::string_view what) {
    return text::ascii_lower(where).find(text::ascii_lower(what)) != std::string::npos;
  }

  Result<net::Response> shown(Call& call, const detect::SavedRule& saved) const {
    GARRISON_ASSIGN(const std::int64_t alerts, alerts_last_week(call.workspace(), saved.rule.id));
    return object_response(rule_detail_shape(saved, alerts), saved.version);
  }

  Result<std::int64_t> alerts_last_week(const WorkspaceId& workspace, const RuleId& rule) const {
    incident::AlertFilter filter;
    filter.rules = {rule.value};
    filter.created_from = parts_.clock.now() - Timespan{7 * kTicksPerDay};
    filter.limit = 1;
    GARRISON_ASSIGN(const auto page, parts_.incidents.alerts(workspace, filter));
    return page.total;
  }

  static Result<void> sort(std::vector<json::object>& shapes, std::string_view by) {
    const bool descending = by.starts_with('-');
    if (descending) by.remove_prefix(1);
    static constexpr std::array<std::string_view, 5> kFields = {"displayName", "severity", "alertsLastWeek", "enabled", "lastModifiedTime"};
    if (std::find(kFields.begin(), kFields.end(), by) == kFields.end()) return bad_input("API-0007", fmt::format("cannot sort by '{}'", by));
    const auto key = [&](const json::object& shape) -> std::pair<std::int64_t, std::string> {
      const json::value& value = shape.at(by);
      if (value.is_int64()) return {value.get_int64(), ""};
      if (value.is_bool()) return {value.get_bool() ? 1 : 0, ""};
      const std::string text(value.get_string());
      if (by == "severity") return {static_cast<std::int64_t>(*entity::parse_severity(text)), ""};
      return {0, text::ascii_lower(text)};
    };
    std::stable_sort(shapes.begin(), shapes.end(), [&](const json::object& a, const json::object& b) {
      return descending ? key(b) < key(a) : key(a) < key(b);
    });
    return {};
  }

  static json::object diagnostic(const std::string& code, const std::string& message, Position at) {
    return {{"severity", "error"}, {"code", code}, {"message", message}, {"line", at.line}, {"column", at.column}};
  }

  // Moves a place in the query to its place in the YAML text.
  static Position place_in_yaml(const detect::RuleReading& reading, const std::optional<Position>& in_query) {
    if (!in_query) return reading.query_position;
    return {reading.query_position.line + in_query->line - 1, reading.query_indent + in_query->column};
  }

  RuleRouteParts parts_;
};

}  // namespace

Routes rule_routes(const RuleRouteParts& parts) {
  const auto handlers = std::make_shared<const RuleHandlers>(parts);
  const auto bind = [&](Result<net::Response> (RuleHandlers::*method)(Call&) const) {
    return [handlers, method](Call& call) { return ((*handlers).*method)(call); };
  };
  const std::string base = "/api/workspaces/{workspace}/rules";
  const std::string one = base + "/{rule}";
  return {
      workspace_route("GET", base, "listRules", Permission::kRuleRead, bind(&RuleHandlers::list)),
      workspace_route("POST", base + "/validate", "validateRule", Permission::kRuleRead, bind(&RuleHandlers::validate)),
      workspace_route("GET", one, "getRule", Permission::kRuleRead, bind(&RuleHandlers::get)),
      workspace_route("PUT", one, "putRule", Permission::kRuleWrite, bind(&RuleHandlers::put)),
      workspace_route("PATCH", one, "updateRule", Permission::kRuleWrite, bind(&RuleHandlers::update)),
      workspace_route("DELETE", one, "deleteRule", Permission::kRuleWrite, bind(&RuleHandlers::remove)),
      workspace_route("POST", one + "/run", "runRule", Permission::kRuleRun, bind(&RuleHandlers::run)),
      workspace_route("GET", one + "/runs", "listRuleRuns", Permission::kRuleRead, bind(&RuleHandlers::runs)),
  };
}

}  // namespace garrison::api
