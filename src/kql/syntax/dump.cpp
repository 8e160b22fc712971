// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/dump.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/ticks.h"
#include "kql/syntax/dumper.h"

namespace garrison::kql::syntax {

void Dumper::write(const Query& query) {
  for (const Statement& each : query.statements) {
    if (!out_.empty()) out_ += '\n';
    write(each);
  }
}

void Dumper::write(const Statement& statement) {
  std::visit([this](const auto& node) { write_node(node); }, statement.node);
}

void Dumper::write(const Pipeline& pipeline) {
  out_ += "(pipe";
  part(pipeline.source);
  for (const Operator& each : pipeline.operators) {
    out_ += ' ';
    write(each);
  }
  out_ += ')';
}

void Dumper::write(const Operator& op) {
  out_ += '(';
  name(op.keyword);
  parameters(op.parameters);
  std::visit([this](const auto& node) { write_node(node); }, op.node);
  out_ += ')';
}

void Dumper::write(const Expression& expression) {
  std::visit([this](const auto& node) { write_node(node); }, expression.node);
}

void Dumper::part(const ExpressionPtr& expression) {
  if (!expression) return;
  out_ += ' ';
  write(*expression);
}

void Dumper::part(const PipelinePtr& pipeline) {
  if (!pipeline) return;
  out_ += ' ';
  write(*pipeline);
}

void Dumper::parts(const std::vector<ExpressionPtr>& list) {
  for (const ExpressionPtr& each : list) part(each);
}

void Dumper::clause(std::string_view title, const ExpressionPtr& expression) {
  if (!expression) return;
  out_ += fmt::format(" ({}", title);
  part(expression);
  out_ += ')';
}

void Dumper::clause(std::string_view title, const std::vector<ExpressionPtr>& list) {
  if (list.empty()) return;
  out_ += fmt::format(" ({}", title);
  parts(list);
  out_ += ')';
}

void Dumper::name(const Name& name) {
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

void Dumper::parameters(const std::vector<Parameter>& list) {
  for (const Parameter& each : list) {
    out_ += ' ';
    name(each.name);
    out_ += '=';
    write(*each.value);
  }
}

void Dumper::declaration(const ColumnDeclaration& column) {
  name(column.name);
  out_ += ':';
  name(column.type);
}

void Dumper::schema(const Schema& schema) {
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

void Dumper::list(std::string_view title, const std::vector<ExpressionPtr>& items) {
  out_ += '(';
  out_ += title;
  parts(items);
  out_ += ')';
}

void Dumper::sort_key(const SortKey& key) {
  out_ += " (";
  write(*key.value);
  if (key.order != SortOrder::kDefault) out_ += key.order == SortOrder::kAscending ? " asc" : " desc";
  if (key.nulls != NullsOrder::kDefault) out_ += key.nulls == NullsOrder::kFirst ? " nulls first" : " nulls last";
  out_ += ')';
}

void Dumper::write_node(const Missing&) {
  out_ += "<missing>";
}

void Dumper::write_node(const Star&) {
  out_ += '*';
}

void Dumper::write_node(const NameRef& node) {
  name(node.name);
}

void Dumper::write_node(const TypedName& node) {
  declaration(node.column);
}

void Dumper::write_node(const TypeSchema& node) {
  out_ += "(typeof ";
  schema(node.schema);
  out_ += ')';
}

void Dumper::write_node(const Literal& literal) {
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

void Dumper::write_node(const Path& node) {
  out_ += "(.";
  part(node.base);
  out_ += ' ';
  name(node.name);
  out_ += ')';
}

void Dumper::write_node(const Element& node) {
  out_ += "([]";
  part(node.base);
  part(node.index);
  out_ += ')';
}

void Dumper::write_node(const Call& node) {
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

void Dumper::write_node(const Unary& node) {
  out_ += node.op == UnaryOperator::kMinus ? "(neg" : "(pos";
  part(node.operand);
  out_ += ')';
}

void Dumper::write_node(const Binary& node) {
  out_ += fmt::format("({}", to_string(node.op));
  part(node.left);
  part(node.right);
  out_ += ')';
}

void Dumper::write_node(const Logical& node) {
  list(node.op == LogicalOperator::kAnd ? "and" : "or", node.terms);
}

void Dumper::write_node(const Membership& node) {
  out_ += fmt::format("({}", to_string(node.op));
  part(node.value);
  out_ += ' ';
  list("list", node.items);
  out_ += ')';
}

void Dumper::write_node(const Between& node) {
  out_ += node.negated ? "(!between" : "(between";
  part(node.value);
  part(node.low);
  part(node.high);
  out_ += ')';
}

void Dumper::write_node(const Assignment& node) {
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

void Dumper::write_node(const PipelineExpression& node) {
  write(*node.pipeline);
}

void Dumper::write_node(const DataTable& node) {
  out_ += "(datatable ";
  schema(node.schema);
  parameters(node.properties);
  parts(node.values);
  out_ += ')';
}

void Dumper::write_node(const ExternalData& node) {
  out_ += "(externaldata ";
  schema(node.schema);
  parts(node.uris);
  parameters(node.properties);
  out_ += ')';
}

void Dumper::write_node(const InlineExternalTable& node) {
  out_ += "(inline_external_table ";
  schema(node.schema);
  parameters(node.clauses);
  parts(node.uris);
  parameters(node.properties);
  out_ += ')';
}

void Dumper::write_node(const ContextualDataTable& node) {
  out_ += "(contextual_datatable";
  part(node.id);
  out_ += ' ';
  schema(node.schema);
  out_ += ')';
}

void Dumper::write_node(const EntityGroup& node) {
  list("entity_group", node.items);
}

void Dumper::write_node(const QueryStatement& node) {
  write(*node.pipeline);
}

void Dumper::write_node(const LetStatement& node) {
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

void Dumper::write_node(const SetStatement& node) {
  out_ += "(set ";
  name(node.name);
  part(node.value);
  out_ += ')';
}

void Dumper::write_node(const QueryParametersStatement& node) {
  out_ += "(declare";
  declarations(node.parameters);
  out_ += ')';
}

void Dumper::write_node(const PatternStatement& node) {
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

void Dumper::write_node(const AliasStatement& node) {
  out_ += "(alias ";
  name(node.name);
  part(node.value);
  out_ += ')';
}

void Dumper::write_node(const RestrictStatement& node) {
  list("restrict", node.entities);
}

void Dumper::declaration(const ParameterDeclaration& parameter) {
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

void Dumper::declarations(const std::vector<ParameterDeclaration>& list) {
  out_ += " (";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out_ += ' ';
    declaration(list[i]);
  }
  out_ += ')';
}

void Dumper::body(const FunctionBody& body) {
  for (const Statement& each : body.statements) {
    out_ += ' ';
    write(each);
  }
  part(body.result);
}

namespace {

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
