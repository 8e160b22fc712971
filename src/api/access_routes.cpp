// SPDX-License-Identifier: Apache-2.0
#include "api/access_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/exchange.h"
#include "api/shapes.h"
#include "base/text.h"

namespace garrison::api {
namespace {

using identity::Permission;

bool contains(std::string_view where, std::string_view what) {
  return text::ascii_lower(where).find(text::ascii_lower(what)) != std::string::npos;
}

json::object workspace_shape(const workspace::Workspace& workspace, const identity::Principal& principal) {
  json::object out{{"name", workspace.id.value}, {"displayName", workspace.display_name}, {"createdTime", time_value(workspace.created)}, {"etag", "1"}};
  const auto role = principal.roles.find(workspace.id);
  out["role"] = role == principal.roles.end() ? json::value(nullptr) : json::value(to_string(role->second));
  return out;
}

class AccessHandlers {
 public:
  explicit AccessHandlers(const AccessRouteParts& parts) : parts_(parts) {}

  Result<net::Response> list_workspaces(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, "name"));
    GARRISON_ASSIGN(const auto all, parts_.workspaces.list());
    std::vector<workspace::Workspace> seen;
    for (const auto& each : all) {
      const bool may_see = call.principal.is_server_admin || call.principal.kind == identity::PrincipalKind::kSystem || call.principal.roles.contains(each.id);
      if (may_see && (contains(each.id.value, paging.search) || contains(each.display_name, paging.search))) seen.push_back(each);
    }
    if (paging.sort.starts_with('-')) std::reverse(seen.begin(), seen.end());
    json::array items;
    for (const auto& each : page_of(seen, paging)) items.push_back(workspace_shape(each, call.principal));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(seen.size()));
  }

  Result<net::Response> create_workspace(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"name!", "displayName"}));
    GARRISON_ASSIGN(const auto name, read_text(body, "name", 63));
    GARRISON_ASSIGN(const auto display_name, read_text(body, "displayName", 128));
    GARRISON_ASSIGN(const auto created, parts_.workspaces.create(WorkspaceId(*name), display_name.value_or(*name)));
    if (!call.principal.user.empty()) {
      GARRISON_TRY(parts_.users.set_role(call.principal, call.principal.user, created.id, identity::Role::kOwner));
    }
    GARRISON_TRY(parts_.workspace_created(created.id));
    json::object shape = workspace_shape(created, call.principal);
    if (!call.principal.user.empty()) shape["role"] = "Owner";
    return object_response(std::move(shape), 1, 201);
  }

  Result<net::Response> get_workspace(Call& call) const {
    GARRISON_ASSIGN(const auto found, parts_.workspaces.get(call.workspace()));
    return object_response(workspace_shape(found, call.principal), 1);
  }

  Result<net::Response> delete_workspace(Call& call) const {
    const WorkspaceId id(call.parameter("workspace"));
    GARRISON_TRY(parts_.workspaces.get(id));
    GARRISON_ASSIGN(const JobId job_id, parts_.delete_workspace(id));
    GARRISON_ASSIGN(const auto job, parts_.scheduler.get(job_id));
    net::Response response = json_response(job_shape(job), 202);
    response.headers.set("Location", "/api/jobs/" + job_id.value);
    return response;
  }

  Result<net::Response> members(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_ASSIGN(const auto users, parts_.users.list());
    std::vector<json::object> members;
    for (const identity::User& user : users) {
      const auto role = user.roles.find(call.workspace());
      if (role == user.roles.end() || user.is_disabled || !contains(user.name, paging.search)) continue;
      members.push_back({{"name", user.name}, {"displayName", user.name}, {"role", to_string(role->second)}});
    }
    json::array items;
    for (auto& member : page_of(members, paging)) items.push_back(std::move(member));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(members.size()));
  }

  Result<net::Response> list_users(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, "name"));
    GARRISON_ASSIGN(auto users, parts_.users.list());
    std::erase_if(users, [&](const identity::User& user) { return !contains(user.name, paging.search); });
    if (paging.sort.starts_with('-')) std::reverse(users.begin(), users.end());
    json::array items;
    for (const auto& user : page_of(users, paging)) items.push_back(user_shape(user));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(users.size()));
  }

  Result<net::Response> create_user(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"name!", "password!", "administrator"}));
    GARRISON_ASSIGN(auto name, read_text(body, "name", 128));
    GARRISON_ASSIGN(auto password, read_text(body, "password", 1024));
    GARRISON_ASSIGN(const auto administrator, read_bool(body, "administrator"));
    identity::NewUser user;
    user.name = std::move(*name);
    user.password = Secret(std::move(*password));
    user.is_server_admin = administrator.value_or(false);
    GARRISON_ASSIGN(const auto created, parts_.users.create(call.principal, user));
    return json_response(user_shape(created), 201);
  }

  Result<net::Response> get_user(Call& call) const {
    GARRISON_ASSIGN(const auto user, named_user(call));
    return json_response(user_shape(user));
  }

  Result<net::Response> update_user(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"enabled", "administrator"}));
    GARRISON_ASSIGN(auto user, named_user(call));
    if (const auto etag = call.request.headers.find("If-Match"); etag && *etag != "*") {
      const std::string current = "\"" + std::string(user_shape(user).at("etag").as_string()) + "\"";
      if (*etag != current && current.substr(1, current.size() - 2) != *etag) {
        return conflict("API-0412", "the user has been changed meanwhile; read it again and repeat the change");
      }
    }
    GARRISON_ASSIGN(const auto enabled, read_bool(body, "enabled"));
    GARRISON_ASSIGN(const auto administrator, read_bool(body, "administrator"));
    if (enabled) GARRISON_TRY(parts_.users.set_disabled(call.principal, user.id, !*enabled));
    if (administrator) GARRISON_TRY(parts_.users.set_server_admin(call.principal, user.id, *administrator));
    GARRISON_ASSIGN(user, parts_.users.get(user.id));
    return json_response(user_shape(user));
  }

  Result<net::Response> reset_password(Call& call) const {
    GARRISON_ASSIGN(const auto user, named_user(call));
    GARRISON_ASSIGN(const Secret fresh, parts_.users.reset_password(call.principal, user.id));
    // Shown this once, to the administrator who asked for it.
    return json_response(json::object{{"password", fresh.reveal()}});
  }

  Result<net::Response> delete_user(Call& call) const {
    GARRISON_ASSIGN(const auto user, named_user(call));
    GARRISON_TRY(parts_.users.remove(call.principal, user.id));
    return no_content();
  }

  Result<net::Response> assign_role(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"role!"}));
    GARRISON_ASSIGN(const auto name, read_text(body, "role", 50));
    const auto role = identity::parse_role(*name);
    if (!role) return bad_input("API-0006", "'role' must be Reader, Responder, Operator, Contributor or Owner");
    GARRISON_ASSIGN(const auto user, named_user(call));
    GARRISON_TRY(parts_.users.set_role(call.principal, user.id, call.workspace(), role));
    return json_response(json::object{{"name", user.name}, {"displayName", user.name}, {"role", to_string(*role)}});
  }

  Result<net::Response> remove_role(Call& call) const {
    GARRISON_ASSIGN(const auto user, named_user(call));
    GARRISON_TRY(parts_.users.set_role(call.principal, user.id, call.workspace(), std::nullopt));
    return no_content();
  }

  Result<net::Response> list_tokens(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, ""));
    GARRISON_ASSIGN(const auto users, parts_.users.list());
    GARRISON_ASSIGN(const auto tokens, parts_.tokens.list(call.workspace()));
    json::array items;
    for (const identity::TokenInfo& token : page_of(tokens, paging)) {
      const auto owner = std::find_if(users.begin(), users.end(), [&](const identity::User& user) { return user.id == token.owner; });
      items.push_back(token_shape(token, owner == users.end() ? token.owner.value : owner->name));
    }
    return list_response(std::move(items), paging, static_cast<std::int64_t>(tokens.size()));
  }

  Result<net::Response> create_token(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"name!", "role!", "permissions", "expiresDays!"}));
    GARRISON_ASSIGN(auto name, read_text(body, "name", 100));
    GARRISON_ASSIGN(const auto role_name, read_text(body, "role", 50));
    GARRISON_ASSIGN(const auto permissions, read_texts(body, "permissions", 100));
    GARRISON_ASSIGN(const auto days, read_integer(body, "expiresDays", 1, 366));
    const auto role = identity::parse_role(*role_name);
    if (!role) return bad_input("API-0006", "'role' must be Reader, Responder, Operator, Contributor or Owner");
    identity::NewToken token;
    token.name = std::move(*name);
    token.workspace = call.workspace();
    token.role = *role;
    for (const std::string& wanted : permissions.value_or(std::vector<std::string>())) {
      const auto permission = identity::parse_permission(wanted);
      if (!permission) return bad_input("API-0006", fmt::format("there is no permission '{}'", wanted));
      token.only.push_back(*permission);
    }
    token.expires = parts_.clock.now() + Timespan{*days * kTicksPerDay};
    GARRISON_ASSIGN(const auto created, parts_.tokens.create(call.principal, token));
    json::object shape = token_shape(created.info, call.principal.name);
    shape["secret"] = created.token.reveal();
    return json_response(shape, 201);
  }

  Result<net::Response> delete_token(Call& call) const {
    GARRISON_TRY(parts_.tokens.revoke(call.principal, call.workspace(), call.parameter("token")));
    return no_content();
  }

 private:
  Result<identity::User> named_user(const Call& call) const {
    GARRISON_ASSIGN(auto found, parts_.users.find(call.parameter("user")));
    if (!found) return not_found("API-0032", fmt::format("there is no user '{}'", call.parameter("user")));
    return std::move(*found);
  }

  AccessRouteParts parts_;
};

}  // namespace

Routes access_routes(const AccessRouteParts& parts) {
  const auto handlers = std::make_shared<const AccessHandlers>(parts);
  const auto bind = [&](Result<net::Response> (AccessHandlers::*method)(Call&) const) {
    return [handlers, method](Call& call) { return ((*handlers).*method)(call); };
  };
  const std::string one = "/api/workspaces/{workspace}";
  const std::string user = "/api/users/{user}";
  return {
      signed_in_route("GET", "/api/workspaces", "listWorkspaces", bind(&AccessHandlers::list_workspaces)),
      server_route("POST", "/api/workspaces", "createWorkspace", Permission::kWorkspaceCreate, bind(&AccessHandlers::create_workspace)),
      workspace_route("GET", one, "getWorkspace", Permission::kWorkspaceRead, bind(&AccessHandlers::get_workspace)),
      workspace_route("DELETE", one, "deleteWorkspace", Permission::kWorkspaceAdmin, bind(&AccessHandlers::delete_workspace)),
      workspace_route("GET", one + "/members", "listMembers", Permission::kWorkspaceRead, bind(&AccessHandlers::members)),
      server_route("GET", "/api/users", "listUsers", Permission::kUserAdmin, bind(&AccessHandlers::list_users)),
      server_route("POST", "/api/users", "createUser", Permission::kUserAdmin, bind(&AccessHandlers::create_user)),
      server_route("GET", user, "getUser", Permission::kUserAdmin, bind(&AccessHandlers::get_user)),
      server_route("PATCH", user, "updateUser", Permission::kUserAdmin, bind(&AccessHandlers::update_user)),
      server_route("DELETE", user, "deleteUser", Permission::kUserAdmin, bind(&AccessHandlers::delete_user)),
      server_route("POST", user + "/password", "resetPassword", Permission::kUserAdmin, bind(&AccessHandlers::reset_password)),
      workspace_route("PUT", one + "/members/{user}", "assignRole", Permission::kMemberManage, bind(&AccessHandlers::assign_role)),
      workspace_route("DELETE", one + "/members/{user}", "removeRole", Permission::kMemberManage, bind(&AccessHandlers::remove_role)),
      workspace_route("GET", one + "/tokens", "listTokens", Permission::kTokenManage, bind(&AccessHandlers::list_tokens)),
      workspace_route("POST", one + "/tokens", "createToken", Permission::kTokenManage, bind(&AccessHandlers::create_token)),
      workspace_route("DELETE", one + "/tokens/{token}", "deleteToken", Permission::kTokenManage, bind(&AccessHandlers::delete_token)),
  };
}

}  // namespace garrison::api
