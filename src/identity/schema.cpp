// SPDX-License-Identifier: Apache-2.0
#include "identity/users.h"

namespace garrison::identity {

state::MigrationSet migrations() {
  return {"identity",
          {{1, "users, sessions, tokens, secrets, audit", R"sql(
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  is_server_admin INTEGER NOT NULL,
  is_disabled INTEGER NOT NULL,
  must_change_password INTEGER NOT NULL,
  created INTEGER NOT NULL,
  last_sign_in INTEGER
) STRICT;

CREATE TABLE user_roles (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workspace TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (user_id, workspace)
) STRICT;
CREATE INDEX user_roles_workspace ON user_roles (workspace);

-- hash: SHA-256 of the cookie's value, which itself is stored nowhere.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created INTEGER NOT NULL,
  last_used INTEGER NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workspace TEXT NOT NULL,
  role TEXT NOT NULL,
  permissions TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  last_used INTEGER
) STRICT;
CREATE INDEX tokens_owner ON tokens (owner_id);
CREATE INDEX tokens_workspace ON tokens (workspace);

CREATE TABLE secrets (
  workspace TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed BLOB NOT NULL,
  changed INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (workspace, name)
) STRICT;

CREATE TABLE login_failures (
  account TEXT PRIMARY KEY,
  num_failures INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT;

-- body: the entry as JSON, exactly as hashed. hash: SHA-256 over the hash before, a line break and the body.
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_workspace ON audit (workspace, number);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
)sql"}}};
}

}  // namespace garrison::identity
