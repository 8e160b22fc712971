// SPDX-License-Identifier: Apache-2.0
#include "bench_tables.h"

#include <fmt/format.h>

#include "engine/table_ddl.h"
#include "table/table_definition.h"

namespace garrison::bench {
namespace {

// h(n) is a random 64-bit number of row r; pick(n, list) one element of the list; rank(n, m) a number below m of which
// small ones are frequent, as with hosts and accounts.
constexpr std::string_view kCommon = R"(WITH
  number + {offset} AS r,
  (n) -> cityHash64(r, n, {seed}) AS h,
  (n, m) -> toUInt32(m * pow(h(n) / 18446744073709551616., 2)) AS rank,
  (n, list) -> list[1 + h(n) % length(list)] AS pick,
  addMicroseconds(toDateTime64('{first_day} 00:00:00', 7, 'UTC') + toIntervalDay({day}), h(1) % 86400000000) AS at,
  rank(2, 500) AS host,
  rank(3, 2000) AS person,
)";

constexpr std::string_view kSecurityEvent = R"(
  h(4) % 1000 AS kind,
  multiIf(kind < 350, 4624, kind < 550, 4634, kind < 750, 4688, kind < 800, 4625, kind < 900, 4672, kind < 950, 4663,
          kind < 980, 5156, kind < 990, 4768, 4769)::Int32 AS event,
  h(5) % 1000000 AS rare,
  concat('host-', toString(host), '.corp.example') AS computer,
  concat('user', toString(person)) AS user,
  event IN (4624, 4625) AS is_logon,
  event = 4688 AS is_process,
  concat('C:\\Windows\\System32\\', pick(6, ['svchost.exe', 'conhost.exe', 'cmd.exe', 'powershell.exe', 'rundll32.exe',
         'wmiprvse.exe', 'taskhostw.exe', 'msedge.exe', 'teams.exe', 'dllhost.exe', 'backgroundTaskHost.exe'])) AS program,
  multiIf(rare < 40, concat('rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump ', toString(h(7) % 9000), ' C:\\Temp\\out.dmp full'),
          rare < 100, 'cmd.exe /c whoami /all',
          rare < 130, 'procdump64.exe -ma lsass.exe lsass.dmp',
          rare < 150, 'mimikatz.exe privilege::debug sekurlsa::logonpasswords exit',
          rare < 9000, concat('powershell.exe -NoProfile -WindowStyle Hidden -EncodedCommand ', base64Encode(hex(sipHash128(r, {seed})))),
          concat(program, ' -k ', pick(8, ['netsvcs', 'LocalService', 'NetworkService', 'UnistackSvcGroup']),
                 ' -p -s Service', toString(h(9) % 400), ' /session:', toString(h(10) % 100000))) AS command
SELECT
  at, event, computer, is_process ? computer : '' AS workstation, concat('CORP\\', user), user, 'CORP', user, 'CORP',
  is_logon ? concat('10.', toString(host % 8), '.', toString(person % 250), '.', toString(h(11) % 250)) : '',
  is_logon ? toInt32(pick(12, [2, 3, 3, 3, 3, 5, 7, 10])) : NULL,
  is_process ? command : '', is_process ? program : '',
  is_process ? concat('C:\\Windows\\', pick(13, ['explorer.exe', 'System32\\services.exe', 'System32\\cmd.exe'])) : '',
  event = 4625 ? pick(14, ['0xc000006a', '0xc0000064', '0xc0000234']) : '',
  'Security', 'SecurityEvent', at + toIntervalSecond(20 + h(15) % 100), 'bench', {day}
FROM numbers({count}))";

constexpr std::string_view kSecurityEventColumns =
    "TimeGenerated, EventID, Computer, WorkstationName, Account, TargetUserName, TargetDomainName, SubjectUserName, "
    "SubjectDomainName, IpAddress, LogonType, CommandLine, NewProcessName, ParentProcessName, SubStatus, Channel, Type, "
    "_IngestionTime, _Source, _Batch";

constexpr std::string_view kDeviceEvents = R"(
  pick(4, ['lsass.exe', 'explorer.exe', 'svchost.exe', 'chrome.exe', 'outlook.exe', 'winword.exe', 'teams.exe',
           'sqlservr.exe', 'w3wp.exe', 'powershell.exe']) AS target,
  pick(5, ['OpenProcessApiCall', 'NamedPipeEvent', 'AmsiScriptDetection', 'PnpDeviceConnected', 'ServiceInstalled',
           'ScheduledTaskCreated', 'DnsQueryResponse', 'UserAccountModified']) AS action,
  h(6) AS chosen,
  arrayFilter((flag, place) -> place = 1 OR bitTest(chosen, place), ['audited', 'signed', 'remote', 'elevated', 'cached', 'script', 'network'],
              [1, 2, 3, 4, 5, 6, 7]) AS flags
SELECT
  at, action, concat('host-', toString(host), '.corp.example'), concat('user', toString(person)), target,
  concat('{"BaseAddress":', toString(h(8)), ',"DesiredAccess":', toString(h(9) % 2097151),
         ',"Description":"handle to ', target, ' opened","Flags":', toJSONString(flags),
         ',"IsRemote":', h(10) % 3 = 0 ? 'true' : 'false',
         ',"Process":{"Id":', toString(h(11) % 30000), ',"Integrity":"', pick(12, ['Low', 'Medium', 'High', 'System']),
         '","Name":"', target, '"},"Score":', toString((h(13) % 1000) / 8.), '}'),
  toInt64(h(14) % 30000), 'DeviceEvents', at + toIntervalSecond(20), 'bench', {day}
FROM numbers({count}))";

constexpr std::string_view kDeviceEventsColumns =
    "TimeGenerated, ActionType, DeviceName, AccountName, FileName, AdditionalFields, ProcessId, Type, _IngestionTime, "
    "_Source, _Batch";

struct Filling {
  std::string_view table, columns, rows;
  std::uint64_t share;  // one row of so many of SecurityEvent
};
constexpr Filling kFillings[] = {
    {"SecurityEvent", kSecurityEventColumns, kSecurityEvent, 1},
    {"DeviceEvents", kDeviceEventsColumns, kDeviceEvents, 5},
};

}  // namespace

BenchTables::BenchTables(engine::Engine& engine, const table::BuiltInTables& built_in, std::string database)
    : engine_(engine), built_in_(built_in), database_(std::move(database)) {}

Result<void> BenchTables::create(const std::set<std::string>& names) {
  GARRISON_TRY(engine_.execute({.sql = engine::create_database_sql(database_)}));
  for (const std::string& name : names) {
    GARRISON_ASSIGN(const auto definition, built_in_.find(name));
    GARRISON_TRY(engine_.execute({.sql = engine::create_table_sql(database_, *definition)}));
    existing_.insert(name);
  }
  return {};
}

std::optional<kql::TableSource> BenchTables::find_table(std::string_view name) const {
  if (!built_in_.contains(name)) return std::nullopt;
  const auto definition = built_in_.find(name);
  if (!definition.ok()) return std::nullopt;
  used_.emplace(name);
  kql::TableSource source;
  source.name = name;
  source.schema = (*definition)->schema;
  source.hidden = table::hidden_columns();
  source.text_indexed = (*definition)->text_columns;
  source.not_null = {std::string(table::kTimeGenerated), std::string(table::kIngestionTime)};
  if (assumes_all_ || existing_.contains(std::string(name))) source.sql_name = engine::qualified_name(database_, name);
  return source;
}

Result<void> generate_events(engine::Engine& engine, std::string_view database, std::uint64_t num_rows,
                             std::uint64_t seed) {
  for (const Filling& filling : kFillings) {
    const std::uint64_t count = num_rows / filling.share / kNumDays;
    for (int day = 0; day < kNumDays; ++day) {
      const auto fill = [&](std::string_view text) {
        std::string out(text);
        const std::pair<std::string_view, std::string> values[] = {
            {"{offset}", std::to_string(static_cast<std::uint64_t>(day) * count)},
            {"{seed}", std::to_string(seed)},
            {"{first_day}", std::string(kFirstDay)},
            {"{day}", std::to_string(day)},
            {"{count}", std::to_string(count)}};
        for (const auto& [name, value] : values) {
          for (auto at = out.find(name); at != std::string::npos; at = out.find(name, at + value.size())) {
            out.replace(at, name.size(), value);
          }
        }
        return out;
      };
      engine::Statement statement;
      statement.sql = fmt::format("INSERT INTO {} ({}) {}{}", engine::qualified_name(database, filling.table),
                                  filling.columns, fill(kCommon), fill(filling.rows));
      GARRISON_TRY(engine.execute(statement));
    }
    // One part a day, as merges leave it.
    GARRISON_TRY(engine.execute({.sql = fmt::format("OPTIMIZE TABLE {} FINAL", engine::qualified_name(database, filling.table))}));
  }
  return {};
}

}  // namespace garrison::bench
