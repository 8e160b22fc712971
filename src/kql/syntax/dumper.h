// SPDX-License-Identifier: Apache-2.0
// The printer behind dump(). Internal to the syntax folder: dump.cpp has expressions and statements, dump_operators.cpp
// the tabular operators.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kql/syntax/tree.h"

namespace garrison::kql::syntax {

class Dumper {
 public:
  std::string take() { return std::move(out_); }

  void write(const Query& query);

  void write(const Statement& statement);

  void write(const Pipeline& pipeline);

  void write(const Operator& op);

  void write(const Expression& expression);

 private:
  // ---- parts, each with a blank before it ----
  void part(const ExpressionPtr& expression);
  void part(const PipelinePtr& pipeline);
  void parts(const std::vector<ExpressionPtr>& list);
  void clause(std::string_view title, const ExpressionPtr& expression);
  void clause(std::string_view title, const std::vector<ExpressionPtr>& list);
  void name(const Name& name);
  void parameters(const std::vector<Parameter>& list);
  void declaration(const ColumnDeclaration& column);
  void schema(const Schema& schema);
  void list(std::string_view title, const std::vector<ExpressionPtr>& items);
  void sort_key(const SortKey& key);

  // ---- expressions ----
  void write_node(const Missing&);
  void write_node(const Star&);
  void write_node(const NameRef& node);
  void write_node(const TypedName& node);
  void write_node(const TypeSchema& node);
  void write_node(const Literal& literal);
  void write_node(const Path& node);
  void write_node(const Element& node);
  void write_node(const Call& node);
  void write_node(const Unary& node);
  void write_node(const Binary& node);
  void write_node(const Logical& node);
  void write_node(const Membership& node);
  void write_node(const Between& node);
  void write_node(const Assignment& node);
  void write_node(const PipelineExpression& node);
  void write_node(const DataTable& node);
  void write_node(const ExternalData& node);
  void write_node(const InlineExternalTable& node);
  void write_node(const ContextualDataTable& node);
  void write_node(const EntityGroup& node);

  // ---- operators: what follows the keyword and the parameters ----
  void write_node(const UnknownOperator&);
  void write_node(const AsOperator& node);
  void write_node(const AssertSchemaOperator& node);
  void write_node(const ConsumeOperator&);
  void write_node(const CountOperator& node);
  void write_node(const DistinctOperator& node);
  void write_node(const EvaluateOperator& node);
  void write_node(const ExecuteAndCacheOperator&);
  void write_node(const ExtendOperator& node);
  void write_node(const FacetOperator& node);
  void write_node(const FindOperator& node);
  void write_node(const ForkOperator& node);
  void write_node(const GetSchemaOperator&);
  void pattern(const std::vector<GraphPattern>& patterns);
  void write_node(const GraphMatchOperator& node);
  void write_node(const GraphShortestPathsOperator& node);
  void write_node(const GraphMarkComponentsOperator&);
  void write_node(const GraphWhereNodesOperator& node);
  void write_node(const GraphWhereEdgesOperator& node);
  void write_node(const GraphToTableOperator& node);
  void write_node(const MakeGraphOperator& node);
  void write_node(const InvokeOperator& node);
  void write_node(const JoinOperator& node);
  void write_node(const LookupOperator& node);
  void write_node(const MakeSeriesOperator& node);
  void expand_columns(const std::vector<ExpandColumn>& columns);
  void write_node(const MvApplyOperator& node);
  void write_node(const MvExpandOperator& node);
  void write_node(const ParseOperator& node);
  void write_node(const ParseKvOperator& node);
  void write_node(const PartitionOperator& node);
  void write_node(const PrintOperator& node);
  void write_node(const ProjectOperator& node);
  void write_node(const ProjectReorderOperator& node);
  void write_node(const RangeOperator& node);
  void write_node(const ReduceOperator& node);
  void write_node(const RenderOperator& node);
  void write_node(const SampleOperator& node);
  void write_node(const SampleDistinctOperator& node);
  void write_node(const ScanOperator& node);
  void write_node(const SearchOperator& node);
  void write_node(const SerializeOperator& node);
  void write_node(const SortOperator& node);
  void write_node(const SummarizeOperator& node);
  void write_node(const TakeOperator& node);
  void write_node(const TopOperator& node);
  void write_node(const TopHittersOperator& node);
  void write_node(const TopNestedOperator& node);
  void write_node(const UnionOperator& node);
  void write_node(const WhereOperator& node);
  void write_node(const MacroExpandOperator& node);

  // ---- statements ----
  void write_node(const QueryStatement& node);
  void write_node(const LetStatement& node);
  void write_node(const SetStatement& node);
  void write_node(const QueryParametersStatement& node);
  void write_node(const PatternStatement& node);
  void write_node(const AliasStatement& node);
  void write_node(const RestrictStatement& node);

  void declaration(const ParameterDeclaration& parameter);
  void declarations(const std::vector<ParameterDeclaration>& list);
  void body(const FunctionBody& body);

  std::string out_;
};

}  // namespace garrison::kql::syntax
