// SPDX-License-Identifier: Apache-2.0
#include "ingest/formats/windows_record.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/text_value.h"

namespace garrison::ingest::formats {
namespace {

struct Header {
  std::string_view name;
  std::string_view WindowsRecord::* member;
};

// Names of header fields in all layouts; a flat sender mixes them with the event's own data.
constexpr Header kHeaders[] = {
    {"SourceName", &WindowsRecord::provider},
    {"source_name", &WindowsRecord::provider},
    {"provider_name", &WindowsRecord::provider},
    {"Provider.#attributes.Name", &WindowsRecord::provider},
    {"ProviderGuid", &WindowsRecord::provider_guid},
    {"provider_guid", &WindowsRecord::provider_guid},
    {"Provider.#attributes.Guid", &WindowsRecord::provider_guid},
    {"Channel", &WindowsRecord::channel},
    {"channel", &WindowsRecord::channel},
    {"log_name", &WindowsRecord::channel},
    {"Hostname", &WindowsRecord::computer},
    {"computer_name", &WindowsRecord::computer},
    {"Computer", &WindowsRecord::computer},
    {"Message", &WindowsRecord::message},
    {"message", &WindowsRecord::message},
    {"Task", &WindowsRecord::task},
    {"Category", &WindowsRecord::task_name},
    {"task", &WindowsRecord::task_name},
    {"Opcode", &WindowsRecord::opcode},
    {"opcode", &WindowsRecord::opcode},
    {"Keywords", &WindowsRecord::keywords},
    {"keywords", &WindowsRecord::keywords},
    {"Version", &WindowsRecord::version},
    {"version", &WindowsRecord::version},
    {"RecordNumber", &WindowsRecord::record_id},
    {"record_number", &WindowsRecord::record_id},
    {"record_id", &WindowsRecord::record_id},
    {"EventRecordID", &WindowsRecord::record_id},
    {"ExecutionProcessID", &WindowsRecord::process_id},
    {"process_id", &WindowsRecord::process_id},
    {"process.pid", &WindowsRecord::process_id},
    {"Execution.#attributes.ProcessID", &WindowsRecord::process_id},
    {"ThreadID", &WindowsRecord::thread_id},
    {"thread_id", &WindowsRecord::thread_id},
    {"process.thread.id", &WindowsRecord::thread_id},
    {"Execution.#attributes.ThreadID", &WindowsRecord::thread_id},
    {"ActivityID", &WindowsRecord::activity_id},
    {"activity_id", &WindowsRecord::activity_id},
    {"Correlation.#attributes.ActivityID", &WindowsRecord::activity_id},
    {"UserID", &WindowsRecord::user_sid},
    {"user.identifier", &WindowsRecord::user_sid},
    {"Security.#attributes.UserID", &WindowsRecord::user_sid},
    {"Domain", &WindowsRecord::user_domain},
    {"user.domain", &WindowsRecord::user_domain},
    {"AccountName", &WindowsRecord::user_name},
    {"user.name", &WindowsRecord::user_name},
};

// What shippers add about themselves.
constexpr std::string_view kTransport[] = {
    "@metadata",
    "@version",
    "AccountType",
    "EventReceivedTime",
    "EventTypeOrignal",
    "OpcodeValue",
    "Severity",
    "SeverityValue",
    "SourceModuleName",
    "SourceModuleType",
    "agent",
    "beat",
    "ecs",
    "event",
    "fields",
    "host",
    "input",
    "log",
    "port",
    "tags",
    "type",
    "user",
};

constexpr std::string_view kDataPrefixes[] = {"winlog.event_data.", "event_data.", "Event.EventData.",
                                              "Event.UserData."};
constexpr std::string_view kHeaderPrefixes[] = {"winlog.", "Event.System."};

template <std::size_t N>
bool take_prefix(std::string_view& name, const std::string_view (&prefixes)[N]) {
  for (const std::string_view prefix : prefixes)
    if (name.starts_with(prefix)) {
      name.remove_prefix(prefix.size());
      return true;
    }
  return false;
}

// NXLog's own field of this name; other senders have the event's data under it.
bool is_shipper_event_type(std::string_view text) {
  return text.starts_with("AUDIT_") || text == "INFO" || text == "WARNING" || text == "ERROR" || text == "VERBOSE";
}

void append_xml(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // XML 1.0 has no way to write other control characters.
        out += static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' ? ' ' : c;
    }
  }
}

}  // namespace

void WindowsRecord::set_level(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kNames = {"critical", "error", "warning", "information", "verbose"};
  if (const auto value = parse_integer(text)) {
    if (*value >= 1 && *value <= 5) level = static_cast<int>(*value);
    return;
  }
  const std::string lower = text::ascii_lower(text);
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (lower.size() >= 4 && kNames[i].starts_with(lower)) level = static_cast<int>(i) + 1;
  if (lower == "debug") level = 5;
}

bool WindowsRecord::set_header(std::string_view name, std::string_view text) {
  if (name == "EventID" || name == "event_id" || name == "EventID.#text") {
    const auto value = parse_integer(text);
    event_id = value && *value > 0 && *value <= 65'535 ? static_cast<int>(*value) : 0;
    return true;
  }
  if (name == "Level" || name == "level") {
    set_level(text);
    return true;
  }
  const bool is_shipper_time = name == "@timestamp";
  if (is_shipper_time || name == "TimeCreated" || name == "TimeCreated.#attributes.SystemTime") {
    // When the event was created counts more than when a shipper saw it.
    if (!time || !is_shipper_time) {
      if (const auto at = parse_datetime(text)) time = at;
    }
    return true;
  }
  if (name == "EventTime") return true;  // local time without its zone
  for (const Header& header : kHeaders) {
    if (header.name != name) continue;
    if ((this->*header.member).empty()) this->*header.member = text;
    return true;
  }
  return false;
}

bool WindowsRecord::assign(std::span<const Field> fields) {
  *this = WindowsRecord();
  const bool is_nested = std::any_of(fields.begin(), fields.end(), [](const Field& field) {
    std::string_view name = field.name;
    return take_prefix(name, kDataPrefixes);
  });
  std::string_view severity;
  for (const Field& field : fields) {
    std::string_view name = field.name;
    if (take_prefix(name, kDataPrefixes)) {
      if (!name.starts_with('#')) data.emplace_back(name, field.text);
      continue;
    }
    take_prefix(name, kHeaderPrefixes);
    if (name == "Severity") severity = field.text;
    if (name == "EventType" && is_shipper_event_type(field.text)) {
      is_audit_failure = field.text == "AUDIT_FAILURE";
      continue;
    }
    if (name == "keywords" && field.text.find("Audit Failure") != std::string_view::npos) is_audit_failure = true;
    if (set_header(name, field.text)) continue;
    const std::string_view top = name.substr(0, name.find('.'));
    if (std::find(std::begin(kTransport), std::end(kTransport), top) != std::end(kTransport) || top.starts_with('#'))
      continue;
    if (is_nested || top.size() != name.size() || name.starts_with('@'))
      other.push_back(field);
    else
      data.emplace_back(name, field.text);
  }
  if (!severity.empty() && severity != "INFO") set_level(severity);
  if (channel.empty() || event_id == 0 || (computer.empty() && provider.empty())) return false;
  if (is_sysmon()) {
    if (const auto at = parse_datetime(get("UtcTime"))) time = at;
  }
  return true;
}

std::string_view WindowsRecord::get(std::string_view name) const {
  for (const auto& [known, text] : data)
    if (known == name) return text;
  return {};
}

bool WindowsRecord::is_security() const {
  return text::iequals(channel, "Security");
}
bool WindowsRecord::is_sysmon() const {
  return provider == "Microsoft-Windows-Sysmon";
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("\\/");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string event_data_xml(const WindowsRecord& record) {
  std::string out = R"(<EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event">)";
  for (const auto& [name, text] : record.data) {
    out += R"(<Data Name=")";
    append_xml(out, name);
    out += "\">";
    append_xml(out, text);
    out += "</Data>";
  }
  out += "</EventData>";
  return out;
}

std::string parameter_xml(const WindowsRecord& record) {
  std::string out;
  for (const auto& [name, text] : record.data) {
    out += "<Param>";
    append_xml(out, text);
    out += "</Param>";
  }
  return out;
}

}  // namespace garrison::ingest::formats
