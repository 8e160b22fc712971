// SPDX-License-Identifier: Apache-2.0
#include "server/inferred_table.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/ticks.h"
#include "table/table_definition.h"

namespace garrison::server {
namespace {

using table::Kind;

constexpr std::size_t kMaxColumns = table::kMaxTableColumns;

// Forms of values met in a column.
enum Form : unsigned { kLongForm = 1, kRealForm = 2, kBoolForm = 4, kTimeForm = 8, kTextForm = 16, kJsonForm = 32 };

template <typename Number>
bool parse_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// Numbers with leading zeros or a plus sign are identifiers rather than numbers.
bool is_whole_number(std::string_view text) {
  std::int64_t value = 0;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return !digits.empty() && (digits.size() == 1 || digits.front() != '0') && parse_number(text, value);
}

bool is_real_number(std::string_view text) {
  double value = 0;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return false;
  if (digits.size() > 1 && digits.front() == '0' && digits[1] != '.') return false;
  return parse_number(text, value) && std::isfinite(value);
}

// 2024-05-06 at least, in the digits that years have.
std::optional<DateTime> parse_time(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || text.front() < '0' || text.front() > '9')
    return std::nullopt;
  return parse_iso(text);
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text::iequals(text, "true")) return true;
  if (text::iequals(text, "false")) return false;
  return std::nullopt;
}

unsigned form_of(const Field& field, DataFormat format) {
  switch (field.type) {
    case FieldType::kNumber:
      return is_whole_number(field.text) ? kLongForm : kRealForm;
    case FieldType::kBool:
      return kBoolForm;
    case FieldType::kJson:
      return kJsonForm;
    case FieldType::kText:
      break;
  }
  if (field.text.empty()) return 0;
  if (parse_time(field.text)) return kTimeForm;
  if (format == DataFormat::kJson) return kTextForm;
  if (is_whole_number(field.text)) return kLongForm;
  if (is_real_number(field.text)) return kRealForm;
  return parse_flag(field.text) ? kBoolForm : kTextForm;
}

Kind kind_of(unsigned forms) {
  if ((forms & kJsonForm) != 0) return Kind::kDynamic;
  switch (forms) {
    case kLongForm:
      return Kind::kLong;
    case kRealForm:
    case kLongForm | kRealForm:
      return Kind::kReal;
    case kBoolForm:
      return Kind::kBool;
    case kTimeForm:
      return Kind::kDateTime;
    default:
      return Kind::kString;
  }
}

void append_json(std::string& out, const Field& field) {
  if (field.type == FieldType::kText)
    json::append_quoted(out, field.text);
  else
    out += field.text;
}

}  // namespace

void SchemaInference::add(const std::vector<Field>& record) {
  for (const Field& field : record) {
    const auto found = places_.find(std::string(field.name));
    if (found != places_.end()) {
      columns_[found->second].forms |= form_of(field, format_);
      continue;
    }
    if (columns_.size() >= kMaxColumns - 1) {
      has_more_ = true;
      continue;
    }
    places_.emplace(field.name, columns_.size());
    columns_.push_back({std::string(field.name), form_of(field, format_)});
  }
}

table::Schema SchemaInference::schema() const {
  table::Schema schema;
  for (const Seen& column : columns_) schema.columns.push_back({column.name, kind_of(column.forms)});
  if (has_more_ && !schema.find(table::kExtra)) schema.columns.push_back({std::string(table::kExtra), Kind::kDynamic});
  return schema;
}

InferredRows::InferredRows(table::Schema schema)
    : schema_(std::move(schema)), batch_(schema_), row_of_(schema_.columns.size(), 0) {
  for (std::size_t i = 0; i < schema_.columns.size(); ++i) places_.emplace(schema_.columns[i].name, i);
  if (const auto extra = schema_.index_of(table::kExtra); extra && schema_.columns[*extra].kind == Kind::kDynamic)
    extra_ = extra;
}

void InferredRows::add(const std::vector<Field>& record) {
  const std::size_t row = batch_.num_rows() + 1;
  std::string rest;
  for (const Field& field : record) {
    num_bytes_ += field.text.size() + 8;
    const auto found = places_.find(std::string(field.name));
    if (found == places_.end()) {
      rest += rest.empty() ? "{" : ",";
      json::append_quoted(rest, field.name);
      rest += ':';
      append_json(rest, field);
      continue;
    }
    // Of a name that stands twice in a record the first counts.
    if (std::exchange(row_of_[found->second], row) != row) append(found->second, field);
  }
  if (!rest.empty() && extra_ && std::exchange(row_of_[*extra_], row) != row)
    batch_.columns[*extra_].append_text(rest + "}");
  for (std::size_t i = 0; i < row_of_.size(); ++i) {
    if (row_of_[i] != row) batch_.columns[i].append_null();
  }
}

void InferredRows::append(std::size_t column, const Field& field) {
  table::ColumnVector& out = batch_.columns[column];
  switch (out.kind()) {
    case Kind::kLong: {
      std::int64_t value = 0;
      return parse_number(field.text, value) ? out.append_integer(value) : out.append_null();
    }
    case Kind::kReal: {
      double value = 0;
      return parse_number(field.text, value) ? out.append_real(value) : out.append_null();
    }
    case Kind::kBool: {
      const auto flag = parse_flag(field.text);
      return flag ? out.append_integer(*flag ? 1 : 0) : out.append_null();
    }
    case Kind::kDateTime: {
      const auto time = parse_time(field.text);
      return time ? out.append_integer(time->ticks) : out.append_null();
    }
    case Kind::kDynamic: {
      std::string json;
      append_json(json, field);
      return out.append_text(json);
    }
    default:
      return out.append_text(field.text);
  }
}

table::Batch InferredRows::take() {
  std::fill(row_of_.begin(), row_of_.end(), 0);
  num_bytes_ = 0;
  return std::exchange(batch_, table::Batch(schema_));
}

}  // namespace garrison::server
