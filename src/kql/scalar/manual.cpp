// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/manual.h"

#include <fmt/format.h>

#include <ostream>

#include "kql/scalar/documented_names.h"
#include "kql/scalar/registry.h"

namespace garrison::kql {
namespace {

std::string signature_of(std::string_view name, std::span<const Argument> arguments) {
  std::string out = fmt::format("{}(", name);
  bool is_first = true;
  for (const auto& argument : arguments) {
    const bool is_optional = argument.rule != ArgumentRule::kRequired;
    out += fmt::format("{}{}{}{}", is_optional ? " [" : "",
                       is_first      ? ""
                       : is_optional ? ", "
                                     : ", ",
                       argument.name,
                       argument.rule == ArgumentRule::kRepeated ? " ...]"
                       : is_optional                            ? "]"
                                                                : "");
    is_first = false;
  }
  return out + ")";
}

template <typename Entry>
void write_entry(std::ostream& output, const Entry& entry) {
  output << fmt::format("### {}\n\n", entry.name);
  output << fmt::format("`{}` gives {}. {}\n\n", signature_of(entry.name, entry.arguments), entry.result,
                        entry.description);
  if (entry.support == Support::kUnsupported) {
    output << fmt::format("Not supported yet. {}\n\n", entry.unsupported_reason);
    return;
  }
  output << fmt::format("    {}\n    {}\n\n", entry.example.query, entry.example.result);
}

}  // namespace

void write_manual(std::ostream& output) {
  output << "# KQL functions\n\nMade from the registry by `garrison kql manual`; the examples are run as tests.\n\n";
  output << "## Scalar functions\n\n";
  for (const Function* entry : all_functions()) write_entry(output, *entry);
  output << "## Aggregates\n\n";
  for (const Aggregate* entry : all_aggregates()) write_entry(output, *entry);
  output << "## Documented, not in the registry\n\nSome of these are part of the language itself (`materialize`, "
            "`toscalar`, `table` ...); the others answer "
            "`not supported yet`.\n\n";
  for (const auto name : unsupported_functions()) output << fmt::format("- `{}`\n", name);
}

}  // namespace garrison::kql
