// SPDX-License-Identifier: Apache-2.0
#include "server/table_projection.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "ingest/json_reader.h"
#include "ingest/native_block.h"
#include "ingest/table_builder.h"

namespace garrison::server {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTables = {
    {{"alert", "SecurityAlert"}, {"incident", "SecurityIncident"}, {"health", "SentinelHealth"}, {"audit", "GarrisonAudit"}}};

std::string table_of(std::string_view topic) {
  for (const auto& [known, table] : kTables) {
    if (known == topic) return std::string(table);
  }
  return {};
}

}  // namespace

state::Projection TableProjection::projection() {
  state::Projection projection;
  projection.name = "tables";
  for (const auto& [topic, table] : kTables) projection.topics.emplace_back(topic);
  projection.handler = [this](std::span<const state::OutboxEntry> entries) { return take(entries); };
  return projection;
}

Result<void> TableProjection::take(std::span<const state::OutboxEntry> entries) {
  // A batch that comes again has the same entries, so the groups and their tokens come out the same.
  std::map<std::pair<WorkspaceId, std::string>, std::vector<const state::OutboxEntry*>> groups;
  for (const state::OutboxEntry& entry : entries) {
    // News of the server as a whole has no workspace to be read in; the audit trail itself keeps it.
    if (!entry.workspace.empty()) groups[{entry.workspace, table_of(entry.topic)}].push_back(&entry);
  }
  for (const auto& [key, group] : groups) {
    auto stored = insert(key.first, key.second, group);
    // The workspace was deleted meanwhile: nobody can read its tables any more.
    if (!stored.ok() && stored.error().kind != ErrorKind::kNotFound) return stored.error();
  }
  return {};
}

Result<void> TableProjection::insert(const WorkspaceId& workspace, const std::string& table,
                                     std::span<const state::OutboxEntry* const> entries) {
  GARRISON_ASSIGN(const auto definition, tables_.find(workspace, table));
  ingest::BatchStamp stamp;
  stamp.received = entries.front()->created;
  stamp.source = "garrison";
  stamp.batch = entries.front()->id;
  stamp.workspace = workspace.value;
  ingest::TableBuilder builder(definition, stamp, ingest::TimeMode::kBackfill);
  ingest::JsonReader reader(builder);
  for (const state::OutboxEntry* entry : entries) {
    std::string padded = entry->payload;
    padded.resize(padded.size() + ingest::kRecordPadding, ' ');
    GARRISON_TRY(reader.read(std::string_view(padded).substr(0, entry->payload.size())));
  }
  for (const ingest::DayBlock& block : builder.finish()) {
    GARRISON_ASSIGN(const ingest::NativeBlock columns, ingest::read_native_block(block.native));
    workspace::RowInsert rows;
    rows.workspace = workspace;
    rows.table = table;
    for (const ingest::NativeColumn& column : columns.columns) rows.columns.emplace_back(column.name);
    rows.native = block.native;
    rows.token = fmt::format("outbox-{}-{}-{}", entries.front()->id, entries.back()->id, block.day);
    GARRISON_TRY(tables_.insert(rows));
  }
  return {};
}

}  // namespace garrison::server
