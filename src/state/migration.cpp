// SPDX-License-Identifier: Apache-2.0
#include "state/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace garrison::state {
namespace {

struct Applied {
  std::string library;
  int number = 0;
  std::string checksum;
};

// FNV-1a: finds an edited migration, defends against nobody.
std::string checksum_of(std::string_view sql) {
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  for (const char c : sql) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1'099'511'628'211u;
  }
  return fmt::format("{:016x}", hash);
}

Error newer(std::string_view library, int number, std::size_t known) {
  return conflict("STATE-0010",
                  fmt::format("the database was written by a newer garrison (it has {} {}, this program knows up to {}); "
                              "start that version, or restore a backup made before the upgrade",
                              library, number, known));
}

Result<void> check_numbers(const MigrationSet& set) {
  for (std::size_t i = 0; i < set.migrations.size(); ++i) {
    if (set.migrations[i].number == static_cast<int>(i) + 1) continue;
    return Error{ErrorKind::kBug, "STATE-0012", fmt::format("migrations of {} are not 1, 2, 3 ...", set.library), {}};
  }
  return {};
}

Result<void> check_applied(const Applied& applied, std::span<const MigrationSet> sets) {
  const auto set = std::ranges::find(sets, applied.library, &MigrationSet::library);
  if (set == sets.end()) return newer(applied.library, applied.number, 0);
  const auto index = static_cast<std::size_t>(applied.number) - 1;
  if (index >= set->migrations.size()) return newer(applied.library, applied.number, set->migrations.size());
  if (checksum_of(set->migrations[index].sql) == applied.checksum) return {};
  return corrupt("STATE-0011", fmt::format("migration {} {} was applied with another text than this program has",
                                           applied.library, applied.number));
}

}  // namespace

Result<void> migrate(Transaction& transaction, std::span<const MigrationSet> sets, DateTime now) {
  GARRISON_TRY(transaction.run_script(
      "CREATE TABLE IF NOT EXISTS state_migrations (library TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, "
      "checksum TEXT NOT NULL, applied INTEGER NOT NULL, PRIMARY KEY (library, number)) STRICT"));
  GARRISON_ASSIGN(const std::vector<Applied> applied,
                  transaction.query_all("SELECT library, number, checksum FROM state_migrations", {}, [](const Row& row) {
                    return Applied{row.string(0), static_cast<int>(row.integer(1)), row.string(2)};
                  }));
  std::map<std::string, int> newest;
  for (const Applied& one : applied) {
    GARRISON_TRY(check_applied(one, sets));
    newest[one.library] = std::max(newest[one.library], one.number);
  }
  for (const MigrationSet& set : sets) {
    GARRISON_TRY(check_numbers(set));
    for (const Migration& migration : set.migrations) {
      if (migration.number <= newest[set.library]) continue;
      GARRISON_TRY(transaction.run_script(migration.sql));
      GARRISON_TRY(transaction.execute("INSERT INTO state_migrations VALUES (?, ?, ?, ?, ?)",
                                       {set.library, migration.number, migration.name, checksum_of(migration.sql), now}));
    }
  }
  return {};
}

}  // namespace garrison::state
