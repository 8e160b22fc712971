// SPDX-License-Identifier: Apache-2.0
#include "server/unsupported.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "kql/compile.h"
#include "kql/scalar/registry.h"

namespace garrison::server {
namespace {

// One table of one column, for operators that name tables.
class ProbeCatalogue final : public kql::Catalogue {
 public:
  std::optional<kql::TableSource> find_table(std::string_view name) const override {
    if (name != "T1") return std::nullopt;
    kql::TableSource source;
    source.name = "T1";
    source.schema.columns = {{"a", table::Kind::kLong}};
    return source;
  }
  std::optional<kql::SavedFunction> find_function(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> existing_tables() const override { return {"T1"}; }
  std::vector<std::string> known_tables() const override { return {"T1"}; }
};

// Why a query cannot be compiled yet; none when it can, or fails for another reason.
std::optional<std::string> not_yet(std::string_view query) {
  kql::CompileOptions options;
  options.now = {kUnixEpochTicks};
  options.check_only = true;
  const kql::Compilation compilation = kql::compile(query, ProbeCatalogue(), options);
  for (const kql::Diagnostic& diagnostic : compilation.diagnostics) {
    if (diagnostic.code == kql::kNotSupportedYet) return diagnostic.message;
    if (diagnostic.code == kql::kUnknownFunction) return "";
  }
  return std::nullopt;
}

std::optional<std::string> missing(std::string_view kind, std::string_view name, std::string_view query) {
  if (kind == "function") {
    const kql::Function* function = kql::find_function(name);
    // Some names are the binder's own (column_ifexists, toscalar): only a call tells.
    if (function == nullptr) return not_yet(fmt::format("T1 | extend x = {}(a)", name));
    if (function->support == kql::Support::kUnsupported) return std::string(function->unsupported_reason);
    return std::nullopt;
  }
  if (kind == "aggregate") {
    const kql::Aggregate* aggregate = kql::find_aggregate(name);
    if (aggregate == nullptr) return "";
    if (aggregate->support == kql::Support::kUnsupported) return std::string(aggregate->unsupported_reason);
    return std::nullopt;
  }
  return not_yet(query);
}

}  // namespace

Result<std::vector<api::UnsupportedPart>> unsupported_parts(Disk& disk, const std::string& content_folder) {
  const std::string path = content_folder + "/kql/documented.txt";
  GARRISON_ASSIGN(const std::string facts, disk.read_file(path, 1 << 20));
  std::vector<api::UnsupportedPart> parts;
  for (const std::string_view line : text::split(facts, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const auto first = line.find(' ');
    if (first == std::string_view::npos) return corrupt("CONTENT-0002", fmt::format("{}: '{}' has no name", path, line));
    const auto second = std::min(line.find(' ', first + 1), line.size());
    const std::string_view kind = line.substr(0, first);
    const std::string_view name = line.substr(first + 1, second - first - 1);
    const std::string_view query = second < line.size() ? line.substr(second + 1) : std::string_view();
    if (auto reason = missing(kind, name, query)) parts.push_back({fmt::format("KQL {}", kind), std::string(name), std::move(*reason)});
  }
  parts.push_back({"rule kind", "NRT", "near-real-time analytics rules"});
  return parts;
}

}  // namespace garrison::server
