// SPDX-License-Identifier: Apache-2.0
// The tables and saved functions of one case: rows in the engine, names as catalogue. One thread.
#pragma once

#include <map>
#include <string>

#include "case_file.h"
#include "engine/engine.h"
#include "kql/catalogue.h"

namespace garrison::cases {

enum class InsertForm { kWhole, kRowByRow };

class CaseTables final : public kql::Catalogue {
 public:
  // Starts with an empty database of that name.
  CaseTables(engine::Engine& engine, std::string database) : engine_(engine), database_(std::move(database)) {}

  Result<void> reset();
  Result<void> add(const TableStep& step, InsertForm form);
  void add(const FunctionStep& step);

  std::optional<kql::TableSource> find_table(std::string_view name) const override;
  std::optional<kql::SavedFunction> find_function(std::string_view name) const override;
  std::vector<std::string> existing_tables() const override;
  std::vector<std::string> known_tables() const override { return existing_tables(); }

 private:
  engine::Engine& engine_;
  std::string database_;
  std::map<std::string, kql::TableSource, std::less<>> tables_;
  std::map<std::string, kql::SavedFunction, std::less<>> functions_;
};

}  // namespace garrison::cases
