// SPDX-License-Identifier: Apache-2.0
#include "table/catalogue.h"

#include <fmt/core.h>

#include <algorithm>

namespace garrison::table {
namespace {

constexpr std::string_view kSuffix = ".table";
constexpr std::size_t kMaxFileBytes = 1 << 20;

}  // namespace

Result<std::unique_ptr<BuiltInTables>> BuiltInTables::open(Disk& disk, std::string folder) {
  std::unique_ptr<BuiltInTables> tables(new BuiltInTables(disk, std::move(folder)));
  Result<std::vector<std::string>> files = disk.list(tables->folder_);
  if (files)
    for (const std::string& file : *files)
      if (file.size() > kSuffix.size() && file.ends_with(kSuffix))
        tables->names_.push_back(file.substr(0, file.size() - kSuffix.size()));
  if (tables->names_.empty())
    return unavailable("TABLE-0003", fmt::format("no table files in {}{}", tables->folder_,
                                                 files ? std::string() : ": " + files.error().message));
  std::sort(tables->names_.begin(), tables->names_.end());
  return tables;
}

bool BuiltInTables::contains(std::string_view name) const {
  return std::binary_search(names_.begin(), names_.end(), name);
}

Result<std::shared_ptr<const TableDefinition>> BuiltInTables::find(std::string_view name) const {
  if (!contains(name)) return not_found("TABLE-0001", fmt::format("unknown table `{}`", name));
  std::string key(name);
  {
    Lock lock(mutex_);
    if (const auto found = loaded_.find(key); found != loaded_.end()) return found->second;
  }
  GARRISON_ASSIGN(const std::string text, disk_.read_file(folder_ + "/" + key + std::string(kSuffix), kMaxFileBytes));
  GARRISON_ASSIGN(TableDefinition definition, parse_table_file(key, text));
  auto shared = std::make_shared<const TableDefinition>(std::move(definition));
  Lock lock(mutex_);
  return loaded_.emplace(std::move(key), std::move(shared)).first->second;
}

}  // namespace garrison::table
