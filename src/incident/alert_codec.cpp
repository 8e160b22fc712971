// SPDX-License-Identifier: Apache-2.0
#include "incident/alert_codec.h"

#include "base/json.h"

namespace garrison::incident {
namespace {

json::array to_array(const std::vector<std::string>& values) {
  json::array out;
  for (const std::string& value : values) out.emplace_back(value);
  return out;
}

std::vector<std::string> from_array(const json::value* document) {
  std::vector<std::string> out;
  if (document == nullptr || !document->is_array()) return out;
  for (const json::value& element : document->get_array()) {
    if (element.is_string()) out.emplace_back(element.get_string());
  }
  return out;
}

DateTime time_at(const json::value& document, std::string_view key) { return {json::integer_at(document, key).value_or(0)}; }

}  // namespace

std::string encode_texts(const std::vector<std::string>& values) { return json::print(to_array(values)); }

std::vector<std::string> decode_texts(std::string_view text) {
  const auto document = json::parse(text);
  return document.ok() ? from_array(&*document) : std::vector<std::string>();
}

std::string encode_alert(const entity::Alert& alert) {
  json::object out;
  out["id"] = alert.id.value;
  out["displayName"] = alert.display_name;
  out["description"] = alert.description;
  out["severity"] = to_string(alert.severity);
  out["rule"] = alert.rule.value;
  out["ruleName"] = alert.rule_name;
  out["product"] = alert.product_name;
  out["provider"] = alert.provider_name;
  out["created"] = alert.created.ticks;
  out["start"] = alert.start.ticks;
  out["end"] = alert.end.ticks;
  out["tactics"] = to_array(alert.tactics);
  out["techniques"] = to_array(alert.techniques);
  json::array entities;
  for (const entity::Entity& entity : alert.entities) entities.push_back(entity::to_json(entity));
  out["entities"] = std::move(entities);
  json::object details;
  for (const auto& [key, values] : alert.custom_details) details[key] = to_array(values);
  out["details"] = std::move(details);
  out["events"] = alert.num_events;
  out["query"] = alert.query;
  out["windowStart"] = alert.window_start.ticks;
  out["windowEnd"] = alert.window_end.ticks;
  out["event"] = alert.event_json;
  return json::print(out);
}

Result<entity::Alert> decode_alert(std::string_view text) {
  GARRISON_ASSIGN(const json::value document, json::parse(text));
  const auto word = [&](std::string_view key) { return json::string_at(document, key).value_or(""); };
  entity::Alert alert;
  alert.id = AlertId(word("id"));
  if (alert.id.empty()) return corrupt("INC-0010", "a stored alert has no id");
  alert.display_name = word("displayName");
  alert.description = word("description");
  alert.severity = entity::parse_severity(word("severity")).value_or(entity::Severity::kMedium);
  alert.rule = RuleId(word("rule"));
  alert.rule_name = word("ruleName");
  alert.product_name = word("product");
  alert.provider_name = word("provider");
  alert.created = time_at(document, "created");
  alert.start = time_at(document, "start");
  alert.end = time_at(document, "end");
  alert.tactics = from_array(json::find(document, "tactics"));
  alert.techniques = from_array(json::find(document, "techniques"));
  if (const json::value* entities = json::find(document, "entities"); entities != nullptr && entities->is_array()) {
    for (const json::value& item : entities->get_array()) {
      if (auto entity = entity::from_json(item)) alert.entities.push_back(std::move(*entity));
    }
  }
  if (const json::value* details = json::find(document, "details"); details != nullptr && details->is_object()) {
    for (const auto& [key, values] : details->get_object()) alert.custom_details[std::string(key)] = from_array(&values);
  }
  alert.num_events = json::integer_at(document, "events").value_or(0);
  alert.query = word("query");
  alert.window_start = time_at(document, "windowStart");
  alert.window_end = time_at(document, "windowEnd");
  alert.event_json = word("event");
  return alert;
}

}  // namespace garrison::incident
