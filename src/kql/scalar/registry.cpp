// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "kql/scalar/all.h"
#include "kql/scalar/fragments.h"
#include "kql/scalar/operators.h"

namespace garrison::kql {
namespace {

constexpr FunctionFamily kFunctionFamilies[] = {
    array_functions,    bag_functions,      bitwise_functions,  conditional_functions, conversion_functions,
    datetime_functions, encoding_functions, hash_functions,     math_functions,        network_functions,
    parse_functions,    regex_functions,    rounding_functions, series_functions,      series_analysis_functions,
    set_functions,      string_functions,   window_functions,
};

constexpr AggregateFamily kAggregateFamilies[] = {
    collecting_aggregates, counting_aggregates, numeric_aggregates, picking_aggregates, statistical_aggregates,
};

template <typename Entry, typename Families>
std::vector<const Entry*> sorted_entries(const Families& families) {
  std::vector<const Entry*> out;
  for (const auto& family : families) {
    for (const auto& entry : family()) out.push_back(&entry);
  }
  std::sort(out.begin(), out.end(), [](const Entry* a, const Entry* b) { return a->name < b->name; });
  return out;
}

template <typename Entry>
const Entry* find_in(std::span<const Entry* const> entries, std::string_view name) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), name,
                                   [](const Entry* entry, std::string_view wanted) { return entry->name < wanted; });
  return at != entries.end() && (*at)->name == name ? *at : nullptr;
}

std::string kinds_text(KindSet kinds) {
  std::string out;
  for (unsigned i = 0; i <= static_cast<unsigned>(Kind::kDynamic); ++i) {
    const Kind kind = static_cast<Kind>(i);
    if ((kinds & kind_bit(kind)) == 0) continue;
    if (!out.empty()) out += " or ";
    out += table::to_string(kind);
  }
  return out;
}

// The kind a dynamic value is cast to for a set: the widest of its group.
Kind preferred_kind(KindSet kinds) {
  for (const Kind kind : {Kind::kString, Kind::kReal, Kind::kLong, Kind::kDateTime, Kind::kTimespan, Kind::kBool,
                          Kind::kGuid, Kind::kDecimal}) {
    if (kinds & kind_bit(kind)) return kind;
  }
  return Kind::kDynamic;
}

const Argument* argument_at(std::span<const Argument> arguments, std::size_t index) {
  if (index < arguments.size()) return &arguments[index];
  if (!arguments.empty() && arguments.back().rule == ArgumentRule::kRepeated) return &arguments.back();
  return nullptr;
}

Result<void> check_count(std::string_view name, std::span<const Argument> arguments, std::size_t count) {
  std::size_t least = 0;
  bool is_open = false;
  for (const auto& argument : arguments) {
    if (argument.rule == ArgumentRule::kRequired) ++least;
    if (argument.rule == ArgumentRule::kRepeated) is_open = true;
  }
  if (count >= least && (is_open || count <= arguments.size())) return {};
  std::string wanted = std::to_string(least);
  if (is_open) {
    wanted = fmt::format("{} or more", least);
  } else if (arguments.size() != least) {
    wanted = fmt::format("{} to {}", least, arguments.size());
  }
  return bad_input("KQL-0202", fmt::format("{}() takes {} arguments, not {}", name, wanted, count));
}

Result<Scalar> check_argument(LoweringContext& context, std::string_view name, const Argument& wanted,
                              const Scalar& given) {
  if (wanted.must_be_constant && !given.constant) {
    return bad_input("KQL-0204", fmt::format("{} of {}() must be a constant", wanted.name, name));
  }
  if (wanted.kinds & kind_bit(given.kind)) return given;
  const bool is_null = is_constant_null(given);
  if (given.kind == Kind::kDynamic || is_null) return cast_to(context, given, preferred_kind(wanted.kinds));
  return bad_input("KQL-0203", fmt::format("{} of {}() is a {}; it must be {}", wanted.name, name,
                                           table::to_string(given.kind), kinds_text(wanted.kinds)));
}

Result<std::vector<Scalar>> check_arguments(LoweringContext& context, std::string_view name,
                                            std::span<const Argument> wanted, std::span<const Scalar> given) {
  GARRISON_TRY(check_count(name, wanted, given.size()));
  std::vector<Scalar> out;
  for (std::size_t i = 0; i < given.size(); ++i) {
    GARRISON_ASSIGN(Scalar checked, check_argument(context, name, *argument_at(wanted, i), given[i]));
    out.push_back(std::move(checked));
  }
  return out;
}

template <typename Entry>
Error not_supported(const Entry& entry) {
  return unsupported("KQL-0109", fmt::format("not supported yet: {}{}{}", entry.name,
                                             entry.unsupported_reason.empty() ? "" : ": ", entry.unsupported_reason));
}

}  // namespace

std::span<const Function* const> all_functions() {
  static const auto kEntries = sorted_entries<Function>(kFunctionFamilies);
  return kEntries;
}

std::span<const Aggregate* const> all_aggregates() {
  static const auto kEntries = sorted_entries<Aggregate>(kAggregateFamilies);
  return kEntries;
}

const Function* find_function(std::string_view name) {
  return find_in(all_functions(), name);
}
const Aggregate* find_aggregate(std::string_view name) {
  return find_in(all_aggregates(), name);
}

Result<Scalar> lower_call(LoweringContext& context, const Function& function, std::span<const Scalar> arguments) {
  if (function.support == Support::kUnsupported) return not_supported(function);
  GARRISON_ASSIGN(auto checked, check_arguments(context, function.name, function.arguments, arguments));
  Result<Scalar> lowered = function.lower(context, checked);
  if (!lowered.ok()) return lowered;
  bool is_row_dependent = false;
  for (const auto& argument : arguments) {
    lowered->is_aggregate = lowered->is_aggregate || argument.is_aggregate;
    is_row_dependent = is_row_dependent || argument.is_row_dependent;
  }
  // A call on fixed values is fixed, unless it says otherwise by a name of its own (rand, row_number).
  if (function.volatility == Volatility::kFixed) lowered->is_row_dependent = is_row_dependent;
  return lowered;
}

Result<std::vector<AggregateOutput>> lower_aggregate(LoweringContext& context, const Aggregate& aggregate,
                                                     const AggregateCall& call) {
  if (aggregate.support == Support::kUnsupported) return not_supported(aggregate);
  GARRISON_ASSIGN(auto checked, check_arguments(context, aggregate.name, aggregate.arguments, call.arguments));
  AggregateCall prepared = call;
  prepared.arguments = checked;
  auto outputs = aggregate.lower(context, prepared);
  if (!outputs.ok()) return outputs;
  for (auto& output : *outputs) {
    output.value.is_aggregate = true;
    output.value.is_row_dependent = true;
  }
  return outputs;
}

}  // namespace garrison::kql
