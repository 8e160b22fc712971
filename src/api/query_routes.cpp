// SPDX-License-Identifier: Apache-2.0
#include "api/query_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/exchange.h"
#include "api/result_json.h"
#include "api/shapes.h"
#include "base/text.h"
#include "workspace/workspace_catalogue.h"

namespace garrison::api {
namespace {

using identity::Permission;

constexpr std::size_t kMaxQueryCharacters = 200'000;
constexpr std::int64_t kDefaultRows = 10'000;
constexpr std::int64_t kMaxRows = 500'000;

json::object diagnostic_shape(const kql::Diagnostic& diagnostic) {
  return {{"severity", "error"},
          {"code", diagnostic.code},
          {"message", diagnostic.message},
          {"line", diagnostic.position.line},
          {"column", diagnostic.position.column}};
}

// What the engine knows of one table's parts.
struct TableSize {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

class QueryHandlers {
 public:
  explicit QueryHandlers(const QueryRouteParts& parts) : parts_(parts) {}

  Result<net::Response> run(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"query!", "timespan", "maxRows", "queryId"}));
    GARRISON_ASSIGN(const auto text, read_text(body, "query", kMaxQueryCharacters));
    GARRISON_ASSIGN(const auto timespan, read_text(body, "timespan", 100));
    GARRISON_ASSIGN(const auto max_rows, read_integer(body, "maxRows", 1, kMaxRows));
    GARRISON_ASSIGN(const auto query_id, read_text(body, "queryId", 64));
    workspace::QueryRequest request;
    request.workspace = call.workspace();
    request.text = *text;
    request.user = call.principal.name;
    request.query_id = query_id && !query_id->empty() ? *query_id : call.request_id;
    request.budget.max_result_rows = static_cast<std::uint64_t>(max_rows.value_or(kDefaultRows));
    if (timespan && !timespan->empty()) {
      GARRISON_ASSIGN(const TimeRange range, parse_timespan(*timespan, parts_.clock.now()));
      request.time_filter = kql::TimeRange{range.from, range.to};
    }
    std::string rows;
    bool is_first = true;
    const auto cancel = std::make_shared<engine::CancelToken>();
    auto result = parts_.queries.run(
        request, [](const table::Schema&) -> Result<void> { return {}; },
        [&](table::Batch&& batch) -> Result<void> {
          if (call.request.is_cancelled()) cancel->cancel();
          append_rows(rows, batch, is_first);
          return {};
        },
        cancel);
    if (!result.ok()) return result.error();
    return shown(request, *result, rows);
  }

  Result<net::Response> validate(Call& call) const {
    GARRISON_ASSIGN(const json::value body, read_body(call, {"query!"}));
    GARRISON_ASSIGN(const auto text, read_text(body, "query", kMaxQueryCharacters));
    const kql::Compilation compilation = parts_.queries.check(call.workspace(), *text);
    json::array diagnostics;
    for (const kql::Diagnostic& diagnostic : compilation.diagnostics) diagnostics.push_back(diagnostic_shape(diagnostic));
    json::object out{{"diagnostics", std::move(diagnostics)}};
    if (const kql::Plan* plan = compilation.plan()) out["columns"] = columns_shape(plan->schema);
    return json_response(out);
  }

  Result<net::Response> cancel(Call& call) const {
    GARRISON_TRY(parts_.queries.cancel(call.principal.name, call.parameter("queryId")));
    return no_content();
  }

  Result<net::Response> schema(Call& call) const {
    const workspace::WorkspaceCatalogue catalogue(call.workspace(), parts_.tables, parts_.functions);
    const std::string etag = fmt::format("\"{}\"", std::hash<std::string>()(catalogue.version()));
    net::Response response;
    if (call.request.headers.value_or("If-None-Match", "") == etag) {
      response.status = 304;
    } else {
      response = json_response(schema_shape(call.workspace(), catalogue, etag));
    }
    response.headers.set("ETag", etag);
    response.headers.set("Cache-Control", "private, no-cache");
    return response;
  }

  Result<net::Response> list_tables(Call& call) const {
    GARRISON_ASSIGN(const Paging paging, read_paging(call, "name"));
    const workspace::WorkspaceCatalogue catalogue(call.workspace(), parts_.tables, parts_.functions);
    GARRISON_ASSIGN(const auto sizes, table_sizes(call.workspace()));
    const auto existing = catalogue.existing_tables();
    const auto has_data = call.request.query.find("hasData");
    std::vector<json::object> shapes;
    for (const std::string& name : catalogue.known_tables()) {
      const bool exists = std::binary_search(existing.begin(), existing.end(), name);
      if (has_data && exists != (*has_data == "true")) continue;
      if (text::ascii_lower(name).find(text::ascii_lower(paging.search)) == std::string::npos) continue;
      shapes.push_back(table_shape(name, exists, sizes));
    }
    if (paging.sort.starts_with('-')) std::reverse(shapes.begin(), shapes.end());
    json::array items;
    for (json::object& shape : page_of(shapes, paging)) {
      if (const auto source = catalogue.find_table(std::string(shape.at("name").as_string()))) {
        shape["numColumns"] = source->schema.columns.size();
      }
      items.push_back(std::move(shape));
    }
    return list_response(std::move(items), paging, static_cast<std::int64_t>(shapes.size()));
  }

  Result<net::Response> get_table(Call& call) const {
    const workspace::WorkspaceCatalogue catalogue(call.workspace(), parts_.tables, parts_.functions);
    const std::string name = call.parameter("table");
    const auto source = catalogue.find_table(name);
    if (!source) return not_found("WORKSPACE-0010", fmt::format("there is no table '{}'", name));
    GARRISON_ASSIGN(const auto sizes, table_sizes(call.workspace()));
    const auto existing = catalogue.existing_tables();
    json::object shape = table_shape(name, std::binary_search(existing.begin(), existing.end(), name), sizes);
    shape["numColumns"] = source->schema.columns.size();
    shape["columns"] = columns_shape(source->schema);
    return json_response(shape);
  }

 private:
  net::Response shown(const workspace::QueryRequest& request, const workspace::QueryResult& result, const std::string& rows) const {
    json::array warnings;
    for (const std::string& warning : result.warnings) {
      warnings.push_back(json::object{{"severity", "warning"}, {"code", "KQL-0200"}, {"message", warning}, {"line", 1}, {"column", 1}});
    }
    json::object head{{"queryId", request.query_id}, {"columns", columns_shape(result.schema)}};
    json::object tail{{"statistics", json::object{{"elapsedMs", static_cast<double>(result.statistics.elapsed.ticks) / kTicksPerMillisecond},
                                                  {"rows", result.statistics.num_rows},
                                                  {"rowsRead", result.statistics.rows_read},
                                                  {"bytesRead", result.statistics.bytes_read}}},
                      {"warnings", std::move(warnings)},
                      {"truncated", result.statistics.truncated}};
    if (auto render = render_shape(result.render)) tail["render"] = std::move(*render);
    std::string text = json::print(head);
    text.pop_back();
    text += ",\"rows\":[" + rows + "],";
    text += json::print(tail).substr(1);
    return net::text_response(200, std::move(text), "application/json; charset=utf-8");
  }

  json::object schema_shape(const WorkspaceId& workspace, const workspace::WorkspaceCatalogue& catalogue, const std::string& etag) const {
    const auto existing = catalogue.existing_tables();
    json::array tables;
    for (const std::string& name : catalogue.known_tables()) {
      const auto source = catalogue.find_table(name);
      if (!source) continue;
      tables.push_back(json::object{{"name", name},
                                    {"hasData", std::binary_search(existing.begin(), existing.end(), name)},
                                    {"columns", columns_shape(source->schema)}});
    }
    json::array functions;
    for (const auto& [name, entry] : parts_.functions.snapshot(workspace)->functions) {
      functions.push_back(json::object{{"name", name}, {"body", "{" + entry.function.body + "}"}, {"parameters", json::array{}}});
    }
    json::array unsupported;
    for (const std::string& name : parts_.unsupported) unsupported.emplace_back(name);
    return {{"etag", etag},
            {"database", workspace.value},
            {"tables", std::move(tables)},
            {"functions", std::move(functions)},
            {"unsupported", std::move(unsupported)}};
  }

  Result<std::map<std::string, TableSize>> table_sizes(const WorkspaceId& workspace) const {
    engine::Statement statement;
    statement.sql =
        "SELECT table, toInt64(sum(rows)), toInt64(sum(bytes_on_disk)) FROM system.parts WHERE active AND database = {database:String} GROUP BY table";
    statement.parameters = {{"database", workspace::database_name(workspace)}};
    table::Schema schema{{{"table", table::Kind::kString}, {"rows", table::Kind::kLong}, {"bytes", table::Kind::kLong}}};
    std::map<std::string, TableSize> sizes;
    GARRISON_TRY(parts_.engine.query(statement, schema, {}, [&](table::Batch&& batch) -> Result<void> {
      for (std::size_t row = 0; row < batch.num_rows(); ++row) {
        sizes[std::string(batch.columns[0].text(row))] = {batch.columns[1].integer(row), batch.columns[2].integer(row)};
      }
      return {};
    }));
    return sizes;
  }

  json::object table_shape(const std::string& name, bool exists, const std::map<std::string, TableSize>& sizes) const {
    json::object shape{{"name", name}, {"kind", parts_.tables.built_in().contains(name) ? "builtIn" : "custom"}, {"hasData", exists}};
    if (const auto size = sizes.find(name); size != sizes.end()) {
      shape["rows"] = size->second.rows;
      shape["bytes"] = size->second.bytes;
    }
    return shape;
  }

  QueryRouteParts parts_;
};

}  // namespace

Routes query_routes(const QueryRouteParts& parts) {
  const auto handlers = std::make_shared<const QueryHandlers>(parts);
  const auto bind = [&](Result<net::Response> (QueryHandlers::*method)(Call&) const) {
    return [handlers, method](Call& call) { return ((*handlers).*method)(call); };
  };
  const std::string base = "/api/workspaces/{workspace}";
  return {
      workspace_route("POST", base + "/query", "runQuery", Permission::kQueryRun, bind(&QueryHandlers::run)),
      workspace_route("POST", base + "/query/validate", "validateQuery", Permission::kQueryRun, bind(&QueryHandlers::validate)),
      workspace_route("DELETE", base + "/query/{queryId}", "cancelQuery", Permission::kQueryRun, bind(&QueryHandlers::cancel)),
      workspace_route("GET", base + "/schema", "getSchema", Permission::kTableRead, bind(&QueryHandlers::schema)),
      workspace_route("GET", base + "/tables", "listTables", Permission::kTableRead, bind(&QueryHandlers::list_tables)),
      workspace_route("GET", base + "/tables/{table}", "getTable", Permission::kTableRead, bind(&QueryHandlers::get_table)),
  };
}

}  // namespace garrison::api
