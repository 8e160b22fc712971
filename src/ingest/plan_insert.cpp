// SPDX-License-Identifier: Apache-2.0
#include "ingest/plan_insert.h"

#include <fmt/core.h>

#include "base/log.h"
#include "ingest/native_block.h"

namespace garrison::ingest {
namespace {

bool is_refusal(const Error& error) {
  return error.kind == ErrorKind::kBadInput || error.kind == ErrorKind::kCorrupt ||
         error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kConflict ||
         error.kind == ErrorKind::kUnsupported;
}

}  // namespace

PlanInsert::PlanInsert(workspace::RowTarget& target, TableBuilder::Definition rejects, const Clock& clock,
                       std::size_t max_single_refusals)
    : target_(target),
      rejects_definition_(std::move(rejects)),
      clock_(clock),
      max_single_refusals_(max_single_refusals) {}

Result<void> PlanInsert::insert(const InsertPlan& plan, std::string_view native, const std::string& token) {
  GARRISON_ASSIGN(const NativeBlock first, read_native_block(native));
  std::vector<std::string> columns;
  for (const NativeColumn& column : first.columns) columns.emplace_back(column.name);
  return target_.insert({plan.workspace, plan.table, std::move(columns), native, token});
}

Result<PlanInsert::Done> PlanInsert::run(const InsertPlan& plan,
                                         std::span<const std::shared_ptr<const std::string>> natives) {
  std::vector<std::string_view> blocks;
  std::size_t num_rows = 0;
  for (const auto& native : natives) {
    blocks.emplace_back(*native);
    GARRISON_ASSIGN(const NativeBlock block, read_native_block(*native));
    num_rows += block.num_rows;
  }
  std::string merged;
  std::string_view block = blocks.front();
  if (blocks.size() > 1) {
    GARRISON_ASSIGN(merged, merge_native_blocks(blocks));
    block = merged;
  }
  const Result<void> inserted = insert(plan, block, plan.token);
  if (inserted) {
    done_.num_inserted = num_rows;
    return std::move(done_);
  }
  if (!is_refusal(inserted.error())) return inserted.error();
  log::warning("rows for {} refused, looking for those at fault: {}", plan.table, inserted.error().to_string());
  GARRISON_TRY(insert_range(plan, block, 0, num_rows, inserted.error()));
  if (rejects_ != nullptr && rejects_->num_rows() > 0)
    for (DayBlock& day : rejects_->finish())
      done_.rejects.push_back({plan.workspace, rejects_definition_->name, day.day, day.num_rows,
                               std::make_shared<const std::string>(std::move(day.native))});
  return std::move(done_);
}

// The range as a whole was refused for the reason given.
Result<void> PlanInsert::insert_range(const InsertPlan& plan, std::string_view block, std::size_t begin,
                                      std::size_t end, Error reason) {
  if (end - begin <= 1 || num_single_refusals_ >= max_single_refusals_) {
    refuse(plan, block, begin, end, reason);
    return {};
  }
  const std::size_t middle = begin + (end - begin) / 2;
  for (const auto& [from, to] : {std::pair(begin, middle), std::pair(middle, end)}) {
    GARRISON_ASSIGN(const std::string part, slice_native_block(block, from, to));
    const Result<void> inserted = insert(plan, part, fmt::format("{}:{}-{}", plan.token, from, to));
    if (inserted) {
      done_.num_inserted += to - from;
      continue;
    }
    if (!is_refusal(inserted.error())) return inserted.error();
    GARRISON_TRY(insert_range(plan, block, from, to, inserted.error()));
  }
  return {};
}

void PlanInsert::refuse(const InsertPlan& plan, std::string_view block, std::size_t begin, std::size_t end,
                        const Error& reason) {
  done_.num_refused += end - begin;
  if (end - begin == 1) ++num_single_refusals_;
  const std::string why = reason.to_string();
  log::warning("{} rows for {} refused: {}", end - begin, plan.table, why);
  // Rejects that are refused themselves end here; the log line above is what stays.
  if (plan.table == rejects_definition_->name) return;
  const auto read = read_native_block(block);
  if (!read) return;
  if (rejects_ == nullptr)
    rejects_ = std::make_unique<TableBuilder>(
        rejects_definition_, BatchStamp{clock_.now(), "ingest", plan.id, plan.workspace.value}, TimeMode::kLive);
  for (std::size_t row = begin; row < end; ++row) {
    std::string json;
    append_row_json(json, *read, row);
    rejects_->begin_row();
    const auto set = [&](std::string_view column, std::string_view text) {
      if (const auto index = rejects_->column(column)) rejects_->set_from_text(*index, text);
    };
    set("TableName", plan.table);
    set("Source", "engine");
    set("Reason", why);
    set("Row", json);
    rejects_->commit_row();
  }
}

}  // namespace garrison::ingest
