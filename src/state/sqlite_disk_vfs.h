// SPDX-License-Identifier: Apache-2.0
// Lets SQLite do its file work through garrison::Disk, so that power cuts, torn writes, full disks and I/O errors reach
// a database in tests. One connection per database only: open it with locking_mode=EXCLUSIVE before journal_mode=WAL
// (there is no shared memory). Registered on construction under a name of its own; must outlive the connections.
#pragma once

#include <memory>
#include <string>

#include "base/disk.h"

namespace garrison::state {

class SqliteDiskVfs {
 public:
  explicit SqliteDiskVfs(Disk& disk);
  ~SqliteDiskVfs();
  SqliteDiskVfs(const SqliteDiskVfs&) = delete;
  SqliteDiskVfs& operator=(const SqliteDiskVfs&) = delete;

  // Pass to sqlite3_open_v2 or StoreOptions::vfs.
  const std::string& name() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::state
