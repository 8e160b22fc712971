// SPDX-License-Identifier: Apache-2.0
#include "engine/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace garrison::engine {
namespace {

// Newer than the headers we build with; see the kernel's Documentation/userspace-api/landlock.rst.
constexpr std::uint64_t kTruncate = 1ull << 14;      // ABI 3
constexpr std::uint64_t kIoctlDevice = 1ull << 15;   // ABI 5
constexpr std::uint64_t kNetBindTcp = 1ull << 0;     // ABI 4
constexpr std::uint64_t kNetConnectTcp = 1ull << 1;  // ABI 4
constexpr std::uint64_t kScopeAbstractSocket = 1ull << 0;  // ABI 6
constexpr std::uint64_t kScopeSignal = 1ull << 1;          // ABI 6

struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWrite = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr std::uint64_t kAllFiles = kRead | kWrite | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                    LANDLOCK_ACCESS_FS_MAKE_BLOCK;

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

Error failed(std::string_view code, std::string_view what) {
  return unavailable(std::string(code), fmt::format("{}: {}", what, strerror(errno)));
}

Result<void> allow(int ruleset, const std::string& path, std::uint64_t access) {
  const Descriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (place.get() < 0) {
    if (errno == ENOENT) return {};
    return failed("ENGINE-0030", "cannot open " + path);
  }
  struct stat status{};
  if (::fstat(place.get(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
  }
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = place.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return failed("ENGINE-0030", "Landlock refuses a rule for " + path);
  }
  return {};
}

// Calls that an engine has no use for, or that lead out of the sandbox.
constexpr const char* kForbidden[] = {
    "execve", "execveat", "fork", "vfork", "socket", "socketpair", "connect", "bind", "listen", "ptrace",
    "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
    "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
    "pivot_root", "chroot", "unshare", "setns", "init_module", "finit_module", "delete_module", "kexec_load",
    "kexec_file_load", "reboot", "swapon", "swapoff", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key",
    "request_key", "open_by_handle_at", "name_to_handle_at", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "acct", "quotactl", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname",
    "iopl", "ioperm", "fanotify_init", "lookup_dcookie", "nfsservctl", "vhangup", "mknod", "mknodat", "setuid",
    "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "memfd_secret", "syslog",
};

Result<void> fill(scmp_filter_ctx filter) {
  if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0) {
    return unavailable("ENGINE-0031", "seccomp cannot restrict all threads at once");
  }
  for (const char* name : kForbidden) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;  // not on this architecture
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0) != 0) {
      return unavailable("ENGINE-0031", fmt::format("seccomp refuses a rule for {}", name));
    }
  }
  // Threads, yes; processes, no. The flags of clone3 lie in memory where no filter sees them: libc falls back to clone.
  if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0 ||
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) != 0) {
    return unavailable("ENGINE-0031", "seccomp refuses a rule for clone");
  }
  if (const int result = seccomp_load(filter); result != 0) {
    return unavailable("ENGINE-0031", fmt::format("seccomp cannot be switched on: {}", strerror(-result)));
  }
  return {};
}

// The environment stays readable in /proc for the process itself, so nothing may be left in it.
void wipe_environment() {
  for (char** entry = environ; entry && *entry; ++entry) explicit_bzero(*entry, strlen(*entry));
  ::clearenv();
}

}  // namespace

Result<void> harden_process(int parent_process_id) {
  wipe_environment();
  ::umask(077);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("ENGINE-0031", "cannot give up new privileges");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("ENGINE-0031", "cannot forbid dumps");
  const rlimit no_core{0, 0};
  if (::setrlimit(RLIMIT_CORE, &no_core) != 0) return failed("ENGINE-0031", "cannot forbid core files");
  if (parent_process_id == 0) return {};
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) return failed("ENGINE-0031", "cannot follow the parent");
  if (::getppid() != parent_process_id) return unavailable("ENGINE-0031", "the parent process is gone");
  return {};
}

Result<void> restrict_files(const FileRules& rules) {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return failed("ENGINE-0030", "this kernel has no Landlock");
  RulesetAttributes attributes;
  attributes.files = kAllFiles;
  if (abi >= 2) attributes.files |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) attributes.files |= kTruncate;
  if (abi >= 5) attributes.files |= kIoctlDevice;
  std::size_t size = sizeof attributes.files;
  if (abi >= 4) {
    attributes.network = kNetBindTcp | kNetConnectTcp;
    size = offsetof(RulesetAttributes, scopes);
  }
  if (abi >= 6) {
    attributes.scopes = kScopeAbstractSocket | kScopeSignal;
    size = sizeof attributes;
  }
  const Descriptor ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (ruleset.get() < 0) return failed("ENGINE-0030", "Landlock gives no rules");
  const std::uint64_t write = kRead | kWrite | (attributes.files & (LANDLOCK_ACCESS_FS_REFER | kTruncate));
  for (const std::string& folder : rules.writable_folders) GARRISON_TRY(allow(ruleset.get(), folder, write));
  for (const std::string& path : rules.readable_paths) GARRISON_TRY(allow(ruleset.get(), path, kRead));
  for (const std::string& folder : rules.socket_folders) {
    GARRISON_TRY(allow(ruleset.get(), folder, LANDLOCK_ACCESS_FS_MAKE_SOCK));
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return failed("ENGINE-0030", "Landlock cannot be switched on");
  }
  return {};
}

Result<void> restrict_system_calls() {
  const std::unique_ptr<void, void (*)(void*)> filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  if (!filter) return unavailable("ENGINE-0031", "this kernel has no seccomp");
  return fill(filter.get());
}

}  // namespace garrison::engine
