// SPDX-License-Identifier: Apache-2.0
// What the engine child costs against the engine in process: the same statements over the same rows, in turns, on one
// machine in one run. Prints the median of each and their ratio. Needs libchdb (GARRISON_CHDB) and
// garrison_engine_child beside this program.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/native_format.h"
#include "engine/test_engine.h"

namespace {

using namespace garrison;
using engine::Budget;
using engine::EngineRoute;
using engine::Statement;
using engine::TestEngine;
using table::Batch;
using table::Kind;
using table::Schema;

constexpr int kNumRounds = 7;
constexpr std::int64_t kNumRows = 5'000'000;
constexpr int kNumInserts = 20;
constexpr int kRowsAnInsert = 20'000;

const SystemClock kClock;
const Schema kEvents{{{"TimeGenerated", Kind::kDateTime},
                      {"EventID", Kind::kInt},
                      {"Computer", Kind::kString},
                      {"Account", Kind::kString},
                      {"CommandLine", Kind::kString},
                      {"Value", Kind::kReal},
                      {"Size", Kind::kLong}}};

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(1);
}

void execute(TestEngine& on, const std::string& sql) {
  Statement statement;
  statement.sql = sql;
  if (const auto done = on.engine().execute(statement); !done.ok()) fail(done.error().to_string());
}

std::uint64_t query(TestEngine& on, const std::string& sql, const Schema& schema) {
  Statement statement;
  statement.sql = sql;
  statement.settings = {{"use_query_condition_cache", "0"}};
  Budget budget;
  budget.max_result_rows = 1'000'000'000;
  budget.max_result_bytes = 1ull << 40;
  std::uint64_t num_rows = 0;
  const auto done = on.engine().query(statement, schema, budget, [&](Batch&& batch) -> Result<void> {
    num_rows += batch.num_rows();
    return {};
  });
  if (!done.ok()) fail(done.error().to_string());
  return num_rows;
}

std::string insert_bytes() {
  Batch batch(kEvents);
  for (int i = 0; i < kRowsAnInsert; ++i) {
    batch.columns[0].append_integer(kUnixEpochTicks + 20'000 * kTicksPerDay + i * kTicksPerMillisecond);
    batch.columns[1].append_integer(4600 + i % 100);
    batch.columns[2].append_text(fmt::format("host-{}.contoso.com", i % 500));
    batch.columns[3].append_text(fmt::format("CONTOSO\\user{}", i % 3000));
    batch.columns[4].append_text(fmt::format("C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule {}", i));
    batch.columns[5].append_real(i * 0.25);
    batch.columns[6].append_integer(i);
  }
  std::vector<table::Nullability> nullability(kEvents.columns.size(), table::Nullability::kNullable);
  nullability[0] = table::Nullability::kNotNull;
  std::string bytes;
  if (!engine::encode_native(bytes, batch, nullability).ok()) fail("the rows cannot be encoded");
  return bytes;
}

void prepare(TestEngine& on) {
  execute(on, "CREATE DATABASE bench");
  for (const char* name : {"events", "sink"}) {
    execute(on, fmt::format("CREATE TABLE bench.{} (TimeGenerated DateTime64(7, 'UTC'), EventID Nullable(Int32), Computer "
                            "String, Account String, CommandLine String, Value Nullable(Float64), Size Nullable(Int64)) "
                            "ENGINE = MergeTree PARTITION BY toYYYYMMDD(TimeGenerated) ORDER BY TimeGenerated SETTINGS "
                            "non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1",
                            name));
  }
  execute(on, fmt::format("INSERT INTO bench.events SELECT toDateTime64('2024-05-06', 7, 'UTC') + "
                          "toIntervalMillisecond(number), 4600 + number % 100, concat('host-', toString(number % 500)), "
                          "concat('user', toString(number % 3000)), concat('C:\\\\Windows\\\\x.exe -k ', toString(number)), "
                          "number / 4, number FROM numbers({})",
                          kNumRows));
  execute(on, "OPTIMIZE TABLE bench.events FINAL");
}

double seconds(const std::function<void()>& work) {
  const std::int64_t start = kClock.monotonic_ticks();
  work();
  return static_cast<double>(kClock.monotonic_ticks() - start) / kTicksPerSecond;
}

// Processor time of this process and the child so far: what the machine pays, however busy it is otherwise.
double processor_seconds(int process_id) {
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + time.tv_usec / 1e6; };
  std::ifstream stat("/proc/" + std::to_string(process_id) + "/stat");
  std::string word;
  std::getline(stat, word, ')');
  double ticks = 0;
  for (int field = 3; stat >> word && field <= 15; ++field) {
    if (field >= 14) ticks += std::stod(word);
  }
  return of(own.ru_utime) + of(own.ru_stime) + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string resident_kilobytes(int process_id) {
  std::ifstream status("/proc/" + std::to_string(process_id) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return line.substr(6);
  }
  return "unknown";
}

}  // namespace

int main() {
  if (const std::string reason = TestEngine::why_not(); !reason.empty()) fail(reason);
  const auto in_process = TestEngine::start(EngineRoute::kInProcess);
  const auto child = TestEngine::start(EngineRoute::kChild);
  if (!in_process || !child) fail("an engine does not start");
  std::printf("child, idle, resident: %s\n", resident_kilobytes(child->supervisor()->health().process_id).c_str());
  prepare(*in_process);
  prepare(*child);
  const std::string rows = insert_bytes();
  std::vector<std::string> columns;
  for (const auto& column : kEvents.columns) columns.push_back(column.name);
  int num_inserted = 0;

  const std::vector<std::pair<std::string, std::function<void(TestEngine&)>>> works = {
      {"scan of 5 M rows, one row back",
       [](TestEngine& on) {
         query(on, "SELECT toInt64(countIf(CommandLine LIKE '%9999%')) FROM bench.events", Schema{{{"n", Kind::kLong}}});
       }},
      {"group of 5 M rows, 3,000 rows back",
       [](TestEngine& on) {
         query(on, "SELECT Account, toInt64(count()) FROM bench.events GROUP BY Account",
               Schema{{{"a", Kind::kString}, {"n", Kind::kLong}}});
       }},
      {"stream of 5 M rows, 2 columns",
       [](TestEngine& on) {
         if (query(on, "SELECT Computer, Size FROM bench.events", Schema{{{"c", Kind::kString}, {"s", Kind::kLong}}}) !=
             static_cast<std::uint64_t>(kNumRows)) {
           fail("rows are missing");
         }
       }},
      {"stream of 5 M rows, 7 columns", [](TestEngine& on) { query(on, "SELECT * FROM bench.events", kEvents); }},
      {"500 small queries",
       [](TestEngine& on) {
         for (int i = 0; i < 500; ++i) query(on, "SELECT toInt64(1)", Schema{{{"n", Kind::kLong}}});
       }},
      {"20 durable inserts of 20,000 rows",
       [&](TestEngine& on) {
         for (int i = 0; i < kNumInserts; ++i) {
           const auto done =
               on.engine().insert({"bench.sink", columns, rows, "token-" + std::to_string(num_inserted++)});
           if (!done.ok()) fail(done.error().to_string());
         }
       }},
  };
  const int process_id = child->supervisor()->health().process_id;
  std::printf("%-36s %10s %10s %7s %10s %10s %7s\n", "", "in process", "child", "ratio", "cpu", "cpu child", "ratio");
  for (const auto& [name, work] : works) {
    std::vector<double> local, remote;
    double local_cpu = 0, remote_cpu = 0;
    for (int round = 0; round < kNumRounds; ++round) {
      const double start = processor_seconds(process_id);
      local.push_back(seconds([&] { work(*in_process); }));
      const double middle = processor_seconds(process_id);
      remote.push_back(seconds([&] { work(*child); }));
      local_cpu += middle - start;
      remote_cpu += processor_seconds(process_id) - middle;
    }
    std::printf("%-36s %9.4fs %9.4fs %7.3f %9.3fs %9.3fs %7.3f\n", name.c_str(), median(local), median(remote),
                median(remote) / median(local), local_cpu / kNumRounds, remote_cpu / kNumRounds,
                remote_cpu / local_cpu);
  }
  std::printf("child, afterwards, resident: %s\n",
              resident_kilobytes(child->supervisor()->health().process_id).c_str());
  return 0;
}
