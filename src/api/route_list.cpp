// SPDX-License-Identifier: Apache-2.0
#include "api/route_list.h"

#include "api/exchange.h"

namespace garrison::api {
namespace {

json::object route_shape(const Route& route) {
  const bool is_public = route.rule.auth == identity::RouteAuth::kPublic;
  const identity::RouteScope scope = route.rule.scope;
  const std::string_view permission = is_public ? "none" : route.rule.permission ? to_string(*route.rule.permission) : "signedIn";
  return {{"method", route.rule.method},
          {"path", route.rule.path},
          {"operation", route.operation},
          {"permission", permission},
          {"scope", scope == identity::RouteScope::kNone ? "none" : scope == identity::RouteScope::kServer ? "server" : "workspace"}};
}

}  // namespace

void add_route_list(Routes& routes) {
  const auto items = std::make_shared<json::array>();
  routes.push_back(server_route("GET", "/api/routes", "listRoutes", identity::Permission::kServerAdmin,
                                [items](Call&) -> Result<net::Response> { return json_response(json::object{{"items", *items}}); }));
  for (const Route& route : routes) items->push_back(route_shape(route));
}

}  // namespace garrison::api
