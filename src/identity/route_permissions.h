// SPDX-License-Identifier: Apache-2.0
// The shape of the one table that names each HTTP route with the right it needs, and the matcher over it. A request that
// no row allows is denied. Built once at start; matching is const and safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "identity/permission.h"
#include "identity/principal.h"

namespace garrison::identity {

enum class RouteScope : std::uint8_t { kNone, kServer, kWorkspace };
// What may authenticate the request. kPublic needs nobody.
enum class RouteAuth : std::uint8_t { kPublic, kSession, kToken, kSessionOrToken };

struct RouteRule {
  std::string method;                    // "GET"
  std::string path;                      // "/api/workspaces/{workspace}/incidents/{id}"; "{rest*}" last takes the rest
  std::optional<Permission> permission;  // none: any signed-in principal, or nobody when public
  RouteScope scope = RouteScope::kNone;
  RouteAuth auth = RouteAuth::kSession;
};

struct RouteMatch {
  std::size_t index = 0;  // into the table
  const RouteRule* rule = nullptr;
  std::map<std::string, std::string, std::less<>> parameters;  // percent-decoded
  WorkspaceId workspace;  // of "{workspace}", else empty
};

class RouteTable {
 public:
  // kBadInput (AUTH-0020) for a rule that contradicts itself: workspace scope without "{workspace}" or a permission, a
  // public route with a permission, a permission of another scope, two rules for the same method and shape.
  static Result<RouteTable> build(std::vector<RouteRule> rules);

  std::span<const RouteRule> rules() const { return rules_; }
  // kNotFound (AUTH-0021) without a matching path, kUnsupported (AUTH-0022) when only the method is wrong. Literal
  // segments win over parameters. Paths with "." or ".." segments, or encoded slashes, match nothing.
  Result<RouteMatch> match(std::string_view method, std::string_view path) const;
  // Decides a matched request; principal is null when nobody is signed in (AUTH-0002).
  // AUTH-0006 (kDenied) when the route does not take this kind of credential, else as Authorizer::check.
  Result<void> authorize(const RouteMatch& match, const Principal* principal) const;

 private:
  std::vector<RouteRule> rules_;
  std::vector<std::vector<std::string>> segments_;
};

}  // namespace garrison::identity
