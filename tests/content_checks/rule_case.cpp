// SPDX-License-Identifier: Apache-2.0
#include "rule_case.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/json.h"
#include "demo/yaml_reader.h"

namespace garrison::lab {
namespace {

constexpr int kMaxRepeat = 10'000;

Error at(const YAML::Node& node, std::string_view message) {
  return bad_input("CASE-0001", fmt::format("line {}: {}", node.Mark().line + 1, message));
}

Result<void> append_row(std::string& out, const YAML::Node& row, DateTime end) {
  const YAML::Node before = row["before"];
  if (!before) return at(row, "a row needs `before`, the time to the end of the window");
  const auto span = demo::parse_span(before.Scalar());
  if (!span) return at(before, "`before` is a length of time such as 10m");
  const int repeat = row["repeat"] ? row["repeat"].as<int>() : 1;
  if (repeat < 1 || repeat > kMaxRepeat) return at(row, "`repeat` is a number from 1 to 10,000");
  for (int i = 0; i < repeat; ++i) {
    out += R"({"TimeGenerated":)";
    json::append_quoted(out, format_iso(end - *span));
    for (const auto& member : row) {
      const std::string& name = member.first.Scalar();
      if (name == "before" || name == "repeat") continue;
      if (!member.second.IsScalar())
        return at(member.second, "a value must be text or a number; write dynamic values as JSON text");
      out += ',';
      json::append_quoted(out, name);
      out += ':';
      const std::string& text = member.second.Scalar();
      const bool is_json = !text.empty() && (text.front() == '{' || text.front() == '[') && name != "Parameters" &&
                           json::parse(text).ok();
      if (is_json || member.second.Tag() == "?")
        out += text;
      else
        json::append_quoted(out, text);
    }
    out += "}\n";
  }
  return {};
}

Result<std::vector<CaseRows>> read_side(const YAML::Node& side, DateTime end) {
  std::vector<CaseRows> tables;
  for (const auto& table : side["tables"]) {
    CaseRows rows{table.first.Scalar(), {}};
    for (const YAML::Node& row : table.second) GARRISON_TRY(append_row(rows.json, row, end));
    tables.push_back(std::move(rows));
  }
  if (tables.empty()) return at(side, "a case needs rows");
  return tables;
}

}  // namespace

Result<RuleCase> parse_rule_case(std::string_view yaml, DateTime positive_end, DateTime negative_end) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root["positive"] || !root["negative"]) return at(root, "a rule needs a positive and a negative case");
    RuleCase result;
    GARRISON_ASSIGN(result.positive, read_side(root["positive"], positive_end));
    GARRISON_ASSIGN(result.negative, read_side(root["negative"], negative_end));
    return result;
  } catch (const YAML::Exception& error) {
    return bad_input("CASE-0001", fmt::format("line {}: {}", error.mark.line + 1, error.msg));
  }
}

}  // namespace garrison::lab
