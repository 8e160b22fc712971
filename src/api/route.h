// SPDX-License-Identifier: Apache-2.0
// One route of the REST interface: how it is matched, who may call it, what it does. Built once at start.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "identity/principal.h"
#include "identity/route_permissions.h"
#include "net/http.h"

namespace garrison::api {

// One request on its way through a handler.
struct Call {
  net::Request& request;
  const identity::RouteMatch& match;
  const identity::Principal& principal;  // the anonymous principal on public routes
  const std::string& request_id;

  const WorkspaceId& workspace() const { return match.workspace; }
  // A path parameter; always there when the route's path names it.
  std::string parameter(std::string_view name) const;
  std::string client_address() const;
};

struct Route {
  identity::RouteRule rule;
  std::string operation;  // operationId of openapi.yaml
  std::function<Result<net::Response>(Call&)> handler;
};

using Routes = std::vector<Route>;

// Rows of the table. `auth` is a session or token unless said otherwise.
Route public_route(std::string method, std::string path, std::string operation, std::function<Result<net::Response>(Call&)> handler);
Route signed_in_route(std::string method, std::string path, std::string operation, std::function<Result<net::Response>(Call&)> handler);
Route server_route(std::string method, std::string path, std::string operation, identity::Permission permission,
                   std::function<Result<net::Response>(Call&)> handler);
Route workspace_route(std::string method, std::string path, std::string operation, identity::Permission permission,
                      std::function<Result<net::Response>(Call&)> handler);

}  // namespace garrison::api
