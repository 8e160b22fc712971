// SPDX-License-Identifier: Apache-2.0
// One planned insert: all rows at once, or, where the engine refuses them, in ever smaller ranges until the rows at
// fault are found. The ranges and their tokens follow from the plan alone, so that a repetition after a crash makes the
// same inserts. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/ingest_log.h"
#include "ingest/table_builder.h"
#include "workspace/row_target.h"

namespace garrison::ingest {

class PlanInsert {
 public:
  struct Done {
    std::uint64_t num_inserted = 0;
    std::uint64_t num_refused = 0;
    std::vector<LogRecord> rejects;  // refused rows with their reasons, for the table of rejects
  };

  PlanInsert(workspace::RowTarget& target, TableBuilder::Definition rejects, const Clock& clock,
             std::size_t max_single_refusals);

  // An error means: try the whole plan again later.
  Result<Done> run(const InsertPlan& plan, std::span<const std::shared_ptr<const std::string>> natives);

 private:
  Result<void> insert(const InsertPlan& plan, std::string_view native, const std::string& token);
  Result<void> insert_range(const InsertPlan& plan, std::string_view block, std::size_t begin, std::size_t end,
                            Error reason);
  void refuse(const InsertPlan& plan, std::string_view block, std::size_t begin, std::size_t end, const Error& reason);

  workspace::RowTarget& target_;
  TableBuilder::Definition rejects_definition_;
  const Clock& clock_;
  const std::size_t max_single_refusals_;
  std::unique_ptr<TableBuilder> rejects_;
  std::size_t num_single_refusals_ = 0;
  Done done_;
};

}  // namespace garrison::ingest
