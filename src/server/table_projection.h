// SPDX-License-Identifier: Apache-2.0
// Writes what the outbox tells into the tables that KQL reads: alerts, incidents, rule health, audit. An entry's id is
// part of the insert's token, so an entry that is delivered twice is stored once. Called by the outbox's pump.
#pragma once

#include <span>

#include "base/clock.h"
#include "base/error.h"
#include "state/outbox.h"
#include "workspace/table_store.h"

namespace garrison::server {

class TableProjection {
 public:
  TableProjection(workspace::TableStore& tables, const Clock& clock) : tables_(tables), clock_(clock) {}

  // The projection to register with the outbox; this object must outlive it.
  state::Projection projection();

 private:
  Result<void> take(std::span<const state::OutboxEntry> entries);
  Result<void> insert(const WorkspaceId& workspace, const std::string& table, std::span<const state::OutboxEntry* const> entries);

  workspace::TableStore& tables_;
  const Clock& clock_;
};

}  // namespace garrison::server
