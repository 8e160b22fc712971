// SPDX-License-Identifier: Apache-2.0
// What JsonReader and JsonFields share on top of simdjson's on-demand parser: one record in, checked values out,
// dynamic values in canonical form. Included by their sources only: simdjson stays out of headers.
#pragma once

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "ingest/record_limits.h"

namespace garrison::ingest {

namespace od = simdjson::ondemand;
static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING);

// Cuts the blanks that simdjson leaves behind a token.
inline std::string_view trim_token(std::string_view token) {
  while (!token.empty() &&
         (token.back() == ' ' || token.back() == '\t' || token.back() == '\n' || token.back() == '\r'))
    token.remove_suffix(1);
  return token;
}

enum class NumberForm { kNone, kInteger, kReal };

// Checks RFC 8259's number grammar.
inline NumberForm number_form(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const std::size_t first = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return NumberForm::kNone;
  NumberForm form = NumberForm::kInteger;
  if (at < text.size() && text[at] == '.') {
    ++at;
    form = NumberForm::kReal;
    if (digits() == 0) return NumberForm::kNone;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    form = NumberForm::kReal;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return NumberForm::kNone;
  }
  return at == text.size() ? form : NumberForm::kNone;
}

// A parser with the memory of one record. Views that it hands out live until the next start().
class RecordScanner {
 public:
  explicit RecordScanner(RecordLimits limits) : limits_(limits) {}

  // Appends the canonical form of a text that is one JSON object or array; false when it is none.
  bool append_canonical_text(std::string& out, std::string_view text) {
    repaired_.assign(text);
    repaired_.append(kRecordPadding, '\0');
    od::value value;
    if (parser_.iterate(repaired_.data(), text.size(), repaired_.size()).get(document_)) return false;
    reserve_scratch(text.size());
    if (document_.get_value().get(value)) return false;
    return append_canonical(out, value) && document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

  // Begins a record that has kRecordPadding readable bytes behind it. The reason why it is refused, or none.
  Result<od::object> start(std::string_view record) {
    if (record.size() > limits_.max_bytes) return reject("INGEST-0012", "longer than the limit of a record");
    if (parser_.iterate(record.data(), record.size(), record.size() + kRecordPadding).get(document_)) {
      // Bad UTF-8 is repaired, not refused: one byte must not cost an event.
      if (text::is_valid_utf8(record)) return reject("INGEST-0010", "no JSON");
      repaired_ = text::to_valid_utf8(record);
      record_bytes_ = repaired_.size();
      repaired_.append(kRecordPadding, '\0');
      if (parser_.iterate(repaired_.data(), record_bytes_, repaired_.size()).get(document_))
        return reject("INGEST-0010", "no JSON");
    } else {
      record_bytes_ = record.size();
    }
    reserve_scratch(record_bytes_);
    od::object object;
    if (const auto error = document_.get_object().get(object))
      return error == simdjson::INCORRECT_TYPE ? reject("INGEST-0011", "a record must be a JSON object") : broken();
    return object;
  }
  // Call after the last field: nothing may follow the object.
  Result<void> finish() {
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS)
      return reject("INGEST-0010", "text behind the JSON object");
    return {};
  }

  // Unescapes a string; a lone surrogate becomes U+FFFD.
  Result<std::string_view> unescape(od::raw_json_string raw) {
    const auto* start = reinterpret_cast<const char*>(free_);
    std::string_view text;
    std::uint8_t* at = free_;
    if (!parser_.unescape(raw, at).get(text)) {
      free_ = at;
      return text;
    }
    return unescape_leniently(raw, start);
  }
  Result<std::string_view> text_of(od::value& value) {
    od::raw_json_string raw;
    if (value.get_raw_json_string().get(raw)) return broken();
    return unescape(raw);
  }

  // Appends the value without blanks, numbers that no reader takes rewritten: beyond 64 bits as a real, beyond a real
  // as text.
  Result<void> append_canonical(std::string& out, od::value& value, std::size_t depth = 1) {
    if (depth > limits_.max_depth) return reject("INGEST-0013", "nested deeper than the limit");
    od::json_type type;
    if (value.type().get(type)) return broken();
    switch (type) {
      case od::json_type::object: {
        od::object object;
        if (value.get_object().get(object)) return broken();
        out += '{';
        bool is_first = true;
        for (auto item : object) {
          od::field field;
          if (std::move(item).get(field)) return broken();
          if (!is_first) out += ',';
          is_first = false;
          GARRISON_ASSIGN(const std::string_view key, unescape(field.key()));
          json::append_quoted(out, key);
          out += ':';
          GARRISON_TRY(append_canonical(out, field.value(), depth + 1));
        }
        out += '}';
        return {};
      }
      case od::json_type::array: {
        od::array array;
        if (value.get_array().get(array)) return broken();
        out += '[';
        bool is_first = true;
        for (auto item : array) {
          od::value element;
          if (std::move(item).get(element)) return broken();
          if (!is_first) out += ',';
          is_first = false;
          GARRISON_TRY(append_canonical(out, element, depth + 1));
        }
        out += ']';
        return {};
      }
      case od::json_type::string: {
        GARRISON_ASSIGN(const std::string_view text, text_of(value));
        json::append_quoted(out, text);
        return {};
      }
      case od::json_type::number: {
        GARRISON_ASSIGN(const std::string_view number, number_of(value));
        append_number(out, number);
        return {};
      }
      case od::json_type::boolean: {
        bool flag = false;
        if (value.get_bool().get(flag)) return broken();
        out += flag ? "true" : "false";
        return {};
      }
      case od::json_type::null: {
        GARRISON_TRY(check_null(value));
        out += "null";
        return {};
      }
    }
    return broken();
  }

  // The token of a number, checked.
  Result<std::string_view> number_of(od::value& value) {
    const std::string_view token = trim_token(value.raw_json_token());
    if (number_form(token) == NumberForm::kNone) return reject("INGEST-0010", "a malformed number");
    return token;
  }
  Result<void> check_null(od::value& value) {
    bool is_null = false;
    if (value.is_null().get(is_null) || !is_null) return broken();
    return {};
  }

  static void append_number(std::string& out, std::string_view number) {
    // Up to 18 digits are exact in every reader.
    if (number.size() <= 18 && number.find_first_of("eE") == std::string_view::npos) {
      out += number;
      return;
    }
    if (number_form(number) == NumberForm::kInteger) {
      const bool is_negative = number.front() == '-';
      std::int64_t small = 0;
      std::uint64_t large = 0;
      const char* end = number.data() + number.size();
      const auto error =
          is_negative ? std::from_chars(number.data(), end, small).ec : std::from_chars(number.data(), end, large).ec;
      if (error == std::errc()) {
        out += number;
        return;
      }
    }
    double real = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), real);
    if (error != std::errc() || !std::isfinite(real)) {
      json::append_quoted(out, number);
      return;
    }
    char buffer[40];
    const auto [last, failed] = std::to_chars(buffer, buffer + sizeof(buffer), real, std::chars_format::scientific);
    out.append(buffer, last);
  }

  static Error reject(std::string code, std::string reason) { return bad_input(std::move(code), std::move(reason)); }
  static Error broken() { return reject("INGEST-0010", "malformed JSON"); }
  const RecordLimits& limits() const { return limits_; }

 private:
  void reserve_scratch(std::size_t num_bytes) {
    if (scratch_.size() < num_bytes + 2 * kRecordPadding) scratch_.resize(2 * num_bytes + 2 * kRecordPadding);
    free_ = reinterpret_cast<std::uint8_t*>(scratch_.data());
  }

  Result<std::string_view> unescape_leniently(od::raw_json_string raw, const char* start) {
    std::string out;
    const char* at = raw.raw();
    const auto hex4 = [](const char* digits) {
      unsigned value = 0;
      const auto [end, error] = std::from_chars(digits, digits + 4, value, 16);
      return error == std::errc() && end == digits + 4 ? static_cast<int>(value) : -1;
    };
    const auto append_code = [&](unsigned code) {
      if (code < 0x80) {
        out += static_cast<char>(code);
      } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
      } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
      } else {
        out += static_cast<char>(0xf0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
      }
    };
    // The record is followed by padding of zeros or of the next record, so that a look at the next bytes is safe; the
    // text itself ends with a quote, which simdjson has checked.
    while (*at != '"') {
      if (*at != '\\') {
        out += *at++;
        continue;
      }
      const char code = at[1];
      at += 2;
      switch (code) {
        case '"':
        case '\\':
        case '/':
          out += code;
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'u': {
          const int high = hex4(at);
          if (high < 0) return reject("INGEST-0010", "a malformed \\u escape");
          at += 4;
          if (high < 0xd800 || high > 0xdfff) {
            append_code(static_cast<unsigned>(high));
            break;
          }
          const int low = high < 0xdc00 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2) : -1;
          if (low >= 0xdc00 && low <= 0xdfff) {
            append_code(0x10000 + ((static_cast<unsigned>(high) - 0xd800) << 10) +
                        (static_cast<unsigned>(low) - 0xdc00));
            at += 6;
          } else {
            append_code(0xfffd);
          }
          break;
        }
        default:
          return reject("INGEST-0010", "an unknown escape");
      }
    }
    // Never longer than its source, so it fits where the source's text would have stood.
    auto* target = const_cast<char*>(start);
    out.copy(target, out.size());
    free_ = reinterpret_cast<std::uint8_t*>(target) + out.size();
    return std::string_view(target, out.size());
  }

  RecordLimits limits_;
  od::parser parser_;
  od::document document_;
  std::string repaired_;
  std::size_t record_bytes_ = 0;
  std::vector<char> scratch_;
  std::uint8_t* free_ = nullptr;
};

}  // namespace garrison::ingest
