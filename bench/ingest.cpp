// SPDX-License-Identifier: Apache-2.0
// Ingesting JSON lines end to end (cut, read, typed, into the log durably, acknowledged, moved into the table) against
// one `INSERT ... FORMAT JSONEachRow` of the same bytes into the same kind of durable table. Both in one process, in
// turn; wanted: at least 70 % of the statement's speed, in the median of the pairs.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/random.h"
#include "engine/engine_sql.h"
#include "engine/in_process_engine.h"
#include "engine/native_format.h"
#include "engine/table_ddl.h"
#include "ingest/receiver.h"
#include "ingest/table_writer.h"
#include "workspace/migrations.h"

using namespace garrison;

namespace {

constexpr double kWanted = 0.70;
constexpr std::size_t kPieceBytes = 4 << 20;
const WorkspaceId kWorkspace("bench");

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().to_string());
    std::exit(2);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Process starts with the columns that agents send, about 450 bytes a line.
std::string make_lines(std::size_t num_rows, DateTime start, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string out;
  for (std::size_t i = 0; i < num_rows; ++i) {
    const auto host = random.below(500);
    out += fmt::format(
        R"({{"TimeGenerated":"{}","DeviceName":"host{:03}.corp.example","ActionType":"ProcessCreated","FileName":"tool{}.exe",)"
        R"("FolderPath":"C:\\Program Files\\Vendor{}\\tool{}.exe","ProcessCommandLine":"\"C:\\Program Files\\tool.exe\" --id {} --mode run --path C:\\Users\\u{}\\data",)"
        R"("ProcessId":{},"AccountName":"user{}","AccountDomain":"corp","InitiatingProcessFileName":"explorer.exe",)"
        R"("InitiatingProcessId":{},"SHA256":"{:016x}{:016x}","AdditionalFields":{{"Zone":{},"Signed":true}}}})"
        "\n",
        format_iso({start.ticks + static_cast<std::int64_t>(i) * kTicksPerMillisecond}), host, random.below(40),
        random.below(20), random.below(40), random.next() % 1'000'000, random.below(900), random.below(60'000),
        random.below(900), random.below(60'000), random.next(), random.next(), random.below(5));
  }
  return out;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t num_rows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 300'000;
  const int num_pairs = argc > 2 ? std::atoi(argv[2]) : 5;
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("garrison-bench-{}", SystemRandom().next());
  std::filesystem::create_directories(folder);
  SystemClock clock;
  SystemRandom random;
  SystemDisk disk;
  engine::ChdbPoolOptions pool;
  pool.open.path = (folder / "engine").string();
  const std::unique_ptr<engine::Engine> engine = must(engine::InProcessEngine::open(pool, clock));
  auto built_in = must(table::BuiltInTables::open(disk, std::string(GARRISON_SOURCE_DIR) + "/content/tables"));
  const std::vector<state::MigrationSet> sets{workspace::migrations()};
  auto store = must(state::Store::open((folder / "state.sqlite").string(), {}, sets, clock));
  workspace::TableStore tables(*engine, *store, *built_in);
  must(tables.load());
  auto log = must(ingest::IngestLog::open(disk, (folder / "log.sqlite").string(), {}, random, clock));
  ingest::TableWriter writer(*log, tables, must(built_in->find("GarrisonRejects")), clock);
  must(writer.start());
  ingest::SourceCounters sources(clock);
  ingest::Receiver receiver(*log, tables, sources, clock);

  const auto definition = must(built_in->find("DeviceProcessEvents"));
  engine::Statement create;
  create.sql = engine::create_database_sql("direct");
  must(engine->execute(create));
  create.sql = engine::create_table_sql("direct", *definition);
  must(engine->execute(create));

  const std::string lines = make_lines(num_rows, clock.now() - Timespan{kTicksPerDay}, 11);
  fmt::print("{} rows, {:.1f} MB, DeviceProcessEvents with {} text indexes\n", num_rows,
             static_cast<double>(lines.size()) / 1e6, definition->text_columns.size());

  const auto end_to_end = [&] {
    ingest::ReceiveRequest request;
    request.workspace = kWorkspace;
    request.table = "DeviceProcessEvents";
    request.format = must(ingest::find_format("json"));
    request.source = "bench";
    request.source_kind = "file";
    for (std::size_t at = 0; at < lines.size();) {
      std::size_t end = std::min(lines.size(), at + kPieceBytes);
      if (end < lines.size()) end = lines.rfind('\n', end) + 1;
      must(receiver.receive(request, lines.substr(at, end - at)));
      at = end;
    }
    must(writer.flush(std::chrono::minutes(5)));
  };
  int round = 0;
  const auto direct = [&] {
    engine::Statement insert;
    insert.sql = fmt::format(
                     "INSERT INTO direct.DeviceProcessEvents SETTINGS input_format_skip_unknown_fields = 1, "
                     "date_time_input_format = 'best_effort', insert_deduplication_token = 'd{}' FORMAT JSONEachRow\n",
                     round++) +
                 lines;
    must(engine->execute(insert));
  };
  end_to_end();
  direct();
  std::vector<double> ratios;
  for (int pair = 0; pair < num_pairs; ++pair) {
    double ours = 0;
    double theirs = 0;
    if (pair % 2 == 0) {
      ours = seconds_of(end_to_end);
      theirs = seconds_of(direct);
    } else {
      theirs = seconds_of(direct);
      ours = seconds_of(end_to_end);
    }
    ratios.push_back(theirs / ours);
    fmt::print("end to end {:.3f} s ({:.0f} rows/s), one statement {:.3f} s ({:.0f} rows/s), ratio {:.2f}\n", ours,
               static_cast<double>(num_rows) / ours, theirs, static_cast<double>(num_rows) / theirs, theirs / ours);
  }
  std::sort(ratios.begin(), ratios.end());
  const double median = ratios[ratios.size() / 2];
  const std::size_t wanted_rows = num_rows * static_cast<std::size_t>(num_pairs + 1);
  for (const char* name : {"`ws_bench`.`DeviceProcessEvents`", "`direct`.`DeviceProcessEvents`"}) {
    engine::Statement count;
    count.sql = std::string("SELECT toInt64(count()) FROM ") + name;
    std::int64_t rows = 0;
    must(engine->query(count, {{{"n", table::Kind::kLong}}}, {}, [&](table::Batch&& batch) -> Result<void> {
      rows = batch.columns[0].integer(0);
      return {};
    }));
    if (static_cast<std::size_t>(rows) != wanted_rows) {
      fmt::print(stderr, "{} holds {} rows instead of {}\n", name, rows, wanted_rows);
      return 2;
    }
  }
  writer.stop();
  fmt::print("median ratio {:.2f}, wanted {:.2f}: {}\n", median, kWanted,
             median >= kWanted ? "reached" : "not reached");
  std::filesystem::remove_all(folder);
  return median >= kWanted ? 0 : 1;
}
