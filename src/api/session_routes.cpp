// SPDX-License-Identifier: Apache-2.0
#include "api/session_routes.h"

#include "api/exchange.h"
#include "api/session_cookie.h"
#include "identity/authorizer.h"

namespace garrison::api {
namespace {

// Names of what the principal may do there; the portal shows and hides by them.
json::array held_permissions(const identity::Principal& principal, identity::PermissionScope scope, const WorkspaceId& workspace) {
  json::array out;
  for (const identity::PermissionEntry& entry : identity::all_permissions()) {
    if (entry.scope == scope && identity::Authorizer::is_allowed(principal, entry.permission, workspace)) out.emplace_back(entry.name);
  }
  return out;
}

class SessionHandlers {
 public:
  explicit SessionHandlers(const SessionRouteParts& parts) : parts_(parts) {}

  Result<net::Response> get(Call& call) const {
    return profile(call.principal, std::nullopt);
  }

  Result<net::Response> sign_in(Call& call) const {
    // A page of another site could sign the browser in to an account of its own: the same check as for changes.
    if (!call.request.peer.is_unix_socket && call.request.headers.find("Origin")) GARRISON_TRY(check_same_site(call.request));
    GARRISON_ASSIGN(const json::value body, read_body(call, {"user!", "password!"}));
    GARRISON_ASSIGN(auto user, read_text(body, "user", 128));
    GARRISON_ASSIGN(auto password, read_text(body, "password", 1024));
    identity::SignIn request;
    request.name = std::move(*user);
    request.password = Secret(std::move(*password));
    request.address = call.client_address();
    request.user_agent = call.request.headers.value_or("User-Agent", "");
    GARRISON_ASSIGN(const identity::SignedIn signed_in, parts_.sessions.sign_in(request));
    GARRISON_ASSIGN(net::Response response, profile(signed_in.principal, signed_in.expires));
    response.headers.add("Set-Cookie", set_session_cookie(call.request, signed_in.session));
    return response;
  }

  Result<net::Response> sign_out(Call& call) const {
    if (const auto session = read_session_cookie(call.request)) GARRISON_TRY(parts_.sessions.sign_out(*session));
    net::Response response = no_content();
    response.headers.add("Set-Cookie", clear_session_cookie(call.request));
    return response;
  }

  Result<net::Response> change_password(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"oldPassword!", "newPassword!"}));
    GARRISON_ASSIGN(auto old_password, read_text(body, "oldPassword", 1024));
    GARRISON_ASSIGN(auto new_password, read_text(body, "newPassword", 1024));
    const Secret fresh(std::move(*new_password));
    GARRISON_TRY(parts_.users.change_password(call.principal, Secret(std::move(*old_password)), fresh));
    // Every session of the account has ended; this one goes on under a new value.
    identity::SignIn request;
    request.name = call.principal.name;
    request.password = fresh;
    request.address = call.client_address();
    request.user_agent = call.request.headers.value_or("User-Agent", "");
    GARRISON_ASSIGN(const identity::SignedIn signed_in, parts_.sessions.sign_in(request));
    net::Response response = no_content();
    response.headers.add("Set-Cookie", set_session_cookie(call.request, signed_in.session));
    return response;
  }

 private:
  Result<net::Response> profile(const identity::Principal& principal, std::optional<DateTime> expires) const {
    json::object out;
    out["user"] = json::object{{"name", principal.name}, {"displayName", principal.name}};
    out["administrator"] = principal.is_server_admin;
    out["mustChangePassword"] = principal.must_change_password;
    if (expires) out["expiresTime"] = time_value(*expires);
    out["permissions"] = held_permissions(principal, identity::PermissionScope::kServer, WorkspaceId());
    json::array workspaces;
    GARRISON_ASSIGN(const auto all, parts_.workspaces.list());
    for (const workspace::Workspace& each : all) {
      const auto role = principal.roles.find(each.id);
      if (role == principal.roles.end()) continue;
      workspaces.push_back(json::object{{"name", each.id.value},
                                        {"displayName", each.display_name},
                                        {"role", to_string(role->second)},
                                        {"permissions", held_permissions(principal, identity::PermissionScope::kWorkspace, each.id)}});
    }
    out["workspaces"] = std::move(workspaces);
    return json_response(out);
  }

  SessionRouteParts parts_;
};

}  // namespace

Routes session_routes(const SessionRouteParts& parts) {
  const auto handlers = std::make_shared<const SessionHandlers>(parts);
  const auto bind = [&](Result<net::Response> (SessionHandlers::*method)(Call&) const) {
    return [handlers, method](Call& call) { return ((*handlers).*method)(call); };
  };
  return {
      signed_in_route("GET", "/api/session", "getSession", bind(&SessionHandlers::get)),
      public_route("POST", "/api/session", "signIn", bind(&SessionHandlers::sign_in)),
      signed_in_route("DELETE", "/api/session", "signOut", bind(&SessionHandlers::sign_out)),
      signed_in_route("POST", "/api/session/password", "changePassword", bind(&SessionHandlers::change_password)),
  };
}

}  // namespace garrison::api
