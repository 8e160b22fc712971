// SPDX-License-Identifier: Apache-2.0
// A day of a small company: events as its systems would have sent them, made up from a seed, with or without an attack.
// The same seed, end and choice give the same bytes. Immutable once opened; any thread may generate.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/error.h"
#include "base/ticks.h"
#include "demo/company.h"
#include "demo/event_template.h"

namespace garrison::demo {

inline constexpr std::size_t kMaxBatchBytes = 900'000;  // below the 1 MB of the Logs Ingestion API

enum class Attack { kNone, kIncluded };

// Events of one stream in order of time.
struct EventBatch {
  std::string stream;  // the name of the table
  std::string json;    // an array of at most kMaxBatchBytes
  std::size_t num_events = 0;
};

struct GenerateOptions {
  std::uint64_t seed = 1;
  DateTime end;  // the day ends here
  Attack attack = Attack::kIncluded;
};

class Simulation {
 public:
  using Sink = std::function<Result<void>(EventBatch&&)>;

  // Reads company.yaml, day.yaml and attack.yaml of the folder. DEMO-0001 (kCorrupt) names file and line.
  static Result<Simulation> open(Disk& disk, const std::string& folder);

  // Stops at the sink's first error. Streams come one after the other, sorted by name.
  Result<void> generate(const GenerateOptions& options, const Sink& sink) const;
  // Ids of the rules that find the attack.
  const std::vector<std::string>& expected() const { return expected_; }

 private:
  Company company_;
  std::vector<Activity> day_;
  std::vector<Activity> attack_;
  std::vector<std::string> expected_;
};

}  // namespace garrison::demo
