// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/binder.h"

#include <algorithm>

#include "base/text.h"
#include "kql/bind/aggregation.h"
#include "kql/bind/binder_functions.h"
#include "kql/bind/expression_binder.h"
#include "kql/bind/operators.h"
#include "kql/bind/saved_callable.h"
#include "kql/bind/source_scope.h"
#include "kql/bind/tree_text.h"

namespace garrison::kql {
namespace {

std::optional<Kind> kind_of_type(const syntax::Name& type) { return table::parse_kind(type.text); }

}  // namespace

Binder::Binder(const Catalogue& catalogue, const CompileOptions& options)
    : catalogue_(catalogue), options_(options), render_state_(arena_, options.mode) {}

Binder::~Binder() = default;

std::string Binder::fresh_name(std::string_view prefix) {
  return std::string(prefix) + "_v" + std::to_string(num_fresh_names_++);
}

bool Binder::is_fresh_name(std::string_view word) const {
  const std::size_t at = word.rfind("_v");
  if (at == std::string_view::npos || at + 2 >= word.size()) return false;
  return std::all_of(word.begin() + static_cast<std::ptrdiff_t>(at) + 2, word.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

Error Binder::fail(const syntax::Span& span, std::string_view error_code, std::string message) const {
  return at(span, bad_input(std::string(error_code), std::move(message)));
}

Error Binder::not_supported(const syntax::Span& span, std::string_view name, std::string_view reason) const {
  std::string message = "not supported yet: " + std::string(name);
  if (!reason.empty()) message += " (" + std::string(reason) + ")";
  return at(span, unsupported(std::string(kNotSupportedYet), std::move(message)));
}

Error Binder::at(const syntax::Span& span, Error error) const {
  if (error.position) return error;
  if (source_ != nullptr && source_->function.empty()) {
    error.position = source_->lines.position(span.begin);
    return error;
  }
  // Inside a saved function the place is that of the call in the query.
  for (const auto& [text, position] : call_sites_) {
    if (text != nullptr && text->function.empty()) {
      error.position = position;
      break;
    }
  }
  if (!error.position) error.position = Position{1, 1};
  if (source_ != nullptr && !is_said(error)) {
    const Position inner = source_->lines.position(span.begin);
    error.message += " (in function " + source_->function + " at " + std::to_string(inner.line) + ":" +
                     std::to_string(inner.column) + ")";
  }
  return error;
}

std::string Binder::did_you_mean(std::string_view name, std::vector<std::string> candidates) const {
  const auto nearest = text::nearest(name, candidates);
  return nearest && *nearest != name ? "; did you mean '" + *nearest + "'?" : std::string();
}

void Binder::report(Error error) {
  if (is_said(error)) return;
  Diagnostic diagnostic;
  diagnostic.kind = error.kind;
  diagnostic.code = std::move(error.code);
  diagnostic.message = std::move(error.message);
  diagnostic.position = error.position.value_or(Position{1, 1});
  diagnostics_.push_back(std::move(diagnostic));
}

Compilation Binder::run(std::string_view query_text) {
  Compilation compilation;
  sources_.push_back(std::make_unique<SourceText>(std::string(query_text)));
  source_ = sources_.back().get();
  syntax::ParseLimits limits;
  limits.max_bytes = options_.limits.max_text_bytes;
  const syntax::Query query = syntax::parse(source_->text, limits);
  for (const syntax::Diagnostic& diagnostic : query.diagnostics) {
    compilation.diagnostics.push_back({ErrorKind::kBadInput, diagnostic.code, diagnostic.position, diagnostic.message});
  }
  if (!compilation.diagnostics.empty()) return compilation;

  EnvironmentPtr environment;
  std::optional<Relation> result;
  bool has_query = false;
  for (const syntax::Statement& item : query.statements) {
    if (const auto* last = item.as<syntax::QueryStatement>()) {
      // Of several queries in one text the first is answered.
      if (has_query) {
        warn("only the first query of the text is answered");
        continue;
      }
      has_query = true;
      Result<Relation> relation = pipeline(*last->pipeline, environment);
      if (relation.ok()) {
        result = std::move(*relation);
      } else {
        report(std::move(relation).error());
      }
      continue;
    }
    auto extended = statement(item, environment);
    if (extended.ok()) {
      environment = std::move(*extended);
    } else {
      report(std::move(extended).error());
      if (const auto* let = item.as<syntax::LetStatement>()) {
        environment = Environment::extend(environment, let->name.text, BrokenBinding{});
      }
    }
  }
  if (!has_query && diagnostics_.empty()) {
    const auto end = static_cast<std::uint32_t>(source_->text.size());
    report(fail({end, end}, code::kNoQuery, "the text has no query; end it with a table expression"));
  }
  if (discovery_) {
    if (diagnostics_.empty()) compilation.outcome = std::move(*discovery_);
  } else if (diagnostics_.empty() && result) {
    if (auto finished = finish(std::move(*result), compilation); !finished.ok()) report(std::move(finished).error());
  }
  compilation.diagnostics = std::move(diagnostics_);
  if (!compilation.diagnostics.empty()) compilation.outcome = std::monostate{};
  return compilation;
}

Result<void> Binder::finish(Relation relation, Compilation& compilation) {
  Plan plan;
  plan.ordered = !relation.order.empty();
  plan.render = relation.render;
  ExpressionBinder rows(*this, nullptr, &relation);
  std::vector<ColumnId> ids;
  for (const Column& column : relation.columns) {
    plan.schema.columns.push_back({column.name, column.kind});
    Scalar value = make_column(column.kind, column_sql(column.id), {});
    value.nullable = column.nullable;
    if (!column.exact) {
      value.sql = exact_sql(value);
      ids.push_back(rows.define(value));
    } else {
      ids.push_back(column.id);
    }
  }
  if (relation.columns.empty() && relation.is_open) {
    relation.columns.push_back(rows.column("Column1", make_null(Kind::kDynamic)));
    plan.schema.columns.push_back({"Column1", Kind::kDynamic});
    ids.push_back(relation.columns.front().id);
  }
  if (relation.columns.empty()) return bad_input(std::string(code::kNoQuery), "the query has no column", Position{1, 1});
  if (!relation.order.empty()) {
    const bool sorted = std::holds_alternative<SortNode>(relation.node->node);
    if (!sorted) relation.node = make_node(SortNode{std::move(relation.node), relation.order});
  }
  plan.tree = tree_text(*relation.node);
  Renderer renderer(render_state_);
  plan.sql = renderer.render_statement(*relation.node, ids);
  if (plan.sql.size() > options_.limits.max_sql_bytes) {
    return exhausted(std::string(code::kTooLarge), "the query is too large once its functions are written out");
  }
  plan.stages = std::move(render_state_.stages);
  plan.warnings = std::move(warnings_);
  compilation.outcome = std::move(plan);
  return {};
}

Result<Relation> Binder::pipeline(const syntax::Pipeline& body, EnvironmentPtr environment, std::optional<Relation> input,
                                  std::size_t num_operators) {
  Relation relation;
  const EnvironmentPtr outer = environment;
  if (body.source) {
    GARRISON_ASSIGN(relation, this->relation(*body.source, environment));
  } else if (input) {
    relation = std::move(*input);
  }
  const std::size_t end = std::min(num_operators, body.operators.size());
  for (std::size_t i = 0; i < end; ++i) {
    if (++arena_.num_nodes > options_.limits.max_nodes) {
      return exhausted(std::string(code::kTooLarge), "the query is too large once its functions are written out");
    }
    OperatorCall call{*this, body.operators[i], environment, std::move(relation), &body, i, outer};
    auto next = bind_operator(std::move(call));
    if (!next.ok()) return at(body.operators[i].span, std::move(next).error());
    relation = std::move(*next);
  }
  if (relation.node == nullptr) return fail(body.span, code::kNeedsTable, "a table is needed here");
  return relation;
}

Result<Relation> Binder::relation(const syntax::Expression& expression, const EnvironmentPtr& environment) {
  GARRISON_ASSIGN(Value bound, value(expression, environment, nullptr));
  if (auto* table = std::get_if<Relation>(&bound)) return std::move(*table);
  return fail(expression.span, code::kNeedsTable, "a table is needed here, this is a value");
}

Result<Scalar> Binder::constant_scalar(const syntax::Expression& expression, const EnvironmentPtr& environment) {
  ExpressionBinder rows(*this, environment, nullptr);
  return rows.scalar(expression);
}

Result<std::int64_t> Binder::constant_integer(const syntax::Expression& expression, const EnvironmentPtr& environment) {
  GARRISON_ASSIGN(Scalar value, constant_scalar(expression, environment));
  if (value.constant) {
    if (const auto* number = std::get_if<std::int64_t>(&*value.constant)) return *number;
    if (const auto* real = std::get_if<double>(&*value.constant)) return static_cast<std::int64_t>(*real);
  }
  return fail(expression.span, code::kNeedsConstant, "a constant whole number is needed here");
}

std::string Binder::subquery(Relation table, const std::vector<ColumnId>& columns) {
  Renderer renderer(render_state_);
  return renderer.render(*table.node, columns);
}

Scalar Binder::scalar_subquery(Relation table) {
  sort_in_place(table);
  const Column first = table.columns.front();
  table.node = make_node(LimitNode{std::move(table.node), "1", {}});
  std::string sql = "(" + subquery(std::move(table), {first.id}) + ")";
  if (first.kind == Kind::kString) sql = "ifNull(" + sql + ", '')";
  arena_.scalars.push_back({static_cast<ColumnId>(arena_.scalars.size()), std::move(sql)});
  Scalar scalar;
  scalar.kind = first.kind;
  scalar.sql = "s" + std::to_string(arena_.scalars.back().id);
  scalar.nullable = first.kind != Kind::kString;
  scalar.is_row_dependent = false;
  return scalar;
}

Relation Binder::open_relation() {
  Relation relation;
  relation.node = make_node(ValuesNode{});
  relation.is_open = true;
  return relation;
}

std::size_t Binder::add_common_table(Relation table, std::vector<Column>& columns) {
  sort_in_place(table);
  CommonTable common;
  for (const Column& column : table.columns) common.columns.push_back(column.id);
  columns = table.columns;
  common.is_open = table.is_open;
  common.node = std::move(table.node);
  arena_.common_tables.push_back(std::move(common));
  return arena_.common_tables.size() - 1;
}

Relation Binder::use_common_table(std::size_t index, const std::vector<Column>& columns) {
  CteNode node;
  node.index = index;
  Relation table;
  for (const Column& column : columns) {
    Column use = column;
    use.id = arena_.add_column(column.kind, column.nullable);
    use.text_indexed = false;
    if (use.definition && !use.definition->constant) use.definition = nullptr;
    node.columns.push_back({use.id, column.id});
    table.columns.push_back(std::move(use));
  }
  table.node = make_node(std::move(node));
  table.is_open = arena_.common_tables[index].is_open;
  return table;
}

Result<table::Schema> Binder::discover(Relation table, const std::string& sql, const std::string& array_join) {
  const std::string key = "discovery_" + std::to_string(num_discoveries_++);
  if (const auto found = options_.discovered.find(key); found != options_.discovered.end()) return found->second;
  if (options_.check_only) return table::Schema{};
  const ColumnId pair = arena_.add_column(Kind::kDynamic, true);
  const ColumnId name = arena_.add_column(Kind::kString, false);
  const ColumnId kind = arena_.add_column(Kind::kString, false);
  NodePtr node = make_node(ArrayJoinNode{std::move(table.node), {{pair, array_join}}});
  const std::string kind_sql = text::replace_all(sql, "{pair}", column_sql(pair));
  node = make_node(ExtendNode{std::move(node), {{name, "tupleElement(" + column_sql(pair) + ", 1)"}, {kind, kind_sql}}});
  AggregateNode group;
  const ColumnId out_name = arena_.add_column(Kind::kString, false);
  const ColumnId out_kind = arena_.add_column(Kind::kString, false);
  group.keys = {{out_name, column_sql(name)}, {out_kind, column_sql(kind)}};
  group.input = std::move(node);
  NodePtr root = make_node(std::move(group));
  DiscoveryRequest request;
  request.key = key;
  request.schema.columns = {{"name", Kind::kString}, {"kind", Kind::kString}};
  Renderer renderer(render_state_);
  request.sql = renderer.render_statement(*root, {out_name, out_kind});
  request.stages = std::move(render_state_.stages);
  render_state_.stages.clear();
  discovery_ = std::move(request);
  return said();
}

Result<EnvironmentPtr> Binder::statement(const syntax::Statement& item, EnvironmentPtr environment) {
  if (const auto* let_statement = item.as<syntax::LetStatement>()) return let(*let_statement, std::move(environment));
  if (const auto* parameters = item.as<syntax::QueryParametersStatement>()) {
    return query_parameters(*parameters, std::move(environment));
  }
  // Other options are the executor's business; they change no name.
  if (const auto* set = item.as<syntax::SetStatement>()) {
    if (set->name.text != "query_now" || set->value == nullptr) return environment;
    const auto* literal = set->value->as<syntax::Literal>();
    const auto* ticks = literal == nullptr ? nullptr : std::get_if<std::int64_t>(&literal->value);
    if (ticks == nullptr || literal->kind != syntax::LiteralKind::kDatetime) {
      return fail(item.span, "KQL-0120", "query_now must be a datetime literal, such as datetime(2024-01-01)");
    }
    query_now_ = DateTime{*ticks};
    return environment;
  }
  if (item.as<syntax::RestrictStatement>() != nullptr) return not_supported(item.span, "restrict access");
  if (item.as<syntax::AliasStatement>() != nullptr) return not_supported(item.span, "alias database");
  return not_supported(item.span, "declare pattern");
}

Result<EnvironmentPtr> Binder::let(const syntax::LetStatement& let, EnvironmentPtr environment) {
  if (let.function) {
    FunctionBinding function;
    function.parameters = &let.function->parameters;
    function.statements = &let.function->body.statements;
    function.result = let.function->body.result.get();
    function.is_view = let.function->is_view;
    function.environment = environment;
    function.source = source_;
    return Environment::extend(std::move(environment), let.name.text, std::move(function));
  }
  const syntax::Expression& expression = *let.value;
  if (const auto* call = expression.as<syntax::Call>();
      call != nullptr && call->function.text == "materialize" && call->arguments.size() == 1) {
    GARRISON_ASSIGN(Relation table, relation(*call->arguments.front(), environment));
    CommonTableBinding common;
    common.index = add_common_table(std::move(table), common.columns);
    return Environment::extend(std::move(environment), let.name.text, std::move(common));
  }
  GARRISON_ASSIGN(Value bound, value(expression, environment, nullptr));
  if (auto* scalar = std::get_if<Scalar>(&bound)) {
    scalar->name_hint.clear();
    return Environment::extend(std::move(environment), let.name.text, ScalarBinding{std::move(*scalar)});
  }
  TabularBinding table;
  table.expression = &expression;
  table.environment = environment;
  table.source = source_;
  table.first = std::make_shared<std::optional<Relation>>(std::move(std::get<Relation>(bound)));
  return Environment::extend(std::move(environment), let.name.text, std::move(table));
}

Result<EnvironmentPtr> Binder::query_parameters(const syntax::QueryParametersStatement& item,
                                                EnvironmentPtr environment) {
  for (const syntax::ParameterDeclaration& parameter : item.parameters) {
    const auto kind = kind_of_type(parameter.type);
    if (!kind) return fail(parameter.type.span, code::kWrongType, "unknown type '" + parameter.type.text + "'");
    ExpressionBinder rows(*this, environment, nullptr);
    Scalar value = *kind == Kind::kString ? make_string("") : make_null(*kind);
    if (const auto given = options_.query_parameters.find(parameter.name.text); given != options_.query_parameters.end()) {
      auto text = std::make_unique<SourceText>(given->second);
      const syntax::Query query = syntax::parse(text->text);
      const bool is_literal = query.ok() && query.statements.size() == 1 &&
                              query.statements[0].as<syntax::QueryStatement>() != nullptr &&
                              query.statements[0].as<syntax::QueryStatement>()->pipeline->source != nullptr;
      if (!is_literal) {
        return fail(parameter.span, code::kQueryParameter,
                    "the value given for parameter '" + parameter.name.text + "' is no KQL literal");
      }
      GARRISON_ASSIGN(value, rows.scalar(*query.statements[0].as<syntax::QueryStatement>()->pipeline->source));
    } else if (parameter.default_value) {
      GARRISON_ASSIGN(value, rows.scalar(*parameter.default_value));
    } else if (!options_.check_only) {
      return fail(parameter.span, code::kQueryParameter, "parameter '" + parameter.name.text + "' has no value");
    }
    if (value.kind != *kind) {
      GARRISON_ASSIGN(value, cast_to(rows, value, *kind));
    }
    environment = Environment::extend(std::move(environment), parameter.name.text, ScalarBinding{std::move(value)});
  }
  return environment;
}

}  // namespace garrison::kql
