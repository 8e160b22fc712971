// SPDX-License-Identifier: Apache-2.0
// An analytics rule as the field writes it (Sentinel YAML, kind Scheduled). Plain values; see rule_yaml.h for reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/ticks.h"
#include "entity/alert.h"
#include "entity/mapping.h"

namespace garrison::detect {

enum class RuleKind : std::uint8_t { kScheduled };
enum class TriggerOperator : std::uint8_t { kGreaterThan, kLessThan, kEqual, kNotEqual };
std::string_view to_string(TriggerOperator op);

// alertDetailsOverride; {{Column}} in the formats is replaced by the first row's value.
struct AlertOverride {
  std::string display_name_format;
  std::string description_format;
  std::string tactics_column;
  std::string severity_column;
};

struct Rule {
  RuleId id;  // a guid in lower case
  std::string name;
  std::string description;
  RuleKind kind = RuleKind::kScheduled;
  entity::Severity severity = entity::Severity::kMedium;
  std::string query;
  Timespan frequency{kTicksPerHour};  // 5 minutes to 14 days
  Timespan period{kTicksPerHour};     // at least frequency, to 14 days
  TriggerOperator trigger = TriggerOperator::kGreaterThan;
  std::int64_t threshold = 0;
  std::vector<std::string> tactics;
  std::vector<std::string> techniques;
  std::vector<entity::EntityMapping> entity_mappings;
  std::vector<std::pair<std::string, std::string>> custom_details;  // key, column
  AlertOverride alert_override;
  bool alert_per_result = false;  // eventGroupingSettings
  entity::IncidentSettings incident;
  bool suppression = false;
  Timespan suppression_duration{5 * kTicksPerHour};  // to 24 hours
  std::string version;
  std::vector<std::pair<std::string, std::vector<std::string>>> connectors;  // connectorId, dataTypes
};

bool is_triggered(const Rule& rule, std::int64_t num_rows);

}  // namespace garrison::detect
