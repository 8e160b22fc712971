// SPDX-License-Identifier: Apache-2.0
#include "net/response_head.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace garrison::net {
namespace {

constexpr std::array<std::string_view, 5> kOwned = {"Content-Length", "Transfer-Encoding", "Connection", "Date",
                                                    "Keep-Alive"};

bool is_owned(std::string_view name) {
  for (const std::string_view owned : kOwned) {
    if (text::iequals(owned, name)) return true;
  }
  return false;
}

void append_clean(std::string& out, std::string_view value) {
  for (const char c : value) out.push_back((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f ? ' ' : c);
}

}  // namespace

bool is_bodiless(int status) {
  return status < 200 || status == 204 || status == 304;
}

std::string format_http_date(DateTime at) {
  static constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CalendarTime parts = to_calendar(at);
  const auto weekday = (at.ticks / kTicksPerDay) % 7;  // 0001-01-01 was a Monday
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday], parts.day, kMonths[parts.month - 1],
                     parts.year, parts.hour, parts.minute, parts.second);
}

std::string format_response_head(const Response& response, const ResponseFraming& framing, DateTime now) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status),
                                format_http_date(now));
  for (const auto& [name, value] : response.headers.fields()) {
    if (is_owned(name)) continue;
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
    out += "\r\n";
  }
  if (!is_bodiless(response.status)) {
    if (framing.content_length) {
      out += fmt::format("Content-Length: {}\r\n", *framing.content_length);
    } else if (framing.version >= 11) {
      out += "Transfer-Encoding: chunked\r\n";
    }
  }
  if (!framing.is_keep_alive) {
    out += "Connection: close\r\n";
  } else if (framing.version < 11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

}  // namespace garrison::net
