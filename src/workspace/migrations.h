// SPDX-License-Identifier: Apache-2.0
// The tables of this library in the state database, for Store::open.
#pragma once

#include "state/migration.h"

namespace garrison::workspace {

state::MigrationSet migrations();

}  // namespace garrison::workspace
