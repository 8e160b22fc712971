// SPDX-License-Identifier: Apache-2.0
#include "net/request_target.h"

#include <algorithm>

#include "base/text.h"

namespace garrison::net {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, PlusSign plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' && plus == PlusSign::kBlank ? ' ' : text[i]);
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

Result<QueryParameters> parse_query(std::string_view text) {
  QueryParameters out;
  for (const std::string_view item : text::split(text, '&')) {
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    auto name = percent_decode(item.substr(0, equals), PlusSign::kBlank);
    auto value = percent_decode(equals == std::string_view::npos ? "" : item.substr(equals + 1), PlusSign::kBlank);
    if (!name || !value) return bad_input("NET-0101", "malformed percent escape in the query string");
    out.add(std::move(*name), std::move(*value));
  }
  return out;
}

Result<void> parse_target(std::string_view target, RequestHead& head) {
  head.target = std::string(target);
  if (target == "*") {
    head.path = "*";
    if (head.method == "OPTIONS") return {};
    return bad_input("NET-0101", "the target '*' goes with OPTIONS only");
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text::iequals(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    target = path == std::string_view::npos ? "/" : target.substr(path);
    break;
  }
  const std::size_t fragment = target.find('#');
  if (fragment != std::string_view::npos) return bad_input("NET-0101", "a fragment ('#') does not belong in a target");
  const std::size_t question = target.find('?');
  if (question != std::string_view::npos) {
    GARRISON_ASSIGN(head.query, parse_query(target.substr(question + 1)));
  }
  auto path = percent_decode(target.substr(0, question));
  if (!path) return bad_input("NET-0101", "malformed percent escape in the path");
  if (path->empty()) *path = "/";
  if (path->front() != '/') return bad_input("NET-0101", "the path must start with '/'");
  if (std::any_of(path->begin(), path->end(), is_control) || !text::is_valid_utf8(*path)) {
    return bad_input("NET-0101", "the path has control characters or is not UTF-8");
  }
  for (const std::string_view segment : text::split(*path, '/')) {
    if (segment == "." || segment == "..") return bad_input("NET-0101", "the path has '.' or '..' segments");
  }
  head.path = std::move(*path);
  return {};
}

}  // namespace garrison::net
