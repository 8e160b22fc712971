// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest_http.h"

#include <fmt/core.h>

#include "base/json.h"
#include "base/text.h"

namespace garrison::ingest {
namespace {

constexpr std::string_view kApiVersion = "2023-01-01";

std::string_view azure_code(int status, const Error& error) {
  if (error.code == "WORKSPACE-0010" || error.code == "WORKSPACE-0011") return "InvalidStream";
  switch (status) {
    case 400:
      return "InvalidRequest";
    case 404:
      return "NotFound";
    case 413:
      return "ContentLengthLimitExceeded";
    case 415:
      return "UnsupportedMediaType";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "GatewayTimeout";
    default:
      return "InternalServerError";
  }
}

net::Response azure_error(const Error& error) {
  int status = net::response_status(error);
  // An unknown stream is the sender's mistake; Azure answers 400.
  if (status == 404) status = 400;
  json::object detail{{"code", azure_code(status, error)}, {"message", error.to_string()}};
  net::Response response = net::text_response(status, json::print(json::object{{"error", std::move(detail)}}),
                                              "application/json; charset=utf-8");
  if (status == 429 || status == 503) response.headers.set("Retry-After", "5");
  return response;
}

Result<std::string> table_of(std::string_view stream) {
  for (const std::string_view prefix : {"Custom-", "Microsoft-"})
    if (stream.starts_with(prefix) && stream.size() > prefix.size()) return std::string(stream.substr(prefix.size()));
  return bad_input("INGEST-0051",
                   fmt::format("stream `{}`: expected Custom-TABLE or Microsoft-TABLE", text::escape_control(stream)));
}

Result<ReceiveResult> receive_stream(Receiver& receiver, const WorkspaceId& workspace, std::string_view stream,
                                     std::string_view source, net::Request& request, const IngestHttpLimits& limits) {
  if (request.query.value_or("api-version", "") != kApiVersion)
    return bad_input("INGEST-0052", fmt::format("api-version={} is required", kApiVersion));
  const std::string_view type = request.headers.value_or("Content-Type", "application/json");
  if (!text::ascii_lower(type).starts_with("application/json"))
    return bad_input("INGEST-0053", "the body must be application/json");
  GARRISON_ASSIGN(std::string table, table_of(stream));
  GARRISON_ASSIGN(const Format* const format, find_format("json"));
  GARRISON_ASSIGN(std::string body, net::decompress_body(request, limits.body));
  ReceiveRequest wanted;
  wanted.workspace = workspace;
  wanted.table = std::move(table);
  wanted.format = format;
  wanted.source = source;
  wanted.source_kind = "logsIngestion";
  wanted.limits = limits.record;
  return receiver.receive(wanted, std::move(body));
}

Result<ReceiveResult> receive_upload(Receiver& receiver, const WorkspaceId& workspace, std::string_view source,
                                     net::Request& request, const IngestHttpLimits& limits) {
  ReceiveRequest wanted;
  wanted.workspace = workspace;
  wanted.table = request.query.value_or("table", "");
  const std::string_view format = request.query.value_or("format", "auto");
  if (format != "auto") {
    GARRISON_ASSIGN(wanted.format, find_format(format));
  }
  const std::string_view mode = request.query.value_or("mode", "live");
  if (mode != "live" && mode != "backfill") return bad_input("INGEST-0054", "mode must be live or backfill");
  wanted.mode = mode == "live" ? TimeMode::kLive : TimeMode::kBackfill;
  wanted.source = source;
  wanted.source_kind = "file";
  wanted.on_reject = OnReject::kSkip;
  wanted.limits = limits.record;
  GARRISON_ASSIGN(std::string body, net::decompress_body(request, limits.body));
  return receiver.receive(wanted, std::move(body));
}

}  // namespace

net::Response handle_stream(Receiver& receiver, const WorkspaceId& workspace, std::string_view stream,
                            std::string_view source, net::Request& request, const IngestHttpLimits& limits) {
  const Result<ReceiveResult> done = receive_stream(receiver, workspace, stream, source, request, limits);
  if (!done) return azure_error(done.error());
  net::Response response;
  response.status = 204;
  return response;
}

net::Response handle_upload(Receiver& receiver, const WorkspaceId& workspace, std::string_view source,
                            net::Request& request, const IngestHttpLimits& limits) {
  const Result<ReceiveResult> done = receive_upload(receiver, workspace, source, request, limits);
  if (!done) return net::error_response(done.error());
  json::array rejects;
  for (const RecordReject& reject : done->rejects)
    rejects.push_back(json::object{{"line", reject.line},
                                   {"code", reject.error.code},
                                   {"reason", reject.error.message},
                                   {"text", text::to_valid_utf8(reject.text)}});
  const json::object body{{"records", done->num_records},
                          {"rows", done->num_rows},
                          {"rejected", done->num_rejected},
                          {"rejects", std::move(rejects)}};
  return net::text_response(200, json::print(body), "application/json; charset=utf-8");
}

}  // namespace garrison::ingest
