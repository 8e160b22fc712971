// SPDX-License-Identifier: Apache-2.0
// The tables that one receive fills, opened as formats name them. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/ingest_log.h"
#include "ingest/table_builder.h"

namespace garrison::ingest {

class BatchOutput {
 public:
  using Resolver = std::function<Result<TableBuilder::Definition>(std::string_view table)>;

  BatchOutput(Resolver resolver, BatchStamp stamp, TimeMode mode)
      : resolver_(std::move(resolver)), stamp_(std::move(stamp)), mode_(mode) {}

  // The builder of the table, the same for every call; errors of the resolver.
  Result<TableBuilder*> table(std::string_view name);
  std::size_t num_rows() const;
  std::size_t num_bytes() const;
  const BatchStamp& stamp() const { return stamp_; }

  // Every row as records for the log; the builders are empty afterwards.
  std::vector<LogRecord> finish(const WorkspaceId& workspace);

 private:
  Resolver resolver_;
  BatchStamp stamp_;
  TimeMode mode_;
  std::map<std::string, std::unique_ptr<TableBuilder>, std::less<>> builders_;
};

}  // namespace garrison::ingest
