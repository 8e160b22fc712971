// SPDX-License-Identifier: Apache-2.0
#include "base/fault_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "base/mutex.h"

namespace garrison {
namespace {

// A change of a file that is not on the disk yet.
struct FileChange {
  std::optional<std::uint64_t> truncate_to;  // else a write
  std::uint64_t offset = 0;
  std::string bytes;
  bool is_doomed = false;  // a sync failed: later syncs do not store it
};

struct Inode {
  std::string current;
  std::string durable;
  std::vector<FileChange> pending;
};

// A change of names that is not on the disk yet.
struct NameChange {
  std::string folder;
  std::string removed;  // path, or empty
  std::string added;    // path, or empty
  std::shared_ptr<Inode> inode;
};

using Names = std::map<std::string, std::shared_ptr<Inode>>;

void apply_change(std::string& content, const FileChange& change, std::size_t max_bytes) {
  if (change.truncate_to) {
    content.resize(*change.truncate_to);
    return;
  }
  const std::string_view bytes = std::string_view(change.bytes).substr(0, max_bytes);
  if (bytes.empty()) return;
  if (content.size() < change.offset + bytes.size()) content.resize(change.offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

void apply_change(Names& names, const NameChange& change) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.inode;
}

bool overlap(const FileChange& left, const FileChange& right) {
  if (left.truncate_to || right.truncate_to) return true;
  return left.offset < right.offset + right.bytes.size() && right.offset < left.offset + left.bytes.size();
}

std::string normal(const std::string& path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text.empty() ? "." : text;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// What of a file is there after a power cut.
void survive(Inode& inode, Random& random) {
  const std::uint64_t manner = random.below(3);
  const std::size_t num_whole = random.below(inode.pending.size() + 1);
  for (std::size_t i = 0; i < inode.pending.size(); ++i) {
    const FileChange& change = inode.pending[i];
    const std::size_t torn = random.below(change.bytes.size() + 1);
    if (manner == 0) break;  // nothing unsynced
    if (manner == 1) {       // in order, the last one torn
      if (i < num_whole) apply_change(inode.durable, change, std::string::npos);
      if (i == num_whole && !change.truncate_to) apply_change(inode.durable, change, torn);
      continue;
    }
    const std::uint64_t fate = random.below(3);  // any combination
    if (fate == 1) apply_change(inode.durable, change, std::string::npos);
    if (fate == 2 && !change.truncate_to) apply_change(inode.durable, change, torn);
  }
  inode.pending.clear();
  inode.current = inode.durable;
}

}  // namespace

class FaultDisk::Impl {
 public:
  enum class Step { kGoOn, kCutNow };

  // Counts an operation; an error when the power is off.
  Result<Step> step() GARRISON_REQUIRES(mutex) {
    if (is_cut) return off();
    ++num_operations;
    if (num_operations == cut_at) {
      is_cut = true;
      return Step::kCutNow;
    }
    return Step::kGoOn;
  }
  static Error off() { return unavailable("DISK-0005", "the power is cut"); }

  // Ends an operation that took its effect in memory.
  static Result<void> end(Step step) {
    if (step == Step::kCutNow) return off();
    return {};
  }

  Result<void> change(Inode& inode, FileChange change) GARRISON_REQUIRES(mutex) {
    GARRISON_ASSIGN(const Step now, step());
    const std::uint64_t old_size = inode.current.size();
    const std::uint64_t new_size =
        change.truncate_to ? *change.truncate_to : std::max(old_size, change.offset + change.bytes.size());
    if (new_size > old_size && used + (new_size - old_size) > capacity) {
      return exhausted("DISK-0003", "cannot write: no space left on device; free some space");
    }
    bool fails = false;
    if (!change.truncate_to) {
      ++num_writes;
      fails = num_writes == write_fault || (num_writes > write_fault && write_repeat == Repeat::kForever);
      // A failing write may have come half of the way.
      if (fails) change.bytes.resize(change.bytes.size() / 2);
    }
    apply_change(inode.current, change, std::string::npos);
    used += inode.current.size();
    used -= old_size;
    inode.pending.push_back(std::move(change));
    if (fails) return unavailable("DISK-0005", "cannot write: Input/output error");
    return end(now);
  }

  Result<void> sync(Inode& inode) GARRISON_REQUIRES(mutex) {
    GARRISON_ASSIGN(const Step now, step());
    if (now == Step::kCutNow) return off();
    ++num_syncs;
    if (num_syncs == sync_fault || (num_syncs > sync_fault && sync_repeat == Repeat::kForever)) {
      for (FileChange& change : inode.pending) change.is_doomed = true;
      return unavailable("DISK-0005", "cannot sync: Input/output error");
    }
    std::vector<FileChange> doomed;
    for (FileChange& change : inode.pending) {
      if (change.is_doomed) {
        doomed.push_back(std::move(change));
        continue;
      }
      apply_change(inode.durable, change, std::string::npos);
      // What is stored now cannot be undone by what was lost before.
      std::erase_if(doomed, [&](const FileChange& lost) { return overlap(lost, change); });
    }
    inode.pending = std::move(doomed);
    return {};
  }

  Result<void> change_names(NameChange change) GARRISON_REQUIRES(mutex) {
    GARRISON_ASSIGN(const Step now, step());
    if (!change.removed.empty() && change.added.empty()) used -= names.at(change.removed)->current.size();
    apply_change(names, change);
    name_changes.push_back(std::move(change));
    return end(now);
  }

  mutable Mutex mutex;
  Names names GARRISON_GUARDED_BY(mutex);
  Names durable_names GARRISON_GUARDED_BY(mutex);
  std::vector<NameChange> name_changes GARRISON_GUARDED_BY(mutex);
  std::set<std::string> folders GARRISON_GUARDED_BY(mutex) = {".", "/"};
  std::set<std::string> locks GARRISON_GUARDED_BY(mutex);
  std::uint64_t generation GARRISON_GUARDED_BY(mutex) = 0;
  bool is_cut GARRISON_GUARDED_BY(mutex) = false;
  std::uint64_t num_operations GARRISON_GUARDED_BY(mutex) = 0;
  std::uint64_t cut_at GARRISON_GUARDED_BY(mutex) = 0;
  std::uint64_t num_writes GARRISON_GUARDED_BY(mutex) = 0;
  std::uint64_t num_syncs GARRISON_GUARDED_BY(mutex) = 0;
  std::uint64_t write_fault GARRISON_GUARDED_BY(mutex) = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t sync_fault GARRISON_GUARDED_BY(mutex) = std::numeric_limits<std::uint64_t>::max();
  Repeat write_repeat GARRISON_GUARDED_BY(mutex) = Repeat::kOnce;
  Repeat sync_repeat GARRISON_GUARDED_BY(mutex) = Repeat::kOnce;
  std::uint64_t capacity GARRISON_GUARDED_BY(mutex) = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t used GARRISON_GUARDED_BY(mutex) = 0;

  class File;
};

class FaultDisk::Impl::File final : public DiskFile {
 public:
  File(std::shared_ptr<Impl> disk, std::shared_ptr<Inode> inode, std::uint64_t generation, bool is_writable)
      : disk_(std::move(disk)), inode_(std::move(inode)), generation_(generation), is_writable_(is_writable) {}

  Result<std::string> read_at(std::uint64_t offset, std::size_t max_bytes) override {
    const Lock lock(disk_->mutex);
    GARRISON_TRY(alive());
    if (offset >= inode_->current.size()) return std::string();
    return inode_->current.substr(offset, max_bytes);
  }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    const Lock lock(disk_->mutex);
    GARRISON_TRY(writable());
    return disk_->change(*inode_, {std::nullopt, offset, std::string(bytes)});
  }
  Result<void> truncate(std::uint64_t size) override {
    const Lock lock(disk_->mutex);
    GARRISON_TRY(writable());
    return disk_->change(*inode_, {size, 0, {}});
  }
  Result<void> sync() override {
    const Lock lock(disk_->mutex);
    GARRISON_TRY(alive());
    return disk_->sync(*inode_);
  }
  Result<std::uint64_t> size() override {
    const Lock lock(disk_->mutex);
    GARRISON_TRY(alive());
    return static_cast<std::uint64_t>(inode_->current.size());
  }

 private:
  Result<void> alive() GARRISON_REQUIRES(disk_->mutex) {
    if (disk_->is_cut || disk_->generation != generation_) return off();
    return {};
  }
  Result<void> writable() GARRISON_REQUIRES(disk_->mutex) {
    GARRISON_TRY(alive());
    if (!is_writable_) return denied("DISK-0004", "cannot write: the file was opened for reading");
    return {};
  }

  std::shared_ptr<Impl> disk_;  // shared: a file may outlive its disk
  std::shared_ptr<Inode> inode_;
  std::uint64_t generation_;
  bool is_writable_;
};

FaultDisk::FaultDisk() : impl_(std::make_shared<Impl>()) {}
FaultDisk::~FaultDisk() = default;

void FaultDisk::cut_power_after(std::uint64_t num_operations) {
  const Lock lock(impl_->mutex);
  impl_->cut_at = impl_->num_operations + num_operations;
}

void FaultDisk::cut_power() {
  const Lock lock(impl_->mutex);
  impl_->is_cut = true;
}

bool FaultDisk::power_is_cut() const {
  const Lock lock(impl_->mutex);
  return impl_->is_cut;
}

void FaultDisk::restart(Random& random) {
  const Lock lock(impl_->mutex);
  const std::size_t num_names = random.below(impl_->name_changes.size() + 1);
  for (std::size_t i = 0; i < num_names; ++i) apply_change(impl_->durable_names, impl_->name_changes[i]);
  impl_->name_changes.clear();
  impl_->names = impl_->durable_names;
  impl_->used = 0;
  for (const auto& [path, inode] : impl_->names) {
    survive(*inode, random);
    impl_->used += inode->current.size();
  }
  impl_->locks.clear();
  impl_->is_cut = false;
  impl_->cut_at = 0;
  ++impl_->generation;
}

std::uint64_t FaultDisk::num_operations() const {
  const Lock lock(impl_->mutex);
  return impl_->num_operations;
}

void FaultDisk::fail_write_after(std::uint64_t num_writes, Repeat repeat) {
  const Lock lock(impl_->mutex);
  impl_->write_fault = impl_->num_writes + num_writes;
  impl_->write_repeat = repeat;
}

void FaultDisk::fail_sync_after(std::uint64_t num_syncs, Repeat repeat) {
  const Lock lock(impl_->mutex);
  impl_->sync_fault = impl_->num_syncs + num_syncs;
  impl_->sync_repeat = repeat;
}

void FaultDisk::heal() {
  const Lock lock(impl_->mutex);
  impl_->write_fault = impl_->sync_fault = std::numeric_limits<std::uint64_t>::max();
}

void FaultDisk::set_capacity(std::uint64_t bytes) {
  const Lock lock(impl_->mutex);
  impl_->capacity = bytes;
}

bool FaultDisk::flip_byte(const std::string& path, std::uint64_t offset, unsigned char mask) {
  const Lock lock(impl_->mutex);
  const auto found = impl_->names.find(normal(path));
  if (found == impl_->names.end() || offset >= found->second->current.size()) return false;
  Inode& inode = *found->second;
  inode.current[offset] = static_cast<char>(inode.current[offset] ^ mask);
  if (offset < inode.durable.size()) inode.durable[offset] = static_cast<char>(inode.durable[offset] ^ mask);
  return true;
}

Result<std::unique_ptr<DiskFile>> FaultDisk::open(const std::string& given, OpenMode mode) {
  const std::string path = normal(given);
  const Lock lock(impl_->mutex);
  if (impl_->is_cut) return Impl::off();
  const auto found = impl_->names.find(path);
  std::shared_ptr<Inode> inode;
  if (found != impl_->names.end()) {
    if (mode == OpenMode::kCreateNew) return conflict("DISK-0002", fmt::format("cannot open '{}': File exists", path));
    inode = found->second;
  } else {
    if (mode == OpenMode::kRead || !impl_->folders.contains(folder_of(path))) {
      return not_found("DISK-0001", fmt::format("cannot open '{}': No such file or directory", path));
    }
    inode = std::make_shared<Inode>();
    GARRISON_TRY(impl_->change_names({folder_of(path), "", path, inode}));
  }
  return std::unique_ptr<DiskFile>(
      std::make_unique<Impl::File>(impl_, inode, impl_->generation, mode != OpenMode::kRead));
}

bool FaultDisk::exists(const std::string& given) {
  const std::string path = normal(given);
  const Lock lock(impl_->mutex);
  return !impl_->is_cut && (impl_->names.contains(path) || impl_->folders.contains(path));
}

Result<void> FaultDisk::remove(const std::string& given) {
  const std::string path = normal(given);
  const Lock lock(impl_->mutex);
  if (impl_->is_cut) return Impl::off();
  if (!impl_->names.contains(path)) return {};
  return impl_->change_names({folder_of(path), path, "", nullptr});
}

Result<void> FaultDisk::rename(const std::string& given_from, const std::string& given_to) {
  const std::string from = normal(given_from);
  const std::string to = normal(given_to);
  const Lock lock(impl_->mutex);
  if (impl_->is_cut) return Impl::off();
  const auto found = impl_->names.find(from);
  if (found == impl_->names.end()) {
    return not_found("DISK-0001", fmt::format("cannot rename '{}': No such file or directory", from));
  }
  if (from == to) return {};
  const auto replaced = impl_->names.find(to);
  if (replaced != impl_->names.end()) impl_->used -= replaced->second->current.size();
  return impl_->change_names({folder_of(to), from, to, found->second});
}

Result<std::vector<std::string>> FaultDisk::list(const std::string& given) {
  const std::string folder = normal(given);
  const Lock lock(impl_->mutex);
  if (impl_->is_cut) return Impl::off();
  if (!impl_->folders.contains(folder)) {
    return not_found("DISK-0001", fmt::format("cannot list '{}': No such file or directory", folder));
  }
  std::set<std::string> names;
  const auto add = [&](const std::string& path) {
    if (path != folder && folder_of(path) == folder) names.insert(std::filesystem::path(path).filename().string());
  };
  for (const auto& [path, inode] : impl_->names) add(path);
  for (const std::string& path : impl_->folders) add(path);
  return std::vector<std::string>(names.begin(), names.end());
}

Result<void> FaultDisk::make_folder(const std::string& given) {
  const Lock lock(impl_->mutex);
  if (impl_->is_cut) return Impl::off();
  for (std::string path = normal(given); impl_->folders.insert(path).second;) path = folder_of(path);
  return {};
}

Result<void> FaultDisk::sync_folder(const std::string& given) {
  const std::string folder = normal(given);
  const Lock lock(impl_->mutex);
  GARRISON_ASSIGN(const Impl::Step now, impl_->step());
  if (now == Impl::Step::kCutNow) return Impl::off();
  std::vector<NameChange> others;
  for (NameChange& change : impl_->name_changes) {
    if (change.folder == folder) {
      apply_change(impl_->durable_names, change);
    } else {
      others.push_back(std::move(change));
    }
  }
  impl_->name_changes = std::move(others);
  return {};
}

Result<std::uint64_t> FaultDisk::free_bytes(const std::string&) {
  const Lock lock(impl_->mutex);
  if (impl_->is_cut) return Impl::off();
  return impl_->capacity > impl_->used ? impl_->capacity - impl_->used : 0;
}

Result<std::shared_ptr<void>> FaultDisk::lock(const std::string& given) {
  const std::string path = normal(given);
  const Lock lock(impl_->mutex);
  if (impl_->is_cut) return Impl::off();
  if (!impl_->locks.insert(path).second) {
    return conflict("DISK-0007", fmt::format("'{}' is locked: another garrison server uses this data folder", path));
  }
  return std::shared_ptr<void>(impl_.get(), [disk = impl_, path, generation = impl_->generation](void*) {
    const Lock release(disk->mutex);
    if (disk->generation == generation) disk->locks.erase(path);
  });
}

}  // namespace garrison
