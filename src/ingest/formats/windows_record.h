// SPDX-License-Identifier: Apache-2.0
// A Windows event, however the sender laid it out: flat (NXLog and similar), Winlogbeat's members, or the Event object
// that EVTX tools print. Views live as long as the fields it was made of. One thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ticks.h"
#include "ingest/json_fields.h"

namespace garrison::ingest::formats {

class WindowsRecord {
 public:
  // Takes the fields (objects opened to depth 5). False when this is no Windows event.
  bool assign(std::span<const Field> fields);

  std::string_view provider;
  std::string_view provider_guid;
  std::string_view channel;
  std::string_view computer;
  std::string_view message;
  std::string_view task;
  std::string_view task_name;
  std::string_view opcode;
  std::string_view keywords;
  std::string_view version;
  std::string_view record_id;
  std::string_view process_id;
  std::string_view thread_id;
  std::string_view activity_id;
  std::string_view user_sid;
  std::string_view user_domain;
  std::string_view user_name;
  int event_id = 0;
  int level = 4;  // 1 critical .. 5 verbose
  bool is_audit_failure = false;
  std::optional<DateTime> time;
  // The event's own data, in the sender's order.
  std::vector<std::pair<std::string_view, std::string_view>> data;
  // What is neither header nor data.
  std::vector<Field> other;

  // '' when the event has no such data.
  std::string_view get(std::string_view name) const;
  bool is_security() const;
  bool is_sysmon() const;

 private:
  bool set_header(std::string_view name, std::string_view text);
  void set_level(std::string_view text);
};

// The part behind the last backslash.
std::string_view base_name(std::string_view path);
// <EventData xmlns="..."><Data Name="a">..</Data>...</EventData>
std::string event_data_xml(const WindowsRecord& record);
// <Param>..</Param> for each value.
std::string parameter_xml(const WindowsRecord& record);

}  // namespace garrison::ingest::formats
