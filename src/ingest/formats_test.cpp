// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/disk.h"
#include "base/json.h"
#include "ingest/formats/all.h"
#include "ingest/formats/device_row.h"
#include "ingest/test_rows.h"
#include "table/catalogue.h"

namespace garrison::ingest {
namespace {

class FormatsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto tables = table::BuiltInTables::open(disk_, std::string(GARRISON_SOURCE_DIR) + "/content/tables");
    ASSERT_TRUE(tables);
    tables_ = std::move(*tables);
  }

  // Rows by table; a refusal under "error".
  std::map<std::string, std::vector<std::string>> read(std::string_view format, std::string_view record,
                                                       const std::string& table = "") {
    BatchOutput output([&](std::string_view name) { return tables_->find(name); },
                       {*parse_iso("2026-05-06T12:00:00Z"), "test", 1, "main"}, TimeMode::kBackfill);
    const auto reader = (*find_format(format))->make({output, table, {}});
    const std::string text = padded(record);
    std::map<std::string, std::vector<std::string>> rows;
    if (const auto done = reader->read(std::string_view(text).substr(0, record.size())); !done)
      rows["error"].push_back(done.error().code);
    for (const LogRecord& block : output.finish(WorkspaceId("main")))
      for (std::string& row : rows_of(*block.native)) rows[block.table].push_back(std::move(row));
    return rows;
  }
  json::value row(std::string_view record, const std::string& table) {
    const auto rows = read("windows-events", record);
    const auto found = rows.find(table);
    if (found == rows.end() || found->second.size() != 1) return {};
    return *json::parse(found->second[0]);
  }
  static std::string text(const json::value& row, std::string_view column) {
    const json::value* value = json::find(row, column);
    return value == nullptr ? "" : value->is_string() ? std::string(value->as_string()) : json::print(*value);
  }

  SystemDisk disk_;
  std::unique_ptr<table::BuiltInTables> tables_;
};

TEST_F(FormatsTest, EntriesAreSortedUniqueAndListed) {
  std::vector<std::string> names;
  for (const Format* format : all_formats()) {
    names.emplace_back(format->name);
    std::string file(format->name);
    std::replace(file.begin(), file.end(), '-', '_');
    EXPECT_TRUE(disk_.exists(std::string(GARRISON_SOURCE_DIR) + "/src/ingest/formats/" + file + ".cpp")) << file;
    EXPECT_FALSE(format->description.empty());
    EXPECT_FALSE(format->since.empty());
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  EXPECT_EQ(find_format("nosuch").error().code, "INGEST-0040");
}

TEST_F(FormatsTest, ExamplesGiveTheirRows) {
  for (const Format* format : all_formats()) {
    const auto rows = read(format->name, format->example, std::string(format->example_table));
    const auto found = rows.find(std::string(format->example_table));
    ASSERT_NE(found, rows.end()) << format->name;
    const auto got = json::parse(found->second.at(0));
    const auto wanted = json::parse(format->example_row);
    ASSERT_TRUE(got && wanted) << format->name;
    EXPECT_TRUE(*got == *wanted) << format->name << " gave " << found->second.at(0);
  }
}

TEST_F(FormatsTest, DetectsByTheFirstRecord) {
  for (const Format* format : all_formats()) {
    const std::string text = padded(format->example);
    EXPECT_EQ(detect_format(std::string_view(text).substr(0, format->example.size()), {})->name, format->name);
  }
  EXPECT_EQ(detect_format(std::string_view(padded("{")).substr(0, 1), {})->name, "json");
}

constexpr std::string_view kSysmonProcess =
    R"({"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","Hostname":"WS5.Shire.local",)"
    R"("@timestamp":"2020-06-10T02:51:05.723Z","UtcTime":"2020-06-10 02:51:04.728","Image":"C:\\Windows\\System32\\cmd.exe",)"
    R"("ProcessId":"2008","CommandLine":"cmd /c \"<whoami>\" & dir","User":"SHIRE\\Bob","LogonId":"0x3e7","IntegrityLevel":"High",)"
    R"("Hashes":"SHA1=AB,MD5=CD,SHA256=EF,IMPHASH=12","ParentImage":"C:\\Windows\\explorer.exe","ParentProcessId":"696",)"
    R"("ParentCommandLine":"explorer","Message":"Process Create:\r\n","Severity":"INFO","SeverityValue":2,"tags":["x"],"RecordNumber":7})";

TEST_F(FormatsTest, SysmonProcess) {
  const json::value process = row(kSysmonProcess, "DeviceProcessEvents");
  EXPECT_EQ(text(process, "TimeGenerated"), "2020-06-10T02:51:04.7280000Z");
  EXPECT_EQ(text(process, "Timestamp"), "2020-06-10T02:51:04.7280000Z");
  EXPECT_EQ(text(process, "DeviceName"), "ws5.shire.local");
  EXPECT_EQ(text(process, "ActionType"), "ProcessCreated");
  EXPECT_EQ(text(process, "FileName"), "cmd.exe");
  EXPECT_EQ(text(process, "FolderPath"), "C:\\Windows\\System32\\cmd.exe");
  EXPECT_EQ(text(process, "ProcessCommandLine"), "cmd /c \"<whoami>\" & dir");
  EXPECT_EQ(text(process, "ProcessId"), "2008");
  EXPECT_EQ(text(process, "LogonId"), "999");
  EXPECT_EQ(text(process, "AccountDomain") + "\\" + text(process, "AccountName"), "shire\\bob");
  EXPECT_EQ(text(process, "SHA256"), "ef");
  EXPECT_EQ(text(process, "InitiatingProcessFileName"), "explorer.exe");
  EXPECT_EQ(text(process, "InitiatingProcessCommandLine"), "explorer");
  EXPECT_EQ(text(process, "ReportId"), "7");
  EXPECT_EQ(text(process, "AdditionalFields"), R"({"ImpHash":"12"})");

  const json::value event = row(kSysmonProcess, "Event");
  EXPECT_EQ(text(event, "Source"), "Microsoft-Windows-Sysmon");
  EXPECT_EQ(text(event, "EventID"), "1");
  EXPECT_EQ(text(event, "EventLevelName"), "Information");
  EXPECT_EQ(text(event, "RenderedDescription"), "Process Create:\r\n");
  const std::string xml = text(event, "EventData");
  EXPECT_TRUE(xml.starts_with("<DataItem type=\"System.XmlData\"")) << xml;
  EXPECT_NE(xml.find("<Data Name=\"CommandLine\">cmd /c &quot;&lt;whoami&gt;&quot; &amp; dir</Data>"),
            std::string::npos)
      << xml;
  EXPECT_EQ(xml.find("tags"), std::string::npos) << xml;
}

TEST_F(FormatsTest, SecurityProcess) {
  constexpr std::string_view kRecord =
      R"({"EventID":4688,"Channel":"security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"DC1","EventType":"AUDIT_SUCCESS",)"
      R"("TimeCreated":"2020-06-10T02:51:05.734Z","SubjectUserName":"DC1$","SubjectDomainName":"CORP","SubjectUserSid":"S-1-5-18",)"
      R"("TargetUserName":"-","TargetDomainName":"-","NewProcessId":"0x7d8","NewProcessName":"C:\\Windows\\a.exe","ProcessId":"0x2b8",)"
      R"("ParentProcessName":"C:\\Windows\\services.exe","CommandLine":"a.exe -x","TokenElevationType":"%%1936","MandatoryLabel":"S-1-16-16384",)"
      R"("Keywords":-9214364837600034816,"Task":13312,"Message":"A new process has been created.\r\n\r\nCreator","Made-up":"kept in EventData"})";
  const json::value event = row(kRecord, "SecurityEvent");
  EXPECT_EQ(text(event, "EventID"), "4688");
  EXPECT_EQ(text(event, "Channel"), "Security");
  EXPECT_EQ(text(event, "Activity"), "4688 - A new process has been created.");
  EXPECT_EQ(text(event, "Account"), "CORP\\DC1$");
  EXPECT_EQ(text(event, "AccountType"), "Machine");
  EXPECT_EQ(text(event, "Process"), "a.exe");
  EXPECT_EQ(text(event, "CommandLine"), "a.exe -x");
  EXPECT_EQ(text(event, "NewProcessId"), "0x7d8");
  EXPECT_EQ(text(event, "Keywords"), "0x8020000000000000");
  EXPECT_EQ(text(event, "Level"), "8");
  EXPECT_NE(text(event, "EventData").find("<Data Name=\"Made-up\">kept in EventData</Data>"), std::string::npos);
  const json::value process = row(kRecord, "DeviceProcessEvents");
  EXPECT_EQ(text(process, "ProcessId"), "2008");
  EXPECT_EQ(text(process, "AccountName"), "dc1$");
  EXPECT_EQ(text(process, "ProcessTokenElevation"), "TokenElevationTypeDefault");
  EXPECT_EQ(text(process, "ProcessIntegrityLevel"), "System");
  EXPECT_EQ(text(process, "InitiatingProcessFileName"), "services.exe");
}

TEST_F(FormatsTest, RegistryNetworkPipeAndPowerShell) {
  const auto sysmon = [](int id, const std::string& fields) {
    return R"({"EventID":)" + std::to_string(id) +
           R"(,"Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","Hostname":"H","UtcTime":"2020-06-10 02:51:04.728",)" +
           fields + "}";
  };
  json::value found = row(
      sysmon(
          13,
          R"x("EventType":"SetValue","TargetObject":"HKLM\\System\\X\\Run\\evil","Details":"DWORD (0x00000010)","Image":"C:\\r.exe")x"),
      "DeviceRegistryEvents");
  EXPECT_EQ(text(found, "ActionType"), "RegistryValueSet");
  EXPECT_EQ(text(found, "RegistryKey"), "HKEY_LOCAL_MACHINE\\System\\X\\Run");
  EXPECT_EQ(text(found, "RegistryValueName"), "evil");
  EXPECT_EQ(text(found, "RegistryValueData"), "16");
  EXPECT_EQ(text(found, "RegistryValueType"), "Dword");
  found = row(sysmon(12, R"("EventType":"DeleteKey","TargetObject":"HKU\\S-1\\K")"), "DeviceRegistryEvents");
  EXPECT_EQ(text(found, "ActionType") + " " + text(found, "RegistryKey"), "RegistryKeyDeleted HKEY_USERS\\S-1\\K");
  found = row(
      sysmon(
          3,
          R"("Initiated":"true","SourceIp":"10.0.0.1","SourcePort":"50000","DestinationIp":"8.8.8.8","DestinationPort":"443","Protocol":"tcp")"),
      "DeviceNetworkEvents");
  EXPECT_EQ(text(found, "ActionType"), "ConnectionSuccess");
  EXPECT_EQ(text(found, "RemoteIP") + ":" + text(found, "RemotePort") + " " + text(found, "RemoteIPType"),
            "8.8.8.8:443 Public");
  EXPECT_EQ(text(found, "LocalIPType"), "Private");
  found = row(sysmon(17, R"("PipeName":"\\evil","Image":"C:\\p.exe")"), "DeviceEvents");
  EXPECT_EQ(text(found, "AdditionalFields"),
            R"({"PipeName":"\\Device\\NamedPipe\\evil","FileOperation":"File created"})");
  found = row(
      sysmon(
          10,
          R"("SourceImage":"C:\\m.exe","TargetImage":"C:\\Windows\\System32\\lsass.exe","GrantedAccess":"0x1410","SourceProcessId":"5")"),
      "DeviceEvents");
  EXPECT_EQ(text(found, "ActionType") + " " + text(found, "FileName"), "OpenProcessApiCall lsass.exe");
  EXPECT_NE(text(found, "AdditionalFields").find(R"("DesiredAccess":"5136","GrantedAccess":"0x1410")"),
            std::string::npos);
  found = row(
      R"({"EventID":4104,"Channel":"Microsoft-Windows-PowerShell/Operational","Hostname":"H","SourceName":"Microsoft-Windows-PowerShell","ScriptBlockText":"IEX $x"})",
      "DeviceEvents");
  EXPECT_EQ(text(found, "ActionType"), "PowerShellCommand");
  EXPECT_EQ(text(found, "AdditionalFields"), R"({"Command":"IEX $x"})");
}

TEST_F(FormatsTest, OtherLayoutsOfWindowsEvents) {
  json::value found = row(
      R"({"@timestamp":"2019-04-03T17:36:48.751Z","@metadata":{"beat":"winlogbeat"},"computer_name":"IT001","event_data":{"TargetUserName":"bob","LogonType":"10","IpAddress":"1.2.3.4"},)"
      R"("log_name":"Security","source_name":"Microsoft-Windows-Security-Auditing","event_id":4625,"level":"Information","keywords":["Audit Failure"],"record_number":"9"})",
      "SecurityEvent");
  EXPECT_EQ(text(found, "Level"), "16");
  EXPECT_EQ(text(found, "LogonTypeName"), "10 - RemoteInteractive");
  EXPECT_EQ(text(found, "TimeGenerated"), "2019-04-03T17:36:48.7510000Z");
  found = row(
      R"({"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"{1}"}},"EventID":11,"Channel":"Microsoft-Windows-Sysmon/Operational",)"
      R"("Computer":"PC","EventRecordID":3,"TimeCreated":{"#attributes":{"SystemTime":"2020-01-01T00:00:00.5Z"}}},"EventData":{"TargetFilename":"C:\\a\\b.txt","Image":"C:\\w.exe"}}})",
      "DeviceFileEvents");
  EXPECT_EQ(text(found, "FileName") + " " + text(found, "DeviceName") + " " + text(found, "ReportId"), "b.txt pc 3");
  EXPECT_EQ(text(found, "TimeGenerated"), "2020-01-01T00:00:00.5000000Z");
  EXPECT_EQ(read("windows-events", R"({"a":1})").at("error").at(0), "INGEST-0042");
}

TEST(IpType, KnowsRanges) {
  using formats::ip_type;
  EXPECT_EQ(ip_type("172.16.0.1"), "Private");
  EXPECT_EQ(ip_type("172.32.0.1"), "Public");
  EXPECT_EQ(ip_type("fe80::1"), "LinkLocal");
  EXPECT_EQ(ip_type("224.0.0.1"), "Multicast");
  EXPECT_EQ(ip_type("::1"), "Loopback");
  EXPECT_EQ(ip_type("-"), "");
}

}  // namespace
}  // namespace garrison::ingest
