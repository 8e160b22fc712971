// SPDX-License-Identifier: Apache-2.0
// One request in, one response out: who is it, which route, may they, do it. Denies what no route allows; every failure
// has the same body; every change and every denial is audited. Immutable after build; any thread may call handle().
#pragma once

#include <memory>
#include <string>

#include "api/portal_files.h"
#include "api/route.h"
#include "base/random.h"
#include "identity/audit.h"
#include "identity/sessions.h"
#include "identity/tokens.h"

namespace garrison::api {

class Application {
 public:
  struct Parts {
    identity::Sessions& sessions;
    identity::Tokens& tokens;
    identity::AuditLog& audit;
    Random& random;
    const PortalFiles* portal = nullptr;  // null: no pages are served
  };
  // AUTH-0020 for a route table that contradicts itself.
  static Result<std::unique_ptr<Application>> build(const Parts& parts, Routes routes);

  net::Response handle(net::Request& request) const;
  const Routes& routes() const { return routes_; }
  const identity::RouteTable& table() const { return table_; }

 private:
  Application(const Parts& parts, Routes routes, identity::RouteTable table);
  Result<net::Response> answer(net::Request& request, const std::string& request_id) const;
  // The caller's principal, none when nobody is signed in.
  Result<std::optional<identity::Principal>> authenticate(const net::Request& request, const identity::RouteMatch& match) const;
  void record(const Call& call, const Route& route, const Result<net::Response>& result) const;

  Parts parts_;
  Routes routes_;
  identity::RouteTable table_;
};

}  // namespace garrison::api
