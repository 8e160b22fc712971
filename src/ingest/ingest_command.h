// SPDX-License-Identifier: Apache-2.0
// `garrison ingest`: files or standard input, plain, gzip or zstd, to a server in pieces, with rejects collected. The
// way to the server is passed in. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/error.h"
#include "ingest/record_limits.h"

namespace garrison::ingest {

struct IngestCommandOptions {
  std::string workspace = "main";
  std::string table;  // may be empty for formats that choose tables themselves
  std::string format = "auto";
  std::vector<std::string> files;  // "-" is standard input
  bool is_live = false;            // apply the rule for late events; files keep their times otherwise
  std::string reject_file;         // empty: FILE.rejects beside each input, stdin.rejects for standard input
  std::size_t piece_bytes = 4 << 20;
  RecordLimits limits;
  bool shows_progress = false;  // a bar on standard error
};

struct IngestSummary {
  std::uint64_t num_files = 0;
  std::uint64_t num_bytes = 0;  // unpacked
  std::uint64_t num_records = 0;
  std::uint64_t num_rows = 0;
  std::uint64_t num_rejected = 0;
  std::vector<std::string> reject_files;  // those written
};

// Sends one body to a path with query, and gives the body of the answer (200).
using UploadCall = std::function<Result<std::string>(const std::string& path, std::string body)>;

// Everything that the summary counts as rows is durable. INGEST-0060: a file cannot be read or unpacked; errors of the
// call. On an error `summary` says how far it came: pieces before are stored. A reject file has a line
// {"line":n,"code":..,"reason":..,"text":..} for each rejected record, and exists only when there is one.
Result<void> run_ingest(Disk& disk, const IngestCommandOptions& options, const UploadCall& upload,
                        IngestSummary& summary);

}  // namespace garrison::ingest
