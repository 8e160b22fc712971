// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "kql/scalar/constant_json.h"
#include "kql/scalar/operator_families.h"
#include "kql/scalar/text_match.h"
#include "table/text_index.h"

namespace garrison::kql {
namespace {

bool is_negated(ListOperator op) {
  return op == ListOperator::kNotIn || op == ListOperator::kNotInIgnoreCase;
}
bool ignores_case(ListOperator op) {
  return op == ListOperator::kInIgnoreCase || op == ListOperator::kNotInIgnoreCase;
}
bool is_has(ListOperator op) {
  return op == ListOperator::kHasAny || op == ListOperator::kHasAll;
}

Scalar predicate(ListOperator op, const std::string& sql) {
  return total(Kind::kBool, is_negated(op) ? fmt::format("(not {})", sql) : sql);
}

// Array(String) of the display texts of a dynamic array, for lists known only at run time.
std::string texts_of(LoweringContext& context, const Scalar& list) {
  const std::string name = context.fresh_name("v");
  return fmt::format("arrayMap({} -> {}, {})", name, element_text(name), items_sql(list));
}

std::string folded_name(const std::string& name, bool fold) {
  return fold ? fmt::format("lowerUTF8({})", name) : name;
}

// Constant arrays are spread into their elements, everything else stays as it is.
std::vector<Scalar> spread(std::span<const Scalar> list) {
  std::vector<Scalar> out;
  for (const auto& item : list) {
    if (auto elements = constant_elements(item)) {
      out.insert(out.end(), elements->begin(), elements->end());
    } else {
      out.push_back(item);
    }
  }
  return out;
}

bool is_run_time_list(const Scalar& item) {
  return item.kind == Kind::kDynamic && !item.constant;
}

Result<std::string> in_texts(LoweringContext& context, ListOperator op, const Scalar& left,
                             std::span<const Scalar> list) {
  const bool fold = ignores_case(op);
  const std::string subject = fold ? lower_sql(left) : left.sql;
  std::vector<std::string> constants;
  std::vector<std::string> alternatives;
  std::string folded;
  for (const auto& item : list) {
    if (is_run_time_list(item)) {
      const std::string name = context.fresh_name("v");
      alternatives.push_back(fmt::format("arrayExists({0} -> {1} = {2}, {3})", name, folded_name(name, fold),
                                         context.bind(subject), texts_of(context, item)));
      continue;
    }
    GARRISON_ASSIGN(Scalar text, as_text(context, item));
    if (text.constant) {
      constants.push_back(fold ? lower_sql(text) : text.sql);
      if (left.text_indexed) folded += (folded.empty() ? "" : ", ") + table::text_index_expression(text.sql);
    } else {
      alternatives.push_back(fmt::format("{} = {}", context.bind(subject), fold ? lower_sql(text) : text.sql));
    }
  }
  if (!constants.empty()) {
    std::string in = fmt::format("{} in ({})", subject, fmt::join(constants, ", "));
    // A long list or an empty text makes the index of no use.
    const bool has_empty = std::find(constants.begin(), constants.end(), "''") != constants.end();
    if (left.text_indexed && !is_negated(op) && !has_empty && constants.size() <= 100) {
      // Behind the list itself: where the index skips nothing, only its rows are folded.
      in = fmt::format("({} and {} in ({}))", in, table::text_index_expression(left.sql), folded);
    }
    alternatives.insert(alternatives.begin(), in);
  }
  if (alternatives.empty()) return std::string("false");
  return fmt::format("({})", fmt::join(alternatives, " or "));
}

Result<std::string> in_values(LoweringContext& context, const Scalar& left, std::span<const Scalar> list) {
  std::vector<std::string> constants;
  std::vector<std::string> alternatives;
  for (const auto& item : list) {
    if (is_constant_null(item)) continue;
    if (is_run_time_list(item)) {
      GARRISON_ASSIGN(Scalar text, as_text(context, left));
      alternatives.push_back(fmt::format("has({}, {})", texts_of(context, item), text.sql));
      continue;
    }
    GARRISON_ASSIGN(auto both, to_common_kind(context, left, item));
    if (both.second.constant && both.first.kind == left.kind) {
      constants.push_back(both.second.sql);
    } else {
      alternatives.push_back(fmt::format("ifNull({} = {}, false)", both.first.sql, both.second.sql));
    }
  }
  if (!constants.empty()) {
    alternatives.insert(alternatives.begin(),
                        fmt::format("ifNull({} in ({}), false)", left.sql, fmt::join(constants, ", ")));
  }
  if (alternatives.empty()) return std::string("false");
  return fmt::format("({})", fmt::join(alternatives, " or "));
}

// Needles of has_any and has_all that are known only at run time.
std::string has_run_time_list(LoweringContext& context, ListOperator op, const Scalar& text, const Scalar& list) {
  const std::string name = context.fresh_name("n");
  const std::string match = fmt::format(
      "({0} = '' or match({1}, concat('(?:^|[^\\\\p{{L}}\\\\p{{N}}])', regexpQuoteMeta(lowerUTF8({0})), "
      "'(?:$|[^\\\\p{{L}}\\\\p{{N}}])')))",
      name, context.bind(lower_sql(text)));
  return fmt::format("{}({} -> {}, {})", op == ListOperator::kHasAny ? "arrayExists" : "arrayAll", name, match,
                     texts_of(context, list));
}

Result<std::string> has_list(LoweringContext& context, ListOperator op, const Scalar& text,
                             std::span<const Scalar> list) {
  std::vector<Scalar> needles;
  std::vector<std::string> parts;
  for (const auto& item : list) {
    if (is_run_time_list(item)) {
      parts.push_back(has_run_time_list(context, op, text, item));
      continue;
    }
    GARRISON_ASSIGN(Scalar needle, as_text(context, item));
    needles.push_back(std::move(needle));
  }
  if (op == ListOperator::kHasAny) {
    if (!needles.empty()) parts.insert(parts.begin(), has_any_term_sql(context, text, needles));
    return parts.empty() ? std::string("false") : fmt::format("({})", fmt::join(parts, " or "));
  }
  for (const auto& needle : needles) parts.push_back(has_term_sql(context, text, needle, Case::kIgnored));
  return parts.empty() ? std::string("true") : fmt::format("({})", fmt::join(parts, " and "));
}

}  // namespace

Result<Scalar> lower_list(LoweringContext& context, ListOperator op, const Scalar& left, std::span<const Scalar> list) {
  const std::vector<Scalar> items = spread(list);
  std::string sql;
  if (is_has(op)) {
    GARRISON_ASSIGN(Scalar text, as_text(context, left));
    GARRISON_ASSIGN(sql, has_list(context, op, text, items));
    return total(Kind::kBool, sql);
  }
  const bool all_texts = std::all_of(items.begin(), items.end(), [](const Scalar& item) {
    return item.kind == Kind::kString || item.kind == Kind::kDynamic;
  });
  if (left.kind == Kind::kString || left.kind == Kind::kGuid || ignores_case(op) ||
      (left.kind == Kind::kDynamic && all_texts)) {
    GARRISON_ASSIGN(Scalar text, as_text(context, left));
    GARRISON_ASSIGN(sql, in_texts(context, op, text, items));
  } else if (left.kind == Kind::kDynamic) {
    // The members decide in which kind a dynamic value is looked up.
    GARRISON_ASSIGN(auto both, to_common_kind(context, left, items.front()));
    GARRISON_ASSIGN(sql, in_values(context, both.first, items));
  } else {
    GARRISON_ASSIGN(sql, in_values(context, left, items));
  }
  return predicate(op, sql);
}

Result<Scalar> lower_in_subquery(LoweringContext& context, ListOperator op, const Scalar& left, Kind kind,
                                 std::string_view subquery) {
  if (is_has(op)) {
    GARRISON_ASSIGN(Scalar text, as_text(context, left));
    const std::string name = context.fresh_name("n");
    const std::string match = fmt::format(
        "({0} = '' or match({1}, concat('(?:^|[^\\\\p{{L}}\\\\p{{N}}])', regexpQuoteMeta(lowerUTF8({0})), "
        "'(?:$|[^\\\\p{{L}}\\\\p{{N}}])')))",
        name, context.bind(lower_sql(text)));
    return total(Kind::kBool,
                 fmt::format("{}({} -> {}, (select groupArray(toString(COLUMNS('.'))) from ({})))",
                             op == ListOperator::kHasAny ? "arrayExists" : "arrayAll", name, match, subquery));
  }
  if (ignores_case(op)) {
    GARRISON_ASSIGN(Scalar text, as_text(context, left));
    return predicate(
        op, fmt::format("({} in (select lowerUTF8(toString(COLUMNS('.'))) from ({})))", lower_sql(text), subquery));
  }
  Scalar subject = left;
  std::string rows(subquery);
  if (kind == Kind::kDynamic) {
    // Elements of dynamic arrays count one by one.
    rows = fmt::format(
        "select arrayJoin(arrayMap(v -> if(startsWith(v, '\"'), JSONExtractString(v), v), "
        "if(startsWith(ifNull(COLUMNS('.'), ''), '['), JSONExtractArrayRaw(ifNull(COLUMNS('.'), '')), "
        "[ifNull(COLUMNS('.'), "
        "'')]))) from ({})",
        subquery);
    GARRISON_ASSIGN(subject, as_text(context, left));
  } else if (left.kind != kind && !(is_number(left.kind) && is_number(kind))) {
    GARRISON_ASSIGN(subject, cast_to(context, left, kind));
  }
  return predicate(op, fmt::format("ifNull({} in ({}), false)", subject.sql, rows));
}

Result<Scalar> lower_between(LoweringContext& context, BetweenOperator op, const Scalar& left, const Scalar& low,
                             const Scalar& high) {
  Scalar end = high;
  if (high.kind == Kind::kTimespan && low.kind == Kind::kDateTime) {
    GARRISON_ASSIGN(end, lower_binary(context, BinaryOperator::kAdd, low, high));
  }
  GARRISON_ASSIGN(Scalar above, lower_binary(context, BinaryOperator::kGreaterOrEqual, left, low));
  GARRISON_ASSIGN(Scalar below, lower_binary(context, BinaryOperator::kLessOrEqual, left, end));
  Scalar out = computed(Kind::kBool, fmt::format("({} and {})", above.sql, below.sql));
  out.nullable = above.nullable || below.nullable;
  if (op == BetweenOperator::kNotBetween) {
    // Null is outside every range.
    out = total(Kind::kBool, fmt::format("(not {})", condition_sql(out)));
  }
  out.is_aggregate = left.is_aggregate || low.is_aggregate || high.is_aggregate;
  out.is_row_dependent = left.is_row_dependent || low.is_row_dependent || high.is_row_dependent;
  return out;
}

}  // namespace garrison::kql
