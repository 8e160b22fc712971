// SPDX-License-Identifier: Apache-2.0
#include "server/result_printer.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "server/table_printer.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

constexpr std::size_t kFlushBytes = 64 << 10;

bool is_number(table::Kind kind) {
  return kind == table::Kind::kInt || kind == table::Kind::kLong || kind == table::Kind::kReal ||
         kind == table::Kind::kDecimal;
}

// Writes rows as they come, in pieces.
class StreamingPrinter : public ResultPrinter {
 public:
  explicit StreamingPrinter(PrintOutput output) : output_(std::move(output)) {}

 protected:
  Result<void> flush(std::size_t above = 0) {
    if (text_.size() <= above) return {};
    const std::string piece = std::exchange(text_, {});
    return output_(piece);
  }

  std::string text_;

 private:
  PrintOutput output_;
};

class JsonPrinter final : public StreamingPrinter {
 public:
  JsonPrinter(PrintOutput output, ResultFormat format)
      : StreamingPrinter(std::move(output)), is_array_(format == ResultFormat::kJson) {}

  Result<void> begin(const table::Schema& schema) override {
    for (const table::Column& column : schema.columns) {
      std::string key;
      json::append_quoted(key, column.name);
      keys_.push_back(terminal_json(key) + ":");
    }
    if (is_array_) text_ += "[";
    return {};
  }

  Result<void> add(table::Batch&& rows) override {
    for (std::size_t row = 0; row < rows.num_rows(); ++row) {
      if (is_array_) text_ += is_first_ ? "\n" : ",\n";
      is_first_ = false;
      text_ += '{';
      for (std::size_t i = 0; i < rows.columns.size(); ++i) {
        if (i > 0) text_ += ',';
        text_ += keys_[i];
        cell_.clear();
        table::append_json(cell_, rows.columns[i], row);
        text_ += table::ColumnVector::is_text(rows.columns[i].kind()) ? terminal_json(cell_) : cell_;
      }
      text_ += is_array_ ? "}" : "}\n";
      GARRISON_TRY(flush(kFlushBytes));
    }
    return {};
  }

  Result<void> end(const kql::Render&) override {
    if (is_array_) text_ += is_first_ ? "]\n" : "\n]\n";
    return flush();
  }

 private:
  const bool is_array_;
  bool is_first_ = true;
  std::vector<std::string> keys_;
  std::string cell_;
};

class CsvPrinter final : public StreamingPrinter {
 public:
  CsvPrinter(PrintOutput output, bool is_terminal) : StreamingPrinter(std::move(output)), is_terminal_(is_terminal) {}

  Result<void> begin(const table::Schema& schema) override {
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      if (i > 0) text_ += ',';
      append_text(schema.columns[i].name);
    }
    text_ += "\r\n";
    return {};
  }

  Result<void> add(table::Batch&& rows) override {
    for (std::size_t row = 0; row < rows.num_rows(); ++row) {
      for (std::size_t i = 0; i < rows.columns.size(); ++i) {
        if (i > 0) text_ += ',';
        const table::ColumnVector& column = rows.columns[i];
        if (column.is_null(row)) continue;
        // A timespan may begin with '-' and is no formula.
        const bool is_safe = is_number(column.kind()) || column.kind() == table::Kind::kTimespan;
        if (is_safe)
          text_ += table::to_display(column, row);
        else
          append_text(table::to_display(column, row));
      }
      text_ += "\r\n";
      GARRISON_TRY(flush(kFlushBytes));
    }
    return {};
  }

  Result<void> end(const kql::Render&) override { return flush(); }

 private:
  static bool is_formula(std::string_view text) {
    if (text.empty()) return false;
    const char first = text.front();
    return first == '=' || first == '+' || first == '-' || first == '@' || first == '\t' || first == '\r';
  }

  void append_text(std::string_view raw) {
    const std::string shown = is_terminal_ ? terminal_text(raw) : std::string(raw);
    const std::string cell = (is_formula(shown) ? "'" : "") + shown;
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      text_ += cell;
      return;
    }
    text_ += '"' + text::replace_all(cell, "\"", "\"\"") + '"';
  }

  const bool is_terminal_;
};

}  // namespace

std::unique_ptr<ResultPrinter> ResultPrinter::create(const PrintOptions& options, PrintOutput output) {
  switch (options.format) {
    case ResultFormat::kTable:
      return std::make_unique<TablePrinter>(options, std::move(output));
    case ResultFormat::kJson:
    case ResultFormat::kJsonLines:
      return std::make_unique<JsonPrinter>(std::move(output), options.format);
    case ResultFormat::kCsv:
      return std::make_unique<CsvPrinter>(std::move(output), options.terminal_width > 0);
  }
  return nullptr;
}

}  // namespace garrison::server
