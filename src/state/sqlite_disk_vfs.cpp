// SPDX-License-Identifier: Apache-2.0
#include "state/sqlite_disk_vfs.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <new>

namespace garrison::state {
namespace {

// What SQLite keeps for an open file; it owns the memory, we construct and destroy the object in it.
struct OpenFile {
  sqlite3_file base;  // first: SQLite sees only this
  std::unique_ptr<DiskFile> file;
  Disk* disk = nullptr;
  std::string path;
  bool needs_folder_sync = false;  // its name is not durable yet
  bool delete_on_close = false;
};

// A temporary file without a name; lives in memory.
class MemoryFile final : public DiskFile {
 public:
  Result<std::string> read_at(std::uint64_t offset, std::size_t max_bytes) override {
    return offset >= bytes_.size() ? std::string() : bytes_.substr(offset, max_bytes);
  }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    if (bytes_.size() < offset + bytes.size()) bytes_.resize(offset + bytes.size());
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }
  Result<void> truncate(std::uint64_t size) override {
    bytes_.resize(size);
    return {};
  }
  Result<void> sync() override { return {}; }
  Result<std::uint64_t> size() override { return static_cast<std::uint64_t>(bytes_.size()); }

 private:
  std::string bytes_;
};

// No exception may pass through SQLite's C frames.
template <typename Function>
int guarded(Function function) noexcept {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  } catch (...) {
    return SQLITE_IOERR;
  }
}

int code_of(const Error& error, int io_code) { return error.kind == ErrorKind::kExhausted ? SQLITE_FULL : io_code; }

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

OpenFile& open_file(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

int close_file(sqlite3_file* file) {
  return guarded([&] {
    OpenFile& open = open_file(file);
    int code = SQLITE_OK;
    open.file.reset();
    if (open.delete_on_close && !open.disk->remove(open.path).ok()) code = SQLITE_IOERR_DELETE;
    open.~OpenFile();
    file->pMethods = nullptr;
    return code;
  });
}

int read_file(sqlite3_file* file, void* out, int num_bytes, sqlite3_int64 offset) {
  return guarded([&] {
    const auto want = static_cast<std::size_t>(num_bytes);
    const auto got = open_file(file).file->read_at(static_cast<std::uint64_t>(offset), want);
    if (!got.ok()) return SQLITE_IOERR_READ;
    std::memcpy(out, got->data(), got->size());
    if (got->size() == want) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + got->size(), 0, want - got->size());
    return SQLITE_IOERR_SHORT_READ;
  });
}

int write_file(sqlite3_file* file, const void* bytes, int num_bytes, sqlite3_int64 offset) {
  return guarded([&] {
    const std::string_view view(static_cast<const char*>(bytes), static_cast<std::size_t>(num_bytes));
    const auto done = open_file(file).file->write_at(static_cast<std::uint64_t>(offset), view);
    return done.ok() ? SQLITE_OK : code_of(done.error(), SQLITE_IOERR_WRITE);
  });
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return guarded([&] {
    const auto done = open_file(file).file->truncate(static_cast<std::uint64_t>(size));
    return done.ok() ? SQLITE_OK : code_of(done.error(), SQLITE_IOERR_TRUNCATE);
  });
}

int sync_file(sqlite3_file* file, int) {
  return guarded([&] {
    OpenFile& open = open_file(file);
    if (!open.file->sync().ok()) return SQLITE_IOERR_FSYNC;
    if (open.needs_folder_sync) {
      if (!open.disk->sync_folder(folder_of(open.path)).ok()) return SQLITE_IOERR_DIR_FSYNC;
      open.needs_folder_sync = false;
    }
    return SQLITE_OK;
  });
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return guarded([&] {
    const auto got = open_file(file).file->size();
    if (!got.ok()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(*got);
    return SQLITE_OK;
  });
}

// One process and one connection: locks are for Disk::lock, taken by the owner of the data folder.
int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved_lock(sqlite3_file*, int* is_locked) {
  *is_locked = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 4'096; }
// A write harms no byte outside of it, not even when it is torn.
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// Version 1: without shared memory, so WAL works in exclusive mode only.
const sqlite3_io_methods kMethods = {
    1,         close_file, read_file, write_file,          truncate_file, sync_file,   file_size,
    lock_file, lock_file,  check_reserved_lock, file_control,  sector_size, device_characteristics,
};

Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

Result<std::unique_ptr<DiskFile>> open_on(Disk& disk, const std::string& path, int flags) {
  if ((flags & SQLITE_OPEN_READONLY) != 0) return disk.open(path, OpenMode::kRead);
  if ((flags & SQLITE_OPEN_EXCLUSIVE) != 0) return disk.open(path, OpenMode::kCreateNew);
  if ((flags & SQLITE_OPEN_CREATE) == 0 && !disk.exists(path)) return not_found("DISK-0001", "no such file");
  return disk.open(path, OpenMode::kReadWrite);
}

int vfs_open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  return guarded([&] {
    std::string path = name == nullptr ? "" : name;
    Disk& disk = disk_of(vfs);
    const bool is_new = !path.empty() && !disk.exists(path);
    Result<std::unique_ptr<DiskFile>> opened =
        path.empty() ? Result<std::unique_ptr<DiskFile>>(std::make_unique<MemoryFile>()) : open_on(disk, path, flags);
    if (!opened.ok()) return code_of(opened.error(), SQLITE_CANTOPEN);
    auto* open = new (file) OpenFile{};
    open->base.pMethods = &kMethods;
    open->file = std::move(*opened);
    open->disk = &disk;
    open->needs_folder_sync = is_new;
    open->delete_on_close = !path.empty() && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    open->path = std::move(path);
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  });
}

int vfs_delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  return guarded([&] {
    Disk& disk = disk_of(vfs);
    if (!disk.exists(name)) return SQLITE_IOERR_DELETE_NOENT;
    if (!disk.remove(name).ok()) return SQLITE_IOERR_DELETE;
    if (sync_folder != 0 && !disk.sync_folder(folder_of(name)).ok()) return SQLITE_IOERR_DIR_FSYNC;
    return SQLITE_OK;
  });
}

int vfs_access(sqlite3_vfs* vfs, const char* name, int, int* answer) {
  return guarded([&] {
    *answer = disk_of(vfs).exists(name) ? 1 : 0;
    return SQLITE_OK;
  });
}

int vfs_full_path(sqlite3_vfs*, const char* name, int num_bytes, char* out) {
  const std::size_t length = std::strlen(name);
  if (length + 1 > static_cast<std::size_t>(num_bytes)) return SQLITE_CANTOPEN;
  std::memcpy(out, name, length + 1);
  return SQLITE_OK;
}

sqlite3_vfs& system_vfs() { return *sqlite3_vfs_find(nullptr); }
int vfs_randomness(sqlite3_vfs*, int num_bytes, char* out) {
  return system_vfs().xRandomness(&system_vfs(), num_bytes, out);
}
int vfs_sleep(sqlite3_vfs*, int microseconds) { return system_vfs().xSleep(&system_vfs(), microseconds); }
int vfs_current_time(sqlite3_vfs*, double* day) { return system_vfs().xCurrentTime(&system_vfs(), day); }
int vfs_last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

class SqliteDiskVfs::Impl {
 public:
  explicit Impl(Disk& disk) {
    static std::atomic<int> num_made = 0;
    name = fmt::format("garrison-disk-{}", ++num_made);
    vfs.iVersion = 1;
    vfs.szOsFile = sizeof(OpenFile);
    vfs.mxPathname = 4'096;
    vfs.zName = name.c_str();
    vfs.pAppData = &disk;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_full_path;
    vfs.xRandomness = vfs_randomness;
    vfs.xSleep = vfs_sleep;
    vfs.xCurrentTime = vfs_current_time;
    vfs.xGetLastError = vfs_last_error;
    sqlite3_vfs_register(&vfs, 0);
  }
  ~Impl() { sqlite3_vfs_unregister(&vfs); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string name;
  sqlite3_vfs vfs{};
};

SqliteDiskVfs::SqliteDiskVfs(Disk& disk) : impl_(std::make_unique<Impl>(disk)) {}
SqliteDiskVfs::~SqliteDiskVfs() = default;
const std::string& SqliteDiskVfs::name() const { return impl_->name; }

}  // namespace garrison::state
