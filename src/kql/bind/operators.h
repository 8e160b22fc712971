// SPDX-License-Identifier: Apache-2.0
// The tabular operators: one function each, in files by family. `bind_operator` finds the one of a syntax node.
#pragma once

#include "kql/bind/binder.h"
#include "kql/syntax/operators.h"

namespace garrison::kql {

// What an operator gets: its node, the rows in front of it (node null at the head of a pipeline), the names in reach,
// and its place in the pipeline for `as` and `invoke`.
struct OperatorCall {
  Binder& binder;
  const syntax::Operator& op;
  EnvironmentPtr& environment;  // `as` adds to it
  Relation input;
  const syntax::Pipeline* pipeline = nullptr;
  std::size_t index = 0;
  EnvironmentPtr pipeline_environment;

  bool has_input() const { return input.node != nullptr; }
};

Result<Relation> bind_operator(OperatorCall call);

// One each, defined in the file of their family.
Result<Relation> bind_where(OperatorCall& call, const syntax::WhereOperator& op);
Result<Relation> bind_extend(OperatorCall& call, const syntax::ExtendOperator& op);
Result<Relation> bind_project(OperatorCall& call, const syntax::ProjectOperator& op);
Result<Relation> bind_project_reorder(OperatorCall& call, const syntax::ProjectReorderOperator& op);
Result<Relation> bind_serialize(OperatorCall& call, const syntax::SerializeOperator& op);
Result<Relation> bind_print(OperatorCall& call, const syntax::PrintOperator& op);
Result<Relation> bind_range(OperatorCall& call, const syntax::RangeOperator& op);
Result<Relation> bind_summarize(OperatorCall& call, const syntax::SummarizeOperator& op);
Result<Relation> bind_distinct(OperatorCall& call, const syntax::DistinctOperator& op);
Result<Relation> bind_count(OperatorCall& call, const syntax::CountOperator& op);
Result<Relation> bind_sort(OperatorCall& call, const syntax::SortOperator& op);
Result<Relation> bind_top(OperatorCall& call, const syntax::TopOperator& op);
Result<Relation> bind_take(OperatorCall& call, const syntax::TakeOperator& op);
Result<Relation> bind_sample(OperatorCall& call, const syntax::SampleOperator& op);
Result<Relation> bind_sample_distinct(OperatorCall& call, const syntax::SampleDistinctOperator& op);
Result<Relation> bind_top_hitters(OperatorCall& call, const syntax::TopHittersOperator& op);
Result<Relation> bind_top_nested(OperatorCall& call, const syntax::TopNestedOperator& op);
Result<Relation> bind_join(OperatorCall& call, const syntax::JoinOperator& op);
Result<Relation> bind_lookup(OperatorCall& call, const syntax::LookupOperator& op);
Result<Relation> bind_union(OperatorCall& call, const syntax::UnionOperator& op);
Result<Relation> bind_find(OperatorCall& call, const syntax::FindOperator& op);
Result<Relation> bind_search(OperatorCall& call, const syntax::SearchOperator& op);
Result<Relation> bind_mv_expand(OperatorCall& call, const syntax::MvExpandOperator& op);
Result<Relation> bind_mv_apply(OperatorCall& call, const syntax::MvApplyOperator& op);
Result<Relation> bind_partition(OperatorCall& call, const syntax::PartitionOperator& op);
Result<Relation> bind_make_series(OperatorCall& call, const syntax::MakeSeriesOperator& op);
Result<Relation> bind_parse(OperatorCall& call, const syntax::ParseOperator& op);
Result<Relation> bind_parse_kv(OperatorCall& call, const syntax::ParseKvOperator& op);
Result<Relation> bind_evaluate(OperatorCall& call, const syntax::EvaluateOperator& op);
Result<Relation> bind_invoke(OperatorCall& call, const syntax::InvokeOperator& op);
Result<Relation> bind_as(OperatorCall& call, const syntax::AsOperator& op);
Result<Relation> bind_render(OperatorCall& call, const syntax::RenderOperator& op);
Result<Relation> bind_get_schema(OperatorCall& call, const syntax::GetSchemaOperator& op);
Result<Relation> bind_consume(OperatorCall& call, const syntax::ConsumeOperator& op);
Result<Relation> bind_assert_schema(OperatorCall& call, const syntax::AssertSchemaOperator& op);

// Shared by the families.
// The columns that a list of names and wildcards selects, in the order of the list and then of the relation.
Result<std::vector<std::size_t>> select_columns(OperatorCall& call, const std::vector<syntax::ExpressionPtr>& list);
// A copy of the rows: a column list for a union, with types made exact.
Relation unite(Binder& binder, std::vector<Relation> branches, std::vector<std::string> names, bool inner_only,
               const std::string& source_column);
// Word or text value of a parameter; empty when absent.
std::string parameter_text(const syntax::Operator& op, std::string_view name);
// Makes the relation one that a query may use twice: a common table; gives a fresh use of it.
std::size_t share(Binder& binder, Relation relation, std::vector<Column>& columns);
// A relation of literal rows.
struct LiteralColumn {
  std::string name;
  Kind kind;
  std::vector<std::string> literals;
};
Relation literal_rows(Binder& binder, std::vector<LiteralColumn> columns, std::size_t num_rows);
// SQL literal that casts to the kind's engine type inside an array; the scalar must be constant.
std::string array_literal(const Scalar& value);

}  // namespace garrison::kql
