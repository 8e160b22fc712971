// SPDX-License-Identifier: Apache-2.0
// Records cut out of any text and read into a table: no crash, blocks that can be read back, no row from a refused
// record, and the same rows however the text arrives.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ingest/json_reader.h"
#include "ingest/native_block.h"
#include "ingest/record_splitter.h"

using namespace garrison;

static std::string read_all(std::string_view text, std::size_t piece) {
  using table::Kind;
  table::TableDefinition definition;
  definition.name = "T";
  definition.schema.columns = {{"TimeGenerated", Kind::kDateTime},
                               {"a", Kind::kString},
                               {"b", Kind::kLong},
                               {"c", Kind::kDynamic},
                               {"d", Kind::kDateTime},
                               {"e", Kind::kGuid},
                               {"f", Kind::kReal},
                               {"g", Kind::kBool},
                               {"h", Kind::kTimespan},
                               {"i", Kind::kDecimal},
                               {"j", Kind::kInt}};
  ingest::TableBuilder builder(std::make_shared<const table::TableDefinition>(definition),
                               {DateTime{kUnixEpochTicks * 2}, "f", 1, "w"}, ingest::TimeMode::kBackfill);
  ingest::JsonReader reader(builder);
  ingest::RecordSplitter splitter;
  const auto drain = [&] {
    while (const auto record = splitter.next()) {
      const std::size_t before = builder.num_rows();
      if (record->is_too_long) continue;
      if (reader.read(record->text).has_value() != (builder.num_rows() == before + 1)) std::abort();
    }
  };
  for (std::size_t at = 0; at < text.size(); at += piece) {
    splitter.append(text.substr(at, piece));
    drain();
  }
  splitter.finish();
  drain();
  std::string rows;
  for (const ingest::DayBlock& block : builder.finish()) {
    const auto read = ingest::read_native_block(block.native);
    if (!read || read->num_rows != block.num_rows) std::abort();
    for (std::size_t row = 0; row < read->num_rows; ++row) ingest::append_row_json(rows, *read, row);
  }
  return rows;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (read_all(text, size + 1) != read_all(text, 7)) std::abort();
  return 0;
}
