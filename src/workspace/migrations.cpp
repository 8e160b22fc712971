// SPDX-License-Identifier: Apache-2.0
#include "workspace/migrations.h"

namespace garrison::workspace {

state::MigrationSet migrations() {
  return {"workspace", {{1, "workspaces, columns of custom tables, saved functions", R"sql(
CREATE TABLE workspace (
  id TEXT PRIMARY KEY, display_name TEXT NOT NULL, description TEXT NOT NULL, created INTEGER NOT NULL,
  is_deleting INTEGER NOT NULL) STRICT;
CREATE TABLE data_collection_rule (id TEXT PRIMARY KEY, workspace TEXT NOT NULL) STRICT;
CREATE TABLE workspace_column (
  workspace TEXT NOT NULL, table_name TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  PRIMARY KEY (workspace, table_name, name)) STRICT;
CREATE TABLE saved_function (
  workspace TEXT NOT NULL, name TEXT NOT NULL, parameters TEXT NOT NULL, body TEXT NOT NULL, description TEXT NOT NULL,
  PRIMARY KEY (workspace, name)) STRICT;
)sql"}}};
}

}  // namespace garrison::workspace
