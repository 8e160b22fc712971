// SPDX-License-Identifier: Apache-2.0
// Runs KQL over files, without a server. One thread; cancelled through the token.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/random.h"
#include "engine/engine.h"
#include "kql/compile.h"
#include "server/file_tables.h"
#include "server/result_printer.h"

namespace garrison::server {

struct FileQueryRequest {
  std::string text;
  std::optional<kql::TimeRange> time_filter;
  std::uint64_t max_rows = 0;
  std::shared_ptr<engine::CancelToken> cancel;  // not null
};

struct FileQueryOutcome {
  std::vector<kql::Diagnostic> diagnostics;  // when there are any, nothing was printed
  engine::Statistics statistics;
  std::vector<std::string> warnings;
};

class FileQuery {
 public:
  // All must outlive the object; the tables are loaded.
  FileQuery(FileTables& tables, const Clock& clock, Random& random) : tables_(tables), clock_(clock), random_(random) {}

  Result<FileQueryOutcome> run(const FileQueryRequest& request, ResultPrinter& printer);
  // The bound tree, the SQL, and which parts of the tables the engine would read.
  Result<std::string> explain(const FileQueryRequest& request);

 private:
  Result<kql::Compilation> compile(const FileQueryRequest& request);

  FileTables& tables_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace garrison::server
