// SPDX-License-Identifier: Apache-2.0
// Any JSON object through every format that chooses its tables itself: no crash, blocks that can be read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ingest/formats/all.h"
#include "ingest/native_block.h"

using namespace garrison;

// Every table has the same few columns, of the kinds that the real ones have.
static Result<ingest::TableBuilder::Definition> table_of(std::string_view name) {
  using table::Kind;
  table::TableDefinition definition;
  definition.name = name;
  definition.schema.columns = {
      {"TimeGenerated", Kind::kDateTime},   {"Timestamp", Kind::kDateTime},       {"EventID", Kind::kInt},
      {"EventData", Kind::kString},         {"AdditionalFields", Kind::kDynamic}, {"ProcessId", Kind::kLong},
      {"RegistryValueData", Kind::kString}, {"RemoteIPType", Kind::kString},      {"ReportId", Kind::kLong}};
  return std::make_shared<const table::TableDefinition>(std::move(definition));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string record(reinterpret_cast<const char*>(data), size);
  record.append(ingest::kRecordPadding, '\0');
  for (const ingest::Format* format : ingest::all_formats()) {
    if (format->table_choice != ingest::TableChoice::kNone) continue;
    ingest::BatchOutput output(table_of, {DateTime{kUnixEpochTicks * 2}, "f", 1, "w"}, ingest::TimeMode::kBackfill);
    const auto done = format->make({output, "", {}})->read(std::string_view(record).substr(0, size));
    if (!done && output.num_rows() != 0) std::abort();
    for (const ingest::LogRecord& block : output.finish(WorkspaceId("w")))
      if (!ingest::read_native_block(*block.native)) std::abort();
  }
  return 0;
}
