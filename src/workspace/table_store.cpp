// SPDX-License-Identifier: Apache-2.0
#include "workspace/table_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "base/log.h"
#include "base/text.h"
#include "engine/table_ddl.h"

namespace garrison::workspace {
namespace {

constexpr std::string_view kDatabasePrefix = "ws_";

Error unknown_table(const table::BuiltInTables& built_in, const TableSnapshot& snapshot, std::string_view name) {
  std::vector<std::string> names = built_in.names();
  for (const auto& [custom, definition] : snapshot.custom) names.push_back(custom);
  const auto nearest = text::nearest(name, names);
  return not_found("WORKSPACE-0010",
                   fmt::format("unknown table `{}`{}", name,
                               nearest ? fmt::format("; did you mean `{}`?", *nearest) : std::string()));
}

engine::Statement background(std::string sql) {
  engine::Statement statement;
  statement.sql = std::move(sql);
  statement.lane = engine::Lane::kBackground;
  return statement;
}

}  // namespace

std::string database_name(const WorkspaceId& workspace) {
  return std::string(kDatabasePrefix) + workspace.value;
}

bool is_custom_table_name(std::string_view name) {
  if (name.size() < 4 || name.size() > 63 || !name.ends_with("_CL")) return false;
  if (std::isalpha(static_cast<unsigned char>(name.front())) == 0) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

TableStore::TableStore(engine::Engine& engine, state::Store& store, const table::BuiltInTables& built_in)
    : engine_(engine), store_(store), built_in_(built_in) {}

void TableStore::replace_snapshot(const WorkspaceId& workspace, const std::function<void(TableSnapshot&)>& change) {
  Space& space = spaces_[workspace];
  auto next = std::make_shared<TableSnapshot>(*space.snapshot);
  change(*next);
  next->version = ++last_version_;
  space.snapshot = std::move(next);
}

Result<void> TableStore::load() {
  {
    Lock lock(mutex_);
    spaces_.clear();
  }
  GARRISON_TRY(load_custom());
  return load_existing();
}

Result<void> TableStore::load_custom() {
  std::map<std::pair<WorkspaceId, std::string>, table::TableDefinition> tables;
  GARRISON_TRY(store_.read([&](state::Transaction& transaction) {
    return transaction.query(
        "SELECT workspace, table_name, name, kind FROM workspace_column ORDER BY workspace, table_name, position", {},
        [&](const state::Row& row) -> Result<void> {
          const auto kind = table::parse_kind(row.text(3));
          if (!kind)
            return corrupt("WORKSPACE-0013", fmt::format("column {}.{} has no known type", row.text(1), row.text(2)));
          table::TableDefinition& definition = tables[{WorkspaceId(row.string(0)), row.string(1)}];
          definition.name = row.string(1);
          definition.schema.columns.push_back({row.string(2), *kind});
          return {};
        });
  }));
  Lock lock(mutex_);
  for (auto& [key, definition] : tables) {
    auto shared = std::make_shared<const table::TableDefinition>(std::move(definition));
    replace_snapshot(key.first, [&](TableSnapshot& next) { next.custom[key.second] = shared; });
  }
  return {};
}

Result<void> TableStore::load_existing() {
  struct Found {
    WorkspaceId workspace;
    std::string table;
    Columns columns;
  };
  std::vector<Found> found;
  engine::Statement statement = background(
      "SELECT database, table, name FROM system.columns WHERE startsWith(database, 'ws_') ORDER BY database, table, "
      "position");
  const table::Schema schema{
      {{"database", table::Kind::kString}, {"table", table::Kind::kString}, {"name", table::Kind::kString}}};
  engine::Budget budget;
  budget.max_result_rows = 10'000'000;
  budget.max_result_bytes = 1ull << 30;
  GARRISON_TRY(engine_.query(statement, schema, budget, [&](table::Batch&& batch) -> Result<void> {
    for (std::size_t row = 0; row < batch.num_rows(); ++row) {
      const WorkspaceId workspace(std::string(batch.columns[0].text(row).substr(kDatabasePrefix.size())));
      const std::string_view table = batch.columns[1].text(row);
      if (found.empty() || found.back().workspace != workspace || found.back().table != table)
        found.push_back({workspace, std::string(table), {}});
      found.back().columns.emplace(batch.columns[2].text(row));
    }
    return {};
  }));
  std::map<WorkspaceId, std::vector<std::string>> names;
  {
    Lock lock(mutex_);
    for (Found& table : found) {
      auto stored = std::make_shared<Stored>();
      stored->exists = true;
      stored->columns = std::move(table.columns);
      spaces_[table.workspace].stored[table.table] = std::move(stored);
      names[table.workspace].push_back(table.table);
    }
    for (const auto& [workspace, tables] : names)
      replace_snapshot(workspace, [&](TableSnapshot& next) { next.existing.insert(tables.begin(), tables.end()); });
  }
  // Columns that a newer release has, or that were declared right before a crash.
  for (const Found& table : found) {
    if (const auto definition = find(table.workspace, table.table)) {
      std::vector<std::string> columns;
      for (const table::Column& column : (*definition)->schema.columns) columns.push_back(column.name);
      if (const auto ensured = ensure(table.workspace, table.table, columns); !ensured) return ensured.error();
    }
  }
  return {};
}

Result<TableStore::Definition> TableStore::find(const WorkspaceId& workspace, std::string_view name) const {
  if (built_in_.contains(name)) return built_in_.find(name);
  const std::shared_ptr<const TableSnapshot> now = snapshot(workspace);
  if (const auto found = now->custom.find(name); found != now->custom.end()) return found->second;
  return unknown_table(built_in_, *now, name);
}

Result<TableStore::Definition> TableStore::declare(const WorkspaceId& workspace, std::string_view name,
                                                   std::span<const table::Column> columns) {
  if (!is_custom_table_name(name))
    return bad_input("WORKSPACE-0011",
                     fmt::format("`{}` is no built-in table and no name for a custom one: letters, digits "
                                 "and '_', at most 63, ending in _CL",
                                 name));
  Lock declaring(declare_mutex_);
  const std::shared_ptr<const TableSnapshot> now = snapshot(workspace);
  const auto found = now->custom.find(name);
  if (found == now->custom.end() && now->custom.size() >= kMaxCustomTables)
    return exhausted("WORKSPACE-0012", fmt::format("the workspace has {} custom tables already", kMaxCustomTables));
  table::TableDefinition next;
  next.name = name;
  if (found != now->custom.end()) next = *found->second;
  const std::size_t had = next.schema.columns.size();
  if (had == 0) next.schema.columns.push_back({std::string(table::kTimeGenerated), table::Kind::kDateTime});
  for (const table::Column& column : columns)
    if (next.schema.columns.size() < kMaxCustomColumns && next.schema.find(column.name) == nullptr)
      next.schema.columns.push_back(column);
  if (next.schema.columns.size() == had) return found->second;
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    for (std::size_t i = had; i < next.schema.columns.size(); ++i)
      GARRISON_TRY(transaction.execute(
          "INSERT INTO workspace_column (workspace, table_name, position, name, kind) VALUES (?, ?, ?, ?, ?)",
          {workspace, next.name, i, next.schema.columns[i].name, to_string(next.schema.columns[i].kind)}));
    return {};
  }));
  auto shared = std::make_shared<const table::TableDefinition>(std::move(next));
  Lock lock(mutex_);
  replace_snapshot(workspace, [&](TableSnapshot& changed) { changed.custom[shared->name] = shared; });
  return shared;
}

Result<std::shared_ptr<TableStore::Stored>> TableStore::ensure(const WorkspaceId& workspace, const std::string& name,
                                                               const std::vector<std::string>& columns) {
  std::shared_ptr<Stored> stored;
  {
    Lock lock(mutex_);
    std::shared_ptr<Stored>& known = spaces_[workspace].stored[name];
    if (known == nullptr) known = std::make_shared<Stored>();
    stored = known;
  }
  Lock ddl(stored->ddl);
  const auto is_there = [&](const std::string& column) { return stored->columns.contains(column); };
  if (stored->exists && std::all_of(columns.begin(), columns.end(), is_there)) return stored;
  GARRISON_ASSIGN(const Definition definition, find(workspace, name));
  const table::Schema wanted = engine::stored_schema(*definition);
  const std::string database = database_name(workspace);
  std::vector<std::string> added;
  if (!stored->exists) {
    GARRISON_TRY(engine_.execute(background(engine::create_database_sql(database))));
    GARRISON_TRY(engine_.execute(background(engine::create_table_sql(database, *definition))));
    for (const table::Column& column : wanted.columns) added.push_back(column.name);
  } else {
    for (const std::string& name_of_column : columns) {
      if (is_there(name_of_column)) continue;
      const table::Column* column = wanted.find(name_of_column);
      if (column == nullptr)
        return bad_input("WORKSPACE-0014", fmt::format("table `{}` has no column `{}`", name, name_of_column));
      GARRISON_TRY(engine_.execute(background(engine::add_column_sql(database, name, *column))));
      added.push_back(name_of_column);
    }
  }
  std::function<void(const WorkspaceId&, const std::string&)> listener;
  {
    Lock lock(mutex_);
    stored->columns.insert(added.begin(), added.end());
    stored->exists = true;
    replace_snapshot(workspace, [&](TableSnapshot& next) { next.existing.insert(name); });
    listener = listener_;
  }
  if (listener) listener(workspace, name);
  return stored;
}

Result<void> TableStore::insert(const RowInsert& rows) {
  GARRISON_TRY(ensure(rows.workspace, rows.table, rows.columns));
  engine::Insert insert;
  insert.table = engine::qualified_name(database_name(rows.workspace), rows.table);
  insert.columns = rows.columns;
  insert.native = rows.native;
  insert.token = rows.token;
  return engine_.insert(insert);
}

std::shared_ptr<const TableSnapshot> TableStore::snapshot(const WorkspaceId& workspace) const {
  static const auto none = std::make_shared<const TableSnapshot>();
  Lock lock(mutex_);
  const auto found = spaces_.find(workspace);
  return found == spaces_.end() ? none : found->second.snapshot;
}

Result<void> TableStore::drop_workspace(const WorkspaceId& workspace) {
  GARRISON_TRY(engine_.execute(background(engine::drop_database_sql(database_name(workspace)))));
  GARRISON_TRY(store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute("DELETE FROM workspace_column WHERE workspace = ?", {workspace}));
    return {};
  }));
  Lock lock(mutex_);
  spaces_.erase(workspace);
  return {};
}

void TableStore::set_listener(std::function<void(const WorkspaceId&, const std::string&)> listener) {
  Lock lock(mutex_);
  listener_ = std::move(listener);
}

}  // namespace garrison::workspace
