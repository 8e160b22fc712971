// SPDX-License-Identifier: Apache-2.0
#include "identity/route_permissions.h"

#include <gtest/gtest.h>

namespace garrison::identity {
namespace {

using enum RouteScope;
using enum RouteAuth;

RouteTable table() {
  auto built = RouteTable::build({
      {"GET", "/", std::nullopt, RouteScope::kNone, kPublic},
      {"POST", "/api/session", std::nullopt, RouteScope::kNone, kPublic},
      {"GET", "/api/me", std::nullopt, RouteScope::kNone, kSessionOrToken},
      {"DELETE", "/api/session", std::nullopt, RouteScope::kNone, kSession},
      {"GET", "/api/users", Permission::kUserAdmin, kServer, kSession},
      {"GET", "/api/workspaces/{workspace}/incidents/{id}", Permission::kIncidentRead, kWorkspace, kSessionOrToken},
      {"GET", "/api/workspaces/{workspace}/incidents/count", Permission::kQueryRun, kWorkspace, kSessionOrToken},
      {"POST", "/api/workspaces/{workspace}/events", Permission::kIngestWrite, kWorkspace, kToken},
      {"GET", "/assets/{path*}", std::nullopt, RouteScope::kNone, kPublic},
  });
  EXPECT_TRUE(built.ok()) << built.error().to_string();
  return std::move(*built);
}

std::string code_of(const Result<RouteMatch>& match) { return match.ok() ? match->rule->path : match.error().code; }

TEST(RouteTable, MatchesTemplatesAndGivesParameters) {
  const RouteTable routes = table();
  const auto match = routes.match("GET", "/api/workspaces/main/incidents/a%20b");
  ASSERT_TRUE(match.ok());
  EXPECT_EQ(match->workspace, WorkspaceId("main"));
  EXPECT_EQ(match->parameters.at("id"), "a b");
  EXPECT_EQ(match->rule, &routes.rules()[match->index]);
  EXPECT_EQ(code_of(routes.match("GET", "/api/workspaces/main/incidents/count")), "/api/workspaces/{workspace}/incidents/count");
  EXPECT_EQ(code_of(routes.match("GET", "/")), "/");
  EXPECT_EQ(routes.match("GET", "/assets/js/app.js")->parameters.at("path"), "js/app.js");
}

TEST(RouteTable, MatchesNothingElse) {
  const RouteTable routes = table();
  for (const char* const path :
       {"", "api/me", "/api/me/", "//api/me", "/api//me", "/api/./me", "/api/../me", "/api/workspaces/main/incidents/",
        "/api/workspaces/main/incidents/a/b", "/api/workspaces//incidents/1", "/api/workspaces/%2e%2e/incidents/1",
        "/api/workspaces/a%2fb/incidents/1", "/api/workspaces/a%5cb/incidents/1", "/api/workspaces/%zz/incidents/1",
        "/api/workspaces/%4/incidents/1", "/api/workspaces/%00/incidents/1", "/api/workspaces/%ff/incidents/1",
        "/assets/../secret", "/assets/a/%2e%2e/b", "/assets", "/API/me"}) {
    EXPECT_EQ(code_of(routes.match("GET", path)), "AUTH-0021") << path;
  }
  EXPECT_EQ(code_of(routes.match("GET", "/assets/" + std::string(5'000, 'a'))), "AUTH-0021");
  EXPECT_EQ(code_of(routes.match("PUT", "/api/me")), "AUTH-0022");
  EXPECT_EQ(code_of(routes.match("get", "/api/me")), "AUTH-0022");
}

TEST(RouteTable, DecidesByCredentialAndPermission) {
  const RouteTable routes = table();
  Principal user;
  user.roles[WorkspaceId("main")] = Role::kContributor;
  Principal token = user;
  token.kind = PrincipalKind::kToken;
  const auto decide = [&](std::string_view method, std::string_view path, const Principal* principal) {
    const auto match = routes.match(method, path);
    EXPECT_TRUE(match.ok()) << path;
    const auto done = routes.authorize(*match, principal);
    return done.ok() ? std::string() : done.error().code;
  };
  EXPECT_EQ(decide("POST", "/api/session", nullptr), "");
  EXPECT_EQ(decide("GET", "/api/me", nullptr), "AUTH-0002");
  EXPECT_EQ(decide("GET", "/api/me", &user), "");
  EXPECT_EQ(decide("DELETE", "/api/session", &token), "AUTH-0006");
  EXPECT_EQ(decide("POST", "/api/workspaces/main/events", &user), "AUTH-0006");
  EXPECT_EQ(decide("POST", "/api/workspaces/main/events", &token), "");
  EXPECT_EQ(decide("POST", "/api/workspaces/other/events", &token), "AUTH-0001");
  EXPECT_EQ(decide("GET", "/api/workspaces/main/incidents/1", &user), "");
  EXPECT_EQ(decide("GET", "/api/workspaces/other/incidents/1", &user), "AUTH-0001");
  EXPECT_EQ(decide("GET", "/api/users", &user), "AUTH-0001");
}

TEST(RouteTable, RefusesRulesThatContradictThemselves) {
  const auto refused = [](std::vector<RouteRule> rules) {
    const auto built = RouteTable::build(std::move(rules));
    return !built.ok() && built.error().code == "AUTH-0020";
  };
  const std::string in = "/w/{workspace}/x";
  EXPECT_TRUE(refused({{"GET", "x", std::nullopt, RouteScope::kNone, kSession}}));
  EXPECT_TRUE(refused({{"GET", "/x//y", std::nullopt, RouteScope::kNone, kSession}}));
  EXPECT_TRUE(refused({{"GET", "/x", Permission::kQueryRun, kWorkspace, kSession}}));
  EXPECT_TRUE(refused({{"GET", in, std::nullopt, kWorkspace, kSession}}));
  EXPECT_TRUE(refused({{"GET", in, Permission::kUserAdmin, kWorkspace, kSession}}));
  EXPECT_TRUE(refused({{"GET", "/x", Permission::kQueryRun, kServer, kSession}}));
  EXPECT_TRUE(refused({{"GET", "/x", std::nullopt, kServer, kSession}}));
  EXPECT_TRUE(refused({{"GET", in, Permission::kQueryRun, RouteScope::kNone, kSession}}));
  EXPECT_TRUE(refused({{"GET", in, Permission::kQueryRun, kWorkspace, kPublic}}));
  EXPECT_TRUE(refused({{"GET", "/x/{a}/{a}", std::nullopt, RouteScope::kNone, kSession}}));
  EXPECT_TRUE(refused({{"GET", "/x/{a*}/y", std::nullopt, RouteScope::kNone, kSession}}));
  EXPECT_TRUE(refused({{"GET", "/x/{a}", std::nullopt, RouteScope::kNone, kSession},
                       {"GET", "/x/{b}", std::nullopt, RouteScope::kNone, kSession}}));
}

}  // namespace
}  // namespace garrison::identity
