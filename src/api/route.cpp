// SPDX-License-Identifier: Apache-2.0
#include "api/route.h"

namespace garrison::api {
namespace {

using Handler = std::function<Result<net::Response>(Call&)>;

Route make(std::string method, std::string path, std::string operation, std::optional<identity::Permission> permission,
           identity::RouteScope scope, identity::RouteAuth auth, Handler handler) {
  identity::RouteRule rule;
  rule.method = std::move(method);
  rule.path = std::move(path);
  rule.permission = permission;
  rule.scope = scope;
  rule.auth = auth;
  return {std::move(rule), std::move(operation), std::move(handler)};
}

}  // namespace

std::string Call::parameter(std::string_view name) const {
  const auto found = match.parameters.find(name);
  GARRISON_CHECK(found != match.parameters.end());
  return found->second;
}

std::string Call::client_address() const { return request.peer.is_unix_socket ? "local" : request.peer.address.to_string(); }

Route public_route(std::string method, std::string path, std::string operation, Handler handler) {
  return make(std::move(method), std::move(path), std::move(operation), std::nullopt, identity::RouteScope::kNone,
              identity::RouteAuth::kPublic, std::move(handler));
}

Route signed_in_route(std::string method, std::string path, std::string operation, Handler handler) {
  return make(std::move(method), std::move(path), std::move(operation), std::nullopt, identity::RouteScope::kNone,
              identity::RouteAuth::kSessionOrToken, std::move(handler));
}

Route server_route(std::string method, std::string path, std::string operation, identity::Permission permission, Handler handler) {
  return make(std::move(method), std::move(path), std::move(operation), permission, identity::RouteScope::kServer,
              identity::RouteAuth::kSessionOrToken, std::move(handler));
}

Route workspace_route(std::string method, std::string path, std::string operation, identity::Permission permission, Handler handler) {
  return make(std::move(method), std::move(path), std::move(operation), permission, identity::RouteScope::kWorkspace,
              identity::RouteAuth::kSessionOrToken, std::move(handler));
}

}  // namespace garrison::api
