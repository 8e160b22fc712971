// SPDX-License-Identifier: Apache-2.0
// Operators about the order and number of rows: sort, top, take, sample.
#include <algorithm>

#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

Result<SortTerm> bind_key(ExpressionBinder& rows, const syntax::SortKey& key) {
  GARRISON_ASSIGN(Scalar value, rows.scalar(*key.value));
  SortTerm term;
  term.ascending = key.order == syntax::SortOrder::kAscending;
  term.nulls_first = key.nulls == syntax::NullsOrder::kDefault ? term.ascending : key.nulls == syntax::NullsOrder::kFirst;
  // Sorting must not read an alias of a constant as a position.
  term.column = rows.define(value);
  return term;
}

std::string row_count(std::int64_t count) { return std::to_string(std::max<std::int64_t>(count, 0)); }

}  // namespace

Result<Relation> bind_sort(OperatorCall& call, const syntax::SortOperator& op) {
  Relation& input = call.input;
  ExpressionBinder rows(call.binder, call.environment, &input);
  std::vector<SortTerm> terms;
  for (const syntax::SortKey& key : op.keys) {
    GARRISON_ASSIGN(SortTerm term, bind_key(rows, key));
    terms.push_back(term);
  }
  input.order = std::move(terms);
  input.in_order = false;
  input.is_serialized = true;
  input.row_number.reset();
  return std::move(input);
}

Result<Relation> bind_top(OperatorCall& call, const syntax::TopOperator& op) {
  GARRISON_ASSIGN(const std::int64_t count, call.binder.constant_integer(*op.count, call.environment));
  Relation& input = call.input;
  ExpressionBinder rows(call.binder, call.environment, &input);
  GARRISON_ASSIGN(SortTerm term, bind_key(rows, op.by));
  input.order = {term};
  input.in_order = false;
  input.is_serialized = true;
  input.row_number.reset();
  sort_in_place(input);
  input.node = make_node(LimitNode{std::move(input.node), row_count(count), input.group_ids()});
  return std::move(input);
}

Result<Relation> bind_take(OperatorCall& call, const syntax::TakeOperator& op) {
  GARRISON_ASSIGN(const std::int64_t count, call.binder.constant_integer(*op.count, call.environment));
  Relation& input = call.input;
  sort_in_place(input);
  input.node = make_node(LimitNode{std::move(input.node), row_count(count), input.group_ids()});
  return std::move(input);
}

Result<Relation> bind_sample(OperatorCall& call, const syntax::SampleOperator& op) {
  GARRISON_ASSIGN(const std::int64_t count, call.binder.constant_integer(*op.count, call.environment));
  Relation& input = call.input;
  const ColumnId random = call.binder.arena().add_column(Kind::kLong, false);
  input.node = make_node(ExtendNode{std::move(input.node), {{random, "rand64()"}}});
  input.node = make_node(SortNode{std::move(input.node), {{random, true, true}}});
  input.node = make_node(LimitNode{std::move(input.node), row_count(count), input.group_ids()});
  input.order.clear();
  input.in_order = false;
  return std::move(input);
}

}  // namespace garrison::kql
