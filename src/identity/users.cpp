// SPDX-License-Identifier: Apache-2.0
#include "identity/users.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "identity/user_rows.h"

namespace garrison::identity {
namespace {

Result<void> check_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '@' || c == '-';
  });
  if (fits) return {};
  return bad_input("AUTH-0010", "a user name has 1 to 64 letters, digits and . _ @ -");
}

Result<void> check_workspace(const WorkspaceId& workspace) {
  const std::string& id = workspace.value;
  const bool fits = !id.empty() && id.size() <= 32 && id[0] >= 'a' && id[0] <= 'z' && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (fits) return {};
  return bad_input("AUTH-0014", "a workspace id has 1 to 32 of a-z, 0-9 and -, and starts with a letter");
}

std::string target_of(const User& user) { return "user:" + user.name; }

Result<rows::StoredUser> require(state::Transaction& transaction, const UserId& id) {
  GARRISON_ASSIGN(auto stored, rows::user_by_id(transaction, id));
  if (!stored) return not_found("AUTH-0017", fmt::format("no user '{}'", text::escape_control(id.value)));
  return std::move(*stored);
}

// For changes that take an administrator away.
Result<void> require_another_admin(state::Transaction& transaction, const User& user) {
  if (!user.is_server_admin || user.is_disabled) return {};
  GARRISON_ASSIGN(const auto others, transaction.query_one(
      "SELECT count(*) FROM users WHERE is_server_admin = 1 AND is_disabled = 0 AND id <> ?", {user.id},
      [](const state::Row& row) { return row.integer(0); }));
  if (*others > 0) return {};
  return conflict("AUTH-0013", fmt::format("'{}' is the last server administrator; make another one first", user.name));
}

Result<void> insert(state::Transaction& transaction, const User& user, const std::string& hash) {
  const auto done = transaction.execute(
      "INSERT INTO users (id, name, name_key, password_hash, is_server_admin, is_disabled, must_change_password, created) "
      "VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
      {user.id, user.name, text::ascii_lower(user.name), hash, user.is_server_admin, user.must_change_password,
       user.created});
  if (done.ok()) return {};
  if (done.error().kind != ErrorKind::kConflict) return done.error();
  return conflict("AUTH-0011", fmt::format("there is a user named '{}' already", user.name));
}

}  // namespace

Users::Users(state::Store& store, AuditLog& audit, PasswordHasher& hasher, const Clock& clock, Random& random)
    : store_(store), audit_(audit), hasher_(hasher), clock_(clock), random_(random) {}

Result<User> Users::create(const Principal& by, const NewUser& given) {
  GARRISON_TRY(check_name(given.name));
  GARRISON_TRY(check_password_policy(given.password, given.name));
  GARRISON_ASSIGN(const std::string hash, hasher_.hash(given.password));
  User user;
  user.id = UserId(random_.guid());
  user.name = given.name;
  user.is_server_admin = given.is_server_admin;
  user.must_change_password = given.must_change_password;
  user.created = clock_.now();
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(insert(transaction, user, hash));
    AuditEvent event = AuditEvent::by(by, "user.create", target_of(user));
    event.details["IsServerAdmin"] = user.is_server_admin;
    return audit_.add(transaction, event);
  }));
  return user;
}

Result<Secret> Users::create_first_admin(std::string_view name) {
  GARRISON_TRY(check_name(name));
  Secret password = make_password(random_);
  GARRISON_ASSIGN(const std::string hash, hasher_.hash(password));
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const auto any, transaction.query_one("SELECT 1 FROM users LIMIT 1", {},
                                                          [](const state::Row&) { return true; }));
    if (any) {
      return conflict("AUTH-0012", "there are users already; an administrator adds more, or resets a password");
    }
    User user;
    user.id = UserId(random_.guid());
    user.name = std::string(name);
    user.is_server_admin = true;
    user.created = clock_.now();
    GARRISON_TRY(insert(transaction, user, hash));
    return audit_.add(transaction, AuditEvent::by(Principal::system(), "user.create_first_admin", target_of(user)));
  }));
  return password;
}

Result<User> Users::get(const UserId& id) {
  return store_.read([&](state::Transaction& transaction) -> Result<User> {
    GARRISON_ASSIGN(auto stored, require(transaction, id));
    return std::move(stored.user);
  });
}

Result<std::optional<User>> Users::find(std::string_view name) {
  return store_.read([&](state::Transaction& transaction) -> Result<std::optional<User>> {
    GARRISON_ASSIGN(auto stored, rows::user_by_name(transaction, name));
    if (!stored) return std::optional<User>();
    return std::optional<User>(std::move(stored->user));
  });
}

Result<std::vector<User>> Users::list() {
  return store_.read([&](state::Transaction& transaction) -> Result<std::vector<User>> {
    GARRISON_ASSIGN(const auto ids, transaction.query_all("SELECT id FROM users ORDER BY name_key", {},
                                                          [](const state::Row& row) { return UserId(row.string(0)); }));
    std::vector<User> users;
    for (const UserId& id : ids) {
      GARRISON_ASSIGN(auto stored, require(transaction, id));
      users.push_back(std::move(stored.user));
    }
    return users;
  });
}

Result<std::int64_t> Users::count() {
  return store_.read([](state::Transaction& transaction) -> Result<std::int64_t> {
    GARRISON_ASSIGN(const auto number, transaction.query_one("SELECT count(*) FROM users", {},
                                                             [](const state::Row& row) { return row.integer(0); }));
    return *number;
  });
}

Result<void> Users::set_role(const Principal& by, const UserId& id, const WorkspaceId& workspace,
                             std::optional<Role> role) {
  return store_.write([&](state::Transaction& transaction) { return set_role(transaction, by, id, workspace, role); });
}

Result<void> Users::set_role(state::Transaction& transaction, const Principal& by, const UserId& id,
                             const WorkspaceId& workspace, std::optional<Role> role) {
  GARRISON_TRY(check_workspace(workspace));
  GARRISON_ASSIGN(const auto stored, require(transaction, id));
  const auto old = stored.user.roles.find(workspace);
  const bool had_role = old != stored.user.roles.end();
  if (had_role ? role == old->second : !role) return {};
  GARRISON_TRY(transaction.execute("DELETE FROM user_roles WHERE user_id = ? AND workspace = ?", {id, workspace}));
  if (role) {
    GARRISON_TRY(transaction.execute("INSERT INTO user_roles VALUES (?, ?, ?)", {id, workspace, to_string(*role)}));
  }
  const bool is_own_first = !had_role && by.kind == PrincipalKind::kUser && by.user == id;
  if (!is_own_first) GARRISON_TRY(rows::end_sessions(transaction, id));
  AuditEvent event = AuditEvent::by(by, "user.set_role", target_of(stored.user));
  event.workspace = workspace;
  event.details["Role"] = role ? to_string(*role) : std::string_view("none");
  event.details["OldRole"] = had_role ? to_string(old->second) : std::string_view("none");
  return audit_.add(transaction, event);
}

Result<void> Users::set_server_admin(const Principal& by, const UserId& id, bool is_admin) {
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const auto stored, require(transaction, id));
    if (stored.user.is_server_admin == is_admin) return {};
    if (!is_admin) GARRISON_TRY(require_another_admin(transaction, stored.user));
    GARRISON_TRY(transaction.execute("UPDATE users SET is_server_admin = ? WHERE id = ?", {is_admin, id}));
    GARRISON_TRY(rows::end_sessions(transaction, id));
    AuditEvent event = AuditEvent::by(by, "user.set_server_admin", target_of(stored.user));
    event.details["IsServerAdmin"] = is_admin;
    return audit_.add(transaction, event);
  });
}

Result<void> Users::set_disabled(const Principal& by, const UserId& id, bool is_disabled) {
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const auto stored, require(transaction, id));
    if (stored.user.is_disabled == is_disabled) return {};
    if (is_disabled) GARRISON_TRY(require_another_admin(transaction, stored.user));
    GARRISON_TRY(transaction.execute("UPDATE users SET is_disabled = ? WHERE id = ?", {is_disabled, id}));
    GARRISON_TRY(rows::end_sessions(transaction, id));
    return audit_.add(transaction,
                      AuditEvent::by(by, is_disabled ? "user.disable" : "user.enable", target_of(stored.user)));
  });
}

Result<void> Users::remove(const Principal& by, const UserId& id) {
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const auto stored, require(transaction, id));
    GARRISON_TRY(require_another_admin(transaction, stored.user));
    // Roles, sessions and tokens go with the row.
    GARRISON_TRY(transaction.execute("DELETE FROM users WHERE id = ?", {id}));
    return audit_.add(transaction, AuditEvent::by(by, "user.remove", target_of(stored.user)));
  });
}

Result<void> Users::change_password(const Principal& by, const Secret& old_password, const Secret& new_password) {
  if (by.kind != PrincipalKind::kUser) return denied("AUTH-0006", "this needs a signed-in user, not a token");
  GARRISON_ASSIGN(const auto stored, store_.read([&](state::Transaction& transaction) {
    return require(transaction, by.user);
  }));
  GARRISON_ASSIGN(const bool is_right, hasher_.verify(stored.password_hash, old_password));
  if (!is_right) {
    AuditEvent event = AuditEvent::by(by, "user.change_password", target_of(stored.user));
    event.outcome = AuditOutcome::kDenied;
    GARRISON_TRY(audit_.add(event));
    return denied("AUTH-0003", "the old password is wrong");
  }
  GARRISON_TRY(check_password_policy(new_password, stored.user.name));
  if (new_password.equals(old_password.reveal())) return bad_input("AUTH-0031", "the new password is the old one");
  GARRISON_ASSIGN(const std::string hash, hasher_.hash(new_password));
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const std::int64_t changed, transaction.execute(
        "UPDATE users SET password_hash = ?, must_change_password = 0 WHERE id = ? AND password_hash = ?",
        {hash, by.user, stored.password_hash}));
    if (changed == 0) return conflict("AUTH-0018", "the password was changed meanwhile; sign in again");
    GARRISON_TRY(rows::end_sessions(transaction, by.user));
    return audit_.add(transaction, AuditEvent::by(by, "user.change_password", target_of(stored.user)));
  });
}

Result<Secret> Users::reset_password(const Principal& by, const UserId& id) {
  Secret password = make_password(random_);
  GARRISON_ASSIGN(const std::string hash, hasher_.hash(password));
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const auto stored, require(transaction, id));
    GARRISON_TRY(transaction.execute("UPDATE users SET password_hash = ?, must_change_password = 1 WHERE id = ?",
                                     {hash, id}));
    GARRISON_TRY(rows::end_sessions(transaction, id));
    return audit_.add(transaction, AuditEvent::by(by, "user.reset_password", target_of(stored.user)));
  }));
  return password;
}

Result<void> Users::remove_workspace(state::Transaction& transaction, const WorkspaceId& workspace) {
  for (const char* const table : {"user_roles", "tokens", "secrets"}) {
    GARRISON_TRY(transaction.execute(fmt::format("DELETE FROM {} WHERE workspace = ?", table), {workspace}));
  }
  return {};
}

}  // namespace garrison::identity
