// SPDX-License-Identifier: Apache-2.0
// Runs the steps of a case against an engine. One thread.
#pragma once

#include <string>
#include <vector>

#include "case_tables.h"
#include "kql/compile.h"
#include "workspace/query_executor.h"

namespace garrison::cases {

struct Variant {
  std::string name;
  bool child_engine = false;
  kql::PlanMode mode = kql::PlanMode::kOptimised;
  InsertForm insert = InsertForm::kWhole;
  std::uint32_t threads = 0;
};

// One line of tests/variants.txt; CASE-0004 for an unknown key or value.
Result<Variant> parse_variant(std::string_view line);

// What went wrong, a line each ("12: expected ..."); empty: the case passed.
std::vector<std::string> run_case(const CaseFile& file, engine::Engine& engine, const Variant& variant);

}  // namespace garrison::cases
