// SPDX-License-Identifier: Apache-2.0
#include "workspace/kql_conformance.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <ostream>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "workspace/conformance_compare.h"
#include "workspace/printed_table.h"

namespace garrison::workspace {
namespace {

std::vector<std::string> texts_at(const json::value& document, std::string_view key) {
  std::vector<std::string> out;
  const json::value* found = json::find(document, key);
  if (found == nullptr || !found->is_array()) return out;
  for (const auto& item : found->get_array()) {
    if (item.is_string()) out.emplace_back(item.get_string());
  }
  return out;
}

bool mentions(const std::string& query, std::initializer_list<std::string_view> words) {
  for (const auto word : words) {
    for (std::size_t at = query.find(word); at != std::string::npos; at = query.find(word, at + 1)) {
      const bool starts =
          at == 0 || !(std::isalnum(static_cast<unsigned char>(query[at - 1])) != 0 || query[at - 1] == '_');
      if (starts) return true;
    }
  }
  return false;
}

CompareRules rules_for(const std::string& query, bool ordered, bool is_random) {
  CompareRules rules;
  rules.ordered = ordered;
  rules.shape_only = is_random || mentions(query, {"rand(", "new_guid(", "now(", "ago(", "ingestion_time(", "cursor_",
                                                   "sample ", "sample-distinct "});
  // Which rows take and limit keep is not said, unless the order is.
  if (!ordered && mentions(query, {"take ", "limit "})) rules.shape_only = true;
  if (mentions(query, {"dcount", "percentile", "hll", "tdigest"})) rules.tolerance = 0.05;
  return rules;
}

struct Case {
  std::string id;
  std::string family;
  std::string query;
  json::value document;
};

// Empty when our answer is the recorded one.
std::string judge(const Case& test, const Result<ConformanceAnswer>& answer) {
  const json::value& document = test.document;
  if (json::find(document, "error") != nullptr) return answer.ok() ? "accepted, though it must be rejected" : "";
  if (!answer.ok()) return answer.error().to_string();
  if (const json::value* rows = json::find(document, "rows"); rows != nullptr && rows->is_array()) {
    return compare_json_rows(answer->rows, texts_at(document, "columns"), texts_at(document, "column_types"),
                             rows->get_array(), rules_for(test.query, answer->ordered, false));
  }
  if (json::find(document, "rows_text") != nullptr) {
    const auto rows = texts_at(document, "rows_text");
    const auto count = json::integer_at(document, "row_count").value_or(static_cast<std::int64_t>(rows.size()));
    CompareRules rules =
        rules_for(test.query, answer->ordered, json::bool_at(document, "nondeterministic").value_or(false));
    return compare_printed_rows(answer->rows, texts_at(document, "columns"), rows, static_cast<std::size_t>(count),
                                rules);
  }
  if (const auto expected = json::string_at(document, "expected")) {
    return compare_printed_table(answer->rows, json::string_at(document, "form").value_or(""), *expected);
  }
  return "the case has no answer";
}

std::string family_of(const json::value& document) {
  if (const auto family = json::string_at(document, "family")) return *family;
  if (const auto page = json::string_at(document, "page")) {
    // By the group of pages: functions, operators, aggregates, plugins ...
    const std::string name = *page;
    for (const std::string_view ending : {"-aggregation-function.md", "-aggfunction.md", "-plugin.md", "-operator.md",
                                          "-function.md", "-statement.md"}) {
      if (name.size() > ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
        const std::string group(ending.substr(1, ending.size() - 4));
        if (name.rfind("geo-", 0) == 0) return "geo-" + group;
        if (name.rfind("series-", 0) == 0) return "series-" + group;
        return group;
      }
    }
    return "other pages";
  }
  if (const auto file = json::string_at(document, "file")) return *file;
  return "other";
}

Error unreadable(const std::string& file, std::size_t line, std::string_view what) {
  return bad_input("CONFORMANCE-0001", fmt::format("{} cannot be read: {}", file, what),
                   Position{static_cast<std::uint32_t>(line), 1});
}

void print_failure(std::ostream& output, const Case& test, const Result<ConformanceAnswer>& answer,
                   const std::string& difference) {
  output << "--- " << test.id << " (" << test.family << "): " << difference << "\n" << test.query << "\n";
  output << "ours:   " << (answer.ok() ? print_rows(answer->rows) : answer.error().to_string()) << "\n";
  std::string theirs;
  for (const std::string_view key : {"columns", "column_types", "rows", "rows_text", "expected", "error"}) {
    if (const auto* value = json::find(test.document, key))
      theirs += fmt::format(" {}={}", key, json::print(*value).substr(0, 1500));
  }
  output << "theirs:" << theirs << "\n\n";
}

}  // namespace

Result<ConformanceTotals> run_conformance(std::span<const std::string> files, const ConformanceOptions& options,
                                          const ConformanceRunner& runner, std::ostream& output) {
  std::map<std::string, ConformanceTotals> families;
  ConformanceTotals totals;
  for (const auto& file : files) {
    std::ifstream input(file);
    if (!input) return unreadable(file, 1, "it cannot be opened");
    std::string line;
    for (std::size_t number = 1; std::getline(input, line); ++number) {
      if (text::trim(line).empty()) continue;
      auto document = json::parse(line);
      if (!document.ok()) return unreadable(file, number, document.error().message);
      Case test;
      test.query = json::string_at(*document, "query").value_or("");
      test.id = json::string_at(*document, "id").value_or(json::string_at(*document, "test").value_or(""));
      test.family = family_of(*document);
      test.document = std::move(*document);
      if (!options.only.empty() && test.id.find(options.only) == std::string::npos &&
          test.family.find(options.only) == std::string::npos) {
        continue;
      }
      const Result<ConformanceAnswer> answer = runner(test.query);
      const std::string difference = judge(test, answer);
      auto& family = families[test.family];
      if (difference.empty()) {
        ++family.passed;
        ++totals.passed;
      } else {
        ++family.failed;
        ++totals.failed;
        if (options.show_failures) print_failure(output, test, answer, difference);
      }
    }
  }
  for (const auto& [name, counts] : families) {
    output << fmt::format("{:<32} {:>5} passed {:>5} failed\n", name, counts.passed, counts.failed);
  }
  output << fmt::format("{} passed, {} failed\n", totals.passed, totals.failed);
  return totals;
}

}  // namespace garrison::workspace
