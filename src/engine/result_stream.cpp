// SPDX-License-Identifier: Apache-2.0
#include "engine/result_stream.h"

namespace garrison::engine {

ResultStream::ResultStream(const table::Schema& schema, const Budget& budget, const BatchSink& sink)
    : decoder_(schema), budget_(budget), sink_(sink) {}

Result<Flow> ResultStream::write(std::string_view bytes) {
  GARRISON_TRY(decoder_.write(bytes, [this](table::Batch&& batch) { return take(std::move(batch)); }));
  return is_truncated_ ? Flow::kStop : Flow::kContinue;
}

Result<void> ResultStream::finish() {
  if (is_truncated_) return {};
  return decoder_.finish();
}

Result<void> ResultStream::take(table::Batch&& batch) {
  if (is_truncated_) return {};
  const std::uint64_t room = budget_.max_result_rows - num_rows_;
  if (batch.num_rows() > room) {
    batch.truncate(room);
    is_truncated_ = true;
  }
  // The batch that passes the limit in bytes is still handed on: a result is never empty only because rows are wide.
  const std::uint64_t bytes = batch.num_bytes();
  if (num_bytes_ > 0 && num_bytes_ + bytes > budget_.max_result_bytes) {
    is_truncated_ = true;
    return {};
  }
  num_bytes_ += bytes;
  num_rows_ += batch.num_rows();
  if (batch.num_rows() == 0) return {};
  return sink_(std::move(batch));
}

}  // namespace garrison::engine
