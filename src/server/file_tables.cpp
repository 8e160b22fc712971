// SPDX-License-Identifier: Apache-2.0
#include "server/file_tables.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "engine/engine_sql.h"
#include "engine/in_process_engine.h"
#include "engine/native_format.h"
#include "engine/table_ddl.h"
#include "server/inferred_table.h"

namespace garrison::server {
namespace {

constexpr std::string_view kDatabase = "files";
constexpr std::size_t kMaxBatchRows = 64 << 10;
constexpr std::size_t kMaxBatchBytes = 32 << 20;

std::string create_sql(std::string_view name, const table::Schema& schema) {
  std::string sql = "CREATE TABLE " + engine::qualified_name(kDatabase, name) + " (";
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += engine::quote_identifier(schema.columns[i].name) + " " +
           std::string(table::engine_type(schema.columns[i].kind));
  }
  // Without a sort key rows keep the order of the file; syncing a temporary table would only cost time.
  return sql + ") ENGINE = MergeTree ORDER BY tuple() SETTINGS fsync_after_insert = 0, fsync_part_directory = 0";
}

Result<void> execute(engine::Engine& engine, std::string sql) {
  engine::Statement statement;
  statement.sql = std::move(sql);
  return engine.execute(statement);
}

}  // namespace

// The files of one table, by their places among all that are loaded.
struct FileTables::Table {
  std::string name;
  std::vector<std::size_t> files;
  table::Schema schema;
};

TableFile parse_table_file_option(Disk& disk, const std::string& option) {
  const std::size_t sign = option.find('=');
  const std::string name = option.substr(0, sign);
  if (sign == std::string::npos || disk.exists(option) || name.empty() || table_name_of(name) != name)
    return {table_name_of(option), option};
  return {name, option.substr(sign + 1)};
}

Result<std::unique_ptr<FileTables>> FileTables::open(Disk& disk, const Clock& clock) {
  std::error_code code;
  std::string folder = (std::filesystem::temp_directory_path(code) / "garrison-query-XXXXXX").string();
  if (code || mkdtemp(folder.data()) == nullptr)
    return unavailable("QUERY-0012", fmt::format("cannot make the temporary folder '{}'; set TMPDIR", folder));
  std::unique_ptr<FileTables> out(new FileTables(disk, folder));
  engine::ChdbPoolOptions options;
  options.open.path = folder;
  options.lanes = {2, 1};
  GARRISON_ASSIGN(out->engine_, engine::InProcessEngine::open(options, clock));
  GARRISON_TRY(execute(*out->engine_, engine::create_database_sql(kDatabase)));
  return out;
}

FileTables::~FileTables() {
  engine_.reset();
  std::error_code code;
  std::filesystem::remove_all(folder_, code);
  if (code) log::warning("query: the temporary folder {} is left behind: {}", folder_, code.message());
}

Result<std::vector<LoadedFile>> FileTables::load(const std::vector<TableFile>& files, const LoadObserver& observer) {
  std::vector<LoadedFile> loaded;
  std::vector<Table> tables;
  for (std::size_t i = 0; i < files.size(); ++i) {
    loaded.push_back({files[i]});
    auto found =
        std::find_if(tables.begin(), tables.end(), [&](const Table& table) { return table.name == files[i].table; });
    if (found == tables.end()) found = tables.insert(tables.end(), Table{files[i].table});
    found->files.push_back(i);
  }
  if (!tables.empty()) first_table_ = tables.front().name;
  for (Table& table : tables) {
    GARRISON_TRY(infer(table, loaded, observer));
    kql::TableSource source;
    source.name = table.name;
    source.schema = table.schema;
    // A table without columns has no rows and cannot be made.
    if (!table.schema.columns.empty()) {
      source.sql_name = engine::qualified_name(kDatabase, table.name);
      GARRISON_TRY(execute(*engine_, create_sql(table.name, table.schema)));
      GARRISON_TRY(insert(table, loaded, observer));
    }
    sources_.emplace(table.name, std::move(source));
  }
  return loaded;
}

Result<void> FileTables::infer(Table& table, std::vector<LoadedFile>& loaded, const LoadObserver& observer) {
  std::optional<SchemaInference> inference;
  for (const std::size_t place : table.files) {
    LoadedFile& file = loaded[place];
    GARRISON_ASSIGN(const DataFile data, DataFile::open(disk_, file.file.path));
    if (!inference) inference.emplace(data.format());
    DataFile::Sinks sinks;
    sinks.record = [&](const std::vector<Field>& record) -> Result<void> {
      inference->add(record);
      ++file.num_rows;
      return {};
    };
    sinks.rejected = [&](const RejectedRecord& record) {
      ++file.num_rejected;
      observer.rejected(file.file.path, record);
    };
    sinks.progress = [&](double part) { return observer.progress(file.file.path, part / 2); };
    GARRISON_TRY(data.read(sinks));
  }
  table.schema = inference->schema();
  return {};
}

Result<void> FileTables::insert(Table& table, std::vector<LoadedFile>& loaded, const LoadObserver& observer) {
  InferredRows rows(table.schema);
  engine::Insert insert;
  insert.table = engine::qualified_name(kDatabase, table.name);
  for (const table::Column& column : table.schema.columns) insert.columns.push_back(column.name);
  const auto flush = [&]() -> Result<void> {
    if (rows.num_rows() == 0) return {};
    std::string native;
    GARRISON_TRY(engine::encode_native(native, rows.take()));
    insert.native = native;
    return engine_->insert(insert);
  };
  for (const std::size_t place : table.files) {
    const std::string& path = loaded[place].file.path;
    GARRISON_ASSIGN(const DataFile data, DataFile::open(disk_, path));
    DataFile::Sinks sinks;
    sinks.record = [&](const std::vector<Field>& record) -> Result<void> {
      rows.add(record);
      return rows.num_rows() >= kMaxBatchRows || rows.num_bytes() >= kMaxBatchBytes ? flush() : Result<void>();
    };
    sinks.rejected = [](const RejectedRecord&) {};  // told in the first pass
    sinks.progress = [&](double part) { return observer.progress(path, 0.5 + part / 2); };
    GARRISON_TRY(data.read(sinks));
  }
  return flush();
}

std::optional<kql::TableSource> FileTables::find_table(std::string_view name) const {
  auto found = sources_.find(name);
  if (found == sources_.end() && name == kInput) found = sources_.find(first_table_);
  if (found == sources_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> FileTables::known_tables() const {
  std::vector<std::string> out;
  for (const auto& [name, source] : sources_) out.push_back(name);
  return out;
}

}  // namespace garrison::server
