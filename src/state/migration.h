// SPDX-License-Identifier: Apache-2.0
// Numbered changes of the database schema. Each library owns a set, counted from 1; a released migration is never
// edited, only followed by the next. Applied numbers are recorded with a checksum of their text, each in the
// transaction that applies it, so that a crash leaves whole migrations only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "state/transaction.h"

namespace garrison::state {

struct Migration {
  int number = 0;         // 1, 2, 3 ... without gaps
  std::string_view name;  // a few words for people
  std::string_view sql;   // statements separated by ';'
};

struct MigrationSet {
  std::string library;  // "identity"
  std::vector<Migration> migrations;
};

// Applies inside the given transaction what is missing. Errors: STATE-0010 (kConflict) the database was written by a
// newer program; STATE-0011 (kCorrupt) an applied migration differs from the program's; STATE-0012 (kBug) bad numbers.
Result<void> migrate(Transaction& transaction, std::span<const MigrationSet> sets, DateTime now);

}  // namespace garrison::state
