// SPDX-License-Identifier: Apache-2.0
#include "incident/incident.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace garrison::incident {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::kNew: return "New";
    case Status::kActive: return "Active";
    case Status::kClosed: return "Closed";
  }
  return "New";
}

std::optional<Status> parse_status(std::string_view name) {
  for (const Status status : {Status::kNew, Status::kActive, Status::kClosed}) {
    if (text::iequals(to_string(status), name)) return status;
  }
  return std::nullopt;
}

bool is_valid(const Classification& classification) {
  using Pair = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Pair, 5> kAllowed = {{{"TruePositive", "SuspiciousActivity"},
                                                    {"BenignPositive", "SuspiciousButExpected"},
                                                    {"FalsePositive", "IncorrectAlertLogic"},
                                                    {"FalsePositive", "InaccurateData"},
                                                    {"Undetermined", ""}}};
  return std::find(kAllowed.begin(), kAllowed.end(), Pair(classification.kind, classification.reason)) != kAllowed.end();
}

}  // namespace garrison::incident
