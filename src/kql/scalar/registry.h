// SPDX-License-Identifier: Apache-2.0
// The scalar functions and aggregates of KQL: one entry each, listed by family in all.h. The manual, completion and the
// tests of the examples are made from the entries. Immutable after start; any thread may read.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kql/scalar/lowering_context.h"
#include "kql/scalar/scalar.h"

namespace garrison::kql {

// Set of kinds an argument may have; a dynamic value is accepted and cast where Kusto does so.
using KindSet = std::uint16_t;
constexpr KindSet kind_bit(Kind kind) {
  return static_cast<KindSet>(1u << static_cast<unsigned>(kind));
}
inline constexpr KindSet kAnyKind = 0x3FF;

enum class ArgumentRule : std::uint8_t { kRequired, kOptional, kRepeated };

struct Argument {
  std::string_view name;
  KindSet kinds = kAnyKind;
  ArgumentRule rule = ArgumentRule::kRequired;
  bool must_be_constant = false;
};

enum class CostClass : std::uint8_t { kConstant, kCheap, kScan, kHeavy };

// The one documented example of an entry; run as a test, the result compared as JSON rows.
struct Example {
  std::string_view query;
  std::string_view result;  // e.g. [[3]]
};

enum class Support : std::uint8_t { kSupported, kUnsupported };

// Whether a call on fixed values gives the same value for every row.
enum class Volatility : std::uint8_t { kFixed, kEachRow };

struct Function {
  std::string_view name;
  std::vector<Argument> arguments;
  std::string_view result;       // for people: "long", "the type of the first argument"
  std::string_view description;  // one sentence
  Example example;
  CostClass cost = CostClass::kCheap;
  std::string_view since = "0.1";
  // Lowers a call whose arguments have been checked against `arguments`. The error needs no position.
  Result<Scalar> (*lower)(LoweringContext& context, std::span<const Scalar> arguments) = nullptr;
  Volatility volatility = Volatility::kFixed;
  // kUnsupported entries answer "not supported yet" with this reason.
  Support support = Support::kSupported;
  std::string_view unsupported_reason;
};

// One output column of an aggregate call; arg_max and percentiles have several.
struct AggregateOutput {
  std::string name;  // as Kusto names it when nothing is written: sum_x, percentile_x_50
  Scalar value;
};

struct AggregateCall {
  std::span<const Scalar> arguments;     // name_hint set for plain columns
  bool has_star = false;                 // arg_max(x, *)
  std::span<const Scalar> star_columns;  // what * stands for, in schema order, without the group keys
};

struct Aggregate {
  std::string_view name;
  std::vector<Argument> arguments;
  std::string_view result;
  std::string_view description;
  Example example;
  CostClass cost = CostClass::kScan;
  std::string_view since = "0.1";
  Result<std::vector<AggregateOutput>> (*lower)(LoweringContext& context, const AggregateCall& call) = nullptr;
  Support support = Support::kSupported;
  std::string_view unsupported_reason;
};

// Null when there is no such name. Names are case-sensitive; old spellings are entries of their own.
const Function* find_function(std::string_view name);
const Aggregate* find_aggregate(std::string_view name);
std::span<const Function* const> all_functions();    // sorted by name
std::span<const Aggregate* const> all_aggregates();  // sorted by name

// Checks number and kinds of the arguments (casting dynamic where Kusto does) and lowers the call.
Result<Scalar> lower_call(LoweringContext& context, const Function& function, std::span<const Scalar> arguments);
Result<std::vector<AggregateOutput>> lower_aggregate(LoweringContext& context, const Aggregate& aggregate,
                                                     const AggregateCall& call);

}  // namespace garrison::kql
