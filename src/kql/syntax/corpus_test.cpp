// SPDX-License-Identifier: Apache-2.0
// Public content and the verdicts of the reference parser over it: what it accepts parses here, what it rejects is
// rejected at the same line. Needs the corpus folder (GARRISON_CORPUS); skipped without.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "kql/syntax/dump.h"
#include "kql/syntax/format.h"

namespace garrison::kql::syntax {
namespace {

std::filesystem::path corpus() {
  const char* folder = std::getenv("GARRISON_CORPUS");
  const std::filesystem::path root = folder ? folder : GARRISON_SOURCE_DIR "/../shared/corpus";
  return root / "kql";
}

std::vector<json::value> read_lines(const std::string& file) {
  std::vector<json::value> values;
  std::ifstream in(corpus() / file);
  for (std::string line; std::getline(in, line);) {
    auto value = json::parse(line);
    if (value.ok()) values.push_back(std::move(*value));
  }
  return values;
}

std::uint32_t line_of(std::string_view text, std::size_t utf16_offset) {
  // The verdicts count UTF-16 units.
  std::uint32_t line = 1;
  std::size_t units = 0;
  for (const char c : text) {
    if (units >= utf16_offset) break;
    const unsigned char byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    if (c == '\n') ++line;
  }
  return line;
}

#define NEEDS_CORPUS(file) \
  if (!std::filesystem::exists(corpus() / file)) GTEST_SKIP() << file << " is not there; set GARRISON_CORPUS"

TEST(CorpusTest, RulesAgreeWithTheReferenceParser) {
  NEEDS_CORPUS("rules.jsonl");
  const auto rules = read_lines("rules.jsonl");
  const auto verdicts = read_lines("rules-official-verdicts.jsonl");
  ASSERT_EQ(rules.size(), verdicts.size());
  ASSERT_GT(rules.size(), 1000u);
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string text = json::string_at(rules[i], "query").value_or("");
    const std::string path = json::string_at(rules[i], "path").value_or("");
    const auto& theirs = json::find(verdicts[i], "syntax_errors")->as_array();
    const Query query = parse(text);
    if (theirs.empty()) {
      EXPECT_TRUE(query.ok()) << path << " " << (query.ok() ? "" : query.error().to_string());
      continue;
    }
    ++rejected;
    ASSERT_FALSE(query.ok()) << path;
    const auto offset = static_cast<std::size_t>(json::integer_at(theirs[0], "p").value_or(0));
    EXPECT_EQ(query.diagnostics[0].position.line, line_of(text, offset)) << path;
  }
  EXPECT_GE(rejected, 10u);
}

void expect_parses(const std::string& file, std::size_t allowed) {
  const auto lines = read_lines(file);
  ASSERT_GT(lines.size(), 100u);
  std::size_t failed = 0;
  for (const json::value& line : lines) {
    if (json::find(line, "error")) continue;
    const Query query = parse(json::string_at(line, "query").value_or(""));
    EXPECT_EQ(dump(query).empty(), query.statements.empty());
    if (query.ok()) continue;
    ++failed;
    if (failed > allowed) ADD_FAILURE() << json::string_at(line, "id").value_or("") << " " << query.error().to_string();
  }
  EXPECT_LE(failed, allowed);
}

TEST(CorpusTest, ParsersParse) {
  NEEDS_CORPUS("parsers.jsonl");
  expect_parses("parsers.jsonl", 1);  // one lacks a comma and is broken for the reference parser too
}

TEST(CorpusTest, FormattingKeepsTheTree) {
  NEEDS_CORPUS("rules.jsonl");
  const auto rules = read_lines("rules.jsonl");
  for (std::size_t i = 0; i < rules.size(); i += 4) {
    const std::string text = json::string_at(rules[i], "query").value_or("");
    const std::string path = json::string_at(rules[i], "path").value_or("");
    const Query query = parse(text);
    if (!query.ok()) continue;
    const std::string once = format(text);
    EXPECT_EQ(dump(parse(once)), dump(query)) << path;
    EXPECT_EQ(format(once), once) << path;
  }
}

TEST(CorpusTest, EngineQueriesParse) {
  NEEDS_CORPUS("emulator-docs.jsonl");
  expect_parses("emulator-docs.jsonl", 0);
  expect_parses("emulator-fuzz.jsonl", 0);
}

}  // namespace
}  // namespace garrison::kql::syntax
