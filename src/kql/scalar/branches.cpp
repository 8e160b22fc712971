// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/branches.h"

#include <fmt/format.h>

#include <optional>

#include "kql/scalar/operators.h"

namespace garrison::kql {
namespace {

std::optional<Kind> common(Kind left, Kind right) {
  if (left == right) return left;
  if (left == Kind::kDynamic || right == Kind::kDynamic) return Kind::kDynamic;
  if (is_number(left) && is_number(right)) {
    if (left == Kind::kReal || right == Kind::kReal) return Kind::kReal;
    if (left == Kind::kDecimal || right == Kind::kDecimal) return Kind::kDecimal;
    return Kind::kLong;
  }
  return std::nullopt;
}

// A string inside a dynamic is a JSON string, not a document to be parsed.
Result<std::string> branch_sql(LoweringContext& context, const Scalar& value, Kind kind) {
  if (kind == Kind::kDynamic && value.kind != Kind::kDynamic) {
    return fmt::format("toNullable({})", json_sql(context, value));
  }
  GARRISON_ASSIGN(Scalar typed, cast_to(context, value, kind));
  return exact_sql(typed);
}

}  // namespace

Result<Branches> unify(LoweringContext& context, std::string_view function, Arguments values) {
  std::optional<Kind> kind;
  for (const auto& value : values) {
    if (is_constant_null(value) && value.kind == Kind::kDynamic) continue;
    const auto met = kind ? common(*kind, value.kind) : value.kind;
    if (!met) {
      return bad_input("KQL-0203", fmt::format("{}() mixes {} and {}; convert one of them", function,
                                               table::to_string(*kind), table::to_string(value.kind)));
    }
    kind = met;
  }
  Branches out;
  out.kind = kind.value_or(Kind::kDynamic);
  for (const auto& value : values) {
    GARRISON_ASSIGN(std::string sql, branch_sql(context, value, out.kind));
    out.sql.push_back(std::move(sql));
  }
  return out;
}

}  // namespace garrison::kql
