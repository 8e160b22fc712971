// SPDX-License-Identifier: Apache-2.0
// join and lookup.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

enum class JoinKind { kInnerUnique, kInner, kLeftOuter, kRightOuter, kFullOuter, kLeftSemi, kRightSemi, kLeftAnti, kRightAnti };

std::optional<JoinKind> parse_join_kind(std::string_view name) {
  static const std::map<std::string, JoinKind, std::less<>> kKinds = {
      {"innerunique", JoinKind::kInnerUnique}, {"inner", JoinKind::kInner},
      {"leftouter", JoinKind::kLeftOuter},     {"rightouter", JoinKind::kRightOuter},
      {"fullouter", JoinKind::kFullOuter},     {"outer", JoinKind::kFullOuter},
      {"leftsemi", JoinKind::kLeftSemi},       {"semi", JoinKind::kLeftSemi},
      {"rightsemi", JoinKind::kRightSemi},     {"leftanti", JoinKind::kLeftAnti},
      {"anti", JoinKind::kLeftAnti},           {"leftantisemi", JoinKind::kLeftAnti},
      {"rightanti", JoinKind::kRightAnti},     {"rightantisemi", JoinKind::kRightAnti}};
  const auto found = kKinds.find(text::ascii_lower(name));
  if (found == kKinds.end()) return std::nullopt;
  return found->second;
}

struct KeyPair {
  const syntax::Expression* left = nullptr;
  const syntax::Expression* right = nullptr;
};

bool names_side(const syntax::Expression& expression, std::string_view side) {
  if (const auto* path = expression.as<syntax::Path>()) {
    const auto* base = path->base->as<syntax::NameRef>();
    return (base != nullptr && base->name.text == side) || names_side(*path->base, side);
  }
  if (const auto* element = expression.as<syntax::Element>()) return names_side(*element->base, side);
  if (const auto* call = expression.as<syntax::Call>()) {
    return std::any_of(call->arguments.begin(), call->arguments.end(),
                       [&](const auto& argument) { return names_side(*argument, side); });
  }
  return false;
}

Result<void> collect_keys(OperatorCall& call, const syntax::Expression& condition, std::vector<KeyPair>& keys) {
  if (const auto* logical = condition.as<syntax::Logical>();
      logical != nullptr && logical->op == syntax::LogicalOperator::kAnd) {
    for (const auto& term : logical->terms) GARRISON_TRY(collect_keys(call, *term, keys));
    return {};
  }
  if (const auto* binary = condition.as<syntax::Binary>();
      binary != nullptr && binary->op == syntax::BinaryOperator::kEqual) {
    const bool swapped = names_side(*binary->left, "$right") || names_side(*binary->right, "$left");
    keys.push_back(swapped ? KeyPair{binary->right.get(), binary->left.get()}
                           : KeyPair{binary->left.get(), binary->right.get()});
    return {};
  }
  if (condition.is<syntax::NameRef>()) {
    keys.push_back({&condition, &condition});
    return {};
  }
  return call.binder.fail(condition.span, code::kWrongArgument,
                          "a join condition is a column name or $left.a == $right.b");
}

// The kind in which values of both are compared.
std::optional<Kind> common_kind(Kind left, Kind right) {
  if (left == right) return left;
  const auto rank = [](Kind kind) {
    switch (kind) {
      case Kind::kInt: return 1;
      case Kind::kLong: return 2;
      case Kind::kReal: return 3;
      case Kind::kDecimal: return 4;
      default: return 0;
    }
  };
  if (rank(left) != 0 && rank(right) != 0) return rank(left) > rank(right) ? left : right;
  if (left == Kind::kDynamic) return right;
  if (right == Kind::kDynamic) return left;
  return std::nullopt;
}

// Columns that an outer join may leave without value.
void make_optional(Binder& binder, Relation& relation) {
  ExpressionBinder rows(binder, nullptr, &relation);
  for (Column& column : relation.columns) {
    if (column.definition && column.definition->constant) column.definition = nullptr;
    if (column.kind == Kind::kString || column.nullable) continue;
    Scalar value = make_column(column.kind, column_sql(column.id), {});
    value.sql = "toNullable(" + value.sql + ")";
    column.id = rows.define(value);
    column.nullable = true;
    column.exact = false;
  }
}

Result<Relation> join_relations(OperatorCall& call, Relation left, Relation right, JoinKind kind,
                                const std::vector<syntax::ExpressionPtr>& on, bool drop_right_keys) {
  Binder& binder = call.binder;
  std::vector<KeyPair> pairs;
  for (const auto& condition : on) GARRISON_TRY(collect_keys(call, *condition, pairs));
  if (pairs.empty()) return binder.fail(call.op.span, code::kWrongArgument, "a join needs a condition");
  const bool optional_left = kind == JoinKind::kRightOuter || kind == JoinKind::kFullOuter;
  const bool optional_right = kind == JoinKind::kLeftOuter || kind == JoinKind::kFullOuter;
  if (optional_left) make_optional(binder, left);
  if (optional_right) make_optional(binder, right);

  ExpressionBinder left_rows(binder, call.environment, &left);
  ExpressionBinder right_rows(binder, call.environment, &right);
  right_rows.set_right(&right);
  JoinNode join;
  std::vector<std::string> dropped;
  for (const KeyPair& pair : pairs) {
    GARRISON_ASSIGN(Scalar left_value, left_rows.scalar(*pair.left));
    GARRISON_ASSIGN(Scalar right_value, right_rows.scalar(*pair.right));
    const auto common = common_kind(left_value.kind, right_value.kind);
    if (!common) {
      return binder.fail(pair.left->span, code::kWrongType,
                         "the keys have different types: " + std::string(table::to_string(left_value.kind)) + " and " +
                             std::string(table::to_string(right_value.kind)));
    }
    if (left_value.kind != *common) {
      GARRISON_ASSIGN(left_value, cast_to(left_rows, left_value, *common));
      left_value.sql = exact_sql(left_value);
    }
    if (right_value.kind != *common) {
      GARRISON_ASSIGN(right_value, cast_to(right_rows, right_value, *common));
      right_value.sql = exact_sql(right_value);
    }
    JoinNode::Key key;
    key.left = left_rows.define(left_value);
    key.right = right_rows.define(right_value);
    key.real = *common == Kind::kReal;
    key.null_safe = *common != Kind::kString && (left_value.nullable && right_value.nullable);
    join.keys.push_back(key);
    dropped.push_back(implicit_name(*pair.right));
  }

  if (kind == JoinKind::kInnerUnique) {
    std::vector<ColumnId> ids;
    for (const JoinNode::Key& key : join.keys) ids.push_back(key.left);
    sort_in_place(left);
    left.node = make_node(LimitNode{std::move(left.node), "1", std::move(ids)});
  }
  if (kind == JoinKind::kRightSemi || kind == JoinKind::kRightAnti) {
    std::swap(left, right);
    for (JoinNode::Key& key : join.keys) std::swap(key.left, key.right);
  }
  Relation result;
  result.is_open = left.is_open || right.is_open;
  switch (kind) {
    case JoinKind::kInnerUnique:
    case JoinKind::kInner: join.shape = JoinShape::kInner; break;
    case JoinKind::kLeftOuter: join.shape = JoinShape::kLeft; break;
    case JoinKind::kRightOuter: join.shape = JoinShape::kRight; break;
    case JoinKind::kFullOuter: join.shape = JoinShape::kFull; break;
    case JoinKind::kLeftSemi:
    case JoinKind::kRightSemi: join.shape = JoinShape::kLeftSemi; break;
    case JoinKind::kLeftAnti:
    case JoinKind::kRightAnti: join.shape = JoinShape::kLeftAnti; break;
  }
  const bool keeps_right = join.shape != JoinShape::kLeftSemi && join.shape != JoinShape::kLeftAnti;
  NameSet names;
  for (const Column& column : left.columns) names.reserve(column.name);
  result.columns = std::move(left.columns);
  result.hidden = std::move(left.hidden);
  if (keeps_right) {
    for (Column& column : right.columns) {
      if (drop_right_keys && std::find(dropped.begin(), dropped.end(), column.name) != dropped.end()) continue;
      column.name = names.take(column.name);
      result.columns.push_back(std::move(column));
    }
  }
  join.left = std::move(left.node);
  join.right = std::move(right.node);
  result.node = make_node(std::move(join));
  return result;
}

}  // namespace

Result<Relation> bind_join(OperatorCall& call, const syntax::JoinOperator& op) {
  JoinKind kind = JoinKind::kInnerUnique;
  if (const std::string name = parameter_text(call.op, "kind"); !name.empty()) {
    const auto parsed = parse_join_kind(name);
    if (!parsed) return call.binder.fail(call.op.span, code::kWrongArgument, "unknown kind of join '" + name + "'");
    kind = *parsed;
  }
  GARRISON_ASSIGN(Relation right, call.binder.relation(*op.right, call.environment));
  return join_relations(call, std::move(call.input), std::move(right), kind, op.on, false);
}

Result<Relation> bind_lookup(OperatorCall& call, const syntax::LookupOperator& op) {
  JoinKind kind = JoinKind::kLeftOuter;
  if (const std::string name = parameter_text(call.op, "kind"); !name.empty()) {
    if (name == "inner") {
      kind = JoinKind::kInner;
    } else if (name != "leftouter") {
      return call.binder.fail(call.op.span, code::kWrongArgument, "lookup is leftouter or inner, not '" + name + "'");
    }
  }
  GARRISON_ASSIGN(Relation right, call.binder.relation(*op.right, call.environment));
  return join_relations(call, std::move(call.input), std::move(right), kind, op.on, true);
}

}  // namespace garrison::kql
