// SPDX-License-Identifier: Apache-2.0
#include "identity/sessions.h"

#include "base/text.h"
#include "identity/sodium.h"
#include "identity/user_rows.h"

namespace garrison::identity {
namespace {

constexpr std::size_t kSessionBytes = 43;  // 256 bits as base64url
constexpr Timespan kTouchEvery{kTicksPerMinute};

Error wrong_credentials() { return denied("AUTH-0003", "the name or the password is wrong"); }
Error not_signed_in() { return denied("AUTH-0002", "sign in first"); }

std::string shortened(std::string_view text, std::size_t max_bytes) {
  return text::escape_control(text::to_valid_utf8(text.substr(0, max_bytes)));
}

AuditEvent sign_in_event(const SignIn& request, const std::optional<rows::StoredUser>& stored) {
  AuditEvent event;
  // People type passwords where the name belongs: only names that exist are written down.
  event.actor = stored ? stored->user.name : "unknown";
  event.actor_kind = stored ? "user" : "anonymous";
  event.address = shortened(request.address, 100);
  event.action = "user.sign_in";
  event.target = "user:" + event.actor;
  return event;
}

}  // namespace

Sessions::Sessions(state::Store& store, AuditLog& audit, PasswordHasher& hasher, LoginGuard& guard, const Clock& clock,
                   Random& random, SessionOptions options)
    : store_(store), audit_(audit), hasher_(hasher), guard_(guard), clock_(clock), random_(random), options_(options) {}

Result<SignedIn> Sessions::sign_in(const SignIn& request) {
  GARRISON_TRY(guard_.check(request.name, request.address));
  GARRISON_ASSIGN(const auto stored, store_.read([&](state::Transaction& transaction) {
    return rows::user_by_name(transaction, request.name);
  }));
  bool is_right = false;
  if (stored) {
    GARRISON_ASSIGN(is_right, hasher_.verify(stored->password_hash, request.password));
  } else {
    GARRISON_TRY(hasher_.verify_nobody(request.password));
  }
  AuditEvent event = sign_in_event(request, stored);
  if (!is_right || stored->user.is_disabled) {
    guard_.record_failure(request.name, request.address);
    event.outcome = AuditOutcome::kDenied;
    GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
      if (stored) GARRISON_TRY(guard_.persist(transaction, stored->user.name));
      return audit_.add(transaction, event);
    }));
    return wrong_credentials();
  }
  std::string new_hash = stored->password_hash;
  if (hasher_.needs_rehash(stored->password_hash)) {
    GARRISON_ASSIGN(new_hash, hasher_.hash(request.password));
  }
  const DateTime now = clock_.now();
  SignedIn out;
  out.session = make_opaque(random_, "");
  out.expires = now + options_.absolute;
  const std::string id = random_.guid();
  event.credential = id;
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    // Holds only if nobody changed the password or the account since it was checked.
    GARRISON_ASSIGN(const std::int64_t changed, transaction.execute(
        "UPDATE users SET last_sign_in = ?, password_hash = ? WHERE id = ? AND password_hash = ? AND is_disabled = 0",
        {now, new_hash, stored->user.id, stored->password_hash}));
    if (changed == 0) return wrong_credentials();
    GARRISON_TRY(transaction.execute(
        "DELETE FROM sessions WHERE user_id = ? AND id NOT IN (SELECT id FROM sessions WHERE user_id = ? "
        "ORDER BY created DESC, id LIMIT ?)",
        {stored->user.id, stored->user.id, options_.max_per_user - 1}));
    GARRISON_TRY(transaction.execute(
        "INSERT INTO sessions (id, hash, user_id, created, last_used, address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {id, sha256(out.session.reveal()), stored->user.id, now, now, shortened(request.address, 100),
         shortened(request.user_agent, 200)}));
    GARRISON_TRY(guard_.record_success(transaction, stored->user.name));
    GARRISON_ASSIGN(const auto fresh, rows::user_by_id(transaction, stored->user.id));
    if (!fresh) return wrong_credentials();
    out.principal = rows::principal_of(fresh->user, id);
    return audit_.add(transaction, event);
  }));
  return out;
}

Result<Principal> Sessions::authenticate(const Secret& session) {
  if (session.reveal().size() != kSessionBytes) return not_signed_in();
  const std::string hash = sha256(session.reveal());
  const DateTime now = clock_.now();
  struct Found {
    std::string id;
    UserId user;
    DateTime created;
    DateTime last_used;
  };
  std::optional<Found> found;
  GARRISON_ASSIGN(Principal principal, store_.read([&](state::Transaction& transaction) -> Result<Principal> {
    GARRISON_ASSIGN(found, transaction.query_one(
        "SELECT id, user_id, created, last_used FROM sessions WHERE hash = ?", {hash}, [](const state::Row& row) {
          return Found{row.string(0), UserId(row.string(1)), row.time(2), row.time(3)};
        }));
    if (!found || now - found->last_used >= options_.idle || now - found->created >= options_.absolute) {
      return not_signed_in();
    }
    GARRISON_ASSIGN(const auto stored, rows::user_by_id(transaction, found->user));
    if (!stored || stored->user.is_disabled) return not_signed_in();
    return rows::principal_of(stored->user, found->id);
  }));
  if (now - found->last_used >= kTouchEvery) {
    GARRISON_TRY(store_.write([&](state::Transaction& transaction) {
      return transaction.execute("UPDATE sessions SET last_used = ? WHERE id = ?", {now, found->id});
    }));
  }
  return principal;
}

Result<void> Sessions::sign_out(const Secret& session) {
  const Result<Principal> principal = authenticate(session);
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute("DELETE FROM sessions WHERE hash = ?", {sha256(session.reveal())}));
    if (!principal.ok()) return {};
    return audit_.add(transaction, AuditEvent::by(*principal, "user.sign_out", "user:" + principal->name));
  });
}

Result<std::vector<SessionInfo>> Sessions::list(const UserId& user) {
  const DateTime now = clock_.now();
  return store_.read([&](state::Transaction& transaction) {
    return transaction.query_all(
        "SELECT id, created, last_used, address, user_agent FROM sessions WHERE user_id = ? AND last_used > ? AND "
        "created > ? ORDER BY created DESC, id",
        {user, now - options_.idle, now - options_.absolute}, [](const state::Row& row) {
          return SessionInfo{row.string(0), row.time(1), row.time(2), row.string(3), row.string(4)};
        });
  });
}

Result<void> Sessions::revoke(const Principal& by, const UserId& user, std::string_view session_id) {
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const std::int64_t removed, transaction.execute(
        "DELETE FROM sessions WHERE id = ? AND user_id = ?", {session_id, user}));
    if (removed == 0) return not_found("AUTH-0019", "the user has no such session");
    return audit_.add(transaction, AuditEvent::by(by, "session.revoke", "session:" + std::string(session_id)));
  });
}

Result<std::int64_t> Sessions::delete_expired() {
  const DateTime now = clock_.now();
  return store_.write([&](state::Transaction& transaction) {
    return transaction.execute("DELETE FROM sessions WHERE last_used <= ? OR created <= ?",
                               {now - options_.idle, now - options_.absolute});
  });
}

}  // namespace garrison::identity
