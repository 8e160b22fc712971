// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_sql.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

#include "base/text.h"

namespace garrison::engine {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    switch (c) {
      case '\0': out += "\\0"; continue;
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      default: break;
    }
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  out += quote;
  return out;
}

// The first word, behind blanks, comments and opening parentheses, in upper case.
std::string first_word(std::string_view sql) {
  std::size_t at = 0;
  while (at < sql.size()) {
    const char c = sql[at];
    if (std::isspace(static_cast<unsigned char>(c)) || c == '(') {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      const auto end = sql.find("*/", at);
      at = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      break;
    }
  }
  std::size_t end = at;
  while (end < sql.size() && std::isalpha(static_cast<unsigned char>(sql[end]))) ++end;
  return text::ascii_upper(sql.substr(at, end - at));
}

}  // namespace

std::string quote_literal(std::string_view text) { return quoted(text, '\''); }
std::string quote_identifier(std::string_view name) { return quoted(name, '`'); }

std::string escape_parameter(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    switch (c) {
      case '\0': out += "\\0"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\\': out += "\\\\"; break;
      default: out += c;
    }
  }
  return out;
}

const std::vector<Setting>& base_settings() {
  static const std::vector<Setting> settings = {
      {"join_use_nulls", "0"},
      {"use_variant_as_common_type", "0"},  // a forgotten cast is an error, not a Variant
      {"enable_analyzer", "1"},
      {"enable_materialized_cte", "1"},
      {"session_timezone", "UTC"},
      {"max_query_size", "16777216"},
      {"max_ast_elements", "1000000"},
      {"max_expanded_ast_elements", "5000000"},
      {"max_ast_depth", "10000"},
      {"max_parser_depth", "10000"},
      {"max_parser_backtracks", "10000000"},
      {"output_format_json_quote_denormals", "1"},
      {"low_cardinality_allow_in_native_format", "0"},
      {"input_format_try_infer_dates", "0"},
      {"input_format_try_infer_datetimes", "0"},
  };
  return settings;
}

std::vector<Setting> budget_settings(const Budget& budget) {
  std::vector<Setting> settings;
  if (budget.time_limit.ticks > 0) {
    const double seconds = static_cast<double>(budget.time_limit.ticks) / kTicksPerSecond;
    settings.push_back({"max_execution_time", fmt::format("{}", seconds)});
  }
  if (budget.max_memory_bytes > 0) settings.push_back({"max_memory_usage", std::to_string(budget.max_memory_bytes)});
  if (budget.max_threads > 0) settings.push_back({"max_threads", std::to_string(budget.max_threads)});
  return settings;
}

std::string settings_clause(std::span<const Setting> settings) {
  if (settings.empty()) return {};
  std::string out = "SETTINGS ";
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (i > 0) out += ", ";
    out += settings[i].name;
    out += " = ";
    out += quote_literal(settings[i].value);
  }
  return out;
}

std::string insert_sql(const Insert& insert) {
  std::string out = "INSERT INTO " + insert.table + " (";
  for (std::size_t i = 0; i < insert.columns.size(); ++i) {
    if (i > 0) out += ", ";
    out += quote_identifier(insert.columns[i]);
  }
  out += ')';
  return out;
}

std::string kill_sql(std::string_view query_id) {
  return "KILL QUERY WHERE query_id = " + quote_literal(query_id) + " ASYNC";
}

bool is_select(std::string_view sql) {
  const std::string word = first_word(sql);
  return word == "SELECT" || word == "WITH";
}

bool is_insert(std::string_view sql) { return first_word(sql) == "INSERT"; }

}  // namespace garrison::engine
