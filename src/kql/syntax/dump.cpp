// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/dump.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/ticks.h"

namespace garrison::kql::syntax {
namespace {

class Dumper {
 public:
  std::string take() { return std::move(out_); }

  void write(const Query& query) {
    for (const Statement& each : query.statements) {
      if (!out_.empty()) out_ += '\n';
      write(each);
    }
  }

  void write(const Statement& statement) {
    std::visit([this](const auto& node) { write_node(node); }, statement.node);
  }

  void write(const Pipeline& pipeline) {
    out_ += "(pipe";
    part(pipeline.source);
    for (const Operator& each : pipeline.operators) {
      out_ += ' ';
      write(each);
    }
    out_ += ')';
  }

  void write(const Operator& op) {
    out_ += '(';
    name(op.keyword);
    parameters(op.parameters);
    std::visit([this](const auto& node) { write_node(node); }, op.node);
    out_ += ')';
  }

  void write(const Expression& expression) {
    std::visit([this](const auto& node) { write_node(node); }, expression.node);
  }

 private:
  // ---- parts, each with a blank before it ----
  void part(const ExpressionPtr& expression) {
    if (!expression) return;
    out_ += ' ';
    write(*expression);
  }
  void part(const PipelinePtr& pipeline) {
    if (!pipeline) return;
    out_ += ' ';
    write(*pipeline);
  }
  void parts(const std::vector<ExpressionPtr>& list) {
    for (const ExpressionPtr& each : list) part(each);
  }
  void clause(std::string_view title, const ExpressionPtr& expression) {
    if (!expression) return;
    out_ += fmt::format(" ({}", title);
    part(expression);
    out_ += ')';
  }
  void clause(std::string_view title, const std::vector<ExpressionPtr>& list) {
    if (list.empty()) return;
    out_ += fmt::format(" ({}", title);
    parts(list);
    out_ += ')';
  }
  void name(const Name& name) {
    if (name.missing) {
      out_ += "<missing>";
    } else if (name.bracketed) {
      out_ += '[';
      json::append_quoted(out_, name.text);
      out_ += ']';
    } else {
      out_ += name.text;
    }
  }
  void parameters(const std::vector<Parameter>& list) {
    for (const Parameter& each : list) {
      out_ += ' ';
      name(each.name);
      out_ += '=';
      write(*each.value);
    }
  }
  void declaration(const ColumnDeclaration& column) {
    name(column.name);
    out_ += ':';
    name(column.type);
  }
  void schema(const Schema& schema) {
    out_ += '(';
    std::string_view gap = "";
    if (schema.star) {
      out_ += '*';
      gap = " ";
    }
    for (const ColumnDeclaration& each : schema.columns) {
      out_ += gap;
      declaration(each);
      gap = " ";
    }
    out_ += ')';
  }
  void list(std::string_view title, const std::vector<ExpressionPtr>& items) {
    out_ += '(';
    out_ += title;
    parts(items);
    out_ += ')';
  }
  void sort_key(const SortKey& key) {
    out_ += " (";
    write(*key.value);
    if (key.order != SortOrder::kDefault) out_ += key.order == SortOrder::kAscending ? " asc" : " desc";
    if (key.nulls != NullsOrder::kDefault) out_ += key.nulls == NullsOrder::kFirst ? " nulls first" : " nulls last";
    out_ += ')';
  }

  // ---- expressions ----
  void write_node(const Missing&) { out_ += "<missing>"; }
  void write_node(const Star&) { out_ += '*'; }
  void write_node(const NameRef& node) { name(node.name); }
  void write_node(const TypedName& node) { declaration(node.column); }
  void write_node(const TypeSchema& node) {
    out_ += "(typeof ";
    schema(node.schema);
    out_ += ')';
  }
  void write_node(const Literal& literal) {
    const std::string_view kind = to_string(literal.kind);
    if (literal.is_null()) {
      out_ += fmt::format("{}(null)", kind);
    } else if (const bool* flag = std::get_if<bool>(&literal.value)) {
      out_ += *flag ? "true" : "false";
    } else if (const double* real = std::get_if<double>(&literal.value)) {
      out_ += fmt::format("real({})", *real);
    } else if (const std::int64_t* number = std::get_if<std::int64_t>(&literal.value)) {
      if (literal.kind == LiteralKind::kTimespan) {
        out_ += fmt::format("timespan({})", format_timespan({*number}));
      } else if (literal.kind == LiteralKind::kDatetime) {
        out_ += fmt::format("datetime({})", format_iso({*number}));
      } else if (literal.kind == LiteralKind::kInt) {
        out_ += fmt::format("int({})", *number);
      } else {
        out_ += std::to_string(*number);
      }
    } else if (literal.kind == LiteralKind::kString) {
      json::append_quoted(out_, literal.obfuscated ? "***" : std::get<std::string>(literal.value));
    } else {
      out_ += fmt::format("{}({})", literal.kind == LiteralKind::kType ? "typeof" : kind,
                          std::get<std::string>(literal.value));
    }
  }
  void write_node(const Path& node) {
    out_ += "(.";
    part(node.base);
    out_ += ' ';
    name(node.name);
    out_ += ')';
  }
  void write_node(const Element& node) {
    out_ += "([]";
    part(node.base);
    part(node.index);
    out_ += ')';
  }
  void write_node(const Call& node) {
    out_ += "(call ";
    if (node.base) {
      out_ += "(.";
      part(node.base);
      out_ += ' ';
      name(node.function);
      out_ += ')';
    } else {
      name(node.function);
    }
    parts(node.arguments);
    out_ += ')';
  }
  void write_node(const Unary& node) {
    out_ += node.op == UnaryOperator::kMinus ? "(neg" : "(pos";
    part(node.operand);
    out_ += ')';
  }
  void write_node(const Binary& node) {
    out_ += fmt::format("({}", to_string(node.op));
    part(node.left);
    part(node.right);
    out_ += ')';
  }
  void write_node(const Logical& node) { list(node.op == LogicalOperator::kAnd ? "and" : "or", node.terms); }
  void write_node(const Membership& node) {
    out_ += fmt::format("({}", to_string(node.op));
    part(node.value);
    out_ += ' ';
    list("list", node.items);
    out_ += ')';
  }
  void write_node(const Between& node) {
    out_ += node.negated ? "(!between" : "(between";
    part(node.value);
    part(node.low);
    part(node.high);
    out_ += ')';
  }
  void write_node(const Assignment& node) {
    out_ += "(= ";
    if (node.tuple) {
      out_ += '(';
      for (std::size_t i = 0; i < node.names.size(); ++i) {
        if (i > 0) out_ += ' ';
        name(node.names[i]);
      }
      out_ += ')';
    } else {
      name(node.names.front());
    }
    part(node.value);
    out_ += ')';
  }
  void write_node(const PipelineExpression& node) { write(*node.pipeline); }
  void write_node(const DataTable& node) {
    out_ += "(datatable ";
    schema(node.schema);
    parameters(node.properties);
    parts(node.values);
    out_ += ')';
  }
  void write_node(const ExternalData& node) {
    out_ += "(externaldata ";
    schema(node.schema);
    parts(node.uris);
    parameters(node.properties);
    out_ += ')';
  }
  void write_node(const InlineExternalTable& node) {
    out_ += "(inline_external_table ";
    schema(node.schema);
    parameters(node.clauses);
    parts(node.uris);
    parameters(node.properties);
    out_ += ')';
  }
  void write_node(const ContextualDataTable& node) {
    out_ += "(contextual_datatable";
    part(node.id);
    out_ += ' ';
    schema(node.schema);
    out_ += ')';
  }
  void write_node(const EntityGroup& node) { list("entity_group", node.items); }

  // ---- operators: what follows the keyword and the parameters ----
  void write_node(const UnknownOperator&) { out_ += " <unknown>"; }
  void write_node(const AsOperator& node) {
    out_ += ' ';
    name(node.name);
  }
  void write_node(const AssertSchemaOperator& node) {
    out_ += ' ';
    schema(node.schema);
  }
  void write_node(const ConsumeOperator&) {}
  void write_node(const CountOperator& node) {
    if (!node.as) return;
    out_ += " as ";
    name(*node.as);
  }
  void write_node(const DistinctOperator& node) { parts(node.columns); }
  void write_node(const EvaluateOperator& node) {
    part(node.call);
    if (!node.schema) return;
    out_ += " : ";
    schema(*node.schema);
  }
  void write_node(const ExecuteAndCacheOperator&) {}
  void write_node(const ExtendOperator& node) { parts(node.columns); }
  void write_node(const FacetOperator& node) {
    parts(node.columns);
    part(node.with);
  }
  void write_node(const FindOperator& node) {
    clause("in", node.sources);
    part(node.predicate);
    if (node.project == FindProject::kProjectSmart) out_ += " (project-smart)";
    clause("project", node.columns);
    clause("project-away", node.away);
  }
  void write_node(const ForkOperator& node) {
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
  void write_node(const GetSchemaOperator&) {}
  void pattern(const std::vector<GraphPattern>& patterns) {
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
  void write_node(const GraphMatchOperator& node) {
    pattern(node.patterns);
    clause("where", node.where);
    clause("project", node.project);
  }
  void write_node(const GraphShortestPathsOperator& node) {
    pattern(node.patterns);
    clause("where", node.where);
    clause("project", node.project);
  }
  void write_node(const GraphMarkComponentsOperator&) {}
  void write_node(const GraphWhereNodesOperator& node) { part(node.predicate); }
  void write_node(const GraphWhereEdgesOperator& node) { part(node.predicate); }
  void write_node(const GraphToTableOperator& node) {
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
  void write_node(const MakeGraphOperator& node) {
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
  void write_node(const InvokeOperator& node) { part(node.call); }
  void write_node(const JoinOperator& node) {
    part(node.right);
    clause("on", node.on);
    clause("where", node.where);
  }
  void write_node(const LookupOperator& node) {
    part(node.right);
    clause("on", node.on);
    clause("where", node.where);
  }
  void write_node(const MakeSeriesOperator& node) {
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
  void expand_columns(const std::vector<ExpandColumn>& columns) {
    for (const ExpandColumn& each : columns) {
      part(each.value);
      clause("to", each.type);
    }
  }
  void write_node(const MvApplyOperator& node) {
    expand_columns(node.columns);
    clause("limit", node.limit);
    clause("id", node.id);
    part(node.body);
  }
  void write_node(const MvExpandOperator& node) {
    expand_columns(node.columns);
    clause("limit", node.limit);
  }
  void write_node(const ParseOperator& node) {
    part(node.value);
    clause("with", node.pattern);
  }
  void write_node(const ParseKvOperator& node) {
    part(node.value);
    out_ += ' ';
    schema(node.schema);
    parameters(node.properties);
  }
  void write_node(const PartitionOperator& node) {
    part(node.by);
    if (node.braces) out_ += " braces";
    part(node.body);
  }
  void write_node(const PrintOperator& node) { parts(node.columns); }
  void write_node(const ProjectOperator& node) { parts(node.columns); }
  void write_node(const ProjectReorderOperator& node) {
    static constexpr std::string_view kOrders[] = {"", " asc", " desc", " granny-asc", " granny-desc"};
    for (const ReorderColumn& each : node.columns) {
      part(each.column);
      out_ += kOrders[static_cast<std::size_t>(each.order)];
    }
  }
  void write_node(const RangeOperator& node) {
    out_ += ' ';
    name(node.name);
    part(node.from);
    part(node.to);
    part(node.step);
  }
  void write_node(const ReduceOperator& node) {
    part(node.by);
    parameters(node.with);
  }
  void write_node(const RenderOperator& node) {
    out_ += ' ';
    name(node.chart);
    parameters(node.properties);
  }
  void write_node(const SampleOperator& node) { part(node.count); }
  void write_node(const SampleDistinctOperator& node) {
    part(node.count);
    part(node.of);
  }
  void write_node(const ScanOperator& node) {
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
  void write_node(const SearchOperator& node) {
    clause("in", node.sources);
    part(node.predicate);
  }
  void write_node(const SerializeOperator& node) { parts(node.columns); }
  void write_node(const SortOperator& node) {
    for (const SortKey& each : node.keys) sort_key(each);
  }
  void write_node(const SummarizeOperator& node) {
    parts(node.aggregates);
    if (node.has_by) {
      out_ += ' ';
      list("by", node.by);
    }
  }
  void write_node(const TakeOperator& node) { part(node.count); }
  void write_node(const TopOperator& node) {
    part(node.count);
    sort_key(node.by);
  }
  void write_node(const TopHittersOperator& node) {
    part(node.count);
    clause("of", node.of);
    clause("by", node.by);
  }
  void write_node(const TopNestedOperator& node) {
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
  void write_node(const UnionOperator& node) { parts(node.sources); }
  void write_node(const WhereOperator& node) { part(node.predicate); }
  void write_node(const MacroExpandOperator& node) {
    part(node.group);
    out_ += " as ";
    name(node.scope);
    for (const Statement& each : node.body) {
      out_ += ' ';
      write(each);
    }
  }

  // ---- statements ----
  void write_node(const QueryStatement& node) { write(*node.pipeline); }
  void write_node(const LetStatement& node) {
    out_ += "(let ";
    name(node.name);
    part(node.value);
    if (node.function) {
      out_ += node.function->is_view ? " (view" : " (function";
      declarations(node.function->parameters);
      body(node.function->body);
      out_ += ')';
    }
    out_ += ')';
  }
  void write_node(const SetStatement& node) {
    out_ += "(set ";
    name(node.name);
    part(node.value);
    out_ += ')';
  }
  void write_node(const QueryParametersStatement& node) {
    out_ += "(declare";
    declarations(node.parameters);
    out_ += ')';
  }
  void write_node(const PatternStatement& node) {
    out_ += "(pattern ";
    name(node.name);
    declarations(node.parameters);
    if (node.path) {
      out_ += " (path ";
      declaration(*node.path);
      out_ += ')';
    }
    for (const PatternMatch& each : node.matches) {
      out_ += " (match";
      parts(each.values);
      clause("path", each.path);
      body(each.body);
      out_ += ')';
    }
    out_ += ')';
  }
  void write_node(const AliasStatement& node) {
    out_ += "(alias ";
    name(node.name);
    part(node.value);
    out_ += ')';
  }
  void write_node(const RestrictStatement& node) { list("restrict", node.entities); }

  void declaration(const ParameterDeclaration& parameter) {
    name(parameter.name);
    out_ += ':';
    if (parameter.schema) {
      schema(*parameter.schema);
    } else {
      name(parameter.type);
    }
    if (parameter.default_value) {
      out_ += '=';
      write(*parameter.default_value);
    }
  }
  void declarations(const std::vector<ParameterDeclaration>& list) {
    out_ += " (";
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += ' ';
      declaration(list[i]);
    }
    out_ += ')';
  }
  void body(const FunctionBody& body) {
    for (const Statement& each : body.statements) {
      out_ += ' ';
      write(each);
    }
    part(body.result);
  }

  std::string out_;
};

template <typename T>
std::string dump_any(const T& node) {
  Dumper dumper;
  dumper.write(node);
  return dumper.take();
}

}  // namespace

std::string dump(const Query& query) {
  return dump_any(query);
}
std::string dump(const Statement& statement) {
  return dump_any(statement);
}
std::string dump(const Pipeline& pipeline) {
  return dump_any(pipeline);
}
std::string dump(const Operator& op) {
  return dump_any(op);
}
std::string dump(const Expression& expression) {
  return dump_any(expression);
}

}  // namespace garrison::kql::syntax
