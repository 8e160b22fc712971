// SPDX-License-Identifier: Apache-2.0
#include "identity/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "identity/sodium.h"
#include "identity/user_rows.h"

namespace garrison::identity {
namespace {

constexpr std::size_t kTokenBytes = kTokenPrefix.size() + 43;  // 256 bits as base64url
constexpr Timespan kMaxLife{366 * kTicksPerDay};
constexpr Timespan kTouchEvery{kTicksPerMinute};
constexpr std::string_view kColumns =
    "id, name, owner_id, workspace, role, permissions, created, expires, last_used";

Error not_valid() { return denied("AUTH-0002", "the API token is unknown, expired or revoked"); }

std::string join(const std::vector<Permission>& permissions) {
  std::vector<std::string> names;
  for (const Permission permission : permissions) names.emplace_back(to_string(permission));
  return text::join(names, ",");
}

Result<TokenInfo> info_of(const state::Row& row) {
  const auto damaged = [&] { return corrupt("AUTH-0041", fmt::format("API token {} is damaged", row.text(0))); };
  TokenInfo info;
  info.id = row.string(0);
  info.name = row.string(1);
  info.owner = UserId(row.string(2));
  info.workspace = WorkspaceId(row.string(3));
  const auto role = parse_role(row.text(4));
  if (!role) return damaged();
  info.role = *role;
  for (const std::string_view name : text::split(row.text(5), ',')) {
    if (name.empty()) continue;
    const auto permission = parse_permission(name);
    if (!permission) return damaged();
    info.only.push_back(*permission);
  }
  info.created = row.time(6);
  info.expires = row.time(7);
  info.last_used = row.maybe_time(8);
  return info;
}

Result<std::vector<TokenInfo>> select(state::Transaction& transaction, std::string_view where,
                                      const state::Params& params) {
  std::vector<TokenInfo> out;
  GARRISON_TRY(transaction.query(fmt::format("SELECT {} FROM tokens WHERE {}", kColumns, where), params,
                                 [&](const state::Row& row) -> Result<void> {
    GARRISON_ASSIGN(TokenInfo info, info_of(row));
    out.push_back(std::move(info));
    return {};
  }));
  return out;
}

Result<void> check(const NewToken& token, DateTime now) {
  const auto bad = [](std::string message) { return bad_input("AUTH-0015", std::move(message)); };
  if (token.name.empty() || token.name.size() > 100 || !text::is_valid_utf8(token.name)) {
    return bad("a token needs a name of 1 to 100 characters");
  }
  if (token.expires <= now || token.expires > now + kMaxLife) {
    return bad("a token ends in the future, within 366 days");
  }
  for (const Permission permission : token.only) {
    if (allows(token.role, permission)) continue;
    return bad(fmt::format("the role {} does not have the permission {}", to_string(token.role), to_string(permission)));
  }
  return {};
}

}  // namespace

Tokens::Tokens(state::Store& store, AuditLog& audit, const Clock& clock, Random& random)
    : store_(store), audit_(audit), clock_(clock), random_(random) {}

Result<CreatedToken> Tokens::create(const Principal& owner, const NewToken& token) {
  if (owner.kind != PrincipalKind::kUser) return denied("AUTH-0006", "a token is made by a user, not by a token");
  const DateTime now = clock_.now();
  GARRISON_TRY(check(token, now));
  CreatedToken made;
  made.token = make_opaque(random_, kTokenPrefix);
  made.info = {random_.guid(), token.name, owner.user, token.workspace, token.role, token.only, now, token.expires, {}};
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const auto roles, rows::roles_of(transaction, owner.user));
    const auto held = roles.find(token.workspace);
    if (held == roles.end() || held->second < token.role) {
      return denied("AUTH-0001", "a token cannot have a role that its owner does not have in the workspace");
    }
    GARRISON_TRY(transaction.execute(
        "INSERT INTO tokens (id, hash, name, owner_id, workspace, role, permissions, created, expires) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {made.info.id, sha256(made.token.reveal()), token.name, owner.user, token.workspace, to_string(token.role),
         join(token.only), now, token.expires}));
    AuditEvent event = AuditEvent::by(owner, "token.create", "token:" + made.info.id);
    event.workspace = token.workspace;
    event.details["Name"] = token.name;
    event.details["Role"] = to_string(token.role);
    event.details["Permissions"] = join(token.only);
    event.details["Expires"] = format_iso(token.expires);
    return audit_.add(transaction, event);
  }));
  return made;
}

Result<Principal> Tokens::authenticate(const Secret& token) {
  if (token.reveal().size() != kTokenBytes || !token.reveal().starts_with(kTokenPrefix)) return not_valid();
  const std::string hash = sha256(token.reveal());
  const DateTime now = clock_.now();
  TokenInfo info;
  GARRISON_ASSIGN(Principal principal, store_.read([&](state::Transaction& transaction) -> Result<Principal> {
    GARRISON_ASSIGN(auto found, select(transaction, "hash = ?", {hash}));
    if (found.empty() || found[0].expires <= now) return not_valid();
    info = std::move(found[0]);
    GARRISON_ASSIGN(const auto owner, rows::user_by_id(transaction, info.owner));
    if (!owner || owner->user.is_disabled) return not_valid();
    const auto held = owner->user.roles.find(info.workspace);
    if (held == owner->user.roles.end()) return not_valid();
    Principal principal;
    principal.kind = PrincipalKind::kToken;
    principal.user = info.owner;
    principal.name = info.name;
    principal.credential = info.id;
    principal.roles[info.workspace] = std::min(info.role, held->second);
    if (!info.only.empty()) principal.only.emplace(info.only.begin(), info.only.end());
    return principal;
  }));
  if (!info.last_used || now - *info.last_used >= kTouchEvery) {
    GARRISON_TRY(store_.write([&](state::Transaction& transaction) {
      return transaction.execute("UPDATE tokens SET last_used = ? WHERE id = ?", {now, info.id});
    }));
  }
  return principal;
}

Result<std::vector<TokenInfo>> Tokens::list(const WorkspaceId& workspace) {
  return store_.read([&](state::Transaction& transaction) {
    return select(transaction, "workspace = ? ORDER BY created DESC, id", {workspace});
  });
}

Result<void> Tokens::revoke(const Principal& by, const WorkspaceId& workspace, std::string_view id) {
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const std::int64_t removed, transaction.execute("DELETE FROM tokens WHERE id = ? AND workspace = ?",
                                                                    {id, workspace}));
    if (removed == 0) return not_found("AUTH-0016", "the workspace has no such token");
    AuditEvent event = AuditEvent::by(by, "token.revoke", "token:" + std::string(id));
    event.workspace = workspace;
    return audit_.add(transaction, event);
  });
}

Result<std::int64_t> Tokens::delete_expired() {
  return store_.write([&](state::Transaction& transaction) {
    return transaction.execute("DELETE FROM tokens WHERE expires <= ?", {clock_.now()});
  });
}

}  // namespace garrison::identity
