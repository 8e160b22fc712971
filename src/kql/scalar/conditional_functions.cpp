// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/branches.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

Result<std::string> condition_of(LoweringContext& context, std::string_view function, const Scalar& value) {
  if (value.kind != Kind::kBool && value.kind != Kind::kDynamic && !is_integer(value.kind)) {
    return bad_input("KQL-0203", fmt::format("a condition of {}() is a {}; it must be bool", function,
                                             table::to_string(value.kind)));
  }
  GARRISON_ASSIGN(Scalar condition, cast_to(context, value, Kind::kBool));
  return condition_sql(condition);
}

Result<Scalar> lower_iff(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string condition, condition_of(context, "iff", a[0]));
  GARRISON_ASSIGN(Branches branches, unify(context, "iff", a.subspan(1)));
  return computed(branches.kind, fmt::format("if({}, {}, {})", condition, branches.sql[0], branches.sql[1]));
}

Result<Scalar> lower_case(LoweringContext& context, Arguments a) {
  if (a.size() % 2 == 0) return argument_error("case() needs pairs of condition and value and then the default value");
  std::vector<Scalar> values;
  for (std::size_t i = 1; i < a.size(); i += 2) values.push_back(a[i]);
  values.push_back(a.back());
  GARRISON_ASSIGN(Branches branches, unify(context, "case", values));
  std::string sql = "multiIf(";
  for (std::size_t i = 0; i + 1 < a.size(); i += 2) {
    GARRISON_ASSIGN(std::string condition, condition_of(context, "case", a[i]));
    sql += fmt::format("{}, {}, ", condition, branches.sql[i / 2]);
  }
  return computed(branches.kind, sql + branches.sql.back() + ")");
}

Result<Scalar> lower_coalesce(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Branches branches, unify(context, "coalesce", a));
  if (branches.kind != Kind::kString) {
    return computed(branches.kind, fmt::format("coalesce({})", fmt::join(branches.sql, ", ")));
  }
  // An empty text counts as missing.
  std::string sql = "coalesce(";
  for (std::size_t i = 0; i + 1 < branches.sql.size(); ++i) sql += fmt::format("nullIf({}, ''), ", branches.sql[i]);
  return computed(Kind::kString, sql + branches.sql.back() + ")");
}

Result<Scalar> lower_isnull(LoweringContext&, Arguments a) {
  if (a[0].kind == Kind::kString) return total(Kind::kBool, "false");
  return total(Kind::kBool, fmt::format("isNull({})", a[0].sql));
}

Result<Scalar> lower_isnotnull(LoweringContext&, Arguments a) {
  if (a[0].kind == Kind::kString) return total(Kind::kBool, "true");
  return total(Kind::kBool, fmt::format("isNotNull({})", a[0].sql));
}

std::string empty_sql(LoweringContext& context, const Scalar& value) {
  if (value.kind == Kind::kString) return fmt::format("empty({})", value.sql);
  if (value.text_item) return fmt::format("empty({})", *value.text_item);
  if (value.kind == Kind::kDynamic) {
    const std::string raw = context.bind(fmt::format("ifNull({}, '')", value.sql));
    return fmt::format("({0} in ('', '\"\"', 'null'))", raw);
  }
  return fmt::format("isNull({})", value.sql);
}

Result<Scalar> lower_isempty(LoweringContext& context, Arguments a) {
  return total(Kind::kBool, empty_sql(context, a[0]));
}

Result<Scalar> lower_isnotempty(LoweringContext& context, Arguments a) {
  return total(Kind::kBool, fmt::format("(not {})", empty_sql(context, a[0])));
}

Result<Scalar> lower_not(LoweringContext&, Arguments a) {
  Scalar out = computed(Kind::kBool, fmt::format("(not {})", a[0].sql));
  out.nullable = a[0].nullable;
  return out;
}

Result<Scalar> extreme(LoweringContext& context, std::string_view name, std::string_view function, Arguments a) {
  GARRISON_ASSIGN(Branches branches, unify(context, name, a));
  if (branches.kind == Kind::kDynamic) return argument_error(fmt::format("{}() does not take dynamic values", name));
  return computed(branches.kind, fmt::format("{}({})", function, fmt::join(branches.sql, ", ")));
}

}  // namespace

const std::vector<Function>& conditional_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function iff =
        function_entry("iff(condition: any, then: any, otherwise: any): the common type of the branches",
                       "Chooses one of two values; a null condition takes the second.",
                       {"print iff(2 > 1, 'yes', 'no')", "[[\"yes\"]]"}, lower_iff);
    const Function isnotempty =
        function_entry("isnotempty(value: any): bool", "Tells whether a value is neither null nor the empty text.",
                       {"print isnotempty('')", "[[false]]"}, lower_isnotempty);
    const Function isnotnull =
        function_entry("isnotnull(value: any): bool", "Tells whether a value is not null; a text never is.",
                       {"print isnotnull(1)", "[[true]]"}, lower_isnotnull);
    return std::vector<Function>{
        function_entry("case(condition: any, then: any, otherwise: any*): the common type of the branches",
                       "Takes the value behind the first condition that holds, else the last value.",
                       {"print case(false, 'a', true, 'b', 'c')", "[[\"b\"]]"}, lower_case),
        function_entry("coalesce(value: any, others: any*): the common type of the arguments",
                       "Takes the first value that is not null and not the empty text.",
                       {"print coalesce(tolong('x'), 7)", "[[7]]"}, lower_coalesce),
        iff,
        spelled(iff, "iif", "Another spelling of iff()."),
        function_entry("isempty(value: any): bool", "Tells whether a value is null or the empty text.",
                       {"print isempty('')", "[[true]]"}, lower_isempty),
        isnotempty,
        isnotnull,
        function_entry("isnull(value: any): bool", "Tells whether a value is null; a text never is.",
                       {"print isnull(tolong('x'))", "[[true]]"}, lower_isnull),
        function_entry("max_of(value: any, others: any*): the common type of the arguments",
                       "Takes the greatest of its arguments.", {"print max_of(3, 7, 5)", "[[7]]"},
                       [](LoweringContext& context, Arguments a) { return extreme(context, "max_of", "greatest", a); }),
        function_entry("min_of(value: any, others: any*): the common type of the arguments",
                       "Takes the smallest of its arguments.", {"print min_of(3, 7, 5)", "[[3]]"},
                       [](LoweringContext& context, Arguments a) { return extreme(context, "min_of", "least", a); }),
        function_entry("not(condition: bool): bool", "Turns a condition around; null stays null.",
                       {"print not(true)", "[[false]]"}, lower_not),
        spelled(isnotempty, "notempty", "Old spelling of isnotempty()."),
        spelled(isnotnull, "notnull", "Old spelling of isnotnull()."),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql
