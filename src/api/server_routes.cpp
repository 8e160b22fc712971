// SPDX-License-Identifier: Apache-2.0
#include "api/server_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/exchange.h"
#include "api/shapes.h"
#include "base/text.h"
#include "identity/authorizer.h"

namespace garrison::api {
namespace {

using identity::Permission;

constexpr std::size_t kMaxAuditScan = 5'000;

bool is_listed(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) { return text::iequals(name, value); });
}

class ServerHandlers {
 public:
  explicit ServerHandlers(const ServerRouteParts& parts) : parts_(parts) {}

  Result<net::Response> health(Call&) const {
    const bool healthy = parts_.is_healthy();
    return json_response(json::object{{"status", healthy ? "ok" : "degraded"}}, healthy ? 200 : 503);
  }

  Result<net::Response> status(Call&) const {
    const EngineStatus engine = parts_.engine();
    json::object shape{{"state", engine.state}, {"mode", engine.mode}, {"version", engine.version}, {"restarts", engine.restarts}};
    if (!engine.message.empty()) shape["message"] = engine.message;
    json::array unsupported;
    for (const UnsupportedPart& part : parts_.unsupported()) {
      json::object item{{"kind", part.kind}, {"name", part.name}};
      if (!part.remark.empty()) item["remark"] = part.remark;
      unsupported.push_back(std::move(item));
    }
    json::object out;
    out["version"] = parts_.version;
    out["startTime"] = time_value(parts_.started);
    out["uptimeSeconds"] = (parts_.clock.now() - parts_.started).ticks / kTicksPerSecond;
    out["engine"] = std::move(shape);
    out["unsupported"] = std::move(unsupported);
    return json_response(out);
  }

  Result<net::Response> list_jobs(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_ASSIGN(auto jobs, parts_.scheduler.list());
    const auto states = read_filter(call, "state");
    std::vector<json::object> shapes;
    for (const jobs::Job& job : jobs) {
      if (!may_see(call, job)) continue;
      json::object shape = job_shape(job);
      if (is_listed(states, std::string_view(shape.at("state").as_string()))) shapes.push_back(std::move(shape));
    }
    json::array items;
    for (auto& shape : page_of(shapes, paging)) items.push_back(std::move(shape));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(shapes.size()));
  }

  Result<net::Response> get_job(Call& call) const {
    GARRISON_ASSIGN(const jobs::Job job, visible_job(call));
    return json_response(job_shape(job));
  }

  Result<net::Response> cancel_job(Call& call) const {
    GARRISON_ASSIGN(const jobs::Job job, visible_job(call));
    GARRISON_TRY(identity::Authorizer::check(call.principal, job.workspace.empty() ? Permission::kServerAdmin : Permission::kJobCancel, job.workspace));
    GARRISON_TRY(parts_.scheduler.cancel(job.id));
    GARRISON_ASSIGN(const jobs::Job after, parts_.scheduler.get(job.id));
    return json_response(job_shape(after), 202);
  }

  Result<net::Response> server_audit(Call& call) const { return audit(call, std::nullopt); }
  Result<net::Response> workspace_audit(Call& call) const { return audit(call, call.workspace()); }

 private:
  bool may_see(const Call& call, const jobs::Job& job) const {
    if (job.workspace.empty()) return identity::Authorizer::is_allowed(call.principal, Permission::kServerAdmin, job.workspace);
    return identity::Authorizer::is_allowed(call.principal, Permission::kJobRead, job.workspace);
  }

  Result<jobs::Job> visible_job(const Call& call) const {
    auto job = parts_.scheduler.get(JobId(call.parameter("job")));
    if (!job.ok()) return job;
    if (!may_see(call, *job)) return not_found("JOBS-0002", fmt::format("there is no job '{}'", call.parameter("job")));
    return job;
  }

  Result<net::Response> audit(Call& call, std::optional<WorkspaceId> workspace) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_ASSIGN(const auto range, read_timespan(call, parts_.clock.now()));
    identity::AuditFilter filter;
    filter.workspace = std::move(workspace);
    filter.max_entries = kMaxAuditScan;
    GARRISON_ASSIGN(const auto entries, parts_.audit.list(filter));
    const auto actors = read_filter(call, "actor");
    const auto actions = read_filter(call, "action");
    const auto outcomes = read_filter(call, "outcome");
    std::vector<json::object> shapes;
    for (const identity::AuditEntry& entry : entries) {
      if (range && (entry.time < range->from || entry.time > range->to)) continue;
      if (!is_listed(actors, entry.event.actor) || !is_listed(actions, entry.event.action) || !is_listed(outcomes, to_string(entry.event.outcome))) continue;
      json::object shape = audit_shape(entry);
      if (!paging.search.empty() && text::ascii_lower(json::print(shape)).find(text::ascii_lower(paging.search)) == std::string::npos) continue;
      shapes.push_back(std::move(shape));
    }
    json::array items;
    for (auto& shape : page_of(shapes, paging)) items.push_back(std::move(shape));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(shapes.size()));
  }

  ServerRouteParts parts_;
};

}  // namespace

Routes server_routes(const ServerRouteParts& parts) {
  const auto handlers = std::make_shared<const ServerHandlers>(parts);
  const auto bind = [&](Result<net::Response> (ServerHandlers::*method)(Call&) const) {
    return [handlers, method](Call& call) { return ((*handlers).*method)(call); };
  };
  return {
      public_route("GET", "/api/health", "getHealth", bind(&ServerHandlers::health)),
      signed_in_route("GET", "/api/status", "getStatus", bind(&ServerHandlers::status)),
      signed_in_route("GET", "/api/jobs", "listJobs", bind(&ServerHandlers::list_jobs)),
      signed_in_route("GET", "/api/jobs/{job}", "getJob", bind(&ServerHandlers::get_job)),
      signed_in_route("DELETE", "/api/jobs/{job}", "cancelJob", bind(&ServerHandlers::cancel_job)),
      server_route("GET", "/api/audit", "listServerAudit", Permission::kServerAuditRead, bind(&ServerHandlers::server_audit)),
      workspace_route("GET", "/api/workspaces/{workspace}/audit", "listWorkspaceAudit", Permission::kAuditRead, bind(&ServerHandlers::workspace_audit)),
  };
}

}  // namespace garrison::api
