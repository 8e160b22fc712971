// SPDX-License-Identifier: Apache-2.0
// Mutex with clang thread-safety annotations: libstdc++'s own carries none. Use with GARRISON_GUARDED_BY on members.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define GARRISON_ATTRIBUTE(x) __attribute__((x))
#else
#define GARRISON_ATTRIBUTE(x)
#endif
#define GARRISON_GUARDED_BY(x) GARRISON_ATTRIBUTE(guarded_by(x))
#define GARRISON_REQUIRES(...) GARRISON_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define GARRISON_EXCLUDES(...) GARRISON_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace garrison {

class GARRISON_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() GARRISON_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() GARRISON_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class GARRISON_ATTRIBUTE(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) GARRISON_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() GARRISON_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a Mutex that the caller holds.
class Condition {
 public:
  void wait(Mutex& mutex) GARRISON_REQUIRES(mutex) { condition_.wait(mutex); }
  template <typename Duration>
  bool wait_for(Mutex& mutex, Duration duration) GARRISON_REQUIRES(mutex) {
    return condition_.wait_for(mutex, duration) == std::cv_status::no_timeout;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace garrison
