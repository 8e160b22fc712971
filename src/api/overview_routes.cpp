// SPDX-License-Identifier: Apache-2.0
#include "api/overview_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/exchange.h"
#include "api/ingest_routes.h"
#include "workspace/workspace_catalogue.h"

namespace garrison::api {
namespace {

constexpr std::int64_t kNumSteps = 24;
constexpr std::int64_t kMaxItems = 20'000;
constexpr std::size_t kMaxTopRules = 10;
constexpr std::size_t kMaxAttention = 20;
constexpr std::size_t kMaxSources = 10;
constexpr Timespan kAging{kTicksPerDay};

constexpr std::array<entity::Severity, 4> kSeverities = {entity::Severity::kHigh, entity::Severity::kMedium, entity::Severity::kLow,
                                                         entity::Severity::kInformational};

struct SeverityCounts {
  std::array<std::int64_t, 4> counts{};  // by entity::Severity
  void add(entity::Severity severity) { ++counts[static_cast<std::size_t>(severity)]; }
  json::object shape() const {
    json::object out;
    for (const entity::Severity severity : kSeverities) out[to_string(severity)] = counts[static_cast<std::size_t>(severity)];
    return out;
  }
};

// Which of the equal steps of the range a time falls into.
std::size_t step_of(const TimeRange& range, DateTime at) {
  const std::int64_t length = std::max<std::int64_t>(1, (range.to - range.from).ticks / kNumSteps);
  return static_cast<std::size_t>(std::clamp<std::int64_t>((at - range.from).ticks / length, 0, kNumSteps - 1));
}

DateTime start_of_step(const TimeRange& range, std::int64_t step) {
  return {range.from.ticks + (range.to - range.from).ticks / kNumSteps * step};
}

class Overview {
 public:
  Overview(const OverviewParts& parts, const WorkspaceId& workspace, const TimeRange& range)
      : parts_(parts), workspace_(workspace), range_(range) {}

  Result<json::object> build() {
    json::object out;
    out["from"] = time_value(range_.from);
    out["to"] = time_value(range_.to);
    GARRISON_ASSIGN(out["incidents"], incidents());
    GARRISON_ASSIGN(out["alerts"], alerts());
    out["events"] = events();
    out["sources"] = sources();
    GARRISON_ASSIGN(out["rules"], rules());
    out["topRules"] = top_rules();
    out["attention"] = attention();
    return out;
  }

 private:
  Result<json::value> incidents() {
    incident::IncidentFilter filter;
    filter.limit = kMaxItems;
    GARRISON_ASSIGN(const auto page, parts_.incidents.list(workspace_, filter));
    std::array<std::int64_t, 3> by_status{};
    SeverityCounts open;
    std::int64_t num_unassigned = 0, num_created = 0, num_closed = 0;
    std::vector<double> minutes_to_close;
    for (const incident::Incident& incident : page.items) {
      const bool is_closed = incident.status == incident::Status::kClosed;
      if (incident.created >= range_.from && incident.created <= range_.to) ++num_created;
      if (is_closed) {
        if (!incident.closed || *incident.closed < range_.from) continue;
        ++by_status[2];
        ++num_closed;
        minutes_to_close.push_back(static_cast<double>((*incident.closed - incident.created).ticks) / kTicksPerMinute);
        continue;
      }
      ++by_status[static_cast<std::size_t>(incident.status)];
      open.add(incident.severity);
      if (incident.owner.empty()) ++num_unassigned;
      note_incident(incident);
      for (const std::string& rule : incident.rule_ids) ++incidents_by_rule_[rule];
    }
    json::object out;
    out["open"] = by_status[0] + by_status[1];
    out["unassigned"] = num_unassigned;
    out["byStatus"] = json::object{{"New", by_status[0]}, {"Active", by_status[1]}, {"Closed", by_status[2]}};
    out["openBySeverity"] = open.shape();
    out["created"] = num_created;
    out["closed"] = num_closed;
    out["medianMinutesToClose"] = nullptr;
    if (!minutes_to_close.empty()) {
      const auto middle = minutes_to_close.begin() + static_cast<std::ptrdiff_t>(minutes_to_close.size() / 2);
      std::nth_element(minutes_to_close.begin(), middle, minutes_to_close.end());
      out["medianMinutesToClose"] = *middle;
    }
    return json::value(std::move(out));
  }

  void note_incident(const incident::Incident& incident) {
    const bool is_old = parts_.clock.now() - incident.created > kAging;
    const bool is_urgent = incident.severity >= entity::Severity::kMedium && incident.owner.empty();
    if (!is_old && !is_urgent) return;
    add_attention(is_urgent ? "incidentUnassigned" : "incidentAging", incident.severity, incident.title,
                  is_urgent ? "nobody works on it yet" : "open for more than a day", incident.created, std::to_string(incident.number));
  }

  Result<json::value> alerts() {
    incident::AlertFilter filter;
    filter.limit = kMaxItems;
    filter.created_from = range_.from;
    filter.created_to = range_.to;
    GARRISON_ASSIGN(const auto page, parts_.incidents.alerts(workspace_, filter));
    std::vector<SeverityCounts> steps(kNumSteps);
    for (const incident::StoredAlert& stored : page.items) {
      steps[step_of(range_, stored.alert.created)].add(stored.alert.severity);
      ++alerts_by_rule_[stored.alert.rule.value];
    }
    json::array series;
    for (std::int64_t i = 0; i < kNumSteps; ++i) {
      series.push_back(json::object{{"time", time_value(start_of_step(range_, i))}, {"counts", steps[static_cast<std::size_t>(i)].shape()}});
    }
    return json::value(json::object{{"total", page.total}, {"series", std::move(series)}});
  }

  // Events of all tables by step. Where the engine does not answer in time the series is empty: the page says so by
  // the engine's own state.
  json::object events() {
    std::vector<std::int64_t> steps(kNumSteps);
    std::int64_t total = 0;
    const workspace::WorkspaceCatalogue catalogue(workspace_, parts_.tables, parts_.functions);
    if (!catalogue.existing_tables().empty()) {
      const std::int64_t seconds = std::max<std::int64_t>(1, (range_.to - range_.from).ticks / kNumSteps / kTicksPerSecond);
      workspace::QueryRequest request;
      request.workspace = workspace_;
      request.user = "overview";
      request.time_filter = kql::TimeRange{range_.from, range_.to};
      request.text = fmt::format("union * | summarize events = count() by step = bin_at(TimeGenerated, {}s, datetime({}))", seconds, format_iso(range_.from));
      request.budget.time_limit = {10 * kTicksPerSecond};
      const auto ran = parts_.queries.run(
          request, [](const table::Schema&) -> Result<void> { return {}; },
          [&](table::Batch&& batch) -> Result<void> {
            const auto step = batch.schema.index_of("step").value_or(0);
            const auto count = batch.schema.index_of("events").value_or(1);
            for (std::size_t row = 0; row < batch.num_rows(); ++row) {
              if (batch.columns[step].is_null(row)) continue;
              steps[step_of(range_, {batch.columns[step].integer(row)})] += batch.columns[count].integer(row);
              total += batch.columns[count].integer(row);
            }
            return {};
          });
      if (!ran.ok()) add_attention("engineDown", entity::Severity::kMedium, "Events could not be counted", ran.error().to_string(), parts_.clock.now(), "");
    }
    json::array series;
    for (std::int64_t i = 0; i < kNumSteps; ++i) {
      series.push_back(json::object{{"time", time_value(start_of_step(range_, i))}, {"count", steps[static_cast<std::size_t>(i)]}});
    }
    return {{"total", total}, {"series", std::move(series)}};
  }

  json::array sources() {
    auto all = parts_.receiver.sources().list(workspace_);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.num_events_last_day > b.num_events_last_day; });
    json::array out;
    const DateTime now = parts_.clock.now();
    for (const ingest::SourceFigures& source : all) {
      const std::string_view state = source_state(source, now);
      if (state == "Silent") {
        add_attention("sourceSilent", entity::Severity::kMedium, "Source '" + source.id + "' went silent", "no event for over an hour", *source.last_received, source.id);
      }
      if (state == "Rejecting" && source.last_reject) {
        add_attention("sourceRejecting", entity::Severity::kMedium, "Events of '" + source.id + "' are rejected", source.last_reject->reason, source.last_reject->time, source.id);
      }
      if (out.size() < kMaxSources) out.push_back(source_shape(source, now));
    }
    return out;
  }

  Result<json::value> rules() {
    GARRISON_ASSIGN(rules_, parts_.rules.list(workspace_));
    std::int64_t num_enabled = 0, num_healthy = 0, num_failing = 0, num_waiting = 0;
    for (const detect::SavedRule& saved : rules_) {
      const bool failing = saved.state == detect::RuleState::kFailing || saved.state == detect::RuleState::kAutoDisabled;
      if (failing) {
        ++num_failing;
        add_attention("ruleFailing", entity::Severity::kMedium, "Rule '" + saved.rule.name + "' fails", saved.reason, saved.last_run.value_or(saved.modified), saved.rule.id.value);
      }
      if (!saved.enabled) continue;
      ++num_enabled;
      if (saved.state == detect::RuleState::kHealthy) ++num_healthy;
      if (saved.state == detect::RuleState::kWaiting) {
        ++num_waiting;
        add_attention("ruleWaiting", entity::Severity::kInformational, "Rule '" + saved.rule.name + "' waits for data", saved.reason, saved.modified, saved.rule.id.value);
      }
    }
    return json::value(json::object{{"enabled", num_enabled}, {"healthy", num_healthy}, {"failing", num_failing}, {"waiting", num_waiting}});
  }

  json::array top_rules() const {
    std::vector<const detect::SavedRule*> firing;
    for (const detect::SavedRule& saved : rules_) {
      if (alerts_by_rule_.contains(saved.rule.id.value)) firing.push_back(&saved);
    }
    const auto alerts_of = [&](const detect::SavedRule* saved) { return alerts_by_rule_.at(saved->rule.id.value); };
    std::stable_sort(firing.begin(), firing.end(), [&](const auto* a, const auto* b) { return alerts_of(a) > alerts_of(b); });
    if (firing.size() > kMaxTopRules) firing.resize(kMaxTopRules);
    json::array out;
    for (const detect::SavedRule* saved : firing) {
      const auto incidents = incidents_by_rule_.find(saved->rule.id.value);
      out.push_back(json::object{{"id", saved->rule.id.value},
                                 {"displayName", saved->rule.name},
                                 {"severity", to_string(saved->rule.severity)},
                                 {"alerts", alerts_of(saved)},
                                 {"incidents", incidents == incidents_by_rule_.end() ? 0 : incidents->second}});
    }
    return out;
  }

  json::array attention() {
    const EngineStatus engine = parts_.engine();
    if (engine.state != "running") {
      add_attention("engineDown", entity::Severity::kHigh, "The engine is " + engine.state, engine.message, parts_.clock.now(), "");
    }
    if (parts_.writer.figures().oldest.ticks > kTicksPerMinute) {
      add_attention("ingestBehind", entity::Severity::kMedium, "Ingestion is behind", "acknowledged events wait for the engine", parts_.clock.now(), "");
    }
    std::stable_sort(attention_.begin(), attention_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    json::array out;
    for (auto& [severity, item] : attention_) {
      if (out.size() < kMaxAttention) out.push_back(std::move(item));
    }
    return out;
  }

  void add_attention(std::string_view kind, entity::Severity severity, const std::string& title, const std::string& detail, DateTime time,
                     const std::string& target) {
    json::object item{{"kind", kind}, {"severity", to_string(severity)}, {"title", title}, {"detail", detail}, {"time", time_value(time)}};
    if (!target.empty()) item["target"] = target;
    attention_.emplace_back(severity, std::move(item));
  }

  const OverviewParts& parts_;
  const WorkspaceId& workspace_;
  const TimeRange range_;
  std::vector<detect::SavedRule> rules_;
  std::map<std::string, std::int64_t> alerts_by_rule_;
  std::map<std::string, std::int64_t> incidents_by_rule_;
  std::vector<std::pair<entity::Severity, json::object>> attention_;
};

}  // namespace

Routes overview_routes(const OverviewParts& parts) {
  const auto kept = std::make_shared<const OverviewParts>(parts);
  return {workspace_route("GET", "/api/workspaces/{workspace}/overview", "getOverview", identity::Permission::kWorkspaceRead,
                          [kept](Call& call) -> Result<net::Response> {
                            const DateTime now = kept->clock.now();
                            GARRISON_ASSIGN(const auto asked, read_timespan(call, now));
                            const TimeRange range = asked.value_or(TimeRange{now - Timespan{kTicksPerDay}, now});
                            Overview overview(*kept, call.workspace(), range);
                            GARRISON_ASSIGN(json::object body, overview.build());
                            return json_response(body);
                          })};
}

}  // namespace garrison::api
