// SPDX-License-Identifier: Apache-2.0
#include "api/application.h"

#include <fmt/format.h>

#include "api/exchange.h"
#include "api/session_cookie.h"
#include "base/log.h"
#include "base/text.h"
#include "identity/authorizer.h"

namespace garrison::api {
namespace {

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

// Routes whose calls are reads although they are POST.
bool is_read(const Route& route) {
  return route.operation == "runQuery" || route.operation == "validateQuery" || route.operation == "validateRule";
}

void add_security_headers(net::Response& response, bool is_tls) {
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("X-Frame-Options", "DENY");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (!response.headers.find("Content-Security-Policy")) {
    response.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (!response.headers.find("Cache-Control")) response.headers.set("Cache-Control", "no-store");
  if (is_tls) response.headers.set("Strict-Transport-Security", "max-age=31536000");
}

std::optional<Secret> bearer_token(const net::Request& request) {
  const auto header = request.headers.find("Authorization");
  if (!header || header->size() < 8 || !text::iequals(header->substr(0, 7), "Bearer ")) return std::nullopt;
  return Secret(std::string(text::trim(header->substr(7))));
}

}  // namespace

Application::Application(const Parts& parts, Routes routes, identity::RouteTable table)
    : parts_(parts), routes_(std::move(routes)), table_(std::move(table)) {}

Result<std::unique_ptr<Application>> Application::build(const Parts& parts, Routes routes) {
  std::vector<identity::RouteRule> rules;
  for (const Route& route : routes) rules.push_back(route.rule);
  GARRISON_ASSIGN(identity::RouteTable table, identity::RouteTable::build(std::move(rules)));
  return std::unique_ptr<Application>(new Application(parts, std::move(routes), std::move(table)));
}

net::Response Application::handle(net::Request& request) const {
  const std::string request_id = parts_.random.guid();
  net::Response response;
  try {
    auto result = answer(request, request_id);
    response = result.ok() ? std::move(*result) : failure_response(result.error(), request_id);
  } catch (const CheckFailed& failed) {
    response = failure_response(bug("an internal check failed; the log has the place"), request_id);
    log::error("request {}: {}", request_id, failed.text);
  } catch (const std::bad_alloc&) {
    response = failure_response(exhausted("API-0010", "not enough memory for this request"), request_id);
  } catch (const std::exception& thrown) {
    response = failure_response(bug("the request failed; the log has the reason"), request_id);
    log::error("request {}: {}", request_id, thrown.what());
  }
  response.headers.set("X-Request-Id", request_id);
  add_security_headers(response, request.peer.is_tls);
  return response;
}

Result<std::optional<identity::Principal>> Application::authenticate(const net::Request& request, const identity::RouteMatch& match) const {
  // The socket in the data folder is open to the server's own system user only: its calls are the operator's.
  if (request.peer.is_unix_socket) return std::optional(identity::Principal::system("local operator"));
  if (const auto token = bearer_token(request)) {
    GARRISON_ASSIGN(identity::Principal principal, parts_.tokens.authenticate(*token));
    return std::optional(std::move(principal));
  }
  const auto session = read_session_cookie(request);
  if (!session || match.rule->auth == identity::RouteAuth::kToken) return std::optional<identity::Principal>();
  auto principal = parts_.sessions.authenticate(*session);
  if (!principal.ok()) {
    if (principal.error().kind == ErrorKind::kDenied) return std::optional<identity::Principal>();
    return principal.error();
  }
  if (changes_something(request.method)) GARRISON_TRY(check_same_site(request));
  return std::optional(std::move(*principal));
}

Result<net::Response> Application::answer(net::Request& request, const std::string& request_id) const {
  const bool is_api = request.path.starts_with("/api/") || request.path.starts_with("/dataCollectionRules/");
  if (!is_api && parts_.portal != nullptr) return parts_.portal->answer(request);
  GARRISON_ASSIGN(const identity::RouteMatch match, table_.match(request.method == "HEAD" ? "GET" : request.method, request.path));
  const Route& route = routes_[match.index];
  if (match.rule->auth == identity::RouteAuth::kPublic) {
    const identity::Principal nobody;
    Call call{request, match, nobody, request_id};
    return route.handler(call);
  }
  GARRISON_ASSIGN(const auto principal, authenticate(request, match));
  const auto allowed = table_.authorize(match, principal ? &*principal : nullptr);
  const identity::Principal nobody;
  Call call{request, match, principal ? *principal : nobody, request_id};
  if (!allowed.ok()) {
    if (principal) record(call, route, allowed.error());
    // Whether a workspace exists is told only to those who hold a role in it.
    const bool foreign = principal && match.rule->scope == identity::RouteScope::kWorkspace &&
                         !principal->roles.contains(match.workspace);
    if (foreign) return not_found("API-0404", fmt::format("there is no workspace '{}'", match.workspace.value));
    return allowed.error();
  }
  // A password set by somebody else must be changed before anything else is done.
  const bool may_stay = route.operation == "changePassword" || route.operation == "getSession" || route.operation == "signOut";
  if (principal->must_change_password && !may_stay) {
    return denied("API-0405", "the password must be changed first: POST /api/session/password");
  }
  auto result = route.handler(call);
  if (changes_something(request.method) && !is_read(route) && route.operation != "ingestStream") record(call, route, result);
  return result;
}

void Application::record(const Call& call, const Route& route, const Result<net::Response>& result) const {
  std::string target;
  for (const auto& [name, value] : call.match.parameters) {
    if (name != "workspace") target += (target.empty() ? "" : " ") + name + ":" + value;
  }
  identity::AuditEvent event = identity::AuditEvent::by(call.principal, route.operation, target);
  event.address = call.client_address();
  event.workspace = call.workspace();
  event.details["requestId"] = call.request_id;
  if (!result.ok()) {
    event.outcome = result.error().kind == ErrorKind::kDenied ? identity::AuditOutcome::kDenied : identity::AuditOutcome::kFailure;
    event.details["error"] = result.error().code;
  }
  if (const auto added = parts_.audit.add(event); !added.ok()) {
    log::error("request {}: the audit entry could not be written: {}", call.request_id, added.error().to_string());
  }
}

}  // namespace garrison::api
