// SPDX-License-Identifier: Apache-2.0
// The tables the product knows by name, from the files of content/tables. The folder is listed once; a file is read
// when its table is first asked for and kept. Any thread may call.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/disk.h"
#include "base/error.h"
#include "base/mutex.h"
#include "table/table_definition.h"

namespace garrison::table {

class BuiltInTables {
 public:
  // Lists the folder. TABLE-0003 (kUnavailable) when it is missing or holds no table. The disk must outlive the object.
  static Result<std::unique_ptr<BuiltInTables>> open(Disk& disk, std::string folder);

  bool contains(std::string_view name) const;
  // TABLE-0001 (kNotFound) for an unknown name, TABLE-0002 (kCorrupt) for a damaged file.
  Result<std::shared_ptr<const TableDefinition>> find(std::string_view name) const;
  // Sorted.
  const std::vector<std::string>& names() const { return names_; }

 private:
  BuiltInTables(Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  Disk& disk_;
  const std::string folder_;
  std::vector<std::string> names_;
  mutable Mutex mutex_;
  // Shared and immutable: readers keep a definition without holding the lock.
  mutable std::unordered_map<std::string, std::shared_ptr<const TableDefinition>> loaded_ GARRISON_GUARDED_BY(mutex_);
};

}  // namespace garrison::table
