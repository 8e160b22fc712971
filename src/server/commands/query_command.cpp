// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "api/exchange.h"
#include "base/disk.h"
#include "base/text.h"
#include "kql/explain.h"
#include "server/built_in_catalogue.h"
#include "server/commands/all.h"
#include "server/error_report.h"
#include "server/file_query.h"
#include "server/interrupt.h"
#include "server/result_printer.h"
#include "server/server_result.h"
#include "server/terminal_text.h"

namespace garrison::server {
namespace {

constexpr std::size_t kMaxQueryBytes = 1 << 20;
constexpr std::int64_t kServerRows = 10'000;
constexpr std::int64_t kMaxServerRows = 500'000;
constexpr std::chrono::milliseconds kCancelPause{100};
constexpr std::size_t kShownRejected = 3;  // reasons of lines that could not be read, a file

constexpr const char* kExamples = R"(Examples:
  garrison query 'SecurityEvent | where EventID == 4625 | summarize count() by Account'
  garrison query --timespan P1D --format csv 'SigninLogs | take 100' > signins.csv
  garrison query --file events.jsonl.gz 'events | summarize count() by EventID | top 10 by count_'
  garrison query --file a.json --file users=people.csv 'a | join kind=inner users on UserId'
  garrison query --file events.jsonl 'events | summarize count() by bin(TimeGenerated, 1h) | render timechart'
  echo 'print now()' | garrison query

With --file no server is needed: each file is a table named after it, the first one also 'input'.)";

struct QueryOptions {
  TargetOptions target;
  std::string text;
  std::string query_file;
  std::vector<std::string> files;
  ResultFormat format = ResultFormat::kTable;
  std::string timespan;
  std::int64_t max_rows = 0;
  bool explain = false;
};

bool is_error_terminal() {
  return isatty(STDERR_FILENO) != 0;
}

int report_query(const Error& error, const std::string& text) {
  std::fputs(error_report(error, text, terminal_width(STDERR_FILENO)).c_str(), stderr);
  return 2;
}

int report_diagnostics(const std::vector<kql::Diagnostic>& diagnostics, const std::string& text) {
  for (const kql::Diagnostic& diagnostic : diagnostics) {
    report_query({diagnostic.kind, diagnostic.code, diagnostic.message, diagnostic.position}, text);
  }
  return 2;
}

void warn(std::string_view message) {
  fmt::print(stderr, "garrison: {}\n", terminal_text(message));
}

// stdout, whole or not at all; an error when the reader has gone.
Result<void> write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return unavailable("CLI-0004", "the output cannot be written");
  }
  return {};
}

std::unique_ptr<ResultPrinter> make_printer(const QueryOptions& options) {
  PrintOptions print;
  print.format = options.format;
  print.terminal_width = terminal_width(STDOUT_FILENO);
  print.has_colours = print.terminal_width > 0 && std::getenv("NO_COLOR") == nullptr;
  return ResultPrinter::create(print, write_out);
}

void print_end(std::uint64_t num_rows, Timespan elapsed, const std::vector<std::string>& warnings,
               const std::string& note) {
  for (const std::string& warning : warnings) warn("warning: " + warning);
  if (!note.empty()) warn(note);
  fmt::print(stderr, "{} {} in {:.3f} s\n", num_rows, num_rows == 1 ? "row" : "rows",
             static_cast<double>(elapsed.ticks) / kTicksPerSecond);
}

void print_truncated(std::uint64_t num_rows) {
  warn(fmt::format("only the first {} rows are shown; --max-rows asks for more", num_rows));
}

Result<std::string> read_standard_input() {
  std::string out;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof(buffer), stdin)) {
    out.append(buffer, size);
    if (out.size() > kMaxQueryBytes) return exhausted("CLI-0005", "the query is longer than 1 MiB");
  }
  return out;
}

Result<std::string> query_text(const QueryOptions& options) {
  std::string text = options.text;
  if (!options.query_file.empty()) {
    SystemDisk disk;
    auto read = disk.read_file(options.query_file, kMaxQueryBytes);
    if (!read.ok())
      return bad_input("CLI-0005", fmt::format("cannot read '{}': {}", options.query_file, read.error().message));
    text = *read;
  } else if (text.empty() || text == "-") {
    if (text.empty() && isatty(STDIN_FILENO) != 0)
      return bad_input("CLI-0005", "no query: give it as an argument, with --query-file, or on standard input");
    GARRISON_ASSIGN(text, read_standard_input());
  }
  if (text::trim(text).empty()) return bad_input("CLI-0005", "the query is empty");
  return text;
}

// ---- over files ----

// The line on a terminal that tells how far the reading is.
class Progress {
 public:
  void show(const std::string& path, double part) {
    const int percent = static_cast<int>(part * 100);
    if (!is_error_terminal() || percent == shown_) return;
    shown_ = percent;
    fmt::print(stderr, "\r\x1b[Kreading {}: {} %", terminal_text(path), percent);
  }
  void clear() {
    if (shown_ >= 0) fmt::print(stderr, "\r\x1b[K");
    shown_ = -1;
  }

 private:
  int shown_ = -1;
};

Result<void> load(FileTables& tables, const QueryOptions& options, Disk& disk, const engine::CancelToken& cancel) {
  std::vector<TableFile> files;
  for (const std::string& option : options.files) files.push_back(parse_table_file_option(disk, option));
  Progress progress;
  std::map<std::string, std::size_t> num_told;
  LoadObserver observer;
  observer.progress = [&](const std::string& path, double part) -> Result<void> {
    if (cancel.is_cancelled()) return timeout("CLI-0006", "interrupted");
    progress.show(path, part);
    return {};
  };
  observer.rejected = [&](const std::string& path, const RejectedRecord& record) {
    if (++num_told[path] > kShownRejected) return;
    progress.clear();
    warn(fmt::format("{}:{}: {}", path, record.line, record.reason));
  };
  auto loaded = tables.load(files, observer);
  progress.clear();
  if (!loaded.ok()) return loaded.error();
  for (const LoadedFile& file : *loaded) {
    if (file.num_rejected > 0)
      warn(fmt::format("{}: {} records read, {} rejected", file.file.path, file.num_rows, file.num_rejected));
  }
  return {};
}

int run_over_files(const QueryOptions& options, const std::string& text) {
  SystemDisk disk;
  SystemClock clock;
  SystemRandom random;
  FileQueryRequest request;
  request.text = text;
  request.max_rows = options.max_rows > 0 ? static_cast<std::uint64_t>(options.max_rows) : std::uint64_t{1} << 62;
  request.cancel = std::make_shared<engine::CancelToken>();
  if (!options.timespan.empty()) {
    const auto range = api::parse_timespan(options.timespan, clock.now());
    if (!range.ok()) return report(range.error());
    request.time_filter = kql::TimeRange{range->from, range->to};
  }
  for (const std::string& option : options.files) {
    const auto readable = DataFile::open(disk, parse_table_file_option(disk, option).path);
    if (!readable.ok()) return report(readable.error());
  }
  // Before the engine's threads, which must not take the signals.
  const Interrupt interrupt([cancel = request.cancel] { cancel->cancel(); });
  auto tables = FileTables::open(disk, clock);
  if (!tables.ok()) return report(tables.error());
  if (const auto loaded = load(**tables, options, disk, *request.cancel); !loaded.ok()) return report(loaded.error());
  FileQuery query(**tables, clock, random);
  if (options.explain) {
    const auto explained = query.explain(request);
    if (!explained.ok()) return report_query(explained.error(), text);
    return write_out(*explained).ok() ? 0 : 2;
  }
  const auto printer = make_printer(options);
  const auto outcome = query.run(request, *printer);
  if (!outcome.ok())
    return interrupt.is_interrupted() ? report(timeout("CLI-0006", "interrupted"))
                                      : report_query(outcome.error(), text);
  if (!outcome->diagnostics.empty()) return report_diagnostics(outcome->diagnostics, text);
  print_end(outcome->statistics.num_rows, outcome->statistics.elapsed, outcome->warnings, printer->note());
  if (outcome->statistics.truncated) print_truncated(outcome->statistics.num_rows);
  return 0;
}

// ---- against a server ----

int explain_for_server(const QueryOptions& options, const std::string& text) {
  SystemDisk disk;
  SystemClock clock;
  const auto tables = table::BuiltInTables::open(disk, content_folder() + "/tables");
  if (!tables.ok()) return report(tables.error());
  const BuiltInCatalogue catalogue(**tables);
  kql::CompileOptions compile;
  compile.now = clock.now();
  compile.workspace = options.target.workspace;
  compile.check_only = true;
  if (!options.timespan.empty()) {
    const auto range = api::parse_timespan(options.timespan, clock.now());
    if (!range.ok()) return report(range.error());
    compile.time_filter = kql::TimeRange{range->from, range->to};
  }
  const kql::Compilation compilation = kql::compile(text, catalogue, compile);
  if (!compilation.ok()) return report_diagnostics(compilation.diagnostics, text);
  warn("explained with the built-in tables, as if they were empty; the server may know more");
  return write_out(kql::explain(compilation)).ok() ? 0 : 2;
}

// Over a connection of its own, since the first one waits for the answer. Again and again, because the query may not
// have reached the server yet when it is cancelled first.
void cancel_on_server(const QueryOptions& options, const std::string& id, const std::atomic<bool>& is_answered) {
  while (!is_answered) {
    auto client = options.target.connect();
    if (!client.ok()) return;
    const auto cancelled = (*client)->call("DELETE", options.target.path("/query/" + id));
    if (!cancelled.ok()) return warn("the query could not be cancelled: " + cancelled.error().to_string());
    std::this_thread::sleep_for(kCancelPause);
  }
}

int run_on_server(const QueryOptions& options, const std::string& text) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  SystemRandom random;
  const std::string id = random.guid();
  json::object body{
      {"query", text}, {"queryId", id}, {"maxRows", options.max_rows > 0 ? options.max_rows : kServerRows}};
  if (!options.timespan.empty()) body["timespan"] = options.timespan;
  std::atomic<bool> is_answered{false};
  const Interrupt interrupt([&] { cancel_on_server(options, id, is_answered); });
  auto answer = (*client)->call("POST", options.target.path("/query"), json::print(body));
  is_answered = true;
  if (!answer.ok())
    return interrupt.is_interrupted()
               ? report(timeout("CLI-0006", "interrupted; the query was cancelled on the server"))
               : report_query(answer.error(), text);
  auto result = read_server_result(answer->body);
  if (!result.ok()) return report(result.error());
  const auto printer = make_printer(options);
  const std::uint64_t num_rows = result->rows.num_rows();
  auto printed = printer->begin(result->schema);
  if (printed.ok()) printed = printer->add(std::move(result->rows));
  if (printed.ok()) printed = printer->end(result->render);
  if (!printed.ok()) return report(printed.error());
  print_end(num_rows, Timespan{static_cast<std::int64_t>(result->elapsed_ms * kTicksPerMillisecond)}, result->warnings,
            printer->note());
  if (result->truncated) print_truncated(num_rows);
  return 0;
}

int run(const QueryOptions& options) {
  const auto text = query_text(options);
  if (!text.ok()) return report(text.error());
  if (!options.files.empty()) return run_over_files(options, *text);
  if (options.max_rows > kMaxServerRows)
    return report(bad_input("CLI-0005", fmt::format("a server gives at most {} rows", kMaxServerRows)));
  return options.explain ? explain_for_server(options, *text) : run_on_server(options, *text);
}

}  // namespace

void add_query_command(CommandRegistry& registry) {
  const auto options = std::make_shared<QueryOptions>();
  CLI::App* command = registry.app.add_subcommand("query", "Run a KQL query on a server, or over files without one");
  command->footer(kExamples);
  options->target.add_to(*command);
  command->add_option("query", options->text, "The query; from standard input when it is absent or '-'");
  command->add_option("--query-file", options->query_file, "Read the query from this file");
  command
      ->add_option("-f,--file", options->files,
                   "Query this file (JSON lines, JSON, CSV; gzip, zstd), as 'path' or 'table=path'; may be repeated")
      ->allow_extra_args(false);
  const std::map<std::string, ResultFormat> formats = {{"table", ResultFormat::kTable},
                                                       {"json", ResultFormat::kJson},
                                                       {"jsonl", ResultFormat::kJsonLines},
                                                       {"csv", ResultFormat::kCsv}};
  command->add_option("--format", options->format, "table, json, jsonl or csv")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->default_str("table");
  command->add_option("--timespan", options->timespan,
                      "Only events of this time: a duration such as P1D, or start/end");
  command
      ->add_option("--max-rows", options->max_rows, "At most so many rows; without it 10000 of a server, all of files")
      ->check(CLI::PositiveNumber);
  command->add_flag("--explain", options->explain,
                    "Show how the query is understood and the SQL it becomes, instead of running it");
  command->callback([&registry, options] { registry.chosen = [options] { return run(*options); }; });
}

}  // namespace garrison::server
