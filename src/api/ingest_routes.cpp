// SPDX-License-Identifier: Apache-2.0
#include "api/ingest_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/exchange.h"
#include "base/text.h"
#include "identity/authorizer.h"
#include "ingest/ingest_http.h"

namespace garrison::api {
namespace {

using identity::Permission;

// A source that was busy and has been quiet for this long is called silent.
constexpr Timespan kSilence{kTicksPerHour};
// Rows wait at most ten seconds in the log when all is well.
constexpr Timespan kBehind{kTicksPerMinute};

class IngestHandlers {
 public:
  explicit IngestHandlers(const IngestRouteParts& parts) : parts_(parts) {}

  Result<net::Response> stream(Call& call) const {
    // The workspace is known by the rule only, so the permission is checked here.
    const auto found = parts_.workspaces.find_by_rule(call.parameter("rule"));
    if (!found.ok() || !identity::Authorizer::is_allowed(call.principal, Permission::kWorkspaceRead, *found)) {
      return not_found("WORKSPACE-0004", fmt::format("there is no data collection rule '{}'", call.parameter("rule")));
    }
    GARRISON_TRY(identity::Authorizer::check(call.principal, Permission::kIngestWrite, *found));
    return ingest::handle_stream(parts_.receiver, *found, call.parameter("stream"), source_of(call), call.request);
  }

  Result<net::Response> upload(Call& call) const {
    return ingest::handle_upload(parts_.receiver, call.workspace(), source_of(call), call.request);
  }

  Result<net::Response> flush(Call&) const {
    GARRISON_TRY(parts_.writer.flush());
    return no_content();
  }

  Result<net::Response> status(Call&) const {
    const ingest::IngestLogFigures log = parts_.log.figures();
    const ingest::TableWriterFigures writer = parts_.writer.figures();
    json::object out;
    const bool stopped = log.last_failure.has_value();
    const bool behind = writer.oldest > kBehind || writer.last_error.has_value();
    out["state"] = stopped ? "stopped" : behind ? "behind" : "ok";
    if (stopped) out["message"] = log.last_failure->to_string();
    else if (writer.last_error) out["message"] = writer.last_error->to_string();
    out["logBytes"] = log.num_bytes;
    out["logBatches"] = log.num_entries;
    out["oldestSeconds"] = static_cast<double>(writer.oldest.ticks) / kTicksPerSecond;
    out["acknowledgedEvents"] = log.num_rows_appended;
    out["insertedEvents"] = writer.num_rows_inserted;
    double rate = 0;
    GARRISON_ASSIGN(const auto workspaces, parts_.workspaces.list());
    for (const auto& each : workspaces) {
      for (const ingest::SourceFigures& source : parts_.receiver.sources().list(each.id)) rate += source.events_per_second;
    }
    out["eventsPerSecond"] = rate;
    return json_response(out);
  }

  Result<net::Response> sources(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, "displayName"));
    const auto states = read_filter(call, "state");
    const DateTime now = parts_.clock.now();
    std::vector<json::object> shapes;
    for (const ingest::SourceFigures& source : parts_.receiver.sources().list(call.workspace())) {
      const std::string_view state = source_state(source, now);
      if (!states.empty() && std::find(states.begin(), states.end(), state) == states.end()) continue;
      if (text::ascii_lower(source.id).find(text::ascii_lower(paging.search)) == std::string::npos) continue;
      shapes.push_back(source_shape(source, now));
    }
    if (paging.sort.starts_with('-')) std::reverse(shapes.begin(), shapes.end());
    json::array items;
    for (auto& shape : page_of(shapes, paging)) items.push_back(std::move(shape));
    return list_response(std::move(items), paging, static_cast<std::int64_t>(shapes.size()));
  }

 private:
  static std::string source_of(const Call& call) { return call.principal.name.empty() ? call.client_address() : call.principal.name; }

  IngestRouteParts parts_;
};

}  // namespace

std::string_view source_state(const ingest::SourceFigures& source, DateTime now) {
  if (!source.last_received) return source.num_rejected_last_hour > 0 ? "Rejecting" : "Waiting";
  if (source.num_rejected_last_hour > 0) return "Rejecting";
  return now - *source.last_received > kSilence ? "Silent" : "Healthy";
}

json::object source_shape(const ingest::SourceFigures& source, DateTime now) {
  json::object out;
  out["id"] = source.id;
  out["displayName"] = source.id;
  out["kind"] = source.kind;
  json::array tables;
  for (const std::string& table : source.tables) tables.emplace_back(table);
  out["tables"] = std::move(tables);
  out["state"] = source_state(source, now);
  if (source.first_received) out["firstEventTime"] = time_value(*source.first_received);
  if (source.last_received) out["lastEventTime"] = time_value(*source.last_received);
  out["eventsLastDay"] = source.num_events_last_day;
  out["bytesLastDay"] = source.num_bytes_last_day;
  out["rejectedLastDay"] = source.num_rejected_last_day;
  out["eventsPerSecond"] = source.events_per_second;
  if (source.last_reject) {
    out["lastReject"] = json::object{{"time", time_value(source.last_reject->time)},
                                     {"reason", source.last_reject->reason},
                                     {"sample", text::to_valid_utf8(source.last_reject->sample)}};
  }
  return out;
}

Routes ingest_routes(const IngestRouteParts& parts) {
  const auto handlers = std::make_shared<const IngestHandlers>(parts);
  const auto bind = [&](Result<net::Response> (IngestHandlers::*method)(Call&) const) {
    return [handlers, method](Call& call) { return ((*handlers).*method)(call); };
  };
  const std::string base = "/api/workspaces/{workspace}";
  return {
      signed_in_route("POST", "/dataCollectionRules/{rule}/streams/{stream}", "ingestStream", bind(&IngestHandlers::stream)),
      workspace_route("GET", base + "/sources", "listSources", Permission::kConnectorRead, bind(&IngestHandlers::sources)),
      workspace_route("GET", base + "/ingest", "getIngestStatus", Permission::kHealthRead, bind(&IngestHandlers::status)),
      workspace_route("POST", base + "/ingest", "uploadEvents", Permission::kIngestWrite, bind(&IngestHandlers::upload)),
      workspace_route("POST", base + "/ingest/flush", "flushIngest", Permission::kIngestWrite, bind(&IngestHandlers::flush)),
  };
}

}  // namespace garrison::api
