// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "kql/scalar/constant_json.h"
#include "kql/scalar/operator_families.h"
#include "kql/scalar/path_access.h"

namespace garrison::kql {
namespace {

bool is_arithmetic(BinaryOperator op) {
  return op <= BinaryOperator::kModulo;
}
bool is_comparison(BinaryOperator op) {
  return op >= BinaryOperator::kEqual && op <= BinaryOperator::kNotEqualIgnoreCase;
}
bool is_logical(BinaryOperator op) {
  return op == BinaryOperator::kAnd || op == BinaryOperator::kOr;
}

Result<Scalar> as_condition(LoweringContext& context, const Scalar& value, BinaryOperator op) {
  if (value.kind == Kind::kBool) return value;
  if (value.kind == Kind::kDynamic || is_integer(value.kind)) return cast_to(context, value, Kind::kBool);
  return bad_input("KQL-0201",
                   fmt::format("{} needs conditions, not a {}", spelling(op), table::to_string(value.kind)));
}

Scalar with_path(const Scalar& target, std::variant<std::string, std::int64_t> step) {
  Scalar out;
  out.kind = Kind::kDynamic;
  out.path = target.path ? *target.path : DynamicPath{target.sql, {}};
  out.path->steps.push_back(std::move(step));
  out.sql = path_sql(*out.path);
  out.is_aggregate = target.is_aggregate;
  out.is_row_dependent = target.is_row_dependent;
  return out;
}

std::string hint_of(const Scalar& target, std::string_view name) {
  return target.name_hint.empty() ? std::string(name) : fmt::format("{}_{}", target.name_hint, name);
}

}  // namespace

std::string_view spelling(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kAdd:
      return "+";
    case BinaryOperator::kSubtract:
      return "-";
    case BinaryOperator::kMultiply:
      return "*";
    case BinaryOperator::kDivide:
      return "/";
    case BinaryOperator::kModulo:
      return "%";
    case BinaryOperator::kAnd:
      return "and";
    case BinaryOperator::kOr:
      return "or";
    default:
      return "the operator";
  }
}

Result<Scalar> lower_logical(LoweringContext& context, BinaryOperator op, std::span<const Scalar> operands) {
  std::string sql;
  Scalar out = computed(Kind::kBool, "");
  out.nullable = false;
  out.is_row_dependent = false;
  for (const auto& operand : operands) {
    GARRISON_ASSIGN(Scalar condition, as_condition(context, operand, op));
    if (!sql.empty()) sql += op == BinaryOperator::kAnd ? " and " : " or ";
    sql += condition.sql;
    out.nullable = out.nullable || condition.nullable;
    out.is_aggregate = out.is_aggregate || operand.is_aggregate;
    out.is_row_dependent = out.is_row_dependent || operand.is_row_dependent;
  }
  out.sql = "(" + sql + ")";
  return out;
}

Result<Scalar> lower_binary(LoweringContext& context, BinaryOperator op, const Scalar& left, const Scalar& right) {
  if (is_logical(op)) {
    const Scalar both[] = {left, right};
    return lower_logical(context, op, both);
  }
  Result<Scalar> lowered = is_arithmetic(op)   ? lower_arithmetic(context, op, left, right)
                           : is_comparison(op) ? lower_comparison(context, op, left, right)
                                               : lower_text_match(context, op, left, right);
  if (!lowered.ok()) return lowered;
  lowered->is_aggregate = left.is_aggregate || right.is_aggregate;
  lowered->is_row_dependent = left.is_row_dependent || right.is_row_dependent;
  return lowered;
}

Result<Scalar> lower_member(LoweringContext&, const Scalar& target, std::string_view name) {
  if (target.kind != Kind::kDynamic) {
    return bad_input("KQL-0201", fmt::format("a {} has no member {}; only dynamic values have",
                                             table::to_string(target.kind), name));
  }
  Scalar out = with_path(target, std::string(name));
  out.name_hint = hint_of(target, name);
  return out;
}

Result<Scalar> lower_element(LoweringContext& context, const Scalar& target, const Scalar& index) {
  if (target.kind != Kind::kDynamic) {
    return bad_input("KQL-0201",
                     fmt::format("a {} has no elements; only dynamic values have", table::to_string(target.kind)));
  }
  if (index.kind == Kind::kString) {
    if (const auto name = constant_text(index)) return lower_member(context, target, *name);
  } else if (is_integer(index.kind)) {
    const auto position = constant_integer(index);
    if (position && target.text_items) {
      // Parts of a split text are read without a detour over JSON; behind the end the engine gives ''.
      const std::string items = context.bind(*target.text_items);
      const std::int64_t at = *position >= 0 ? *position + 1 : *position;
      Scalar out = computed(Kind::kDynamic,
                            fmt::format("if(toInt64(length({0})) >= {1}, toNullable(toJSONString({0}[{2}])), NULL)",
                                        items, at > 0 ? at : -at, at));
      out.text_item = fmt::format("{}[{}]", items, at);
      out.is_aggregate = target.is_aggregate;
      out.is_row_dependent = target.is_row_dependent;
      out.name_hint = hint_of(target, std::to_string(*position));
      return out;
    }
    if (position) {
      Scalar out = with_path(target, *position);
      if (target.text_items && *position != std::numeric_limits<std::int64_t>::max()) {
        out.text_item =
            fmt::format("arrayElementOrNull({}, {})", *target.text_items, *position >= 0 ? *position + 1 : *position);
      }
      out.name_hint = hint_of(target, std::to_string(*position));
      return out;
    }
  } else if (index.kind != Kind::kDynamic) {
    return bad_input("KQL-0201", fmt::format("an element is named by a text or a whole number, not by a {}",
                                             table::to_string(index.kind)));
  }
  const std::string root = context.bind(fmt::format("ifNull({}, '')", target.sql));
  std::string read;
  if (index.kind == Kind::kString) {
    read = fmt::format("JSONExtractRaw({}, {})", root, index.sql);
  } else if (is_integer(index.kind)) {
    const std::string position = context.bind(fmt::format("ifNull({}, -9000000000)", int64_sql(index)));
    read =
        fmt::format("if(startsWith({0}, '['), arrayElement(JSONExtractArrayRaw({0}), if({1} >= 0, {1} + 1, {1})), '')",
                    root, position);
  } else {
    const std::string key = context.bind(fmt::format("ifNull({}, '')", index.sql));
    read = fmt::format(
        "if(startsWith({1}, '\"'), JSONExtractRaw({0}, JSONExtractString({1})), if(startsWith({0}, '['), "
        "arrayElement(JSONExtractArrayRaw({0}), ifNull(toInt64OrNull({1}) + if(startsWith({1}, '-'), 0, 1), 0)), ''))",
        root, key);
  }
  Scalar out = computed(Kind::kDynamic, fmt::format("nullIf(nullIf({}, ''), 'null')", read));
  out.is_aggregate = target.is_aggregate || index.is_aggregate;
  out.is_row_dependent = target.is_row_dependent || index.is_row_dependent;
  return out;
}

}  // namespace garrison::kql
