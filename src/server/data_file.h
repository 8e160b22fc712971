// SPDX-License-Identifier: Apache-2.0
// A file of records for `garrison query --file`: JSON lines, JSON arrays or objects, CSV with a heading; plain, gzip or
// zstd, told by the first bytes. Read piece by piece, as often as wanted. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/error.h"
#include "ingest/json_fields.h"

namespace garrison::server {

// One field of a record; CSV gives kText only. Views live until the next record.
using ingest::Field;
using ingest::FieldType;

// A record that could not be read.
struct RejectedRecord {
  std::uint64_t line = 0;
  std::string reason;
};

enum class DataFormat { kJson, kCsv };

class DataFile {
 public:
  struct Sinks {
    std::function<Result<void>(const std::vector<Field>&)> record;
    std::function<void(const RejectedRecord&)> rejected;
    // Part of the file that was read, 0 to 1; an error stops the reading.
    std::function<Result<void>(double)> progress;
  };

  // QUERY-0010 when the file is absent or cannot be read. The disk must outlive the object.
  static Result<DataFile> open(Disk& disk, std::string path);

  const std::string& path() const { return path_; }
  DataFormat format() const { return format_; }
  // Hands on every record in order. NET-0120 for damaged compression.
  Result<void> read(const Sinks& sinks) const;

 private:
  DataFile(Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}
  Result<void> read_pieces(const Sinks& sinks, const std::function<Result<void>(std::string_view)>& take) const;
  Result<void> read_json(const Sinks& sinks) const;
  Result<void> read_csv(const Sinks& sinks) const;

  Disk* disk_;
  std::string path_;
  DataFormat format_ = DataFormat::kJson;
};

// The table's name of a file: without folder and endings such as .jsonl.gz, other characters than letters, digits and
// '_' replaced by '_', never empty and never beginning with a digit.
std::string table_name_of(std::string_view path);

}  // namespace garrison::server
