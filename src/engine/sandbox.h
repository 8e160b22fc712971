// SPDX-License-Identifier: Apache-2.0
// Locks the calling process in, for good: what it may open, and which system calls it may make. For the engine child,
// so that no statement reaches a file or the network. Call on the main thread, in this order.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace garrison::engine {

// Wipes the environment; forbids new privileges, core dumps and being traced by others; makes files of its own readable by the owner only.
// With parent_process_id not 0: ends this process (SIGTERM) when the thread that started it ends.
Result<void> harden_process(int parent_process_id);

struct FileRules {
  std::vector<std::string> writable_folders;   // everything below
  std::vector<std::string> readable_paths;     // files, or folders with everything below; absent ones are skipped
  std::vector<std::string> socket_folders;     // a Unix socket may be made in them
};

// Restricts the calling thread and those it starts later by Landlock to the rules, without any TCP. So it comes before
// other threads exist. kUnavailable (ENGINE-0030) when the kernel has no Landlock.
Result<void> restrict_files(const FileRules& rules);

// Restricts all threads by seccomp: no programs, no processes, no sockets beyond those that exist, no tracing, no
// mounts, no kernel interfaces. ENGINE-0031 (kUnavailable) when the kernel refuses.
Result<void> restrict_system_calls();

}  // namespace garrison::engine
