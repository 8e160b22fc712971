// SPDX-License-Identifier: Apache-2.0
// Small pieces of ClickHouse SQL that every adapter needs: quoting, settings, kinds of statements. Stateless.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace garrison::engine {

// 'text' with quotes, backslashes and control characters escaped.
std::string quote_literal(std::string_view text);
// `name` likewise.
std::string quote_identifier(std::string_view name);

// The value of a statement's parameter as the engine reads it: tab-separated escapes, so that any byte passes.
std::string escape_parameter(std::string_view value);

// What every statement of ours runs under, whoever carries it: KQL's meaning of nulls, UTC, room for long statements.
const std::vector<Setting>& base_settings();
// The budget as settings: time, memory, threads.
std::vector<Setting> budget_settings(const Budget& budget);
// "SETTINGS a = '1', b = '2'"; empty when there are none.
std::string settings_clause(std::span<const Setting> settings);
// "INSERT INTO table (`a`, `b`)".
std::string insert_sql(const Insert& insert);
// Stops the statement with the id; the engine child knows exactly this form.
std::string kill_sql(std::string_view query_id);

// SELECT, WITH, or either behind parentheses or comments: takes a SETTINGS clause at its end.
bool is_select(std::string_view sql);
bool is_insert(std::string_view sql);

}  // namespace garrison::engine
