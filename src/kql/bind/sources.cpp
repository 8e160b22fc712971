// SPDX-License-Identifier: Apache-2.0
// What stands at the head of a pipeline or in an argument: tables, names of statements, calls of functions.
#include <algorithm>

#include "base/text.h"
#include "kql/bind/binder.h"
#include "kql/bind/binder_functions.h"
#include "kql/bind/expression_binder.h"
#include "kql/bind/source_scope.h"

namespace garrison::kql {
namespace {

std::optional<std::string> constant_text(const Scalar& value) {
  if (!value.constant) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&*value.constant)) return *text;
  return std::nullopt;
}

}  // namespace

std::optional<Relation> Binder::table(std::string_view name) {
  auto found = tables_.find(name);
  if (found == tables_.end()) {
    auto source = catalogue_.find_table(name);
    if (!source) return std::nullopt;
    found = tables_.emplace(std::string(name), std::make_shared<const TableSource>(std::move(*source))).first;
  }
  const std::shared_ptr<const TableSource>& source = found->second;
  Relation relation;
  relation.source_name = source->name;
  ScanNode scan{source, static_cast<ColumnId>(arena_.columns.size())};
  const auto contains = [](const std::vector<std::string>& names, const std::string& item) {
    return std::find(names.begin(), names.end(), item) != names.end();
  };
  const auto add = [&](const table::Column& stored, std::vector<Column>& to) {
    Column& column = to.emplace_back();
    column.name = stored.name;
    column.kind = stored.kind;
    column.nullable = stored.kind != Kind::kString && (source->sql_name.empty() || !contains(source->not_null, stored.name));
    column.text_indexed = contains(source->text_indexed, stored.name);
    column.exact = column.nullable || stored.kind == Kind::kString;
    column.id = arena_.add_column(stored.kind, column.nullable);
  };
  relation.columns.reserve(source->schema.columns.size());
  for (const table::Column& column : source->schema.columns) add(column, relation.columns);
  for (const table::Column& column : source->hidden.columns) add(column, relation.hidden);
  // Columns that the cloud fills in every table; content names them, here they are empty.
  for (const char* cloud_column : {"_ItemId", "_ResourceId", "_SubscriptionId"}) {
    if (relation.find(cloud_column) != nullptr) continue;
    Column& column = relation.hidden.emplace_back();
    column.name = cloud_column;
    column.nullable = false;
    column.definition = std::make_shared<const Scalar>(make_string(""));
  }
  relation.node = make_node(std::move(scan));
  if (options_.time_filter) {
    if (const Column* time = relation.find("TimeGenerated"); time != nullptr && time->kind == Kind::kDateTime) {
      ExpressionBinder rows(*this, nullptr, &relation);
      const Scalar value = to_scalar(*time);
      const auto from = lower_binary(rows, BinaryOperator::kGreaterOrEqual, value, make_datetime(options_.time_filter->from));
      const auto to = lower_binary(rows, BinaryOperator::kLess, value, make_datetime(options_.time_filter->to));
      if (from.ok() && to.ok()) {
        relation.node = make_node(FilterNode{std::move(relation.node), condition_sql(*from) + " and " + condition_sql(*to)});
      }
    }
  }
  return relation;
}

Result<Value> Binder::value(const syntax::Expression& expression, const EnvironmentPtr& environment,
                            ExpressionBinder* rows) {
  const auto scalar = [&]() -> Result<Value> {
    if (rows != nullptr) {
      GARRISON_ASSIGN(Scalar bound, rows->scalar(expression));
      return Value(std::move(bound));
    }
    GARRISON_ASSIGN(Scalar bound, constant_scalar(expression, environment));
    return Value(std::move(bound));
  };
  if (const auto* nested = expression.as<syntax::PipelineExpression>()) {
    const syntax::Pipeline& body = *nested->pipeline;
    if (body.operators.empty() && body.source) return value(*body.source, environment, rows);
    GARRISON_ASSIGN(Relation table, pipeline(body, environment));
    return Value(std::move(table));
  }
  if (const auto* rows_table = expression.as<syntax::DataTable>()) {
    GARRISON_ASSIGN(Relation table, data_table(expression, *rows_table, environment));
    return Value(std::move(table));
  }
  if (expression.is<syntax::ExternalData>() || expression.is<syntax::InlineExternalTable>()) {
    return not_supported(expression.span, "externaldata");
  }
  if (expression.is<syntax::ContextualDataTable>() || expression.is<syntax::EntityGroup>()) {
    return not_supported(expression.span, "entity_group");
  }
  if (const auto* reference = expression.as<syntax::NameRef>()) {
    if (rows != nullptr && rows->relation() != nullptr && rows->relation()->find(reference->name.text) != nullptr) {
      return scalar();
    }
    if (rows != nullptr && find_binding(environment, reference->name.text) == nullptr &&
        !saved_function(reference->name.text) && !catalogue_.find_table(reference->name.text)) {
      return scalar();
    }
    return named(reference->name, environment, rows == nullptr);
  }
  if (const auto* written = expression.as<syntax::Call>()) {
    if (auto bound = call(expression, *written, environment, rows)) return std::move(*bound);
    return scalar();
  }
  if (const auto* path = expression.as<syntax::Path>()) {
    if (const auto* base = path->base->as<syntax::Call>()) {
      const std::string& place = base->function.text;
      if (place == "workspace" && base->arguments.size() == 1) {
        GARRISON_ASSIGN(Scalar name, constant_scalar(*base->arguments.front(), environment));
        const auto text = constant_text(name);
        if (text && !options_.workspace.empty() && *text == options_.workspace) {
          return named(path->name, nullptr, true);
        }
        return not_supported(expression.span, "workspace() of another workspace");
      }
      if (place == "database" || place == "cluster" || place == "app" || place == "adx" || place == "resource") {
        return not_supported(expression.span, place + "()");
      }
    }
  }
  return scalar();
}

Result<Relation> Binder::bind_tabular(const TabularBinding& binding) {
  if (binding.first && *binding.first) {
    Relation table = std::move(**binding.first);
    binding.first->reset();
    return table;
  }
  SourceScope scope(*this, binding.source, {});
  if (call_sites_.size() > 4 * options_.limits.max_inlining_depth) {
    return exhausted(std::string(code::kTooLarge), "names refer to one another too deeply");
  }
  if (binding.pipeline != nullptr) {
    return pipeline(*binding.pipeline, binding.environment, std::nullopt, binding.num_operators);
  }
  return relation(*binding.expression, binding.environment);
}

Result<Value> Binder::named(const syntax::Name& name, const EnvironmentPtr& environment, bool tables_only) {
  if (const Environment* found = find_binding(environment, name.text)) {
    if (const auto* scalar = std::get_if<ScalarBinding>(&found->binding)) return Value(scalar->value);
    if (const auto* common = std::get_if<CommonTableBinding>(&found->binding)) {
      return Value(use_common_table(common->index, common->columns));
    }
    if (const auto* table = std::get_if<TabularBinding>(&found->binding)) {
      GARRISON_ASSIGN(Relation relation, bind_tabular(*table));
      relation.source_name.clear();
      return Value(std::move(relation));
    }
    if (const auto* function = std::get_if<FunctionBinding>(&found->binding)) {
      GARRISON_ASSIGN(Value value, invoke(*function, name.text, name.span, nullptr, environment, nullptr, std::nullopt));
      if (auto* relation = std::get_if<Relation>(&value)) relation->source_name = function->is_view ? name.text : "";
      return value;
    }
    return said();
  }
  if (auto function = saved_function(name.text)) {
    return invoke(*function, name.text, name.span, nullptr, environment, nullptr, std::nullopt);
  }
  if (auto found = table(name.text)) return Value(std::move(*found));
  if (is_lenient()) return Value(open_relation());
  static_cast<void>(tables_only);
  std::vector<std::string> names = catalogue_.known_tables();
  for (const Environment* at = environment.get(); at != nullptr; at = at->outer.get()) names.push_back(at->name);
  Error error = not_found(std::string(kUnknownTable),
                          "unknown table '" + name.text + "'" + did_you_mean(name.text, std::move(names)));
  return at(name.span, std::move(error));
}

std::optional<Result<Value>> Binder::call(const syntax::Expression& expression, const syntax::Call& written,
                                          const EnvironmentPtr& environment, ExpressionBinder* rows,
                                          std::optional<TabularBinding> first_argument) {
  const std::string& name = written.function.text;
  if (written.base) return Result<Value>(not_supported(expression.span, "calls of functions elsewhere"));
  if (const Environment* found = find_binding(environment, name)) {
    if (const auto* function = std::get_if<FunctionBinding>(&found->binding)) {
      return invoke(*function, name, expression.span, &written.arguments, environment, rows, std::move(first_argument));
    }
    if (std::holds_alternative<BrokenBinding>(found->binding)) return Result<Value>(said());
    if (written.arguments.empty()) return named(written.function, environment, false);
  }
  if (name == "materialize" || name == "view") {
    if (written.arguments.size() != 1) {
      return Result<Value>(fail(expression.span, code::kWrongArgument, name + " takes one table"));
    }
    return value(*written.arguments.front(), environment, nullptr);
  }
  if (name == "table") {
    if (written.arguments.empty()) {
      return Result<Value>(fail(expression.span, code::kWrongArgument, "table takes the name of a table"));
    }
    auto table_name = constant_scalar(*written.arguments.front(), environment);
    if (!table_name.ok()) return Result<Value>(std::move(table_name).error());
    const auto text = constant_text(*table_name);
    if (!text) {
      return Result<Value>(fail(expression.span, code::kNeedsConstant, "the name of the table must be a constant text"));
    }
    syntax::Name reference = written.function;
    reference.text = *text;
    reference.span = written.arguments.front()->span;
    return named(reference, environment, true);
  }
  if (auto function = saved_function(name)) {
    return invoke(*function, name, expression.span, &written.arguments, environment, rows, std::move(first_argument));
  }
  return std::nullopt;
}

}  // namespace garrison::kql
