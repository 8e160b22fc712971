// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>

#include "base/clock.h"
#include "base/disk.h"
#include "base/random.h"
#include "base/text.h"
#include "kql/compile.h"
#include "kql/scalar/manual.h"
#include "kql/scalar/registry.h"
#include "kql/syntax/tree.h"
#include "server/built_in_catalogue.h"
#include "server/commands/all.h"
#include "server/file_tables.h"
#include "server/schema_file_catalogue.h"
#include "workspace/conformance_runner.h"
#include "workspace/kql_conformance.h"

namespace garrison::server {
namespace {

constexpr std::size_t kMaxFileBytes = 256 << 20;

struct KqlOptions {
  std::string schemas;
  std::string functions;
  std::string queries = "-";
  std::vector<std::string> files;
  workspace::ConformanceOptions conformance;
};

// ---- check ----

json::object finding(const std::string& code, Position position, const std::string& message) {
  return {{"line", position.line}, {"column", position.column}, {"code", code}, {"message", message}};
}

// What is wrong with one query, a verdict of the form that docs/query.md describes.
json::object verdict(const json::value& id, const std::string& query, const kql::Catalogue& catalogue, DateTime now) {
  json::array syntax;
  json::array binding;
  json::array unsupported;
  const kql::syntax::Query parsed = kql::syntax::parse(query);
  for (const kql::syntax::Diagnostic& problem : parsed.diagnostics)
    syntax.push_back(finding(problem.code, problem.position, problem.message));
  if (syntax.empty()) {
    kql::CompileOptions options;
    options.now = now;
    options.check_only = true;
    const kql::Compilation compilation = kql::compile(query, catalogue, options);
    for (const kql::Diagnostic& problem : compilation.diagnostics) {
      json::array& into = problem.kind == ErrorKind::kUnsupported ? unsupported : binding;
      into.push_back(finding(problem.code, problem.position, problem.message));
    }
  }
  return {{"id", id},
          {"syntax_errors", std::move(syntax)},
          {"binding_errors", std::move(binding)},
          {"unsupported", std::move(unsupported)}};
}

Result<void> check_lines(std::istream& input, const kql::Catalogue& catalogue, DateTime now) {
  std::string line;
  for (std::size_t number = 1; std::getline(input, line); ++number) {
    if (text::trim(line).empty()) continue;
    const auto document = json::parse(line);
    if (!document.ok()) return bad_input("CLI-0012", fmt::format("line {}: {}", number, document.error().message));
    const auto query = json::string_at(*document, "query");
    const json::value* id = json::find(*document, "id");
    if (!query || id == nullptr)
      return bad_input("CLI-0012", fmt::format("line {}: not an object with id and query", number));
    fmt::print("{}\n", json::print(verdict(*id, *query, catalogue, now)));
  }
  return {};
}

int check(const KqlOptions& options) {
  SystemDisk disk;
  const auto built_in = table::BuiltInTables::open(disk, content_folder() + "/tables");
  std::optional<BuiltInCatalogue> fallback;
  if (options.schemas.empty()) {
    if (!built_in.ok()) return report(built_in.error());
    fallback.emplace(**built_in);
  }
  SchemaFileCatalogue catalogue(fallback ? &*fallback : nullptr);
  const auto add = [&](const std::string& file,
                       Result<void> (SchemaFileCatalogue::*function)(std::string_view)) -> Result<void> {
    if (file.empty()) return {};
    auto text = disk.read_file(file, kMaxFileBytes);
    if (!text.ok()) return bad_input("CLI-0012", fmt::format("cannot read '{}': {}", file, text.error().message));
    return (catalogue.*function)(*text);
  };
  if (const auto added = add(options.schemas, &SchemaFileCatalogue::add_tables); !added.ok())
    return report(added.error());
  if (const auto added = add(options.functions, &SchemaFileCatalogue::add_functions); !added.ok())
    return report(added.error());
  const DateTime now = SystemClock().now();
  if (options.queries == "-") {
    const auto done = check_lines(std::cin, catalogue, now);
    return done.ok() ? 0 : report(done.error());
  }
  std::ifstream file(options.queries);
  if (!file) return report(bad_input("CLI-0012", fmt::format("cannot read '{}'", options.queries)));
  const auto done = check_lines(file, catalogue, now);
  return done.ok() ? 0 : report(done.error());
}

// ---- conformance ----

int conformance(const KqlOptions& options) {
  SystemDisk disk;
  SystemClock clock;
  SystemRandom random;
  // An engine without tables: the cases bring their own rows.
  const auto tables = FileTables::open(disk, clock);
  if (!tables.ok()) return report(tables.error());
  const auto runner = workspace::make_conformance_runner((*tables)->engine(), random, clock.now());
  const auto totals = workspace::run_conformance(options.files, options.conformance, runner, std::cout);
  if (!totals.ok()) return report(totals.error());
  return totals->failed == 0 ? 0 : 1;
}

// ---- manual and functions ----

int functions(const KqlOptions&) {
  std::size_t num_supported = 0;
  std::size_t num_entries = 0;
  const auto print = [&](std::string_view kind, const auto& entries) {
    for (const auto* entry : entries) {
      const bool is_supported = entry->support == kql::Support::kSupported;
      ++num_entries;
      num_supported += is_supported ? 1 : 0;
      fmt::print("{:<9}  {:<32}  {}\n", kind, entry->name,
                 is_supported ? "supported" : fmt::format("not supported yet: {}", entry->unsupported_reason));
    }
  };
  print("function", kql::all_functions());
  print("aggregate", kql::all_aggregates());
  fmt::print(stderr, "{} of {} supported\n", num_supported, num_entries);
  return 0;
}

int manual(const KqlOptions&) {
  kql::write_manual(std::cout);
  return std::cout.flush() ? 0 : 2;
}

}  // namespace

void add_kql_command(CommandRegistry& registry) {
  CLI::App* command = registry.app.add_subcommand(
      "kql", "The query language: check queries, its manual, comparison with other engines");
  command->require_subcommand(1);
  const auto options = std::make_shared<KqlOptions>();
  const auto sub = [&](const char* name, const char* about, int (*function)(const KqlOptions&)) {
    CLI::App* added = command->add_subcommand(name, about);
    added->callback(
        [&registry, options, function] { registry.chosen = [options, function] { return function(*options); }; });
    return added;
  };
  CLI::App* checking =
      sub("check", "Check queries without a server: lines {\"id\", \"query\"} in, one verdict a line out", check);
  checking->add_option("queries", options->queries, "File of queries; standard input without it");
  checking->add_option("--schemas", options->schemas,
                       "Tables instead of the built-in ones: {\"Table\": {\"Column\": \"type\"}}");
  checking->add_option("--functions", options->functions,
                       "Saved functions, one a line: {\"functionName\", \"params\", \"query\"}");
  checking->footer(
      "Example:\n  garrison kql check --schemas schemas.json --functions parsers.jsonl < queries.jsonl > "
      "verdicts.jsonl");
  CLI::App* comparing = sub("conformance", "Compare answers with those recorded from other engines", conformance);
  comparing->add_option("files", options->files, "Files of cases, one a line")->required()->check(CLI::ExistingFile);
  comparing->add_flag("--failures", options->conformance.show_failures,
                      "Show query and both answers of each failed case");
  comparing->add_option("--only", options->conformance.only, "Only cases whose id or family contains this");
  sub("manual", "Write the manual of functions and aggregates (Markdown)", manual);
  sub("functions", "List the functions and aggregates with their status", functions);
}

}  // namespace garrison::server
