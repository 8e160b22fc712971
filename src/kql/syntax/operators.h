// SPDX-License-Identifier: Apache-2.0
// Tabular operators of the KQL syntax tree, one struct each. Synonyms share a struct (filter and where, limit and take,
// order and sort); `keyword` of the Operator tells what was written. Clauses that the text leaves out are null pointers
// or empty lists; clauses that it must have but lacks are Missing expressions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "kql/syntax/expression.h"

namespace garrison::kql::syntax {

struct Operator;
struct Statement;

// A source and what follows behind each `|`. `source` is null where the pipeline begins with an operator that makes
// its own rows (print, range, union, find, search, evaluate ...: then operators[0]) or takes the rows of the place
// (branches of fork, facet, mv-apply, partition).
struct Pipeline {
  Span span;
  ExpressionPtr source;
  std::vector<Operator> operators;
  std::uint16_t depth = 1;

  Pipeline();
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();
};

enum class SortOrder : std::uint8_t { kDefault, kAscending, kDescending };
enum class NullsOrder : std::uint8_t { kDefault, kFirst, kLast };

// Sort, top and partition keys; kDefault means that nothing was written.
struct SortKey {
  Span span;
  ExpressionPtr value;
  SortOrder order = SortOrder::kDefault;
  NullsOrder nulls = NullsOrder::kDefault;
};

// Lists named `columns` hold expressions, Assignments, Stars and wildcard NameRefs as the operator allows.
struct AsOperator {
  Name name;
};
struct AssertSchemaOperator {
  Schema schema;
};
struct ConsumeOperator {};
struct CountOperator {
  std::optional<Name> as;
};
struct DistinctOperator {
  std::vector<ExpressionPtr> columns;
};
// `call` is a Call; `schema` is the declared output after a colon.
struct EvaluateOperator {
  ExpressionPtr call;
  std::optional<Schema> schema;
};
struct ExecuteAndCacheOperator {};
struct ExtendOperator {
  std::vector<ExpressionPtr> columns;
};
struct FacetOperator {
  std::vector<ExpressionPtr> columns;
  PipelinePtr with;
};

enum class FindProject : std::uint8_t { kNone, kProject, kProjectSmart };
// find in (sources) where predicate project columns project-away columns. A column is a NameRef, TypedName, Star,
// or Call pack(*).
struct FindOperator {
  std::vector<ExpressionPtr> sources;
  ExpressionPtr predicate;
  FindProject project = FindProject::kNone;
  std::vector<ExpressionPtr> columns;
  std::vector<ExpressionPtr> away;
};

struct ForkBranch {
  std::optional<Name> name;
  PipelinePtr pipeline;
};
struct ForkOperator {
  std::vector<ForkBranch> branches;
};
struct GetSchemaOperator {};

enum class EdgeDirection : std::uint8_t { kOut, kIn, kAny };
// A node (name) or an edge [name] of a graph pattern; names may be absent. `min`, `max` are the hops of [e*1..3].
struct GraphElement {
  Span span;
  bool is_edge = false;
  std::optional<Name> name;
  EdgeDirection direction = EdgeDirection::kOut;
  bool variable_length = false;
  ExpressionPtr min;
  ExpressionPtr max;
};
struct GraphPattern {
  std::vector<GraphElement> elements;
};
struct GraphMatchOperator {
  std::vector<GraphPattern> patterns;
  ExpressionPtr where;
  std::vector<ExpressionPtr> project;
};
struct GraphShortestPathsOperator {
  std::vector<GraphPattern> patterns;
  ExpressionPtr where;
  std::vector<ExpressionPtr> project;
};
struct GraphMarkComponentsOperator {};
struct GraphWhereNodesOperator {
  ExpressionPtr predicate;
};
struct GraphWhereEdgesOperator {
  ExpressionPtr predicate;
};
// graph-to-table nodes as N with_node_id=i, edges as E
struct GraphOutput {
  Name what;
  std::optional<Name> as;
  std::vector<Parameter> parameters;
};
struct GraphToTableOperator {
  std::vector<GraphOutput> outputs;
};
// make-graph source --> target with T1 on k1, T2 on k2 [partitioned-by c (pipeline)], or with_node_id=name as
// parameter.
struct GraphNodes {
  ExpressionPtr table;
  Name key;
};
struct MakeGraphOperator {
  ExpressionPtr source;
  EdgeDirection direction = EdgeDirection::kOut;
  ExpressionPtr target;
  std::vector<GraphNodes> nodes;
  ExpressionPtr partitioned_by;
  PipelinePtr partition;
};

// `call` is a Call, or a Path ending in one.
struct InvokeOperator {
  ExpressionPtr call;
};
// join (right) on conditions, or `where` for a predicate form.
struct JoinOperator {
  ExpressionPtr right;
  std::vector<ExpressionPtr> on;
  ExpressionPtr where;
};
struct LookupOperator {
  ExpressionPtr right;
  std::vector<ExpressionPtr> on;
  ExpressionPtr where;
};

struct SeriesAggregate {
  ExpressionPtr value;
  ExpressionPtr default_value;
};
// make-series aggregates on axis from a to b step c by keys; `in range(a, b, c)` fills from, to, step and in_range.
struct MakeSeriesOperator {
  std::vector<SeriesAggregate> aggregates;
  ExpressionPtr on;
  ExpressionPtr from;
  ExpressionPtr to;
  ExpressionPtr step;
  bool in_range = false;
  std::vector<ExpressionPtr> by;
};

// column [to typeof(type)]; `type` is a Literal of kType or null.
struct ExpandColumn {
  ExpressionPtr value;
  ExpressionPtr type;
};
struct MvApplyOperator {
  std::vector<ExpandColumn> columns;
  ExpressionPtr limit;
  ExpressionPtr id;
  PipelinePtr body;
};
struct MvExpandOperator {
  std::vector<ExpandColumn> columns;
  ExpressionPtr limit;
};

// parse and parse-where. A part is a Star, a string Literal, a NameRef or a TypedName.
struct ParseOperator {
  bool where = false;
  ExpressionPtr value;
  std::vector<ExpressionPtr> pattern;
};
struct ParseKvOperator {
  ExpressionPtr value;
  Schema schema;
  std::vector<Parameter> properties;
};

// partition by column [in values] (pipeline) or { query }; `braces` tells the second form, where the pipeline has its
// own source.
struct PartitionOperator {
  ExpressionPtr by;
  ExpressionPtr in;
  bool braces = false;
  PipelinePtr body;
};
struct PrintOperator {
  std::vector<ExpressionPtr> columns;
};

enum class ProjectKind : std::uint8_t { kProject, kAway, kKeep, kRename, kSmart, kByNames };
struct ProjectOperator {
  ProjectKind kind = ProjectKind::kProject;
  std::vector<ExpressionPtr> columns;
};

enum class ReorderOrder : std::uint8_t { kDefault, kAscending, kDescending, kGrannyAscending, kGrannyDescending };
struct ReorderColumn {
  ExpressionPtr column;
  ReorderOrder order = ReorderOrder::kDefault;
};
struct ProjectReorderOperator {
  std::vector<ReorderColumn> columns;
};

struct RangeOperator {
  Name name;
  ExpressionPtr from;
  ExpressionPtr to;
  ExpressionPtr step;
};
struct ReduceOperator {
  ExpressionPtr by;
  std::vector<Parameter> with;
};
// render timechart with (title="x", ycolumns=a, b): a property with several values repeats.
struct RenderOperator {
  Name chart;
  std::vector<Parameter> properties;
};
struct SampleOperator {
  ExpressionPtr count;
};
struct SampleDistinctOperator {
  ExpressionPtr count;
  ExpressionPtr of;
};

struct ScanDeclaration {
  ColumnDeclaration column;
  ExpressionPtr default_value;
};
struct ScanStep {
  Span span;
  Name name;
  bool optional = false;
  std::vector<Parameter> parameters;  // output=all|last|none
  ExpressionPtr condition;
  std::vector<ExpressionPtr> assignments;  // each an Assignment
};
struct ScanOperator {
  std::vector<SortKey> order_by;
  std::vector<ExpressionPtr> partition_by;
  std::vector<ScanDeclaration> declarations;
  std::vector<ScanStep> steps;
};

struct SearchOperator {
  std::vector<ExpressionPtr> sources;
  ExpressionPtr predicate;
};
struct SerializeOperator {
  std::vector<ExpressionPtr> columns;
};
struct SortOperator {
  std::vector<SortKey> keys;
};
// `has_by` tells `summarize by` without keys from no `by` at all.
struct SummarizeOperator {
  std::vector<ExpressionPtr> aggregates;
  bool has_by = false;
  std::vector<ExpressionPtr> by;
};
struct TakeOperator {
  ExpressionPtr count;
};
struct TopOperator {
  ExpressionPtr count;
  SortKey by;
};
struct TopHittersOperator {
  ExpressionPtr count;
  ExpressionPtr of;
  ExpressionPtr by;
};
// top-nested n of column with others="rest" by aggregate desc, ...
struct TopNestedClause {
  ExpressionPtr count;
  ExpressionPtr of;
  ExpressionPtr others;
  SortKey by;
};
struct TopNestedOperator {
  std::vector<TopNestedClause> clauses;
};
struct UnionOperator {
  std::vector<ExpressionPtr> sources;
};
struct WhereOperator {
  ExpressionPtr predicate;
};
// macro-expand entity_group as scope ( statements )
struct MacroExpandOperator {
  ExpressionPtr group;
  Name scope;
  std::vector<Statement> body;
};
// A word behind `|` that is no operator; a diagnostic was given.
struct UnknownOperator {
  Name name;
};

struct Operator {
  using Node =
      std::variant<UnknownOperator, AsOperator, AssertSchemaOperator, ConsumeOperator, CountOperator, DistinctOperator,
                   EvaluateOperator, ExecuteAndCacheOperator, ExtendOperator, FacetOperator, FindOperator, ForkOperator,
                   GetSchemaOperator, GraphMatchOperator, GraphShortestPathsOperator, GraphMarkComponentsOperator,
                   GraphWhereNodesOperator, GraphWhereEdgesOperator, GraphToTableOperator, MakeGraphOperator,
                   InvokeOperator, JoinOperator, LookupOperator, MakeSeriesOperator, MvApplyOperator, MvExpandOperator,
                   ParseOperator, ParseKvOperator, PartitionOperator, PrintOperator, ProjectOperator,
                   ProjectReorderOperator, RangeOperator, ReduceOperator, RenderOperator, SampleOperator,
                   SampleDistinctOperator, ScanOperator, SearchOperator, SerializeOperator, SortOperator,
                   SummarizeOperator, TakeOperator, TopOperator, TopHittersOperator, TopNestedOperator, UnionOperator,
                   WhereOperator, MacroExpandOperator>;
  Span span;
  Name keyword;                       // as written: "order", "mvexpand", "project-away"
  std::vector<Parameter> parameters;  // kind=, hint.x=, isfuzzy=, bagexpansion= ..., in their order
  Node node;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&node);
  }
  // The last parameter of that name (ASCII case-insensitive), or null.
  const Parameter* parameter(std::string_view name) const;

  Operator();
  Operator(Operator&&) noexcept;
  Operator& operator=(Operator&&) noexcept;
  ~Operator();
};

}  // namespace garrison::kql::syntax
