// SPDX-License-Identifier: Apache-2.0
#include "base/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace garrison {
namespace {

// Turns errno into an error; "disk full" is kExhausted so that callers can push back.
Error disk_error(std::string_view what, const std::string& path, int code) {
  const std::string message = fmt::format("cannot {} '{}': {}", what, path, std::strerror(code));
  if (code == ENOENT) return not_found("DISK-0001", message);
  if (code == EEXIST) return conflict("DISK-0002", message);
  if (code == ENOSPC || code == EDQUOT) return exhausted("DISK-0003", message + "; free some space");
  if (code == EACCES || code == EPERM || code == EROFS) return denied("DISK-0004", message + "; check owner and mode");
  return unavailable("DISK-0005", message);
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

class SystemFile final : public DiskFile {
 public:
  SystemFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  Result<std::string> read_at(std::uint64_t offset, std::size_t max_bytes) override {
    std::string out(max_bytes, '\0');
    std::size_t filled = 0;
    while (filled < max_bytes) {
      const ssize_t got = ::pread(descriptor_.get(), out.data() + filled, max_bytes - filled,
                                  static_cast<off_t>(offset + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return disk_error("read", path_, errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    out.resize(filled);
    return out;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return disk_error("write", path_, errno);
      offset += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0) return disk_error("truncate", path_, errno);
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_.get()) != 0) return disk_error("sync", path_, errno);
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat info {};
    if (::fstat(descriptor_.get(), &info) != 0) return disk_error("stat", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

 private:
  Descriptor descriptor_;
  std::string path_;
};

}  // namespace

Result<std::string> Disk::read_file(const std::string& path, std::size_t max_bytes) {
  GARRISON_ASSIGN(auto file, open(path, OpenMode::kRead));
  GARRISON_ASSIGN(const std::uint64_t size, file->size());
  if (size > max_bytes) {
    return exhausted("DISK-0006", fmt::format("'{}' has {} bytes; at most {} are read", path, size, max_bytes));
  }
  return file->read_at(0, static_cast<std::size_t>(size));
}

Result<void> Disk::write_file(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  {
    GARRISON_TRY(remove(temporary));
    GARRISON_ASSIGN(auto file, open(temporary, OpenMode::kCreateNew));
    GARRISON_TRY(file->write_at(0, bytes));
    GARRISON_TRY(file->sync());
  }
  GARRISON_TRY(rename(temporary, path));
  const auto folder = std::filesystem::path(path).parent_path();
  return sync_folder(folder.empty() ? "." : folder.string());
}

Result<std::unique_ptr<DiskFile>> SystemDisk::open(const std::string& path, OpenMode mode) {
  int flags = O_CLOEXEC;
  if (mode == OpenMode::kRead) flags |= O_RDONLY;
  if (mode == OpenMode::kReadWrite) flags |= O_RDWR | O_CREAT;
  if (mode == OpenMode::kCreateNew) flags |= O_RDWR | O_CREAT | O_EXCL;
  const int descriptor = ::open(path.c_str(), flags, 0600);
  if (descriptor < 0) return disk_error("open", path, errno);
  return std::unique_ptr<DiskFile>(std::make_unique<SystemFile>(descriptor, path));
}

bool SystemDisk::exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<void> SystemDisk::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return disk_error("remove", path, errno);
  return {};
}

Result<void> SystemDisk::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return disk_error("rename", from, errno);
  return {};
}

Result<std::vector<std::string>> SystemDisk::list(const std::string& folder) {
  std::error_code code;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entries(folder, code);
  if (code) return disk_error("list", folder, code.value());
  for (const auto& entry : entries) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> SystemDisk::make_folder(const std::string& path) {
  const std::filesystem::path whole(path);
  if (whole.has_parent_path() && whole.parent_path() != whole && !exists(whole.parent_path().string())) {
    GARRISON_TRY(make_folder(whole.parent_path().string()));
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return disk_error("create folder", path, errno);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return disk_error("stat", path, errno);
  if (!S_ISDIR(info.st_mode)) return conflict("DISK-0002", fmt::format("'{}' is a file, not a folder", path));
  return {};
}

Result<void> SystemDisk::sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return disk_error("open folder", path, errno);
  if (::fsync(folder.get()) != 0) return disk_error("sync folder", path, errno);
  return {};
}

Result<std::uint64_t> SystemDisk::free_bytes(const std::string& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return disk_error("stat", path, errno);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<std::shared_ptr<void>> SystemDisk::lock(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return disk_error("open", path, errno);
  auto held = std::make_shared<Descriptor>(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return disk_error("lock", path, errno);
    return conflict("DISK-0007", fmt::format("'{}' is locked: another garrison server uses this data folder", path));
  }
  return std::shared_ptr<void>(held);
}

}  // namespace garrison
