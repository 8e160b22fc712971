// SPDX-License-Identifier: Apache-2.0
#include "server/live_projection.h"

#include "base/json.h"

namespace garrison::server {
namespace {

json::object live_event(const state::OutboxEntry& entry) {
  json::object event{{"type", entry.topic}, {"time", format_iso(entry.created)}, {"id", entry.key}};
  // The payload was printed by us; a page that gets no title still learns that something changed.
  const auto row = json::parse(entry.payload);
  if (!row.ok()) return event;
  const bool is_alert = entry.topic == "alert";
  if (const auto title = json::string_at(*row, is_alert ? "DisplayName" : "Title")) event["title"] = *title;
  if (const auto severity = json::string_at(*row, is_alert ? "AlertSeverity" : "Severity")) event["severity"] = *severity;
  const bool is_new = is_alert || json::string_at(*row, "ModifiedBy") == "Incident created from alert";
  event["change"] = is_new ? "created" : "updated";
  return event;
}

}  // namespace

state::Projection live_projection(api::LiveEvents& events) {
  state::Projection projection;
  projection.name = "live";
  projection.topics = {"alert", "incident"};
  projection.handler = [&events](std::span<const state::OutboxEntry> entries) -> Result<void> {
    for (const state::OutboxEntry& entry : entries) events.publish(entry.workspace, entry.topic, live_event(entry));
    return {};
  };
  return projection;
}

}  // namespace garrison::server
