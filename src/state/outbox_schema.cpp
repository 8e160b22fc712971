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
-- fixed before it is delivered, so that a second delivery is the same. single_until: up to there a batch has one entry,
-- because a larger one was refused.
CREATE TABLE outbox_projections (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  batch_end INTEGER NOT NULL,
  single_until INTEGER NOT NULL,
  num_failures INTEGER NOT NULL,
  next_try INTEGER NOT NULL,
  last_error TEXT NOT NULL
) STRICT;

CREATE TABLE outbox_subscriptions (
  projection TEXT NOT NULL REFERENCES outbox_projections (name) ON DELETE CASCADE,
  topic TEXT NOT NULL,
  PRIMARY KEY (projection, topic)
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
CREATE INDEX outbox_set_aside_id ON outbox_set_aside (id);
)sql"}}};
}

}  // namespace garrison::state
