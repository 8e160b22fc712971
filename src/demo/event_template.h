// SPDX-License-Identifier: Apache-2.0
// An event as the file describes it: columns whose text has placeholders such as ${user.upn}. Immutable; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/ticks.h"
#include "demo/company.h"

namespace garrison::demo {

// What a column holds. A scalar that was written without quotes and reads as a number or truth value becomes one.
struct TemplateNode {
  enum class Kind { kScalar, kMap, kList } kind = Kind::kScalar;
  std::string text;
  bool is_plain = false;
  std::vector<std::pair<std::string, TemplateNode>> members;  // of a map; names empty in a list
};

// A length of time between two, both included.
struct TimespanRange {
  Timespan least;
  Timespan most;
};

struct EventTemplate {
  std::string stream;
  TimespanRange after;  // time since the activity's start
  TemplateNode fields;
};

// Something that somebody does: one or several events that belong together.
struct Activity {
  std::string name;
  enum class Per { kUser, kItUser, kServer, kCompany } per = Per::kUser;
  std::string role;     // of the servers, when per server
  double per_hour = 0;  // mean number in a full hour for each actor
  bool around_the_clock = false;
  // Of attacks: when, how often and how far apart.
  Timespan before_end;
  int repeat = 1;
  TimespanRange every;
  std::vector<EventTemplate> events;
};

// Names that placeholders start with: "user" and its properties.
using Scope = std::vector<std::pair<std::string_view, const Properties*>>;

// DEMO-0001 (kCorrupt) with the line: activities below `key`.
Result<std::vector<Activity>> parse_activities(std::string_view yaml, std::string_view key);
Result<std::vector<std::string>> parse_text_list(std::string_view yaml, std::string_view key);

// Replaces the placeholders; an unknown one is a mistake in the file (DEMO-0002, kCorrupt).
class TemplateFiller {
 public:
  TemplateFiller(const Company& company, const Cast& cast, Random& random)
      : company_(company), cast_(cast), random_(random) {}
  // Appends the event as a JSON object with TimeGenerated. `number` is ${n}.
  Result<void> append_event(std::string& out, const EventTemplate& event, DateTime at, int number, const Scope& scope);

 private:
  Result<void> append_node(std::string& out, const TemplateNode& node, DateTime at, int number, const Scope& scope);
  Result<std::string> fill(std::string_view text, DateTime at, int number, const Scope& scope);
  Result<std::string> value_of(std::string_view placeholder, DateTime at, int number, const Scope& scope);

  const Company& company_;
  const Cast& cast_;
  Random& random_;
};

}  // namespace garrison::demo
