// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engine/engine_error.h"
#include "engine/engine_sql.h"
#include "net/compression.h"

namespace garrison::engine {
namespace {

constexpr std::uint64_t kMaxBodyBytes = 16ull << 30;
constexpr std::size_t kMaxSqlBytes = 64 << 20;
constexpr Timespan kPatience{5 * kTicksPerMinute};
constexpr net::DecompressLimits kInsertLimits{kMaxBodyBytes, 10'000};

net::Response exception_response(const Error& error) {
  const std::string text = exception_text(error);
  net::Response response = net::text_response(error.kind == ErrorKind::kNotFound ? 404 : 500, text + '\n');
  response.headers.set("X-ClickHouse-Exception-Code", std::to_string(exception_code(text)));
  return response;
}

bool is_setting_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Every connection has them already.
bool is_base_setting(std::string_view name, std::string_view value) {
  const auto& base = base_settings();
  return std::any_of(base.begin(), base.end(), [&](const Setting& one) { return one.name == name && one.value == value; });
}

// The text of kill_sql() back to the id; none for any other statement.
std::optional<std::string> killed_id(std::string_view sql) {
  constexpr std::string_view kHead = "KILL QUERY WHERE query_id = '";
  constexpr std::string_view kTail = "' ASYNC";
  sql = text::trim(sql);
  if (!sql.starts_with(kHead) || !sql.ends_with(kTail) || sql.size() < kHead.size() + kTail.size()) return std::nullopt;
  std::string_view quoted = sql.substr(kHead.size(), sql.size() - kHead.size() - kTail.size());
  std::string id;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '\'') return std::nullopt;
    if (quoted[i] == '\\' && ++i == quoted.size()) return std::nullopt;
    id += quoted[i];
  }
  return id;
}

// "INSERT ... FORMAT Native" to the statement without FORMAT, and the format.
std::optional<std::pair<std::string_view, std::string_view>> split_insert(std::string_view sql) {
  sql = text::trim(sql);
  const auto format = sql.find_last_of(" \n\t");
  if (format == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text::trim(sql.substr(0, format));
  const auto word = rest.find_last_of(" \n\t)");
  if (word == std::string_view::npos || !text::iequals(rest.substr(word + 1), "FORMAT")) return std::nullopt;
  return std::pair(rest.substr(0, word + 1), sql.substr(format + 1));
}

Result<std::string> read_text(net::Request& request) {
  std::string out;
  GARRISON_TRY(net::decompress_body(request, {kMaxSqlBytes, 10'000}, [&](std::string_view bytes) -> Result<void> {
    out += bytes;
    return {};
  }));
  return out;
}

Result<RawStatement> read_parameters(const net::Request& request) {
  RawStatement statement;
  for (const auto& [name, value] : request.query.items()) {
    if (name == "query") {
      statement.sql = value;
    } else if (name == "default_format") {
      statement.format = value;
    } else if (name == "query_id" || name == "enable_http_compression" || name == "database") {
      // The first is the caller's, the others have no meaning here.
    } else if (name.starts_with("param_")) {
      statement.parameters.push_back({name.substr(6), value});
    } else if (!is_setting_name(name)) {
      return bad_input("ENGINE-0003", "a parameter of the URL is no setting");
    } else if (!is_base_setting(name, value)) {
      statement.settings.push_back({name, value});
    }
  }
  return statement;
}

// Sends what a statement gives; `first` is the piece fetched already.
void send_rows(ChdbPool::Stream& stream, std::string_view piece, net::BodyWriter& writer) {
  while (!piece.empty()) {
    if (!writer.write(piece)) return;
    auto next = stream.next();
    if (!next.ok()) {
      writer.write(exception_text(next.error()));
      writer.flush();
      writer.fail();
      return;
    }
    piece = *next;
  }
}

}  // namespace

net::BodyPolicy EngineService::body_policy(const net::RequestHead& head) {
  net::BodyPolicy policy;
  policy.max_bytes = kMaxBodyBytes;
  policy.mode = net::BodyMode::kStreamed;
  if (head.peer.user_id && *head.peer.user_id != ::geteuid()) {
    policy.refusal = net::text_response(403, "another user's engine\n");
  }
  return policy;
}

net::Response EngineService::handle(net::Request& request) {
  if (request.path == "/ping") return net::text_response(200, "Ok.\n");
  if (request.path != "/") return net::text_response(404, "there is no such resource\n");
  if (request.method != "POST") return net::text_response(405, "use POST\n");
  return run(request);
}

net::Response EngineService::run(net::Request& request) {
  auto statement = read_parameters(request);
  if (!statement.ok()) return exception_response(statement.error());
  if (is_insert(statement->sql)) return insert(request, *statement);
  auto body = read_text(request);
  if (!body.ok()) return exception_response(body.error());
  statement->sql += *body;
  if (const auto id = killed_id(statement->sql)) {
    pool_.kill(*id);
    return net::text_response(200, "");
  }
  return select(request, std::move(*statement), std::string(request.query.value_or("query_id", "")));
}

net::Response EngineService::select(net::Request& request, RawStatement statement, const std::string& query_id) {
  const std::string format = statement.format;
  auto started = pool_.start(std::move(statement), Lane::kInteractive, kPatience, query_id, request.is_cancelled);
  if (!started.ok()) return exception_response(started.error());
  // Shared only because a std::function must be copyable; one thread has it at a time.
  const std::shared_ptr<ChdbPool::Stream> stream = std::move(*started);
  const auto first = stream->next();
  if (!first.ok()) return exception_response(first.error());
  net::Response response;
  response.headers.set("Content-Type", "application/octet-stream");
  response.headers.set("X-ClickHouse-Format", format);
  response.headers.set("X-ClickHouse-Summary", fmt::format(R"({{"read_rows":"{}","read_bytes":"{}"}})",
                                                           stream->figures().rows_read, stream->figures().bytes_read));
  if (first->empty()) return response;
  response.stream = [stream, piece = *first](net::BodyWriter& writer) { send_rows(*stream, piece, writer); };
  return response;
}

net::Response EngineService::insert(net::Request& request, const RawStatement& statement) {
  const auto parts = split_insert(statement.sql);
  if (!parts) return exception_response(bad_input("ENGINE-0003", "an INSERT needs a FORMAT at its end"));
  const auto done = pool_.insert(
      parts->first, parts->second, statement.settings, Lane::kInteractive, kPatience,
      [&](const ChdbConnection::Append& append) { return net::decompress_body(request, kInsertLimits, append); });
  if (!done.ok()) return exception_response(done.error());
  return net::text_response(200, "");
}

}  // namespace garrison::engine
