// SPDX-License-Identifier: Apache-2.0
#include "identity/route_permissions.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "identity/authorizer.h"

namespace garrison::identity {
namespace {

constexpr std::size_t kMaxPathBytes = 4'096;

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }
bool is_rest(std::string_view segment) { return is_parameter(segment) && segment[segment.size() - 2] == '*'; }
std::string name_of(std::string_view segment) {
  return std::string(segment.substr(1, segment.size() - (is_rest(segment) ? 3 : 2)));
}

// Segments behind the leading slash; none for a path that is not absolute.
std::optional<std::vector<std::string>> split_path(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > kMaxPathBytes) return std::nullopt;
  std::vector<std::string> out;
  for (const std::string_view part : text::split(path.substr(1), '/')) out.emplace_back(part);
  return out;
}

// None for bad escapes and for what could mean another path further on.
std::optional<std::string> decode(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      out += segment[i];
      continue;
    }
    const auto byte = i + 2 < segment.size() ? text::from_hex(segment.substr(i + 1, 2)) : std::nullopt;
    if (!byte) return std::nullopt;
    out += *byte;
    i += 2;
  }
  const bool is_safe = !out.empty() && out != "." && out != ".." && out.find('/') == std::string::npos &&
                       out.find('\\') == std::string::npos && out.find('\0') == std::string::npos;
  if (!is_safe || !text::is_valid_utf8(out)) return std::nullopt;
  return out;
}

Error contradiction(const RouteRule& rule, std::string_view what) {
  return bad_input("AUTH-0020", fmt::format("route {} {}: {}", rule.method, rule.path, what));
}

Result<void> check_rule(const RouteRule& rule, const std::vector<std::string>& segments) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& segment = segments[i];
    if (segment.empty() && rule.path != "/") return contradiction(rule, "an empty segment");
    if (is_rest(segment) && i + 1 != segments.size()) return contradiction(rule, "the rest is not last");
    if (is_parameter(segment) && !names.insert(name_of(segment)).second) return contradiction(rule, "a name twice");
  }
  if (rule.auth == RouteAuth::kPublic && (rule.permission || rule.scope != RouteScope::kNone)) {
    return contradiction(rule, "a public route has no permission");
  }
  switch (rule.scope) {
    case RouteScope::kNone:
      if (rule.permission) return contradiction(rule, "a permission needs a scope");
      return {};
    case RouteScope::kServer:
      if (!rule.permission || entry_of(*rule.permission).scope != PermissionScope::kServer) {
        return contradiction(rule, "the scope of the server needs a permission of the server");
      }
      return {};
    case RouteScope::kWorkspace:
      if (!names.contains("workspace")) return contradiction(rule, "the scope of a workspace needs {workspace}");
      if (!rule.permission || entry_of(*rule.permission).scope != PermissionScope::kWorkspace) {
        return contradiction(rule, "the scope of a workspace needs a permission in workspaces");
      }
      return {};
  }
  return contradiction(rule, "an unknown scope");
}

// Decides which of two matching rules is the closer one: literals win over parameters, parameters over the rest.
std::string closeness(const std::vector<std::string>& segments) {
  std::string out;
  for (const std::string& segment : segments) out += is_rest(segment) ? 'r' : is_parameter(segment) ? 'p' : 'l';
  for (char& c : out) c = c == 'l' ? '2' : c == 'p' ? '1' : '0';
  return out;
}

std::optional<std::map<std::string, std::string, std::less<>>> bind(const std::vector<std::string>& rule,
                                                                    const std::vector<std::string>& path) {
  const bool has_rest = is_rest(rule.back());
  if (has_rest ? path.size() < rule.size() : path.size() != rule.size()) return std::nullopt;
  std::map<std::string, std::string, std::less<>> out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string& segment = rule[std::min(i, rule.size() - 1)];
    if (segment.empty() && path[i].empty()) continue;  // "/"
    const auto decoded = decode(path[i]);
    if (!decoded) return std::nullopt;
    if (!is_parameter(segment)) {
      if (segment != *decoded) return std::nullopt;
    } else if (i >= rule.size()) {
      out[name_of(segment)] += "/" + *decoded;
    } else {
      out[name_of(segment)] = *decoded;
    }
  }
  return out;
}

}  // namespace

Result<RouteTable> RouteTable::build(std::vector<RouteRule> rules) {
  RouteTable table;
  std::set<std::string> shapes;
  for (const RouteRule& rule : rules) {
    auto segments = split_path(rule.path);
    if (!segments) return contradiction(rule, "a path starts with '/'");
    GARRISON_TRY(check_rule(rule, *segments));
    std::string shape = rule.method;
    for (const std::string& segment : *segments) {
      shape += "/" + (is_rest(segment) ? "{*}" : is_parameter(segment) ? "{}" : segment);
    }
    if (!shapes.insert(shape).second) return contradiction(rule, "another rule has the same method and shape");
    table.segments_.push_back(std::move(*segments));
  }
  table.rules_ = std::move(rules);
  return table;
}

Result<RouteMatch> RouteTable::match(std::string_view method, std::string_view path) const {
  const Error nothing = not_found("AUTH-0021", "no such path");
  const auto parts = split_path(path);
  if (!parts) return nothing;
  std::optional<RouteMatch> best;
  std::string best_closeness;
  bool has_other_method = false;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    auto bound = bind(segments_[i], *parts);
    if (!bound) continue;
    if (rules_[i].method != method) {
      has_other_method = true;
      continue;
    }
    std::string close = closeness(segments_[i]);
    if (best && close <= best_closeness) continue;
    const auto workspace = bound->find("workspace");
    RouteMatch match{i, &rules_[i], {}, WorkspaceId(workspace == bound->end() ? "" : workspace->second)};
    match.parameters = std::move(*bound);
    best = std::move(match);
    best_closeness = std::move(close);
  }
  if (best) return std::move(*best);
  if (has_other_method) return unsupported("AUTH-0022", fmt::format("the path does not take {}", text::escape_control(method)));
  return nothing;
}

Result<void> RouteTable::authorize(const RouteMatch& match, const Principal* principal) const {
  const RouteRule& rule = *match.rule;
  if (rule.auth == RouteAuth::kPublic) return {};
  if (principal == nullptr) return denied("AUTH-0002", "sign in first");
  const bool takes_session = rule.auth != RouteAuth::kToken;
  const bool takes_token = rule.auth != RouteAuth::kSession;
  if ((principal->kind == PrincipalKind::kUser && !takes_session) ||
      (principal->kind == PrincipalKind::kToken && !takes_token)) {
    return denied("AUTH-0006", takes_session ? "this needs a signed-in user, not a token" : "this needs an API token");
  }
  if (!rule.permission) return {};
  return Authorizer::check(*principal, *rule.permission, match.workspace);
}

}  // namespace garrison::identity
