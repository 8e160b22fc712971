// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "ingest/formats/all.h"
#include "ingest/json_reader.h"

namespace garrison::ingest::formats {
namespace {

std::string_view value_of(std::span<const Field> fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? std::string_view() : found->text;
}

class Reader final : public FormatReader {
 public:
  explicit Reader(const FormatContext& context) : context_(context), fields_(context.limits) {}

  Result<void> read(std::string_view record) override {
    GARRISON_ASSIGN(const std::vector<Field>* const fields, fields_.read(record, 1));
    std::string table(value_of(*fields, "Type"));
    if (table.empty()) table = context_.table;
    if (table.empty()) return bad_input("INGEST-0043", "the row has no Type, so its table is not known; name one");
    std::unique_ptr<JsonReader>& reader = readers_[table];
    if (reader == nullptr) {
      const auto builder = context_.output.table(table);
      // One row with an odd Type is refused, not the whole input.
      if (!builder) return bad_input("INGEST-0043", builder.error().message);
      reader = std::make_unique<JsonReader>(**builder, context_.limits);
    }
    return reader->read(record);
  }
  std::map<std::string, std::vector<table::Column>> new_columns() const override {
    std::map<std::string, std::vector<table::Column>> columns;
    for (const auto& [table, reader] : readers_)
      if (reader != nullptr)
        for (const auto& [name, kind] : reader->new_columns()) columns[table].push_back({name, kind});
    return columns;
  }

 private:
  FormatContext context_;
  JsonFields fields_;
  std::map<std::string, std::unique_ptr<JsonReader>> readers_;
};

bool matches(std::span<const Field> fields) {
  return !value_of(fields, "Type").empty() && !value_of(fields, "TimeGenerated").empty();
}

}  // namespace

const Format kLogAnalytics = {
    .name = "log-analytics",
    .description = "Rows exported from a Log Analytics workspace; the field Type names the table of each row.",
    .table_choice = TableChoice::kNone,
    .example = R"({"TimeGenerated":"2026-05-06T07:08:09Z","Type":"Heartbeat","Computer":"srv1","MG":"x"})",
    .example_table = "Heartbeat",
    .example_row = R"({"TimeGenerated":"2026-05-06T07:08:09.0000000Z","Computer":"srv1","_Extra":{"MG":"x"}})",
    .since = "0.1",
    .make = [](const FormatContext& context) -> std::unique_ptr<FormatReader> {
      return std::make_unique<Reader>(context);
    },
    .matches = matches,
};

}  // namespace garrison::ingest::formats
