// SPDX-License-Identifier: Apache-2.0
#include "ingest/json_fields.h"

#include <deque>
#include <string>

#include "ingest/json_scan.h"

namespace garrison::ingest {

class JsonFields::Impl {
 public:
  explicit Impl(RecordLimits limits) : scanner_(limits) {}

  Result<std::vector<Field>*> read(std::string_view record, std::size_t open_depth) {
    fields_.clear();
    texts_.clear();
    GARRISON_ASSIGN(od::object object, scanner_.start(record));
    GARRISON_TRY(read_object(object, {}, open_depth));
    GARRISON_TRY(scanner_.finish());
    return &fields_;
  }

 private:
  Result<void> read_object(od::object& object, std::string_view prefix, std::size_t open_depth) {
    for (auto item : object) {
      od::field json;
      if (std::move(item).get(json)) return RecordScanner::broken();
      if (fields_.size() >= scanner_.limits().max_columns)
        return RecordScanner::reject("INGEST-0014", "more fields than a record may have");
      GARRISON_ASSIGN(std::string_view name, scanner_.unescape(json.key()));
      if (!prefix.empty()) {
        std::string& joined = texts_.emplace_back(prefix);
        joined += '.';
        joined += name;
        name = joined;
      }
      od::value& value = json.value();
      od::json_type type;
      if (value.type().get(type)) return RecordScanner::broken();
      switch (type) {
        case od::json_type::null:
          GARRISON_TRY(scanner_.check_null(value));
          break;
        case od::json_type::string: {
          GARRISON_ASSIGN(const std::string_view text, scanner_.text_of(value));
          fields_.push_back({name, FieldType::kText, text});
          break;
        }
        case od::json_type::number: {
          GARRISON_ASSIGN(const std::string_view number, scanner_.number_of(value));
          fields_.push_back({name, FieldType::kNumber, number});
          break;
        }
        case od::json_type::boolean: {
          bool flag = false;
          if (value.get_bool().get(flag)) return RecordScanner::broken();
          fields_.push_back({name, FieldType::kBool, flag ? "true" : "false"});
          break;
        }
        case od::json_type::object:
          if (open_depth > 1) {
            od::object inner;
            if (value.get_object().get(inner)) return RecordScanner::broken();
            GARRISON_TRY(read_object(inner, name, open_depth - 1));
            break;
          }
          [[fallthrough]];
        case od::json_type::array: {
          std::string& text = texts_.emplace_back();
          GARRISON_TRY(scanner_.append_canonical(text, value, 2));
          fields_.push_back({name, FieldType::kJson, text});
          break;
        }
      }
    }
    return {};
  }

  RecordScanner scanner_;
  std::vector<Field> fields_;
  std::deque<std::string> texts_;  // keeps addresses
};

JsonFields::JsonFields(RecordLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonFields::~JsonFields() = default;

Result<std::vector<Field>*> JsonFields::read(std::string_view record, std::size_t open_depth) {
  return impl_->read(record, open_depth);
}

}  // namespace garrison::ingest
