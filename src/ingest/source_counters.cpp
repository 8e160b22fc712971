// SPDX-License-Identifier: Apache-2.0
#include "ingest/source_counters.h"

namespace garrison::ingest {
namespace {

constexpr std::int64_t kBucketTicks = 5 * kTicksPerMinute;
constexpr std::int64_t kBucketsPerHour = 12;

}  // namespace

void SourceCounters::add(const WorkspaceId& workspace, const std::string& id, const std::string& kind,
                         const SourceReport& report) {
  const DateTime now = clock_.now();
  const std::int64_t number = now.ticks / kBucketTicks;
  Lock lock(mutex_);
  std::map<std::string, Source>& sources = sources_[workspace];
  const bool is_known = sources.contains(id) || sources.size() < kMaxSources;
  Source& source = sources[is_known ? id : "other"];
  SourceFigures& figures = source.figures;
  figures.id = is_known ? id : "other";
  figures.kind = kind;
  figures.tables.insert(report.tables.begin(), report.tables.end());
  if (report.num_events > 0) {
    if (!figures.first_received) figures.first_received = now;
    figures.last_received = now;
  }
  Bucket& bucket = source.buckets[static_cast<std::size_t>(number) % source.buckets.size()];
  if (bucket.number != number) bucket = {number, 0, 0, 0};
  bucket.num_events += report.num_events;
  bucket.num_bytes += report.num_bytes;
  bucket.num_rejected += report.num_rejected;
  if (report.num_rejected > 0)
    figures.last_reject = {now, report.last_reject_reason, report.last_reject_sample.substr(0, 500)};
}

std::vector<SourceFigures> SourceCounters::list(const WorkspaceId& workspace) const {
  const std::int64_t now = clock_.now().ticks;
  const std::int64_t number = now / kBucketTicks;
  std::vector<SourceFigures> list;
  Lock lock(mutex_);
  const auto found = sources_.find(workspace);
  if (found == sources_.end()) return list;
  for (const auto& [id, source] : found->second) {
    SourceFigures figures = source.figures;
    std::uint64_t recent = 0;
    for (const Bucket& bucket : source.buckets) {
      const std::int64_t age = number - bucket.number;
      if (age < 0 || age >= static_cast<std::int64_t>(source.buckets.size())) continue;
      figures.num_events_last_day += bucket.num_events;
      figures.num_bytes_last_day += bucket.num_bytes;
      figures.num_rejected_last_day += bucket.num_rejected;
      if (age < kBucketsPerHour) figures.num_rejected_last_hour += bucket.num_rejected;
      if (age <= 1) recent += bucket.num_events;
    }
    figures.events_per_second =
        static_cast<double>(recent) * kTicksPerSecond / static_cast<double>(kBucketTicks + now % kBucketTicks);
    list.push_back(std::move(figures));
  }
  return list;
}

void SourceCounters::remove_workspace(const WorkspaceId& workspace) {
  Lock lock(mutex_);
  sources_.erase(workspace);
}

}  // namespace garrison::ingest
