// SPDX-License-Identifier: Apache-2.0
// What each source of events sent during the last day, in memory. Any thread may call.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"

namespace garrison::ingest {

struct SourceFigures {
  std::string id;    // as rows have it in _Source
  std::string kind;  // "logsIngestion", "file"
  std::set<std::string> tables;
  std::optional<DateTime> first_received;
  std::optional<DateTime> last_received;
  std::uint64_t num_events_last_day = 0;
  std::uint64_t num_bytes_last_day = 0;
  std::uint64_t num_rejected_last_day = 0;
  std::uint64_t num_rejected_last_hour = 0;
  double events_per_second = 0;  // over the last five to ten minutes
  struct Reject {
    DateTime time;
    std::string reason;
    std::string sample;  // at most 500 bytes
  };
  std::optional<Reject> last_reject;
};

struct SourceReport {
  std::set<std::string> tables;
  std::uint64_t num_events = 0;
  std::uint64_t num_bytes = 0;
  std::uint64_t num_rejected = 0;
  std::string last_reject_reason;
  std::string last_reject_sample;
};

class SourceCounters {
 public:
  static constexpr std::size_t kMaxSources = 2'000;  // of one workspace; further ones are counted as "other"

  explicit SourceCounters(const Clock& clock) : clock_(clock) {}

  void add(const WorkspaceId& workspace, const std::string& id, const std::string& kind, const SourceReport& report);
  // By id.
  std::vector<SourceFigures> list(const WorkspaceId& workspace) const;
  void remove_workspace(const WorkspaceId& workspace);

 private:
  struct Bucket {
    std::int64_t number = -1;  // of five minutes since year 1
    std::uint64_t num_events = 0;
    std::uint64_t num_bytes = 0;
    std::uint64_t num_rejected = 0;
  };
  struct Source {
    SourceFigures figures;  // without what the buckets give
    std::array<Bucket, 288> buckets;
  };

  const Clock& clock_;
  mutable Mutex mutex_;
  std::map<WorkspaceId, std::map<std::string, Source>> sources_ GARRISON_GUARDED_BY(mutex_);
};

}  // namespace garrison::ingest
