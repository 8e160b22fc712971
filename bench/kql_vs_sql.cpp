// SPDX-License-Identifier: Apache-2.0
// KQL against SQL written by hand for the same question: bench/kql/NAME.kql and NAME.sql, over the same generated
// tables, through the same in-process engine. The time of KQL includes compiling it. Both answers must be equal.
//
//   bench_kql_vs_sql [--rows N] [--pairs N] [--only NAME] [--explain] [--data DIR]
//
// --explain prints the SQL that KQL became; --data keeps the generated tables for the next run.
// Exit code 0: the median ratio is within kWantedRatio and no SQL is a straw man; 1: it is not; 2: something failed.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/disk.h"
#include "base/random.h"
#include "bench_tables.h"
#include "engine/in_process_engine.h"
#include "engine/test_engine.h"
#include "kql/compile.h"
#include "measuring.h"
#include "workspace/query_executor.h"

using namespace garrison;

namespace {

constexpr double kWantedRatio = 1.15;
constexpr double kStrawRatio = 0.95;  // of processor time; below, the SQL is not what an expert would write
constexpr std::uint64_t kSeed = 20260105;
constexpr std::string_view kDatabase = "bench";

struct Options {
  std::uint64_t num_rows = 5'000'000;
  int num_pairs = 9;
  std::string only;
  std::string data;
  bool explain = false;
};

struct Answer {
  std::vector<std::string> rows;  // as text, one a row
  bool is_truncated = false;
};

class Comparison {
 public:
  Comparison(engine::Engine& engine, const kql::Catalogue& catalogue, Random& random)
      : engine_(engine), catalogue_(catalogue), executor_(engine, random) {}

  Result<kql::Plan> compile(const std::string& text) {
    kql::CompileOptions options;
    options.now = *parse_iso("2026-01-19T00:00:00Z");
    GARRISON_ASSIGN(kql::Compilation compilation, executor_.compile(text, catalogue_, options, run()));
    if (!compilation.ok()) return compilation.error();
    return *compilation.plan();
  }

  Result<Answer> run_kql(const std::string& text) {
    GARRISON_ASSIGN(const kql::Plan plan, compile(text));
    Answer answer;
    GARRISON_ASSIGN(const engine::Statistics statistics, executor_.execute(plan, run(), collector(answer)));
    answer.is_truncated = statistics.truncated;
    return answer;
  }

  Result<Answer> run_sql(const std::string& text, const table::Schema& schema) {
    Answer answer;
    engine::Statement statement;
    statement.sql = text;
    GARRISON_ASSIGN(const engine::Statistics statistics,
                    engine_.query(statement, schema, run().budget, collector(answer), nullptr));
    answer.is_truncated = statistics.truncated;
    return answer;
  }

 private:
  static workspace::QueryRun run() {
    workspace::QueryRun run;
    run.budget.time_limit = {10 * kTicksPerMinute};
    run.budget.max_memory_bytes = 8ull << 30;
    return run;
  }

  static engine::BatchSink collector(Answer& answer) {
    return [&answer](table::Batch&& batch) -> Result<void> {
      for (std::size_t row = 0; row < batch.num_rows(); ++row) {
        std::string text;
        for (const table::ColumnVector& column : batch.columns) {
          table::append_json(text, column, row);
          text += '\t';
        }
        answer.rows.push_back(std::move(text));
      }
      return {};
    };
  }

  engine::Engine& engine_;
  const kql::Catalogue& catalogue_;
  workspace::QueryExecutor executor_;
};

// Text of the first difference; empty when the answers are equal.
std::string difference(Answer first, Answer second, bool is_ordered) {
  if (first.is_truncated || second.is_truncated) return "an answer is too long to compare";
  if (first.rows.empty()) return "the answer has no rows, so it measures nothing";
  if (!is_ordered) {
    std::sort(first.rows.begin(), first.rows.end());
    std::sort(second.rows.begin(), second.rows.end());
  }
  if (first.rows == second.rows) return "";
  std::size_t at = 0;
  while (at < first.rows.size() && at < second.rows.size() && first.rows[at] == second.rows[at]) ++at;
  const auto shown = [at](const Answer& answer) { return at < answer.rows.size() ? answer.rows[at] : "(end)"; };
  return fmt::format("answers differ ({} and {} rows), first at row {}:\n  KQL {}\n  SQL {}", first.rows.size(),
                     second.rows.size(), at, shown(first), shown(second));
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--explain") {
      options.explain = true;
      continue;
    }
    if (i + 1 == argc) return std::nullopt;
    const char* value = argv[++i];
    if (word == "--rows") options.num_rows = std::strtoull(value, nullptr, 10);
    else if (word == "--pairs") options.num_pairs = std::atoi(value);
    else if (word == "--only") options.only = value;
    else if (word == "--data") options.data = value;
    else return std::nullopt;
  }
  if (options.num_rows < 1'000 || options.num_pairs < 1) return std::nullopt;
  return options;
}

// Opens the tables in the folder, or makes them there.
Result<void> prepare(engine::Engine& engine, bench::BenchTables& tables, Disk& disk, const Options& options,
                     const std::string& folder) {
  const std::string mark = folder + "/generated";
  const std::string wanted = fmt::format("{} {}", options.num_rows, kSeed);
  if (disk.exists(mark)) {
    GARRISON_ASSIGN(const std::string made, disk.read_file(mark));
    if (made != wanted) return bad_input("BENCH-0001", "the folder holds tables of another size; remove it or name another");
    tables.adopt("SecurityEvent");
    tables.adopt("DeviceEvents");
    return {};
  }
  GARRISON_TRY(tables.create({"SecurityEvent", "DeviceEvents"}));
  const double took = bench::milliseconds([&] {
    if (const auto made = bench::generate_events(engine, kDatabase, options.num_rows, kSeed); !made.ok()) {
      fmt::print(stderr, "{}\n", made.error().to_string());
      std::exit(2);
    }
  });
  fmt::print("{} + {} events over {} days made in {:.1f} s\n", options.num_rows, options.num_rows / 5, bench::kNumDays, took / 1000);
  return disk.write_file(mark, wanted);
}

Result<int> run(const Options& options) {
  SystemClock clock;
  SystemDisk disk;
  SystemRandom random;
  std::optional<engine::TestFolder> temporary;
  std::string folder = options.data;
  if (folder.empty()) folder = temporary.emplace().path();
  GARRISON_TRY(disk.make_folder(folder));
  engine::ChdbPoolOptions pool;
  pool.open.path = folder + "/engine";
  pool.lanes = {.num_connections = 2, .num_reserved = 1};
  GARRISON_ASSIGN(const auto engine, engine::InProcessEngine::open(pool, clock));
  GARRISON_ASSIGN(const auto built_in, table::BuiltInTables::open(disk, GARRISON_SOURCE_DIR "/content/tables"));
  bench::BenchTables tables(*engine, *built_in, std::string(kDatabase));
  GARRISON_TRY(prepare(*engine, tables, disk, options, folder));

  Comparison comparison(*engine, tables, random);
  const std::string queries = GARRISON_SOURCE_DIR "/bench/kql/";
  GARRISON_ASSIGN(const std::vector<std::string> files, disk.list(queries));
  std::vector<double> ratios, processor_ratios;
  bool is_fair = true, is_right = true;
  fmt::print("{:<16} {:>9} {:>9} {:>7} {:>10} {:>8}\n", "query", "KQL ms", "SQL ms", "ratio", "processor", "rows");
  for (const std::string& file : files) {
    if (!file.ends_with(".kql")) continue;
    const std::string name = file.substr(0, file.size() - 4);
    if (!options.only.empty() && name != options.only) continue;
    GARRISON_ASSIGN(const std::string kql, disk.read_file(queries + file));
    GARRISON_ASSIGN(const std::string sql, disk.read_file(queries + name + ".sql"));
    const auto fail = [&](const std::string& text) {
      fmt::print("{:<16} {}\n", name, text);
      is_right = false;
    };
    const auto plan = comparison.compile(kql);
    if (!plan.ok()) {
      fail(plan.error().to_string());
      continue;
    }
    if (options.explain) {
      for (const kql::Stage& stage : plan->stages) fmt::print("-- {} first stores {}:\n{}\n", name, stage.name, stage.sql);
      fmt::print("-- {}\n{}\n\n", name, plan->sql);
    }
    const auto by_kql = comparison.run_kql(kql);
    const auto by_sql = comparison.run_sql(sql, plan->schema);
    if (!by_kql.ok() || !by_sql.ok()) {
      fail(!by_kql.ok() ? "KQL: " + by_kql.error().to_string() : "SQL: " + by_sql.error().to_string());
      continue;
    }
    if (const std::string found = difference(*by_kql, *by_sql, plan->ordered); !found.empty()) {
      fail(found);
      continue;
    }
    bool is_answered = true;
    const bench::PairFigures figures = bench::measure_pairs(
        options.num_pairs, [&] { is_answered = comparison.run_kql(kql).ok() && is_answered; },
        [&] { is_answered = comparison.run_sql(sql, plan->schema).ok() && is_answered; });
    if (!is_answered) {
      fail("failed while it was measured");
      continue;
    }
    fmt::print("{:<16} {:>9.2f} {:>9.2f} {:>7.2f} {:>10.2f} {:>8}{}\n", name, figures.first_ms, figures.second_ms,
               figures.ratio, figures.processor_ratio, by_kql->rows.size(), figures.processor_ratio < kStrawRatio ? "  improve the SQL" : "");
    std::fflush(stdout);
    is_fair = is_fair && figures.processor_ratio >= kStrawRatio;
    ratios.push_back(figures.ratio);
    processor_ratios.push_back(figures.processor_ratio);
  }
  const double middle = bench::median(ratios);
  fmt::print("median ratio of {} queries: {:.3f} of time, {:.3f} of processor time (wanted: at most {})\n", ratios.size(),
             middle, bench::median(processor_ratios), kWantedRatio);
  if (!is_right) return 2;
  return middle <= kWantedRatio && is_fair ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    fmt::print(stderr, "usage: bench_kql_vs_sql [--rows N] [--pairs N] [--only NAME] [--explain] [--data DIR]\n");
    return 2;
  }
  const auto done = run(*options);
  if (done.ok()) return *done;
  fmt::print(stderr, "{}\n", done.error().to_string());
  return 2;
}
