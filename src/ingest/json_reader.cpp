// SPDX-License-Identifier: Apache-2.0
#include "ingest/json_reader.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <limits>
#include <vector>

#include "ingest/json_scan.h"
#include "ingest/text_value.h"

namespace garrison::ingest {
namespace {

using table::Kind;

constexpr std::size_t kNoColumn = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kMaxCachedKey = kRecordPadding - 2;  // comparing never reads behind the padding

Kind join(Kind left, Kind right) {
  if (left == right) return left;
  if (left == Kind::kDynamic || right == Kind::kDynamic) return Kind::kDynamic;
  const auto is_number = [](Kind kind) { return kind == Kind::kLong || kind == Kind::kReal; };
  if (is_number(left) && is_number(right)) return Kind::kReal;
  return Kind::kString;
}

}  // namespace

bool is_column_name(std::string_view name) {
  if (name.empty() || name.size() > 128) return false;
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  if (!is_letter(name.front())) return false;
  for (const char c : name)
    if (!is_letter(c) && (c < '0' || c > '9')) return false;
  return table::hidden_columns().find(name) == nullptr;
}

class JsonReader::Impl {
 public:
  Impl(TableBuilder& builder, RecordLimits limits) : builder_(builder), scanner_(limits), inner_scanner_(limits) {}

  Result<void> read(std::string_view record) {
    GARRISON_ASSIGN(od::object object, scanner_.start(record));
    builder_.begin_row();
    const Result<void> done = read_fields(object);
    if (!done) {
      builder_.abort_row();
      return done.error();
    }
    builder_.commit_row();
    return {};
  }

  std::map<std::string, Kind, std::less<>> new_columns_;

 private:
  struct ExpectedKey {
    std::string raw;  // without escapes, as it stands between the quotes
    std::size_t column = kNoColumn;
  };

  Result<void> read_fields(od::object& object) {
    std::size_t position = 0;
    for (auto item : object) {
      od::field field;
      if (std::move(item).get(field)) return RecordScanner::broken();
      if (position >= scanner_.limits().max_columns)
        return RecordScanner::reject("INGEST-0014", "more fields than a record may have");
      std::string_view name;
      GARRISON_ASSIGN(const std::size_t column, find_column(field.key(), position, name));
      ++position;
      od::value& value = field.value();
      if (column == kNoColumn) {
        GARRISON_TRY(keep_extra(name, value));
      } else {
        GARRISON_TRY(read_value(column, value));
      }
    }
    return scanner_.finish();
  }

  // Senders repeat the order of their fields, so the key expected at this position is compared first.
  Result<std::size_t> find_column(od::raw_json_string key, std::size_t position, std::string_view& name) {
    const char* raw = key.raw();
    if (position < expected_.size()) {
      const ExpectedKey& expected = expected_[position];
      if (std::memcmp(raw, expected.raw.data(), expected.raw.size()) == 0 && raw[expected.raw.size()] == '"' &&
          !expected.raw.empty()) {
        name = expected.raw;
        return expected.column;
      }
    }
    GARRISON_ASSIGN(name, scanner_.unescape(key));
    const std::size_t column = builder_.column(name).value_or(kNoColumn);
    const bool can_be_cached = name.size() <= kMaxCachedKey && std::memcmp(raw, name.data(), name.size()) == 0 &&
                               name.find('\\') == std::string_view::npos;
    if (can_be_cached) {
      if (position >= expected_.size()) expected_.resize(position + 1);
      expected_[position].raw.assign(name);
      expected_[position].column = column;
    }
    return column;
  }

  Result<void> read_value(std::size_t column, od::value& value) {
    od::json_type type;
    if (value.type().get(type)) return RecordScanner::broken();
    switch (type) {
      case od::json_type::null:
        return scanner_.check_null(value);
      case od::json_type::string: {
        GARRISON_ASSIGN(const std::string_view text, scanner_.text_of(value));
        if (builder_.kind(column) == Kind::kString ? builder_.set_text(column, text) : set_text(column, text))
          return {};
        if (!text.empty()) keep_text(column, text);
        return {};
      }
      case od::json_type::boolean: {
        bool flag = false;
        if (value.get_bool().get(flag)) return RecordScanner::broken();
        if (!set_bool(column, flag)) keep_json(column, flag ? "true" : "false");
        return {};
      }
      case od::json_type::number: {
        GARRISON_ASSIGN(const std::string_view number, scanner_.number_of(value));
        if (!set_number(column, number)) {
          canonical_.clear();
          RecordScanner::append_number(canonical_, number);
          keep_json(column, canonical_);
        }
        return {};
      }
      case od::json_type::object:
      case od::json_type::array: {
        canonical_.clear();
        GARRISON_TRY(scanner_.append_canonical(canonical_, value, 2));
        const Kind kind = builder_.kind(column);
        const bool is_set = (kind == Kind::kDynamic || kind == Kind::kString) && builder_.set_text(column, canonical_);
        if (!is_set) keep_json(column, canonical_);
        return {};
      }
    }
    return RecordScanner::broken();
  }

  // A string for a column of another kind.
  bool set_text(std::size_t column, std::string_view text) {
    if (builder_.kind(column) != Kind::kDynamic) return builder_.set_from_text(column, text);
    // Senders often put JSON into strings; content expects the value then.
    if (!text.empty() && (text.front() == '{' || text.front() == '[')) {
      canonical_.clear();
      // A second scanner: the first one's memory holds the text.
      if (inner_scanner_.append_canonical_text(canonical_, text)) return builder_.set_text(column, canonical_);
    }
    return builder_.set_from_text(column, text);
  }

  bool set_bool(std::size_t column, bool flag) {
    switch (builder_.kind(column)) {
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kLong:
        return builder_.set_integer(column, flag ? 1 : 0);
      case Kind::kString:
      case Kind::kDynamic:
        return builder_.set_text(column, flag ? "true" : "false");
      default:
        return false;
    }
  }

  bool set_number(std::size_t column, std::string_view number) {
    switch (builder_.kind(column)) {
      case Kind::kString:
      case Kind::kDecimal:
        return builder_.set_from_text(column, number);
      case Kind::kReal:
        return builder_.set_from_text(column, number);
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kLong: {
        if (builder_.set_from_text(column, number)) return true;
        // 5.0 and 5e3 are whole numbers too.
        const auto real = parse_real(number);
        if (!real || *real != std::floor(*real) || std::abs(*real) > 9.007199254740992e15) return false;
        return builder_.set_from_text(column, std::to_string(static_cast<std::int64_t>(*real)));
      }
      case Kind::kDateTime: {
        const auto real = parse_real(number);
        const auto at = real ? datetime_from_unix(*real) : std::nullopt;
        return at && builder_.set_integer(column, at->ticks);
      }
      case Kind::kDynamic:
        canonical_.clear();
        RecordScanner::append_number(canonical_, number);
        return builder_.set_text(column, canonical_);
      case Kind::kTimespan:
      case Kind::kGuid:
        return false;
    }
    return false;
  }

  std::string_view name_of(std::size_t column) const { return builder_.definition().schema.columns[column].name; }
  void keep_json(std::size_t column, std::string_view json) { builder_.add_extra(name_of(column), json); }
  void keep_text(std::size_t column, std::string_view text) {
    quoted_.clear();
    json::append_quoted(quoted_, text);
    builder_.add_extra(name_of(column), quoted_);
  }

  // A field without a column.
  Result<void> keep_extra(std::string_view name, od::value& value) {
    od::json_type type;
    if (value.type().get(type)) return RecordScanner::broken();
    if (type == od::json_type::null) return scanner_.check_null(value);
    extra_.clear();
    GARRISON_TRY(scanner_.append_canonical(extra_, value, 2));
    note_new_column(name, type);
    builder_.add_extra(name, extra_);
    return {};
  }
  void note_new_column(std::string_view name, od::json_type type) {
    if (new_columns_.size() >= table::kMaxTableColumns || !is_column_name(name)) return;
    Kind kind = Kind::kDynamic;
    if (type == od::json_type::boolean)
      kind = Kind::kBool;
    else if (type == od::json_type::number)
      kind = number_form(extra_) == NumberForm::kInteger && parse_integer(extra_) ? Kind::kLong : Kind::kReal;
    else if (type == od::json_type::string) {
      const std::string_view text = std::string_view(extra_).substr(1, extra_.size() - 2);
      kind = text.size() >= 19 && text[4] == '-' && text[10] == 'T' && parse_datetime(text) ? Kind::kDateTime
                                                                                            : Kind::kString;
    }
    const auto found = new_columns_.find(name);
    if (found == new_columns_.end())
      new_columns_.emplace(name, kind);
    else
      found->second = join(found->second, kind);
  }

  TableBuilder& builder_;
  RecordScanner scanner_;
  std::vector<ExpectedKey> expected_;
  std::string canonical_;
  std::string extra_;
  std::string quoted_;
  RecordScanner inner_scanner_;
};

JsonReader::JsonReader(TableBuilder& builder, RecordLimits limits) : impl_(std::make_unique<Impl>(builder, limits)) {}
JsonReader::~JsonReader() = default;

Result<void> JsonReader::read(std::string_view record) {
  return impl_->read(record);
}

const std::map<std::string, table::Kind, std::less<>>& JsonReader::new_columns() const {
  return impl_->new_columns_;
}

}  // namespace garrison::ingest
