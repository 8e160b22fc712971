// SPDX-License-Identifier: Apache-2.0
#include "ingest/formats/windows_security.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "ingest/formats/field_row.h"
#include "ingest/text_value.h"

namespace garrison::ingest::formats {
namespace {

// Events whose Account is the account logged on or asked for, not the one that asked.
constexpr int kTargetIsAccount[] = {4624, 4625, 4634, 4647, 4768, 4769, 4770, 4771, 4772, 4776, 4777};

// Data whose column has another name.
struct Renamed {
  std::string_view data;
  std::string_view column;
};
constexpr Renamed kRenamed[] = {
    {"SubjectSid", "SubjectUserSid"},
    {"OldSd", "OldValue"},
    {"NewSd", "NewValue"},
    {"AuthenticationPackage", "AuthenticationPackageName"},
};

std::string account(std::string_view domain, std::string_view user) {
  if (user.empty()) return {};
  return domain.empty() ? std::string(user) : fmt::format("{}\\{}", domain, user);
}

std::string_view logon_type_name(std::string_view type) {
  struct Named {
    std::string_view type;
    std::string_view name;
  };
  static constexpr Named kNames[] = {
      {"0", "0 - System"},
      {"2", "2 - Interactive"},
      {"3", "3 - Network"},
      {"4", "4 - Batch"},
      {"5", "5 - Service"},
      {"7", "7 - Unlock"},
      {"8", "8 - NetworkCleartext"},
      {"9", "9 - NewCredentials"},
      {"10", "10 - RemoteInteractive"},
      {"11", "11 - CachedInteractive"},
      {"12", "12 - CachedRemoteInteractive"},
      {"13", "13 - CachedUnlock"},
  };
  for (const Named& named : kNames)
    if (named.type == type) return named.name;
  return {};
}

// "4688 - A new process has been created."
std::string activity(const WindowsRecord& record) {
  std::string_view first = record.message.substr(0, record.message.find_first_of("\r\n"));
  if (first.empty()) first = record.task_name;
  return first.empty() ? std::to_string(record.event_id)
                       : fmt::format("{} - {}", record.event_id, first.substr(0, 512));
}

std::string hexadecimal(std::string_view keywords) {
  const auto value = parse_integer(keywords);
  return value ? fmt::format("{:#x}", static_cast<std::uint64_t>(*value)) : std::string(keywords);
}

void set_header(FieldRow& row, const WindowsRecord& record) {
  if (record.time) row.set_integer("TimeGenerated", record.time->ticks);
  row.set("SourceSystem", "OpsManager");
  row.set("Computer", record.computer);
  for (const Field& field : record.other) row.keep(field);
}

std::string_view without_braces(std::string_view guid) {
  return guid.size() > 2 && guid.front() == '{' && guid.back() == '}' ? guid.substr(1, guid.size() - 2) : guid;
}

}  // namespace

Result<void> add_security_event(BatchOutput& output, const WindowsRecord& record) {
  GARRISON_ASSIGN(TableBuilder* const builder, output.table("SecurityEvent"));
  FieldRow row(*builder);
  set_header(row, record);
  const std::string subject = account(record.get("SubjectDomainName"), record.get("SubjectUserName"));
  const std::string target = account(record.get("TargetDomainName"), record.get("TargetUserName"));
  const bool is_target = std::find(std::begin(kTargetIsAccount), std::end(kTargetIsAccount), record.event_id) !=
                         std::end(kTargetIsAccount);
  const std::string& main = (is_target && !target.empty()) || subject.empty() ? target : subject;
  row.set("Account", main);
  if (!main.empty()) row.set("AccountType", main.ends_with('$') ? "Machine" : "User");
  row.set("SubjectAccount", subject);
  row.set("TargetAccount", target);
  row.set("EventSourceName", record.provider);
  row.set("Channel", "Security");
  row.set("Task", record.task);
  row.set("Level", record.is_audit_failure ? "16" : "8");
  row.set("EventLevelName", record.is_audit_failure ? "Audit Failure" : "Audit Success");
  row.set_integer("EventID", record.event_id);
  row.set("Activity", activity(record));
  row.set("EventData", event_data_xml(record));
  row.set("Version", record.version);
  row.set("Opcode", record.opcode);
  row.set("Keywords", hexadecimal(record.keywords));
  row.set("Correlation", record.activity_id);
  row.set("SystemProcessId", record.process_id);
  row.set("SystemThreadId", record.thread_id);
  row.set("SystemUserId", record.user_sid.empty() ? "N/A" : record.user_sid);
  row.set("EventRecordId", record.record_id);
  row.set("LogonTypeName", logon_type_name(record.get("LogonType")));
  const std::string_view process = record.event_id == 4688 ? record.get("NewProcessName") : record.get("ProcessName");
  row.set("Process", base_name(process));
  for (const auto& [name, text] : record.data) {
    std::string_view column = name;
    for (const Renamed& renamed : kRenamed)
      if (renamed.data == name) column = renamed.column;
    const std::string_view value = column.ends_with("Guid") ? without_braces(text) : text;
    // Data without a column of their own are in EventData.
    if (!text.empty()) row.try_set(column, value);
  }
  row.commit();
  return {};
}

Result<void> add_event(BatchOutput& output, const WindowsRecord& record) {
  static constexpr std::string_view kLevels[] = {"Success", "Critical", "Error", "Warning", "Information", "Verbose"};
  GARRISON_ASSIGN(TableBuilder* const builder, output.table("Event"));
  FieldRow row(*builder);
  set_header(row, record);
  row.set("Source", record.provider);
  row.set("EventLog", record.channel);
  row.set_integer("EventLevel", record.level);
  row.set("EventLevelName", kLevels[static_cast<std::size_t>(record.level)]);
  row.set("ParameterXml", parameter_xml(record));
  std::string data = R"(<DataItem type="System.XmlData" time=")";
  if (record.time) data += format_iso(*record.time);
  data += R"(" sourceHealthServiceId="">)" + event_data_xml(record) + "</DataItem>";
  row.set("EventData", data);
  row.set_integer("EventID", record.event_id);
  row.set("RenderedDescription", record.message);
  row.set("EventCategory", record.task);
  const std::string user = account(record.user_domain, record.user_name);
  row.set("UserName", !user.empty()             ? user
                      : record.user_sid.empty() ? std::string("N/A")
                                                : std::string(record.user_sid));
  row.commit();
  return {};
}

}  // namespace garrison::ingest::formats
