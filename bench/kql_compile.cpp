// SPDX-License-Identifier: Apache-2.0
// How long KQL takes to become SQL, and the engine to analyse that SQL, over every public rule that binds (rules.jsonl
// of the corpus, folder in GARRISON_CORPUS). Analysis is EXPLAIN QUERY TREE against real, empty tables; its time holds
// the round trip of a statement, which is printed beside it. All times are processor time.
//
//   bench_kql_compile [--repeat N] [--every N]
//
// --every N analyses one rule of N only.
//
// Exit code 0: both medians are as wanted; 1: not; 2: something failed.
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/disk.h"
#include "base/json.h"
#include "bench_tables.h"
#include "engine/in_process_engine.h"
#include "engine/test_engine.h"
#include "kql/compile.h"
#include "measuring.h"

using namespace garrison;

namespace {

constexpr double kWantedCompileMs = 2;
constexpr double kWantedAnalysisMs = 10;
constexpr std::size_t kNumSlowest = 5;
constexpr std::string_view kDatabase = "bench";

struct Rule {
  std::string name;
  std::string text;
  std::string sql;
  std::size_t num_stages = 0;
};

Result<std::vector<Rule>> read_rules(const std::string& file) {
  std::ifstream in(file);
  if (!in) return not_found("BENCH-0002", file + " cannot be read; set GARRISON_CORPUS to the unpacked corpus");
  std::vector<Rule> rules;
  std::set<std::string> seen;
  for (std::string line; std::getline(in, line);) {
    GARRISON_ASSIGN(const json::value value, json::parse(line));
    Rule rule{.name = json::string_at(value, "name").value_or(""), .text = json::string_at(value, "query").value_or(""),
              .sql = {}};
    if (!rule.text.empty() && seen.insert(rule.text).second) rules.push_back(std::move(rule));
  }
  return rules;
}

void print(std::string_view what, const std::vector<double>& values, double wanted) {
  fmt::print("{:<22} median {:7.3f} ms  p90 {:7.3f}  p99 {:7.3f}  max {:8.3f}   (median wanted: under {} ms)\n", what,
             bench::median(values), bench::percentile(values, 0.9), bench::percentile(values, 0.99),
             bench::percentile(values, 1), wanted);
}

Result<int> run(int num_repeats, std::size_t every) {
  const char* corpus = std::getenv("GARRISON_CORPUS");
  GARRISON_ASSIGN(std::vector<Rule> rules,
                  read_rules(std::string(corpus ? corpus : GARRISON_SOURCE_DIR "/../shared/corpus") + "/kql/rules.jsonl"));
  SystemClock clock;
  SystemDisk disk;
  engine::TestFolder folder;
  engine::ChdbPoolOptions pool;
  pool.open.path = folder.path();
  pool.lanes = {.num_connections = 2, .num_reserved = 1};
  GARRISON_ASSIGN(const auto engine, engine::InProcessEngine::open(pool, clock));
  GARRISON_ASSIGN(const auto built_in, table::BuiltInTables::open(disk, GARRISON_SOURCE_DIR "/content/tables"));
  bench::BenchTables tables(*engine, *built_in, std::string(kDatabase));
  tables.assume_all_exist();
  kql::CompileOptions options;
  options.now = *parse_iso("2026-01-19T00:00:00Z");
  options.check_only = true;

  // The first pass finds the rules that bind and reads the files of their tables.
  const std::size_t num_all = rules.size();
  std::map<std::string, std::size_t> refusals;
  std::erase_if(rules, [&](Rule& rule) {
    const kql::Compilation compilation = kql::compile(rule.text, tables, options);
    if (!compilation.ok()) {
      ++refusals[compilation.diagnostics.front().code];
      return true;
    }
    if (compilation.plan() == nullptr) return true;
    rule.sql = compilation.plan()->sql;
    rule.num_stages = compilation.plan()->stages.size();
    return false;
  });
  fmt::print("{} of {} rules bind;", rules.size(), num_all);
  for (const auto& [code, count] : refusals) fmt::print(" {} {}", count, code);
  fmt::print("\n");

  std::vector<double> compile_ms;
  std::multimap<double, std::string, std::greater<>> slowest;
  for (const Rule& rule : rules) {
    std::vector<double> times;
    for (int i = 0; i < num_repeats; ++i) {
      times.push_back(bench::processor_ms([&] { kql::compile(rule.text, tables, options); }));
    }
    compile_ms.push_back(bench::median(times));
    slowest.emplace(compile_ms.back(), rule.name);
    if (slowest.size() > kNumSlowest) slowest.erase(std::prev(slowest.end()));
  }
  print("compile", compile_ms, kWantedCompileMs);
  for (const auto& [took, name] : slowest) fmt::print("  {:9.3f} ms  {}\n", took, name);
  std::fflush(stdout);

  GARRISON_TRY(tables.create(tables.used()));
  const table::Schema tree{{{"tree", table::Kind::kString}}};
  engine::Budget budget;
  const auto analyse = [&](const std::string& sql) -> Result<double> {
    engine::Statement statement;
    statement.sql = "EXPLAIN QUERY TREE " + sql;
    for (const auto& [name, value] : kql::engine_settings()) statement.settings.push_back({std::string(name), std::string(value)});
    std::optional<Error> error;
    std::vector<double> times;
    for (int i = 0; i < num_repeats && !error; ++i) {
      times.push_back(bench::processor_ms([&] {
        const auto done = engine->query(statement, tree, budget, [](table::Batch&&) -> Result<void> { return {}; }, nullptr);
        if (!done.ok()) error = done.error();
      }));
    }
    if (error) return *error;
    return bench::median(times);
  };
  GARRISON_ASSIGN(const double round_trip, analyse("SELECT 1"));
  std::vector<double> analysis_ms;
  std::size_t num_staged = 0, num_refused = 0;
  for (std::size_t i = 0; i < rules.size(); i += every) {
    const Rule& rule = rules[i];
    if (rule.num_stages > 0) {  // reads tables that exist only while it runs
      ++num_staged;
      continue;
    }
    const auto took = analyse(rule.sql);
    if (took.ok()) {
      analysis_ms.push_back(*took);
    } else {
      if (num_refused++ < 20) fmt::print("refused by the engine: {}: {}\n", rule.name, took.error().to_string().substr(0, 300));
    }
  }
  print("engine's analysis", analysis_ms, kWantedAnalysisMs);
  fmt::print("analysed {}, refused by the engine {}, in stages and left out {}; a round trip (SELECT 1) {:.3f} ms\n",
             analysis_ms.size(), num_refused, num_staged, round_trip);
  return bench::median(compile_ms) < kWantedCompileMs && bench::median(analysis_ms) < kWantedAnalysisMs ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  int num_repeats = 3, every = 1;
  for (int i = 1; i < argc; i += 2) {
    const std::string word = argv[i];
    const int value = i + 1 < argc ? std::atoi(argv[i + 1]) : 0;
    if ((word != "--repeat" && word != "--every") || value < 1) {
      return fmt::print(stderr, "usage: bench_kql_compile [--repeat N] [--every N]\n"), 2;
    }
    (word == "--repeat" ? num_repeats : every) = value;
  }
  const auto done = run(num_repeats, static_cast<std::size_t>(every));
  if (done.ok()) return *done;
  fmt::print(stderr, "{}\n", done.error().to_string());
  return 2;
}
