// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/path_access.h"

#include <fmt/format.h>

#include <algorithm>

#include "kql/scalar/operators.h"

namespace garrison::kql {
namespace {

using Step = std::variant<std::string, std::int64_t>;

// The engine counts from 1, and from the end with negative numbers as KQL does.
std::string step_sql(const Step& step) {
  if (const auto* name = std::get_if<std::string>(&step)) return quote_text(*name);
  const std::int64_t index = std::get<std::int64_t>(step);
  return std::to_string(index >= 0 ? index + 1 : index);
}

std::string steps_sql(const DynamicPath& path, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += ", " + step_sql(path.steps[i]);
  return out;
}

}  // namespace

std::string path_sql(const DynamicPath& path) {
  const std::string root = fmt::format("ifNull({}, '')", path.root);
  std::string read = fmt::format("JSONExtractRaw({}{})", root, steps_sql(path, path.steps.size()));
  // An index on a bag would take its n-th value: ask for an array first.
  std::string guard;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    if (!std::holds_alternative<std::int64_t>(path.steps[i])) continue;
    if (!guard.empty()) guard += " and ";
    if (i == 0) {
      guard += fmt::format("startsWith({}, '[')", root);
    } else {
      guard += fmt::format("JSONType({}{}) = 'Array'", root, steps_sql(path, i));
    }
  }
  if (!guard.empty()) read = fmt::format("if({}, {}, '')", guard, read);
  return fmt::format("nullIf(nullIf({}, ''), 'null')", read);
}

std::optional<std::string> typed_path_sql(const DynamicPath& path, std::string_view type) {
  const bool has_index = std::any_of(path.steps.begin(), path.steps.end(),
                                     [](const Step& step) { return std::holds_alternative<std::int64_t>(step); });
  if (has_index) return std::nullopt;
  return fmt::format("JSONExtract(ifNull({}, ''){}, '{}')", path.root, steps_sql(path, path.steps.size()), type);
}

}  // namespace garrison::kql
