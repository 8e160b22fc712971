// SPDX-License-Identifier: Apache-2.0
// KQL text to a plan: parse, bind against a catalogue, lower to SQL. Errors are values with places; one compilation
// runs in the caller's thread, any number may run side by side.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ticks.h"
#include "kql/catalogue.h"
#include "kql/plan.h"
#include "table/batch.h"
#include "table/schema.h"

namespace garrison::kql {

// Half-open: from <= TimeGenerated < to. Applied to every table read that has TimeGenerated.
struct TimeRange {
  DateTime from;
  DateTime to;
};

enum class PlanMode {
  kOptimised,
  kPlain,  // one SELECT an operator, every column carried: to check the optimised plan against
};

struct CompileLimits {
  std::size_t max_text_bytes = 1 << 20;
  std::size_t max_sql_bytes = 16 << 20;
  std::size_t max_inlining_depth = 64;  // functions in functions
  std::size_t max_nodes = 20'000;       // operators after inlining
};

struct CompileOptions {
  DateTime now;
  std::optional<TimeRange> time_filter;
  PlanMode mode = PlanMode::kOptimised;
  CompileLimits limits;
  std::string workspace;                                  // own name, for workspace("x").T
  std::map<std::string, std::string> query_parameters;    // name to KQL literal
  std::map<std::string, table::Schema> discovered;        // answers to discovery requests
  // For checks of content (rules, editors), not for running: discoveries are taken to give nothing, query parameters
  // need no value, and saved functions may read tables and columns that are not there.
  bool check_only = false;
};

struct Diagnostic {
  ErrorKind kind = ErrorKind::kBadInput;  // kBadInput, kNotFound (unknown table), kUnsupported, kExhausted
  std::string code;
  Position position;
  std::string message;
};

// Codes that callers ask for.
inline constexpr std::string_view kUnknownName = "KQL-0101";
inline constexpr std::string_view kUnknownTable = "KQL-0102";   // a saved rule waits for it
inline constexpr std::string_view kUnknownFunction = "KQL-0103";
inline constexpr std::string_view kNotSupportedYet = "KQL-0109";

struct Compilation {
  std::vector<Diagnostic> diagnostics;  // by place; syntax errors alone when there are any
  std::variant<std::monostate, Plan, DiscoveryRequest> outcome;

  bool ok() const { return diagnostics.empty(); }
  const Plan* plan() const { return std::get_if<Plan>(&outcome); }
  const DiscoveryRequest* discovery() const { return std::get_if<DiscoveryRequest>(&outcome); }
  // The first diagnostic; call only when !ok().
  Error error() const;
};

Compilation compile(std::string_view text, const Catalogue& catalogue, const CompileOptions& options);

// Folds the rows of a discovery request: one column a name, sorted; long and real make real, other mixes dynamic.
table::Schema make_discovered(const table::Batch& rows);

}  // namespace garrison::kql
