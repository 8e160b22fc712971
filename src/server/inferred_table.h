// SPDX-License-Identifier: Apache-2.0
// Columns for records whose schema nobody wrote: kinds from all values, then the records as rows of these kinds. Fields
// beyond 1,000 names go into the bag _Extra. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/data_file.h"
#include "table/batch.h"

namespace garrison::server {

// First pass: looks at every record.
class SchemaInference {
 public:
  explicit SchemaInference(DataFormat format) : format_(format) {}
  void add(const std::vector<Field>& record);

  // In the order first met. Whole numbers are long, with fractions real; true and false bool; ISO 8601 times datetime;
  // objects and arrays dynamic, also where other values stand beside them; every other mixture is string.
  table::Schema schema() const;

 private:
  struct Seen {
    std::string name;
    unsigned forms = 0;
  };

  DataFormat format_;
  std::vector<Seen> columns_;
  std::unordered_map<std::string, std::size_t> places_;
  bool has_more_ = false;
};

// Second pass: records into batches of that schema.
class InferredRows {
 public:
  explicit InferredRows(table::Schema schema);
  void add(const std::vector<Field>& record);
  std::size_t num_rows() const { return batch_.num_rows(); }
  std::size_t num_bytes() const { return num_bytes_; }
  // The rows so far; empty afterwards.
  table::Batch take();

 private:
  void append(std::size_t column, const Field& field);

  table::Schema schema_;
  std::unordered_map<std::string, std::size_t> places_;
  std::optional<std::size_t> extra_;
  table::Batch batch_;
  std::vector<std::size_t> row_of_;  // 1 + the row in which the column was last set
  std::size_t num_bytes_ = 0;
};

}  // namespace garrison::server
