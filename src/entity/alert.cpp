// SPDX-License-Identifier: Apache-2.0
#include "entity/alert.h"

#include "base/text.h"

namespace garrison::entity {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kInformational: return "Informational";
    case Severity::kLow: return "Low";
    case Severity::kMedium: return "Medium";
    case Severity::kHigh: return "High";
  }
  return "Medium";
}

std::optional<Severity> parse_severity(std::string_view name) {
  for (const Severity severity : {Severity::kInformational, Severity::kLow, Severity::kMedium, Severity::kHigh}) {
    if (text::iequals(to_string(severity), name)) return severity;
  }
  return std::nullopt;
}

}  // namespace garrison::entity
