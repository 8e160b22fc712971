// SPDX-License-Identifier: Apache-2.0
#include "ingest/batch_output.h"

namespace garrison::ingest {

Result<TableBuilder*> BatchOutput::table(std::string_view name) {
  if (const auto found = builders_.find(name); found != builders_.end()) return found->second.get();
  GARRISON_ASSIGN(TableBuilder::Definition definition, resolver_(name));
  auto builder = std::make_unique<TableBuilder>(std::move(definition), stamp_, mode_);
  return builders_.emplace(std::string(name), std::move(builder)).first->second.get();
}

std::size_t BatchOutput::num_rows() const {
  std::size_t count = 0;
  for (const auto& [name, builder] : builders_) count += builder->num_rows();
  return count;
}

std::size_t BatchOutput::num_bytes() const {
  std::size_t count = 0;
  for (const auto& [name, builder] : builders_) count += builder->num_bytes();
  return count;
}

std::vector<LogRecord> BatchOutput::finish(const WorkspaceId& workspace) {
  std::vector<LogRecord> records;
  for (const auto& [name, builder] : builders_)
    for (DayBlock& block : builder->finish())
      records.push_back(
          {workspace, name, block.day, block.num_rows, std::make_shared<const std::string>(std::move(block.native))});
  return records;
}

}  // namespace garrison::ingest
