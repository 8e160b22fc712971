// SPDX-License-Identifier: Apache-2.0
#include "ingest/formats/all.h"
#include "ingest/json_reader.h"

namespace garrison::ingest::formats {
namespace {

class Reader final : public FormatReader {
 public:
  explicit Reader(const FormatContext& context) : context_(context) {}

  Result<void> read(std::string_view record) override {
    if (reader_ == nullptr) {
      GARRISON_ASSIGN(TableBuilder* const builder, context_.output.table(context_.table));
      reader_ = std::make_unique<JsonReader>(*builder, context_.limits);
    }
    return reader_->read(record);
  }
  std::map<std::string, std::vector<table::Column>> new_columns() const override {
    std::map<std::string, std::vector<table::Column>> columns;
    if (reader_ != nullptr)
      for (const auto& [name, kind] : reader_->new_columns()) columns[context_.table].push_back({name, kind});
    return columns;
  }

 private:
  FormatContext context_;
  std::unique_ptr<JsonReader> reader_;
};

}  // namespace

const Format kJson = {
    .name = "json",
    .description = "JSON objects whose fields are the columns of one table; other fields are kept in _Extra.",
    .table_choice = TableChoice::kRequired,
    .example = R"({"TimeGenerated":"2026-05-06T07:08:09Z","Computer":"srv1","SyslogMessage":"login failed","Port":22})",
    .example_table = "Syslog",
    .example_row =
        R"({"TimeGenerated":"2026-05-06T07:08:09.0000000Z","Computer":"srv1","SyslogMessage":"login failed",)"
        R"("_Extra":{"Port":22}})",
    .since = "0.1",
    .make = [](const FormatContext& context) -> std::unique_ptr<FormatReader> {
      return std::make_unique<Reader>(context);
    },
    .matches = nullptr,
};

}  // namespace garrison::ingest::formats
