// SPDX-License-Identifier: Apache-2.0
#include "state/outbox_schema.h"

namespace garrison::state {

MigrationSet outbox_migrations() {
  return {"state",
          {{1, "outbox", R"sql(
-- AUTOINCREMENT: an id is never used twice, also after its row was delivered and deleted.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  workspace TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

-- position: everything up to it was delivered or set aside. batch_end: the batch under delivery ends there; a batch is
-- fixed before it is delivered, so that a second delivery is the same.
CREATE TABLE outbox_projections (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  batch_end INTEGER NOT NULL,
  num_failures INTEGER NOT NULL,
  next_try INTEGER NOT NULL,
  last_error TEXT NOT NULL
) STRICT;

CREATE TABLE outbox_set_aside (
  projection TEXT NOT NULL,
  id INTEGER NOT NULL REFERENCES outbox (id),
  topic TEXT NOT NULL,
  workspace TEXT NOT NULL,
  key TEXT NOT NULL,
  num_attempts INTEGER NOT NULL,
  next_try INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (projection, id)
) STRICT;
CREATE INDEX outbox_set_aside_key ON outbox_set_aside (projection, topic, workspace, key);
)sql"}}};
}

}  // namespace garrison::state
