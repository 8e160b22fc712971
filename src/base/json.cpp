// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <fmt/format.h>

#include "base/text.h"

namespace garrison::json {
namespace {

Position position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  Position position{1, 1};
  const auto last_break = before.rfind('\n');
  for (const char c : before) position.line += c == '\n';
  const auto line = last_break == std::string_view::npos ? before : before.substr(last_break + 1);
  position.column = static_cast<std::uint32_t>(text::num_characters(line)) + 1;
  return position;
}

void print_indented(std::string& out, const value& document, int depth) {
  const std::string indent(static_cast<std::size_t>(depth + 1) * 2, ' ');
  const std::string closing(static_cast<std::size_t>(depth) * 2, ' ');
  if (document.is_object() && !document.get_object().empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& [key, member] : document.get_object()) {
      if (!first) out += ",\n";
      first = false;
      out += indent;
      append_quoted(out, key);
      out += ": ";
      print_indented(out, member, depth + 1);
    }
    out += "\n" + closing + "}";
  } else if (document.is_array() && !document.get_array().empty()) {
    out += "[\n";
    bool first = true;
    for (const auto& element : document.get_array()) {
      if (!first) out += ",\n";
      first = false;
      out += indent;
      print_indented(out, element, depth + 1);
    }
    out += "\n" + closing + "]";
  } else {
    out += print(document);
  }
}

}  // namespace

Result<value> parse(std::string_view text, Limits limits) {
  if (text.size() > limits.max_bytes) {
    return exhausted("JSON-0002", fmt::format("the document has {} bytes; at most {} are read", text.size(), limits.max_bytes));
  }
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  boost::json::stream_parser parser({}, options);
  boost::system::error_code code;
  const std::size_t taken = parser.write_some(text.data(), text.size(), code);
  if (!code && taken < text.size() && text::trim(text.substr(taken)).empty()) {
    // write_some stops at the end of the document; trailing blanks are allowed.
  } else if (!code && taken < text.size()) {
    return bad_input("JSON-0001", "text follows the end of the JSON document", position_of(text, taken));
  }
  if (!code) parser.finish(code);
  if (code) return bad_input("JSON-0001", fmt::format("not JSON: {}", code.message()), position_of(text, taken));
  return parser.release();
}

std::string print(const value& document) { return boost::json::serialize(document); }

std::string print_pretty(const value& document) {
  std::string out;
  print_indented(out, document, 0);
  return out;
}

const value* find(const value& document, std::string_view key) {
  const object* members = document.if_object();
  return members == nullptr ? nullptr : members->if_contains(key);
}

std::optional<std::string> string_at(const value& document, std::string_view key) {
  const value* member = find(document, key);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string(member->get_string());
}

std::optional<std::int64_t> integer_at(const value& document, std::string_view key) {
  const value* member = find(document, key);
  if (member == nullptr) return std::nullopt;
  if (member->is_int64()) return member->get_int64();
  if (member->is_uint64() && member->get_uint64() <= INT64_MAX) return static_cast<std::int64_t>(member->get_uint64());
  return std::nullopt;
}

std::optional<bool> bool_at(const value& document, std::string_view key) {
  const value* member = find(document, key);
  if (member == nullptr || !member->is_bool()) return std::nullopt;
  return member->get_bool();
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string repaired;
  if (!text::is_valid_utf8(text)) {
    repaired = text::to_valid_utf8(text);
    text = repaired;
  }
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kDigits[static_cast<unsigned char>(c) >> 4];
          out += kDigits[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace garrison::json
