// SPDX-License-Identifier: Apache-2.0
// A Disk in memory that fails on demand, for tests: power cuts, torn writes, I/O errors, a full disk. Stricter than most
// disks: until sync() returns, each write may survive whole, in part (cut at any byte) or not at all, in any
// combination; until sync_folder() returns, creations, removals and renames may vanish from the last one backwards,
// also of files whose content was synced. Bytes that were synced are never harmed. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/random.h"

namespace garrison {

class FaultDisk final : public Disk {
 public:
  FaultDisk();
  ~FaultDisk() override;

  // Power. An operation is anything that changes the disk: write, truncate, sync, create, remove, rename, folder sync.
  // Cuts the power within the n-th operation from now (1 is the next): it may or may not take effect, and fails.
  void cut_power_after(std::uint64_t num_operations);
  void cut_power();
  bool power_is_cut() const;
  // Chooses what survived and switches the power on. Files opened before stay dead (kUnavailable).
  void restart(Random& random);
  std::uint64_t num_operations() const;

  // Faults. The n-th write or sync from now (1 is the next) fails with kUnavailable, once or from then on. What a failed
  // sync should have stored is not stored by a later sync either, as with Linux's page cache; write it again.
  enum class Repeat { kOnce, kForever };
  void fail_write_after(std::uint64_t num_writes, Repeat repeat);
  void fail_sync_after(std::uint64_t num_syncs, Repeat repeat);
  // Ends injected write and sync failures.
  void heal();
  // Writes that would make the files larger than this in total fail with kExhausted.
  void set_capacity(std::uint64_t bytes);
  // Changes one stored byte, as a bad disk would. False when the file is shorter.
  bool flip_byte(const std::string& path, std::uint64_t offset, unsigned char mask);

  Result<std::unique_ptr<DiskFile>> open(const std::string& path, OpenMode mode) override;
  bool exists(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
  Result<std::shared_ptr<void>> lock(const std::string& path) override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace garrison
