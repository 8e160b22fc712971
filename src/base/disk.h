// SPDX-License-Identifier: Apache-2.0
// Files are passed in, so that power cuts, full disks and I/O errors are ordinary tests. A Disk may be used from any
// thread; one DiskFile by one thread at a time. Paths are absolute or relative to the process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace garrison {

// An open file. Closing (destruction) does not sync.
class DiskFile {
 public:
  virtual ~DiskFile() = default;
  // Reads up to max_bytes at the offset; a short result means the end of the file.
  virtual Result<std::string> read_at(std::uint64_t offset, std::size_t max_bytes) = 0;
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  // Returns once all written bytes are on the disk. After a failure the file must be closed, not synced again.
  virtual Result<void> sync() = 0;
  virtual Result<std::uint64_t> size() = 0;
};

enum class OpenMode {
  kRead,          // must exist
  kReadWrite,     // created when absent
  kCreateNew,     // must not exist
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<DiskFile>> open(const std::string& path, OpenMode mode) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual Result<void> remove(const std::string& path) = 0;  // absent is not an error
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  // Names (not paths) in the folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<void> make_folder(const std::string& path) = 0;  // with parents, mode 0700
  // Makes creations, removals and renames inside the folder durable.
  virtual Result<void> sync_folder(const std::string& path) = 0;
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
  // Holds an exclusive lock on the file until the handle is destroyed; kConflict when another process has it.
  virtual Result<std::shared_ptr<void>> lock(const std::string& path) = 0;

  // Reads a whole file; kExhausted when it is larger than max_bytes.
  Result<std::string> read_file(const std::string& path, std::size_t max_bytes = 64 << 20);
  // Replaces a file so that after a crash either the old or the new content is there.
  Result<void> write_file(const std::string& path, std::string_view bytes);
};

class SystemDisk final : public Disk {
 public:
  Result<std::unique_ptr<DiskFile>> open(const std::string& path, OpenMode mode) override;
  bool exists(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
  Result<std::shared_ptr<void>> lock(const std::string& path) override;
};

}  // namespace garrison
