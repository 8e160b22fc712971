// SPDX-License-Identifier: Apache-2.0
// One JSON object as a flat list of fields, for formats that map fields to columns by rules. Views live until the next
// read. One thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/record_limits.h"

namespace garrison::ingest {

enum class FieldType { kText, kNumber, kBool, kJson };

struct Field {
  std::string_view name;  // members of an object that was opened: "event_data.Image"
  FieldType type = FieldType::kText;
  std::string_view text;  // unescaped; kJson: canonical JSON of an array or object
};

class JsonFields {
 public:
  explicit JsonFields(RecordLimits limits = {});
  ~JsonFields();

  // Fields in their order, without nulls. Objects are opened down to the depth given (1: none). Errors as
  // JsonReader::read.
  Result<std::vector<Field>*> read(std::string_view record, std::size_t open_depth);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::ingest
