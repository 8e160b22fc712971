// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest_command.h"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "base/clock.h"
#include "base/text.h"
#include "server/commands/all.h"

namespace garrison::server {
namespace {

constexpr const char* kExamples = R"(Examples:
  garrison ingest --table SecurityEvent events.jsonl.gz
  garrison ingest --table Firewall_CL --reject-file bad.jsonl day1.json day2.json
  zcat big.json.gz | garrison ingest --table Syslog -

Times are kept as the files have them. Records that cannot be stored go to FILE.rejects with their reason.)";

struct IngestOptions {
  TargetOptions target;
  ingest::IngestCommandOptions command;
};

int run(IngestOptions options) {
  auto client = options.target.connect();
  if (!client.ok()) return report(client.error());
  options.command.workspace = options.target.workspace;
  options.command.shows_progress = isatty(STDERR_FILENO) != 0;
  const SystemClock clock;
  const std::int64_t began = clock.monotonic_ticks();
  SystemDisk disk;
  ingest::IngestSummary summary;
  const auto upload = [&](const std::string& path, std::string body) -> Result<std::string> {
    GARRISON_ASSIGN(LocalClient::Answer answer, (*client)->call("POST", path, body));
    return std::move(answer.body);
  };
  const auto done = ingest::run_ingest(disk, options.command, upload, summary);
  const double seconds = static_cast<double>(clock.monotonic_ticks() - began) / kTicksPerSecond;
  fmt::print("{} records read, {} rows stored, {} rejected in {:.1f} s\n", summary.num_records, summary.num_rows,
             summary.num_rejected, seconds);
  for (const std::string& file : summary.reject_files)
    fmt::print("rejected records are in {}\n", text::escape_control(file));
  if (!done.ok()) return report(done.error());
  return summary.num_rejected == 0 ? 0 : 1;
}

}  // namespace

void add_ingest_command(CommandRegistry& registry) {
  const auto options = std::make_shared<IngestOptions>();
  CLI::App* command = registry.app.add_subcommand(
      "ingest", "Store events of files on a server: JSON lines or arrays, plain, gzip or zstd");
  command->footer(kExamples);
  options->target.add_to(*command);
  command->add_option("files", options->command.files, "Files; '-' is standard input")->required();
  command->add_option("-t,--table", options->command.table, "Table, for formats that do not choose it themselves");
  command->add_option("--format", options->command.format, "Format of the records")->capture_default_str();
  command->add_option("--reject-file", options->command.reject_file,
                      "Where rejected records go; FILE.rejects beside each file without it");
  command->add_flag("--live", options->command.is_live,
                    "Treat the events as arriving now: times far from now are replaced by it");
  command->callback([&registry, options] { registry.chosen = [options] { return run(*options); }; });
}

}  // namespace garrison::server
