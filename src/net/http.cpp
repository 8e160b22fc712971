// SPDX-License-Identifier: Apache-2.0
#include "net/http.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace garrison::net {
namespace {

struct StatusRow {
  std::string_view code;
  int status;
};

// Codes of this library whose status differs from that of their kind.
constexpr StatusRow kStatuses[] = {
    {"NET-0102", 431}, {"NET-0103", 413}, {"NET-0104", 503}, {"NET-0105", 408}, {"NET-0107", 417},
    {"NET-0108", 505}, {"NET-0109", 501}, {"NET-0110", 503}, {"NET-0121", 413}, {"NET-0122", 415},
};

struct ReasonRow {
  int status;
  std::string_view phrase;
};

constexpr ReasonRow kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

template <typename Pairs>
std::vector<std::string_view> all_of(const Pairs& pairs, const auto& matches) {
  std::vector<std::string_view> out;
  for (const auto& [name, value] : pairs) {
    if (matches(name)) out.push_back(value);
  }
  return out;
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return text::iequals(field.first, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (text::iequals(key, name)) return value;
  }
  return std::nullopt;
}

std::string_view Headers::value_or(std::string_view name, std::string_view fallback) const {
  return find(name).value_or(fallback);
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  return all_of(fields_, [&](const std::string& key) { return text::iequals(key, name); });
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const std::string_view list : all(name)) {
    for (const std::string_view item : text::split(list, ',')) {
      if (text::iequals(text::trim(item), token)) return true;
    }
  }
  return false;
}

std::optional<std::string_view> QueryParameters::find(std::string_view name) const {
  for (const auto& [key, value] : items_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view QueryParameters::value_or(std::string_view name, std::string_view fallback) const {
  return find(name).value_or(fallback);
}

std::vector<std::string_view> QueryParameters::all(std::string_view name) const {
  return all_of(items_, [&](const std::string& key) { return key == name; });
}

Response text_response(int status, std::string body, std::string_view content_type) {
  Response out;
  out.status = status;
  out.headers.add("Content-Type", std::string(content_type));
  out.body = std::move(body);
  return out;
}

Response error_response(const Error& error) {
  std::string body = "{\"error\":{\"code\":";
  json::append_quoted(body, error.code);
  body += ",\"message\":";
  json::append_quoted(body, error.message);
  body += "}}";
  Response out = text_response(response_status(error), std::move(body), "application/json");
  if (out.status == 503) out.headers.add("Retry-After", "1");
  return out;
}

int response_status(const Error& error) {
  for (const StatusRow& row : kStatuses) {
    if (row.code == error.code) return row.status;
  }
  return http_status(error.kind);
}

std::string_view reason_phrase(int status) {
  const auto* row =
      std::find_if(std::begin(kReasons), std::end(kReasons), [&](const auto& r) { return r.status == status; });
  return row == std::end(kReasons) ? std::string_view() : row->phrase;
}

}  // namespace garrison::net
