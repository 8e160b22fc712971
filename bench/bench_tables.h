// SPDX-License-Identifier: Apache-2.0
// Tables of the benchmarks: made as the product makes them (definitions of content/tables, DDL of the engine library),
// filled with seeded rows, and named to the compiler. One thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "kql/catalogue.h"
#include "table/catalogue.h"

namespace garrison::bench {

class BenchTables final : public kql::Catalogue {
 public:
  // All must outlive the object.
  BenchTables(engine::Engine& engine, const table::BuiltInTables& built_in, std::string database);

  // Makes the tables without rows.
  Result<void> create(const std::set<std::string>& names);
  // Finds the tables a data folder holds from an earlier run.
  void adopt(std::string name) { existing_.insert(std::move(name)); }
  // Every known table counts as existing; for compiling only.
  void assume_all_exist() { assumes_all_ = true; }

  std::optional<kql::TableSource> find_table(std::string_view name) const override;
  std::optional<kql::SavedFunction> find_function(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> existing_tables() const override { return {existing_.begin(), existing_.end()}; }
  std::vector<std::string> known_tables() const override { return built_in_.names(); }

  // Names that find_table() was asked for and knew.
  const std::set<std::string>& used() const { return used_; }

 private:
  engine::Engine& engine_;
  const table::BuiltInTables& built_in_;
  const std::string database_;
  std::set<std::string> existing_;
  bool assumes_all_ = false;
  mutable std::set<std::string> used_;
};

// First day of the generated events, and how many days they cover.
inline constexpr std::string_view kFirstDay = "2026-01-05";
inline constexpr int kNumDays = 14;

// Windows events as a company of 500 hosts and 2,000 accounts writes them: num_rows in SecurityEvent, a fifth of that in
// DeviceEvents, a few of them an attack. The same seed gives the same rows; they are made inside the engine.
Result<void> generate_events(engine::Engine& engine, std::string_view database, std::uint64_t num_rows,
                             std::uint64_t seed);

}  // namespace garrison::bench
