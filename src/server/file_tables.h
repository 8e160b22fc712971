// SPDX-License-Identifier: Apache-2.0
// Files as tables in an engine of this process, for queries without a server. The engine's data lie in a temporary
// folder that goes away with the object. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "engine/engine.h"
#include "kql/catalogue.h"
#include "server/data_file.h"

namespace garrison::server {

// One --file: the table and where its rows come from.
struct TableFile {
  std::string table;
  std::string path;
};

// "path" or "name=path"; a path that exists as it stands is one.
TableFile parse_table_file_option(Disk& disk, const std::string& option);

struct LoadObserver {
  // Rows read so far and the part of the file, 0 to 1. An error stops the loading.
  std::function<Result<void>(const std::string& path, double part)> progress;
  std::function<void(const std::string& path, const RejectedRecord&)> rejected;
};

struct LoadedFile {
  TableFile file;
  std::uint64_t num_rows = 0;
  std::uint64_t num_rejected = 0;
};

class FileTables final : public kql::Catalogue {
 public:
  // Name of the first file's table besides its own.
  static constexpr std::string_view kInput = "input";

  // Starts the engine. ENGINE-0001 without its library. Clock and disk must outlive the object.
  static Result<std::unique_ptr<FileTables>> open(Disk& disk, const Clock& clock);
  ~FileTables() override;
  FileTables(const FileTables&) = delete;
  FileTables& operator=(const FileTables&) = delete;

  // Reads the files, each twice: for the kinds of the columns, then for the rows. Files of one table add up.
  Result<std::vector<LoadedFile>> load(const std::vector<TableFile>& files, const LoadObserver& observer);
  engine::Engine& engine() { return *engine_; }

  std::optional<kql::TableSource> find_table(std::string_view name) const override;
  std::optional<kql::SavedFunction> find_function(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> existing_tables() const override { return known_tables(); }
  std::vector<std::string> known_tables() const override;

 private:
  struct Table;

  FileTables(Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}
  Result<void> infer(Table& table, std::vector<LoadedFile>& loaded, const LoadObserver& observer);
  Result<void> insert(Table& table, std::vector<LoadedFile>& loaded, const LoadObserver& observer);

  Disk& disk_;
  std::string folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::map<std::string, kql::TableSource, std::less<>> sources_;
  std::string first_table_;
};

}  // namespace garrison::server
