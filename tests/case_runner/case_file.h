// SPDX-License-Identifier: Apache-2.0
// A *.case file: what it is about, then steps. The format:
//   about: one line
//   table NAME(column:type, ...)     followed by rows `| value | value |`; an empty cell is null (or '')
//   function NAME(parameters) = body, continued on indented lines
//   query: text, continued on indented lines
//   gives: column, column            followed by rows; in order when the query sorts, else in any order
//   fails: CODE at LINE:COLUMN       of the query before; the place may be left out
//   same as: query                   the query before gives the same rows
//   repeat N                         the steps so far once more, N times in all
// `#` begins a remark line. A cell may be "quoted"; \| \\ \n and \" stand for themselves there. Unknown steps are errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "table/schema.h"

namespace garrison::cases {

struct Cell {
  std::string text;
  bool quoted = false;  // an empty quoted cell is '' where an empty bare one is null
};
using Row = std::vector<Cell>;

struct TableStep {
  std::string name;
  table::Schema schema;
  std::vector<Row> rows;
};
struct FunctionStep {
  std::string name;
  std::string parameters;
  std::string body;
};
struct QueryStep {
  std::string text;
};
struct GivesStep {
  std::vector<std::string> columns;
  std::vector<Row> rows;
};
struct FailsStep {
  std::string code;
  std::string place;  // "1:18" or empty
};
struct SameAsStep {
  std::string text;
};
struct RepeatStep {
  int times = 1;
};

struct Step {
  std::uint32_t line = 0;
  std::variant<TableStep, FunctionStep, QueryStep, GivesStep, FailsStep, SameAsStep, RepeatStep> what;
};

struct CaseFile {
  std::string about;
  std::vector<Step> steps;
};

// Errors (CASE-0001) carry the line.
Result<CaseFile> parse_case(std::string_view text);

}  // namespace garrison::cases
