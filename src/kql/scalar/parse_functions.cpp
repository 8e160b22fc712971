// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/json.h"
#include "kql/scalar/all.h"
#include "kql/scalar/command_line.h"
#include "kql/scalar/entry.h"
#include "kql/scalar/path_access.h"
#include "kql/scalar/xml_to_json.h"

namespace garrison::kql {
namespace {

using Columns = std::vector<const table::ColumnVector*>;

void append_texts(table::ColumnVector& result, const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    if (out.size() > 1) out += ',';
    json::append_quoted(out, text);
  }
  result.append_text(out + "]");
}

Result<void> run_parse_xml(const Columns& arguments, std::size_t num_rows, table::ColumnVector& result) {
  for (std::size_t row = 0; row < num_rows; ++row) {
    const auto document = xml_to_json(arguments[0]->text(row));
    if (document) {
      result.append_text(*document);
    } else {
      result.append_null();
    }
  }
  return {};
}

Result<void> run_parse_command_line(const Columns& arguments, std::size_t num_rows, table::ColumnVector& result) {
  for (std::size_t row = 0; row < num_rows; ++row) {
    const auto parts = split_windows_command_line(arguments[0]->text(row));
    if (parts.empty()) {
      result.append_null();
    } else {
      append_texts(result, parts);
    }
  }
  return {};
}

Result<void> run_parse_csv(const Columns& arguments, std::size_t num_rows, table::ColumnVector& result) {
  for (std::size_t row = 0; row < num_rows; ++row) append_texts(result, split_csv_record(arguments[0]->text(row)));
  return {};
}

Result<Scalar> lower_parse_xml(LoweringContext& context, Arguments a) {
  return context.native({"parse_xml", Kind::kDynamic, run_parse_xml}, a);
}

Result<Scalar> lower_parse_command_line(LoweringContext& context, Arguments a) {
  if (constant_text(a[1]) != "windows")
    return argument_error("the second argument of parse_command_line() is 'windows'");
  return context.native({"parse_command_line", Kind::kDynamic, run_parse_command_line}, a.first(1));
}

Result<Scalar> lower_parse_csv(LoweringContext& context, Arguments a) {
  return context.native({"parse_csv", Kind::kDynamic, run_parse_csv}, a);
}

std::string bag_of(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  std::string out = "concat('{";
  bool is_first = true;
  for (const auto& [name, value] : members) {
    out += fmt::format("{}\"{}\":', {}, '", is_first ? "" : ",", name, value);
    is_first = false;
  }
  return out + "}')";
}

// {"k": "v"} of k=v&k2=v2; the first value of a key wins.
std::string query_bag(LoweringContext& context, const std::string& query) {
  const std::string pair = context.fresh_name("q");
  const std::string index = context.fresh_name("i");
  const std::string pairs =
      context.bind(fmt::format("arrayMap({0} -> tuple(splitByChar('=', {0})[1], if(position({0}, '=') > 0, "
                               "substring({0}, position({0}, '=') + 1), '')), arrayFilter({0} -> {0} != '', "
                               "splitByChar('&', {1})))",
                               pair, query));
  return fmt::format(
      "concat('{{', arrayStringConcat(arrayMap(({0}, {1}) -> concat(toJSONString({0}.1), ':', toJSONString({0}.2)), "
      "arrayFilter(({0}, {1}) -> {1} = 1, {2}, "
      "arrayEnumerateUniq(arrayMap({0} -> {0}.1, {2}))), arrayFilter({1} -> {1} = 1, arrayEnumerateUniq(arrayMap({0} "
      "-> {0}.1, {2})))), ','), '}}')",
      pair, index, pairs);
}

Result<Scalar> lower_parse_url(LoweringContext& context, Arguments a) {
  const std::string parts = context.bind(
      fmt::format("extractGroups({}, "
                  "'(?s)^(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\\\\[[^\\\\]]*\\\\]|[^:/"
                  "?#]*)(?::([0-9]*))?(/[^?#]*)?(?:[?]([^#]*))?(?:#(.*))?$')",
                  a[0].sql));
  const auto part = [&](int index) { return fmt::format("toJSONString({}[{}])", parts, index); };
  return computed(Kind::kDynamic,
                  fmt::format("toNullable({})", bag_of({{"Scheme", part(1)},
                                                        {"Host", part(4)},
                                                        {"Port", part(5)},
                                                        {"Path", part(6)},
                                                        {"Username", part(2)},
                                                        {"Password", part(3)},
                                                        {"Query Parameters", query_bag(context, parts + "[7]")},
                                                        {"Fragment", part(8)}})));
}

Result<Scalar> lower_parse_urlquery(LoweringContext& context, Arguments a) {
  const std::string query = context.bind(fmt::format("replaceRegexpOne({}, '^[?]', '')", a[0].sql));
  return computed(Kind::kDynamic,
                  fmt::format("toNullable({})", bag_of({{"Query Parameters", query_bag(context, query)}})));
}

Result<Scalar> lower_parse_path(LoweringContext& context, Arguments a) {
  const std::string scheme =
      context.bind(fmt::format("extractGroups({}, '(?s)^(?:([A-Za-z][A-Za-z0-9+.-]+)://)?(.*)$')", a[0].sql));
  const std::string rest = scheme + "[2]";
  // The stream stands behind a colon in the file name; the root is a drive or the part before the first slash.
  const std::string parts = context.bind(
      fmt::format("extractGroups({}, '(?s)^((?:.*[\\\\\\\\/])?)([^\\\\\\\\/:]*)(?::([^\\\\\\\\/]*))?$')", rest));
  const std::string directory = context.bind(fmt::format("replaceRegexpOne({}[1], '[\\\\\\\\/]+$', '')", parts));
  const std::string root = fmt::format("extractGroups({}, '^([A-Za-z]:)')[1]", directory);
  const auto text = [](const std::string& sql) { return fmt::format("toJSONString({})", sql); };
  return computed(
      Kind::kDynamic,
      fmt::format("toNullable({})",
                  bag_of({{"Scheme", text(scheme + "[1]")},
                          {"RootPath", text(root)},
                          {"DirectoryPath", text(directory)},
                          {"DirectoryName", text(fmt::format("extractGroups({}, '([^\\\\\\\\/]*)$')[1]", directory))},
                          {"Filename", text(parts + "[2]")},
                          {"Extension", text(fmt::format("extractGroups({}[2], '[.]([^.]*)$')[1]", parts))},
                          {"AlternateDataStreamName", text(parts + "[3]")}})));
}

// Four numbers of up to eight digits in one, so that versions compare as numbers.
Result<Scalar> lower_parse_version(LoweringContext& context, Arguments a) {
  const std::string parts = context.bind(fmt::format("splitByChar('.', {})", a[0].sql));
  std::string sum = "toDecimal256(0, 18)";
  const char* weights[] = {"1000000000000000000000000", "10000000000000000", "100000000", "1"};
  for (int i = 0; i < 4; ++i)
    sum += fmt::format(" + toDecimal256(toDecimal256OrZero({}[{}], 0) * toDecimal256('{}', 0), 18)", parts, i + 1,
                       weights[i]);
  return computed(Kind::kDecimal,
                  fmt::format("if(match({}, '^[0-9]{{1,8}}([.][0-9]{{1,8}}){{0,3}}$'), {}, NULL)", a[0].sql, sum));
}

// $.a.b[0] read out of JSON text.
Result<Scalar> lower_extract_json(LoweringContext& context, Arguments a) {
  const std::string path = constant_text(a[0]).value_or("");
  if (path.empty() || path[0] != '$') return argument_error("extract_json() needs a path that begins with $");
  GARRISON_ASSIGN(Scalar document, cast_to(context, a[1], Kind::kDynamic));
  Scalar value = document;
  for (std::size_t i = 1; i < path.size();) {
    if (path[i] == '.') {
      const std::size_t end = std::min(path.find_first_of(".[", i + 1), path.size());
      if (end == i + 1) return argument_error("extract_json() cannot read the path " + path);
      GARRISON_ASSIGN(value, lower_member(context, value, path.substr(i + 1, end - i - 1)));
      i = end;
    } else if (path[i] == '[') {
      const std::size_t end = path.find(']', i);
      if (end == std::string::npos || end == i + 1)
        return argument_error("extract_json() cannot read the path " + path);
      std::string step = path.substr(i + 1, end - i - 1);
      if (step.front() == '\'' || step.front() == '"') {
        GARRISON_ASSIGN(value, lower_member(context, value, step.substr(1, step.size() < 2 ? 0 : step.size() - 2)));
      } else if (step.find_first_not_of("0123456789") == std::string::npos && step.size() < 10) {
        GARRISON_ASSIGN(value, lower_element(context, value, make_long(std::stoll(step))));
      } else {
        return argument_error("extract_json() cannot read the path " + path);
      }
      i = end + 1;
    } else {
      return argument_error("extract_json() cannot read the path " + path);
    }
  }
  return cast_to(context, value, a.size() > 2 ? a[2].kind : Kind::kString);
}

}  // namespace

const std::vector<Function>& parse_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function extract_json =
        function_entry("extract_json(path: string!, json: any, type: any?): string or the type",
                       "Reads a path such as $.a.b[0] out of JSON text.",
                       {"print extract_json('$.a[1]', '{\"a\": [1, 2]}', typeof(long))", "[[2]]"}, lower_extract_json);
    return std::vector<Function>{
        extract_json,
        spelled(extract_json, "extractjson", "Old spelling of extract_json()."),
        function_entry("parse_command_line(line: string, kind: string!): dynamic",
                       "Splits a Windows command line into its arguments.",
                       {"print parse_command_line('a \"b c\"', 'windows')", "[[[\"a\", \"b c\"]]]"},
                       lower_parse_command_line, CostClass::kHeavy),
        function_entry("parse_csv(text: string): dynamic", "Splits the first record of a CSV text.",
                       {"print parse_csv('a,\"b,c\"')", "[[[\"a\", \"b,c\"]]]"}, lower_parse_csv, CostClass::kHeavy),
        function_entry("parse_path(path: string): dynamic", "Parts of a file path.",
                       {"print parse_path('C:\\\\a\\\\b.txt').Filename", "[[\"b.txt\"]]"}, lower_parse_path),
        function_entry("parse_url(url: string): dynamic", "Parts of a URL.",
                       {"print parse_url('https://h.example:8080/p?k=v').Port", "[[\"8080\"]]"}, lower_parse_url),
        function_entry("parse_urlquery(query: string): dynamic", "Parameters of the query part of a URL.",
                       {"print parse_urlquery('a=1&b=2')['Query Parameters'].b", "[[\"2\"]]"}, lower_parse_urlquery),
        function_entry("parse_version(version: string): decimal",
                       "A version of up to four numbers as a number that compares.",
                       {"print parse_version('1.10') > parse_version('1.9')", "[[true]]"}, lower_parse_version),
        function_entry("parse_xml(xml: string): dynamic",
                       "Reads XML: attributes as @name, text as #text; null when it is not well formed.",
                       {"print parse_xml('<a b=\"1\">t</a>').a['@b']", "[[\"1\"]]"}, lower_parse_xml,
                       CostClass::kHeavy),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql
