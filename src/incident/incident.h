// SPDX-License-Identifier: Apache-2.0
// An incident and what belongs to it. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/ticks.h"
#include "entity/alert.h"

namespace garrison::incident {

enum class Status : std::uint8_t { kNew, kActive, kClosed };
std::string_view to_string(Status status);
std::optional<Status> parse_status(std::string_view name);

// Closing reasons of the field; a reason belongs to one classification.
struct Classification {
  std::string kind;    // TruePositive, BenignPositive, FalsePositive, Undetermined; empty while open
  std::string reason;  // SuspiciousActivity, SuspiciousButExpected, IncorrectAlertLogic, InaccurateData
  std::string comment;
  bool operator==(const Classification&) const = default;
};
// Whether the pair may close an incident.
bool is_valid(const Classification& classification);

struct Incident {
  WorkspaceId workspace;
  std::int64_t number = 0;  // counts from 1 in each workspace
  IncidentId id;
  std::string title;
  std::string description;
  entity::Severity severity = entity::Severity::kMedium;
  Status status = Status::kNew;
  std::string owner;  // user name, empty for nobody
  Classification classification;
  std::vector<std::string> labels;
  std::vector<std::string> tactics;
  std::vector<std::string> techniques;
  std::vector<std::string> rule_ids;
  DateTime created;
  DateTime modified;
  std::optional<DateTime> first_modified;  // by a person
  std::optional<DateTime> closed;
  DateTime first_activity;
  DateTime last_activity;
  std::int64_t num_alerts = 0;
  std::int64_t num_comments = 0;
  std::int64_t version = 1;  // rises with each change; the etag
  std::string group_key;     // alerts with the same key join; empty: none do
  DateTime first_alert;      // when the first alert came in: the look-back counts from here
};

struct Comment {
  std::int64_t id = 0;
  std::string author;
  std::string message;
  DateTime created;
};

struct Activity {
  std::int64_t id = 0;
  DateTime time;
  std::string actor;
  std::string actor_kind;  // User, Token, AnalyticsRule, System
  std::string action;      // Created, Changed, Commented, AlertAdded
  std::string field;
  std::string from;
  std::string to;
};

struct EntityCount {
  entity::Entity entity;
  std::int64_t num_alerts = 0;
};

// Who makes a change.
struct Actor {
  std::string name;
  std::string kind = "User";
};

}  // namespace garrison::incident
