// SPDX-License-Identifier: Apache-2.0
// The engine inside this process: for the command line, tests and the `garrison engine` child. A process can have one
// data folder open at a time, and a folder one process.
#pragma once

#include <memory>

#include "base/clock.h"
#include "engine/chdb_pool.h"
#include "engine/engine.h"

namespace garrison::engine {

class InProcessEngine final : public Engine {
 public:
  // Errors: ENGINE-0001 no library, ENGINE-0015 the folder cannot be opened. `clock` must outlive the engine.
  static Result<std::unique_ptr<InProcessEngine>> open(const ChdbPoolOptions& options, const Clock& clock);

  Result<Statistics> query(const Statement& statement, const table::Schema& schema, const Budget& budget,
                           const BatchSink& sink, std::shared_ptr<CancelToken> cancel) override;
  Result<void> execute(const Statement& statement) override;
  Result<void> insert(const Insert& insert) override;
  Result<void> cancel(std::string_view query_id) override;
  Result<std::string> version() override;

 private:
  InProcessEngine(std::unique_ptr<ChdbPool> pool, const Clock& clock) : pool_(std::move(pool)), clock_(clock) {}

  std::unique_ptr<ChdbPool> pool_;
  const Clock& clock_;
};

}  // namespace garrison::engine
