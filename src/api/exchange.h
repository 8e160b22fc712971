// SPDX-License-Identifier: Apache-2.0
// How requests are read and answers written, the same for every route: JSON bodies with known members only, lists with
// paging, etags, times. Pure functions.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "base/json.h"
#include "base/ticks.h"

namespace garrison::api {

// The body as a JSON object whose members are all among the known ones. API-0003 (not JSON, not an object),
// API-0004 (unknown member), API-0005 (a required member is missing; names ending in '!' are required).
Result<json::value> read_body(const Call& call, std::initializer_list<std::string_view> members);
// API-0006 where a member has another type.
Result<std::optional<std::string>> read_text(const json::value& body, std::string_view name, std::size_t max_characters);
Result<std::optional<bool>> read_bool(const json::value& body, std::string_view name);
Result<std::optional<std::int64_t>> read_integer(const json::value& body, std::string_view name, std::int64_t min, std::int64_t max);
Result<std::optional<std::vector<std::string>>> read_texts(const json::value& body, std::string_view name, std::size_t max_items);

struct Paging {
  std::int64_t limit = 50;
  std::int64_t offset = 0;
  std::string sort;
  std::string search;
};
// limit, cursor, sort, search of the request; API-0007 for wrong ones.
Result<Paging> read_paging(const Call& call, std::string_view default_sort);
// The values of a comma-separated filter parameter; empty when it is not there.
std::vector<std::string> read_filter(const Call& call, std::string_view name);
// P1D or start/end; API-0008 for a wrong one.
struct TimeRange {
  DateTime from;
  DateTime to;
};
Result<std::optional<TimeRange>> read_timespan(const Call& call, DateTime now);
Result<TimeRange> parse_timespan(std::string_view text, DateTime now);
// The version in If-Match, none when the header is missing or "*".
Result<std::optional<std::int64_t>> read_if_match(const Call& call);

net::Response json_response(const json::value& body, int status = 200);
net::Response no_content();
// With an ETag header made of the version.
net::Response object_response(json::object body, std::int64_t version, int status = 200);
// {items, total, nextCursor}
net::Response list_response(json::array items, const Paging& paging, std::int64_t total);
// Cuts a list that is held in memory to the page.
template <typename T>
std::vector<T> page_of(const std::vector<T>& all, const Paging& paging) {
  std::vector<T> out;
  for (std::size_t i = static_cast<std::size_t>(paging.offset); i < all.size() && out.size() < static_cast<std::size_t>(paging.limit); ++i) {
    out.push_back(all[i]);
  }
  return out;
}

json::value time_value(DateTime at);
json::value time_value(const std::optional<DateTime>& at);  // null when none
json::array text_array(const std::vector<std::string>& values);
// {"error": {...}} with the error's status.
net::Response failure_response(const Error& error, const std::string& request_id);

}  // namespace garrison::api
