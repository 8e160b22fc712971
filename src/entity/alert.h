// SPDX-License-Identifier: Apache-2.0
// An alert: what a rule found in one window, and how its incidents are to be made. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/ticks.h"
#include "entity/entity.h"

namespace garrison::entity {

enum class Severity : std::uint8_t { kInformational, kLow, kMedium, kHigh };
std::string_view to_string(Severity severity);
std::optional<Severity> parse_severity(std::string_view name);  // ignores case

struct Alert {
  AlertId id;  // the same for the same rule, window and group, so that a repeated run makes no second alert
  std::string display_name;
  std::string description;
  Severity severity = Severity::kMedium;
  RuleId rule;
  std::string rule_name;
  std::string product_name = "Garrison";
  std::string provider_name = "ASI Scheduled Alerts";
  DateTime created;
  DateTime start;  // first and last event
  DateTime end;
  std::vector<std::string> tactics;
  std::vector<std::string> techniques;
  std::vector<Entity> entities;
  std::map<std::string, std::vector<std::string>> custom_details;
  std::int64_t num_events = 0;
  std::string query;             // gives the events, over the window
  DateTime window_start;
  DateTime window_end;
  std::string event_json;        // AlertPerResult: the row itself
};

enum class Matching : std::uint8_t { kAllEntities, kAnyAlert, kSelected };

// incidentConfiguration of a rule.
struct IncidentSettings {
  bool create_incident = true;
  bool grouping = false;
  bool reopen_closed = false;
  Timespan lookback{5 * kTicksPerHour};
  Matching matching = Matching::kAllEntities;
  std::vector<EntityKind> by_entities;
  bool by_display_name = false;
  bool by_severity = false;
  std::vector<std::string> by_custom_details;
};

}  // namespace garrison::entity
