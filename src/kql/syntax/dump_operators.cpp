// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "kql/syntax/dumper.h"

namespace garrison::kql::syntax {

// What follows the keyword and the parameters.
void Dumper::write_node(const UnknownOperator&) {
  out_ += " <unknown>";
}

void Dumper::write_node(const AsOperator& node) {
  out_ += ' ';
  name(node.name);
}

void Dumper::write_node(const AssertSchemaOperator& node) {
  out_ += ' ';
  schema(node.schema);
}

void Dumper::write_node(const ConsumeOperator&) {}

void Dumper::write_node(const CountOperator& node) {
  if (!node.as) return;
  out_ += " as ";
  name(*node.as);
}

void Dumper::write_node(const DistinctOperator& node) {
  parts(node.columns);
}

void Dumper::write_node(const EvaluateOperator& node) {
  part(node.call);
  if (!node.schema) return;
  out_ += " : ";
  schema(*node.schema);
}

void Dumper::write_node(const ExecuteAndCacheOperator&) {}

void Dumper::write_node(const ExtendOperator& node) {
  parts(node.columns);
}

void Dumper::write_node(const FacetOperator& node) {
  parts(node.columns);
  part(node.with);
}

void Dumper::write_node(const FindOperator& node) {
  clause("in", node.sources);
  part(node.predicate);
  if (node.project == FindProject::kProjectSmart) out_ += " (project-smart)";
  clause("project", node.columns);
  clause("project-away", node.away);
}

void Dumper::write_node(const ForkOperator& node) {
  for (const ForkBranch& each : node.branches) {
    out_ += " (";
    if (each.name) {
      name(*each.name);
    } else {
      out_ += '_';
    }
    part(each.pipeline);
    out_ += ')';
  }
}

void Dumper::write_node(const GetSchemaOperator&) {}

void Dumper::pattern(const std::vector<GraphPattern>& patterns) {
  for (const GraphPattern& each : patterns) {
    out_ += " (";
    std::string_view gap = "";
    for (const GraphElement& element : each.elements) {
      out_ += gap;
      gap = " ";
      if (element.is_edge) out_ += element.direction == EdgeDirection::kIn ? "<-[" : "-[";
      if (!element.is_edge) out_ += '(';
      if (element.name) name(*element.name);
      if (element.variable_length) {
        out_ += '*';
        write(*element.min);
        out_ += "..";
        if (element.max) write(*element.max);
      }
      if (element.is_edge) out_ += element.direction == EdgeDirection::kOut ? "]->" : "]-";
      if (!element.is_edge) out_ += ')';
    }
    out_ += ')';
  }
}

void Dumper::write_node(const GraphMatchOperator& node) {
  pattern(node.patterns);
  clause("where", node.where);
  clause("project", node.project);
}

void Dumper::write_node(const GraphShortestPathsOperator& node) {
  pattern(node.patterns);
  clause("where", node.where);
  clause("project", node.project);
}

void Dumper::write_node(const GraphMarkComponentsOperator&) {}

void Dumper::write_node(const GraphWhereNodesOperator& node) {
  part(node.predicate);
}

void Dumper::write_node(const GraphWhereEdgesOperator& node) {
  part(node.predicate);
}

void Dumper::write_node(const GraphToTableOperator& node) {
  for (const GraphOutput& each : node.outputs) {
    out_ += " (";
    name(each.what);
    if (each.as) {
      out_ += " as ";
      name(*each.as);
    }
    parameters(each.parameters);
    out_ += ')';
  }
}

void Dumper::write_node(const MakeGraphOperator& node) {
  part(node.source);
  out_ += node.direction == EdgeDirection::kOut ? " -->" : node.direction == EdgeDirection::kIn ? " <--" : " --";
  part(node.target);
  for (const GraphNodes& each : node.nodes) {
    out_ += " (with";
    part(each.table);
    out_ += ' ';
    name(each.key);
    out_ += ')';
  }
  clause("partitioned-by", node.partitioned_by);
  part(node.partition);
}

void Dumper::write_node(const InvokeOperator& node) {
  part(node.call);
}

void Dumper::write_node(const JoinOperator& node) {
  part(node.right);
  clause("on", node.on);
  clause("where", node.where);
}

void Dumper::write_node(const LookupOperator& node) {
  part(node.right);
  clause("on", node.on);
  clause("where", node.where);
}

void Dumper::write_node(const MakeSeriesOperator& node) {
  for (const SeriesAggregate& each : node.aggregates) {
    part(each.value);
    clause("default", each.default_value);
  }
  clause("on", node.on);
  clause("from", node.from);
  clause("to", node.to);
  clause("step", node.step);
  clause("by", node.by);
}

void Dumper::expand_columns(const std::vector<ExpandColumn>& columns) {
  for (const ExpandColumn& each : columns) {
    part(each.value);
    clause("to", each.type);
  }
}

void Dumper::write_node(const MvApplyOperator& node) {
  expand_columns(node.columns);
  clause("limit", node.limit);
  clause("id", node.id);
  part(node.body);
}

void Dumper::write_node(const MvExpandOperator& node) {
  expand_columns(node.columns);
  clause("limit", node.limit);
}

void Dumper::write_node(const ParseOperator& node) {
  part(node.value);
  clause("with", node.pattern);
}

void Dumper::write_node(const ParseKvOperator& node) {
  part(node.value);
  out_ += ' ';
  schema(node.schema);
  parameters(node.properties);
}

void Dumper::write_node(const PartitionOperator& node) {
  part(node.by);
  clause("in", node.in);
  if (node.braces) out_ += " braces";
  part(node.body);
}

void Dumper::write_node(const PrintOperator& node) {
  parts(node.columns);
}

void Dumper::write_node(const ProjectOperator& node) {
  parts(node.columns);
}

void Dumper::write_node(const ProjectReorderOperator& node) {
  static constexpr std::string_view kOrders[] = {"", " asc", " desc", " granny-asc", " granny-desc"};
  for (const ReorderColumn& each : node.columns) {
    part(each.column);
    out_ += kOrders[static_cast<std::size_t>(each.order)];
  }
}

void Dumper::write_node(const RangeOperator& node) {
  out_ += ' ';
  name(node.name);
  part(node.from);
  part(node.to);
  part(node.step);
}

void Dumper::write_node(const ReduceOperator& node) {
  part(node.by);
  parameters(node.with);
}

void Dumper::write_node(const RenderOperator& node) {
  out_ += ' ';
  name(node.chart);
  parameters(node.properties);
}

void Dumper::write_node(const SampleOperator& node) {
  part(node.count);
}

void Dumper::write_node(const SampleDistinctOperator& node) {
  part(node.count);
  part(node.of);
}

void Dumper::write_node(const ScanOperator& node) {
  if (!node.order_by.empty()) {
    out_ += " (order";
    for (const SortKey& each : node.order_by) sort_key(each);
    out_ += ')';
  }
  clause("partition", node.partition_by);
  for (const ScanDeclaration& each : node.declarations) {
    out_ += " (declare ";
    declaration(each.column);
    part(each.default_value);
    out_ += ')';
  }
  for (const ScanStep& each : node.steps) {
    out_ += " (step ";
    name(each.name);
    if (each.optional) out_ += " optional";
    parameters(each.parameters);
    part(each.condition);
    parts(each.assignments);
    out_ += ')';
  }
}

void Dumper::write_node(const SearchOperator& node) {
  clause("in", node.sources);
  part(node.predicate);
}

void Dumper::write_node(const SerializeOperator& node) {
  parts(node.columns);
}

void Dumper::write_node(const SortOperator& node) {
  for (const SortKey& each : node.keys) sort_key(each);
}

void Dumper::write_node(const SummarizeOperator& node) {
  parts(node.aggregates);
  if (node.has_by) {
    out_ += ' ';
    list("by", node.by);
  }
}

void Dumper::write_node(const TakeOperator& node) {
  part(node.count);
}

void Dumper::write_node(const TopOperator& node) {
  part(node.count);
  sort_key(node.by);
}

void Dumper::write_node(const TopHittersOperator& node) {
  part(node.count);
  clause("of", node.of);
  clause("by", node.by);
}

void Dumper::write_node(const TopNestedOperator& node) {
  for (const TopNestedClause& each : node.clauses) {
    out_ += " (";
    if (each.count) {
      write(*each.count);
    } else {
      out_ += '_';
    }
    clause("of", each.of);
    clause("others", each.others);
    sort_key(each.by);
    out_ += ')';
  }
}

void Dumper::write_node(const UnionOperator& node) {
  parts(node.sources);
}

void Dumper::write_node(const WhereOperator& node) {
  part(node.predicate);
}

void Dumper::write_node(const MacroExpandOperator& node) {
  part(node.group);
  out_ += " as ";
  name(node.scope);
  for (const Statement& each : node.body) {
    out_ += ' ';
    write(each);
  }
}

}  // namespace garrison::kql::syntax
