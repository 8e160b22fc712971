// SPDX-License-Identifier: Apache-2.0
#include "api/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace garrison::api {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error wrong_type(std::string_view name, std::string_view wanted) {
  return bad_input("API-0006", fmt::format("'{}' must be {}", name, wanted));
}

}  // namespace

Result<json::value> read_body(const Call& call, std::initializer_list<std::string_view> members) {
  auto parsed = json::parse(call.request.body.empty() ? "{}" : std::string_view(call.request.body), {.max_bytes = 8 << 20, .max_depth = 32});
  if (!parsed.ok()) return bad_input("API-0003", "the body is not JSON: " + parsed.error().message, parsed.error().position);
  if (!parsed->is_object()) return bad_input("API-0003", "the body must be a JSON object");
  for (const auto& member : parsed->get_object()) {
    const bool known = std::any_of(members.begin(), members.end(), [&](std::string_view name) {
      return name == member.key() || (name.ends_with('!') && name.substr(0, name.size() - 1) == member.key());
    });
    if (!known) return bad_input("API-0004", fmt::format("unknown member '{}'", std::string_view(member.key())));
  }
  for (const std::string_view name : members) {
    if (!name.ends_with('!')) continue;
    const std::string_view bare = name.substr(0, name.size() - 1);
    if (!parsed->get_object().contains(bare)) return bad_input("API-0005", fmt::format("'{}' is missing", bare));
  }
  return std::move(*parsed);
}

Result<std::optional<std::string>> read_text(const json::value& body, std::string_view name, std::size_t max_characters) {
  const json::value* member = json::find(body, name);
  if (member == nullptr) return std::optional<std::string>();
  if (!member->is_string()) return wrong_type(name, "text");
  std::string value(member->get_string());
  if (text::num_characters(value) > max_characters) return wrong_type(name, fmt::format("at most {} characters long", max_characters));
  return std::optional(std::move(value));
}

Result<std::optional<bool>> read_bool(const json::value& body, std::string_view name) {
  const json::value* member = json::find(body, name);
  if (member == nullptr) return std::optional<bool>();
  if (!member->is_bool()) return wrong_type(name, "true or false");
  return std::optional(member->get_bool());
}

Result<std::optional<std::int64_t>> read_integer(const json::value& body, std::string_view name, std::int64_t min, std::int64_t max) {
  if (json::find(body, name) == nullptr) return std::optional<std::int64_t>();
  const auto value = json::integer_at(body, name);
  if (!value || *value < min || *value > max) return wrong_type(name, fmt::format("a whole number from {} to {}", min, max));
  return std::optional(*value);
}

Result<std::optional<std::vector<std::string>>> read_texts(const json::value& body, std::string_view name, std::size_t max_items) {
  const json::value* member = json::find(body, name);
  if (member == nullptr) return std::optional<std::vector<std::string>>();
  if (!member->is_array() || member->get_array().size() > max_items) return wrong_type(name, fmt::format("a list of at most {} texts", max_items));
  std::vector<std::string> out;
  for (const json::value& element : member->get_array()) {
    if (!element.is_string()) return wrong_type(name, "a list of texts");
    out.emplace_back(element.get_string());
  }
  return std::optional(std::move(out));
}

Result<Paging> read_paging(const Call& call, std::string_view default_sort) {
  Paging paging;
  paging.sort = call.request.query.value_or("sort", default_sort);
  paging.search = call.request.query.value_or("search", "");
  if (text::num_characters(paging.search) > 200) return bad_input("API-0007", "search has at most 200 characters");
  if (const auto limit = call.request.query.find("limit")) {
    const auto value = parse_integer(*limit);
    if (!value || *value < 1 || *value > 1000) return bad_input("API-0007", "limit must be a whole number from 1 to 1000");
    paging.limit = *value;
  }
  if (const auto cursor = call.request.query.find("cursor")) {
    const auto decoded = text::from_base64(*cursor);
    const auto value = decoded && decoded->starts_with("o") ? parse_integer(std::string_view(*decoded).substr(1)) : std::nullopt;
    if (!value || *value < 0) return bad_input("API-0007", "the cursor is not one of this list");
    paging.offset = *value;
  }
  return paging;
}

std::vector<std::string> read_filter(const Call& call, std::string_view name) {
  std::vector<std::string> out;
  for (const std::string_view value : call.request.query.all(name)) {
    for (const std::string_view part : text::split(value, ',')) {
      if (!text::trim(part).empty()) out.emplace_back(text::trim(part));
    }
  }
  return out;
}

Result<TimeRange> parse_timespan(std::string_view value, DateTime now) {
  const Error wrong = bad_input("API-0008", fmt::format("timespan must be a duration such as P1D or start/end, not '{}'", value));
  if (const auto slash = value.find('/'); slash != std::string_view::npos) {
    const auto from = parse_iso(value.substr(0, slash));
    const auto to = parse_iso(value.substr(slash + 1));
    if (!from || !to || *to < *from) return wrong;
    return TimeRange{*from, *to};
  }
  const auto span = parse_iso_duration(value);
  if (!span || span->ticks <= 0 || span->ticks > now.ticks) return wrong;
  return TimeRange{now - *span, now};
}

Result<std::optional<TimeRange>> read_timespan(const Call& call, DateTime now) {
  const auto value = call.request.query.find("timespan");
  if (!value || value->empty()) return std::optional<TimeRange>();
  GARRISON_ASSIGN(const TimeRange range, parse_timespan(*value, now));
  return std::optional(range);
}

Result<std::optional<std::int64_t>> read_if_match(const Call& call) {
  const auto header = call.request.headers.find("If-Match");
  if (!header || *header == "*") return std::optional<std::int64_t>();
  std::string_view value = text::trim(*header);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  const auto version = parse_integer(value);
  // An etag that this server never gave cannot match.
  return std::optional<std::int64_t>(version.value_or(-1));
}

net::Response json_response(const json::value& body, int status) {
  return net::text_response(status, json::print(body), "application/json; charset=utf-8");
}

net::Response no_content() {
  net::Response response;
  response.status = 204;
  return response;
}

net::Response object_response(json::object body, std::int64_t version, int status) {
  body["etag"] = std::to_string(version);
  net::Response response = json_response(body, status);
  response.headers.set("ETag", fmt::format("\"{}\"", version));
  return response;
}

net::Response list_response(json::array items, const Paging& paging, std::int64_t total) {
  const std::int64_t next = paging.offset + static_cast<std::int64_t>(items.size());
  json::object body;
  body["items"] = std::move(items);
  body["total"] = total;
  body["nextCursor"] = next < total ? json::value(text::base64url(fmt::format("o{}", next))) : json::value(nullptr);
  return json_response(body);
}

json::value time_value(DateTime at) { return json::value(format_iso(at)); }
json::value time_value(const std::optional<DateTime>& at) { return at ? time_value(*at) : json::value(nullptr); }

json::array text_array(const std::vector<std::string>& values) {
  json::array out;
  for (const std::string& value : values) out.emplace_back(value);
  return out;
}

net::Response failure_response(const Error& error, const std::string& request_id) {
  json::object inner{{"code", error.code}, {"kind", to_string(error.kind)}, {"message", error.message}, {"requestId", request_id}};
  if (error.position) {
    inner["line"] = error.position->line;
    inner["column"] = error.position->column;
  }
  int status = net::response_status(error);
  // An etag that does not match is a failed precondition, not any conflict.
  if (error.code == "INC-0002" || error.code == "RULE-0031" || error.code == "API-0412") status = 412;
  if (error.code == "AUTH-0002" || error.code == "AUTH-0003") status = 401;
  return json_response(json::object{{"error", std::move(inner)}}, status);
}

}  // namespace garrison::api
