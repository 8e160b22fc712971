// SPDX-License-Identifier: Apache-2.0
// What every adapter does with the bytes of a result: decode, hand on batches, cut at the budget's limits. One thread.
#pragma once

#include <string_view>

#include "engine/engine.h"
#include "engine/native_format.h"

namespace garrison::engine {

enum class Flow { kContinue, kStop };

class ResultStream {
 public:
  // `sink` must outlive the stream.
  ResultStream(const table::Schema& schema, const Budget& budget, const BatchSink& sink);

  // Takes the next bytes; Flow::kStop once a limit is reached. Errors are those of the decoder and of the sink.
  Result<Flow> write(std::string_view bytes);
  // Call when the engine has sent everything.
  Result<void> finish();

  std::uint64_t num_rows() const { return num_rows_; }
  bool is_truncated() const { return is_truncated_; }

 private:
  Result<void> take(table::Batch&& batch);

  NativeDecoder decoder_;
  const Budget budget_;
  const BatchSink& sink_;
  std::uint64_t num_rows_ = 0;
  std::uint64_t num_bytes_ = 0;
  bool is_truncated_ = false;
};

}  // namespace garrison::engine
