// SPDX-License-Identifier: Apache-2.0
#include "ingest/formats/all.h"
#include "ingest/formats/windows_devices.h"
#include "ingest/formats/windows_record.h"
#include "ingest/formats/windows_security.h"

namespace garrison::ingest::formats {
namespace {

class Reader final : public FormatReader {
 public:
  explicit Reader(const FormatContext& context) : output_(context.output), fields_(context.limits) {}

  Result<void> read(std::string_view record) override {
    GARRISON_ASSIGN(const std::vector<Field>* const fields, fields_.read(record, 5));
    if (!record_.assign(*fields))
      return bad_input("INGEST-0042", "no Windows event: Channel, EventID or Hostname is missing");
    GARRISON_TRY(record_.is_security() ? add_security_event(output_, record_) : add_event(output_, record_));
    return add_device_row(output_, record_);
  }

 private:
  BatchOutput& output_;
  JsonFields fields_;
  WindowsRecord record_;
};

bool matches(std::span<const Field> fields) {
  WindowsRecord record;
  return record.assign(fields);
}

}  // namespace

const Format kWindowsEvents = {
    .name = "windows-events",
    .description =
        "Windows events as NXLog, Winlogbeat or EVTX tools print them, into SecurityEvent, Event and the Device "
        "tables.",
    .table_choice = TableChoice::kNone,
    .example =
        R"({"EventID":4624,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"DC1",)"
        R"("@timestamp":"2026-05-06T07:08:09Z","EventType":"AUDIT_SUCCESS","Message":"An account was successfully )"
        R"(logged on.\r\n","TargetUserName":"bob","TargetDomainName":"CORP","LogonType":"3","IpAddress":"10.0.0.1"})",
    .example_table = "DeviceLogonEvents",
    .example_row = R"({"TimeGenerated":"2026-05-06T07:08:09.0000000Z","AccountDomain":"corp","AccountName":"bob",)"
                   R"("ActionType":"LogonSuccess","DeviceId":"dc1","DeviceName":"dc1","LogonType":"Network",)"
                   R"("RemoteIP":"10.0.0.1","RemoteIPType":"Private","Timestamp":"2026-05-06T07:08:09.0000000Z"})",
    .since = "0.1",
    .make = [](const FormatContext& context) -> std::unique_ptr<FormatReader> {
      return std::make_unique<Reader>(context);
    },
    .matches = matches,
};

}  // namespace garrison::ingest::formats
