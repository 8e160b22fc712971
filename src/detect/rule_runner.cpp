// SPDX-License-Identifier: Apache-2.0
#include "detect/rule_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "base/text.h"

namespace garrison::detect {
namespace {

constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxDescriptionBytes = 5'000;
constexpr std::size_t kMaxDetailValues = 50;
constexpr std::size_t kMaxDetailBytes = 2'000;

// One row of the answer.
struct RowRef {
  const table::Batch* batch;
  std::size_t row;
};

std::string cell(const RowRef& at, std::string_view column) {
  const auto index = at.batch->schema.index_of(column);
  return index ? table::to_display(at.batch->columns[*index], at.row) : std::string();
}

// Cuts to a number of bytes without cutting a character.
std::string cut(std::string text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0) == 0x80) --max_bytes;
  text.resize(max_bytes);
  return text;
}

// Replaces each {{Column}} by the row's value.
std::string fill_format(std::string_view format, const RowRef& at) {
  std::string out;
  std::size_t start = 0;
  for (std::size_t open = format.find("{{"); open != std::string_view::npos; open = format.find("{{", start)) {
    const std::size_t close = format.find("}}", open);
    if (close == std::string_view::npos) break;
    out += format.substr(start, open - start);
    out += cell(at, text::trim(format.substr(open + 2, close - open - 2)));
    start = close + 2;
  }
  out += format.substr(start);
  return out;
}

AlertId alert_id(const Rule& rule, const QueryWindow& window, std::string_view group) {
  static const boost::uuids::name_generator_sha1 generator(boost::uuids::ns::oid());
  return AlertId(boost::uuids::to_string(
      generator(fmt::format("{}|{}|{}|{}", rule.id.value, window.start.ticks, window.end.ticks, group))));
}

std::string row_json(const RowRef& at) {
  std::string out = "{";
  for (std::size_t c = 0; c < at.batch->columns.size(); ++c) {
    if (c > 0) out += ',';
    json::append_quoted(out, at.batch->schema.columns[c].name);
    out += ':';
    table::append_json(out, at.batch->columns[c], at.row);
  }
  return out + "}";
}

void set_times(entity::Alert& alert, const std::vector<RowRef>& rows, const QueryWindow& window) {
  alert.start = window.end;
  alert.end = window.start;
  const auto widen = [&](const RowRef& at, std::string_view column) {
    const auto index = at.batch->schema.index_of(column);
    if (!index) return;
    const table::ColumnVector& values = at.batch->columns[*index];
    if (values.kind() != table::Kind::kDateTime || values.is_null(at.row)) return;
    const DateTime time{values.integer(at.row)};
    if (time < window.start || time > window.end) return;
    alert.start = std::min(alert.start, time);
    alert.end = std::max(alert.end, time);
  };
  for (const RowRef& at : rows) {
    for (const std::string_view column : {"TimeGenerated", "StartTime", "EndTime", "StartTimeUtc", "EndTimeUtc", "Timestamp", "timestamp"}) widen(at, column);
  }
  if (alert.start > alert.end) {
    alert.start = window.start;
    alert.end = window.end;
  }
}

void set_custom_details(entity::Alert& alert, const Rule& rule, const std::vector<RowRef>& rows) {
  std::size_t num_bytes = 0;
  for (const auto& [key, column] : rule.custom_details) {
    auto& values = alert.custom_details[key];
    for (const RowRef& at : rows) {
      std::string value = cell(at, column);
      if (value.empty() || std::find(values.begin(), values.end(), value) != values.end()) continue;
      if (values.size() >= kMaxDetailValues || num_bytes + value.size() > kMaxDetailBytes) break;
      num_bytes += value.size();
      values.push_back(std::move(value));
    }
  }
}

void apply_override(entity::Alert& alert, const AlertOverride& change, const RowRef& first) {
  if (!change.display_name_format.empty()) alert.display_name = cut(fill_format(change.display_name_format, first), kMaxNameBytes);
  if (!change.description_format.empty()) alert.description = cut(fill_format(change.description_format, first), kMaxDescriptionBytes);
  if (const auto severity = entity::parse_severity(cell(first, change.severity_column))) alert.severity = *severity;
  const std::string tactics = cell(first, change.tactics_column);
  if (tactics.empty()) return;
  alert.tactics.clear();
  for (const std::string_view part : text::split(text::replace_all(text::replace_all(text::replace_all(tactics, "[", ""), "]", ""), "\"", ""), ',')) {
    if (!text::trim(part).empty()) alert.tactics.emplace_back(text::trim(part));
  }
}

entity::Alert make_alert(const Rule& rule, const QueryWindow& window, const std::vector<RowRef>& rows, std::string_view group, DateTime now) {
  entity::Alert alert;
  alert.id = alert_id(rule, window, group);
  alert.display_name = cut(rule.name, kMaxNameBytes);
  alert.description = cut(rule.description, kMaxDescriptionBytes);
  alert.severity = rule.severity;
  alert.rule = rule.id;
  alert.rule_name = rule.name;
  alert.created = now;
  alert.tactics = rule.tactics;
  alert.techniques = rule.techniques;
  alert.num_events = static_cast<std::int64_t>(rows.size());
  alert.query = rule.query;
  alert.window_start = window.start;
  alert.window_end = window.end;
  set_times(alert, rows, window);
  set_custom_details(alert, rule, rows);
  entity::EntityCollector collector(rule.entity_mappings);
  for (const RowRef& at : rows) collector.add_row(*at.batch, at.row);
  alert.entities = collector.take();
  if (!rows.empty()) apply_override(alert, rule.alert_override, rows.front());
  return alert;
}

}  // namespace

QueryWindow window_of(const Rule& rule, DateTime slot) { return {slot - rule.period, slot}; }

std::vector<entity::Alert> build_alerts(const Rule& rule, const QueryWindow& window, const QueryAnswer& answer, DateTime now) {
  if (!is_triggered(rule, answer.num_rows)) return {};
  std::vector<RowRef> rows;
  for (const table::Batch& batch : answer.batches) {
    for (std::size_t row = 0; row < batch.num_rows(); ++row) rows.push_back({&batch, row});
  }
  if (!rule.alert_per_result || rows.empty()) return {make_alert(rule, window, rows, "", now)};
  std::vector<entity::Alert> alerts;
  const std::size_t num_single = rows.size() > kMaxAlertsPerRun ? kMaxAlertsPerRun - 1 : rows.size();
  for (std::size_t i = 0; i < num_single; ++i) {
    std::string event = row_json(rows[i]);
    // Equal rows of one run are told apart by how often the row stood before.
    const auto repeats = std::count_if(alerts.begin(), alerts.end(), [&](const entity::Alert& a) { return a.event_json == event; });
    alerts.push_back(make_alert(rule, window, {rows[i]}, fmt::format("{}#{}", event, repeats), now));
    alerts.back().event_json = std::move(event);
  }
  if (num_single < rows.size()) {
    const std::vector<RowRef> rest(rows.begin() + static_cast<std::ptrdiff_t>(num_single), rows.end());
    alerts.push_back(make_alert(rule, window, rest, "rest", now));
  }
  return alerts;
}

Result<RuleOutcome> run_rule(RuleQuery& query, const WorkspaceId& workspace, const Rule& rule, const QueryWindow& window, DateTime now) {
  GARRISON_ASSIGN(const QueryAnswer answer, query.run(workspace, rule.query, window));
  return RuleOutcome{build_alerts(rule, window, answer, now), answer.num_rows, answer.rows_read};
}

}  // namespace garrison::detect
