// SPDX-License-Identifier: Apache-2.0
#include "server/local_client.h"

#include <fmt/format.h>

#include "base/disk.h"

namespace garrison::server {
namespace {

ErrorKind kind_of(std::string_view name, int status) {
  for (const ErrorKind kind : {ErrorKind::kBadInput, ErrorKind::kNotFound, ErrorKind::kDenied, ErrorKind::kConflict, ErrorKind::kExhausted,
                               ErrorKind::kTimeout, ErrorKind::kUnavailable, ErrorKind::kCorrupt, ErrorKind::kUnsupported}) {
    if (to_string(kind) == name) return kind;
  }
  return status >= 500 ? ErrorKind::kUnavailable : ErrorKind::kBadInput;
}

// The error in the body of a failed call.
Error answer_error(int status, std::string_view body) {
  const auto document = json::parse(body);
  const json::value* inner = document.ok() ? json::find(*document, "error") : nullptr;
  if (inner == nullptr) return unavailable("CLI-0002", fmt::format("the server answered {}", status));
  Error error;
  error.kind = kind_of(json::string_at(*inner, "kind").value_or(""), status);
  error.code = json::string_at(*inner, "code").value_or("CLI-0002");
  error.message = json::string_at(*inner, "message").value_or(fmt::format("the server answered {}", status));
  if (const auto line = json::integer_at(*inner, "line")) {
    error.position = Position{static_cast<std::uint32_t>(*line), static_cast<std::uint32_t>(json::integer_at(*inner, "column").value_or(1))};
  }
  return error;
}

}  // namespace

std::string socket_path(const std::string& data_folder) { return data_folder + "/run/garrison.sock"; }

LocalClient::LocalClient(std::unique_ptr<net::HttpClient> client, std::string base, Secret token)
    : client_(std::move(client)), base_(std::move(base)), token_(std::move(token)) {}

Result<std::unique_ptr<LocalClient>> LocalClient::connect(const ClientTarget& target) {
  SystemDisk disk;
  if (!target.url.empty()) {
    net::HttpClientOptions options;
    if (!target.ca_file.empty()) {
      GARRISON_ASSIGN(options.ca_pem, disk.read_file(target.ca_file));
    }
    auto client = std::make_unique<net::HttpClient>(net::HttpClient::configured(std::move(options)));
    return std::unique_ptr<LocalClient>(new LocalClient(std::move(client), target.url, target.token));
  }
  const std::string socket = socket_path(target.data_folder);
  if (!disk.exists(socket)) {
    return unavailable("CLI-0001", fmt::format("no server runs on the data folder '{}'; start it with 'garrison serve --data {}', or name "
                                               "another with --data or --url", target.data_folder, target.data_folder));
  }
  auto client = std::make_unique<net::HttpClient>(net::HttpClient::unix_socket(socket));
  return std::unique_ptr<LocalClient>(new LocalClient(std::move(client), "http://localhost", Secret()));
}

Result<LocalClient::Answer> LocalClient::call(std::string_view method, std::string_view path, std::string_view body, std::string_view content_type) {
  net::OutgoingRequest request;
  request.method = method;
  request.url = base_ + std::string(path);
  request.headers.set("X-Garrison-Request", "1");
  if (!token_.empty()) request.headers.set("Authorization", "Bearer " + std::string(token_.reveal()));
  if (!body.empty()) {
    request.headers.set("Content-Type", std::string(content_type));
    request.body = body;
  }
  request.max_response_bytes = 1ull << 30;
  request.timeout = std::chrono::hours(1);
  request.idle_timeout = std::chrono::minutes(10);
  auto reply = client_->send(request);
  if (!reply.ok()) {
    if (reply.error().kind == ErrorKind::kUnavailable) return unavailable("CLI-0001", "the server does not answer: " + reply.error().message);
    return reply.error();
  }
  if (reply->status >= 400) return answer_error(reply->status, reply->body);
  return Answer{reply->status, std::move(reply->body)};
}

Result<json::value> LocalClient::get(std::string_view path) {
  GARRISON_ASSIGN(const Answer answer, call("GET", path));
  return json::parse(answer.body, {.max_bytes = 1u << 30, .max_depth = 64});
}

Result<json::value> LocalClient::post(std::string_view path, const json::value& body) {
  GARRISON_ASSIGN(const Answer answer, call("POST", path, json::print(body)));
  if (answer.body.empty()) return json::value(nullptr);
  return json::parse(answer.body, {.max_bytes = 1u << 30, .max_depth = 64});
}

}  // namespace garrison::server
