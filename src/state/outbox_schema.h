// SPDX-License-Identifier: Apache-2.0
// The tables of the outbox; part of every store. Internal to the library.
#pragma once

#include "state/migration.h"

namespace garrison::state {

MigrationSet outbox_migrations();

}  // namespace garrison::state
