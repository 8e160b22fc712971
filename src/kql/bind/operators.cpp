// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/operators.h"

#include "base/text.h"
#include "kql/bind/aggregation.h"

namespace garrison::kql {
namespace {

// Operators that make their own rows and may stand at the head of a pipeline.
bool makes_rows(const syntax::Operator& op) {
  return op.as<syntax::PrintOperator>() || op.as<syntax::RangeOperator>() || op.as<syntax::UnionOperator>() ||
         op.as<syntax::FindOperator>() || op.as<syntax::SearchOperator>() || op.as<syntax::EvaluateOperator>();
}

struct Dispatch {
  OperatorCall& call;

  Result<Relation> operator()(const syntax::WhereOperator& op) { return bind_where(call, op); }
  Result<Relation> operator()(const syntax::ExtendOperator& op) { return bind_extend(call, op); }
  Result<Relation> operator()(const syntax::ProjectOperator& op) { return bind_project(call, op); }
  Result<Relation> operator()(const syntax::ProjectReorderOperator& op) { return bind_project_reorder(call, op); }
  Result<Relation> operator()(const syntax::SerializeOperator& op) { return bind_serialize(call, op); }
  Result<Relation> operator()(const syntax::PrintOperator& op) { return bind_print(call, op); }
  Result<Relation> operator()(const syntax::RangeOperator& op) { return bind_range(call, op); }
  Result<Relation> operator()(const syntax::SummarizeOperator& op) { return bind_summarize(call, op); }
  Result<Relation> operator()(const syntax::DistinctOperator& op) { return bind_distinct(call, op); }
  Result<Relation> operator()(const syntax::CountOperator& op) { return bind_count(call, op); }
  Result<Relation> operator()(const syntax::SortOperator& op) { return bind_sort(call, op); }
  Result<Relation> operator()(const syntax::TopOperator& op) { return bind_top(call, op); }
  Result<Relation> operator()(const syntax::TakeOperator& op) { return bind_take(call, op); }
  Result<Relation> operator()(const syntax::SampleOperator& op) { return bind_sample(call, op); }
  Result<Relation> operator()(const syntax::SampleDistinctOperator& op) { return bind_sample_distinct(call, op); }
  Result<Relation> operator()(const syntax::TopHittersOperator& op) { return bind_top_hitters(call, op); }
  Result<Relation> operator()(const syntax::TopNestedOperator& op) { return bind_top_nested(call, op); }
  Result<Relation> operator()(const syntax::JoinOperator& op) { return bind_join(call, op); }
  Result<Relation> operator()(const syntax::LookupOperator& op) { return bind_lookup(call, op); }
  Result<Relation> operator()(const syntax::UnionOperator& op) { return bind_union(call, op); }
  Result<Relation> operator()(const syntax::FindOperator& op) { return bind_find(call, op); }
  Result<Relation> operator()(const syntax::SearchOperator& op) { return bind_search(call, op); }
  Result<Relation> operator()(const syntax::MvExpandOperator& op) { return bind_mv_expand(call, op); }
  Result<Relation> operator()(const syntax::MvApplyOperator& op) { return bind_mv_apply(call, op); }
  Result<Relation> operator()(const syntax::PartitionOperator& op) { return bind_partition(call, op); }
  Result<Relation> operator()(const syntax::MakeSeriesOperator& op) { return bind_make_series(call, op); }
  Result<Relation> operator()(const syntax::ParseOperator& op) { return bind_parse(call, op); }
  Result<Relation> operator()(const syntax::ParseKvOperator& op) { return bind_parse_kv(call, op); }
  Result<Relation> operator()(const syntax::EvaluateOperator& op) { return bind_evaluate(call, op); }
  Result<Relation> operator()(const syntax::InvokeOperator& op) { return bind_invoke(call, op); }
  Result<Relation> operator()(const syntax::AsOperator& op) { return bind_as(call, op); }
  Result<Relation> operator()(const syntax::RenderOperator& op) { return bind_render(call, op); }
  Result<Relation> operator()(const syntax::GetSchemaOperator& op) { return bind_get_schema(call, op); }
  Result<Relation> operator()(const syntax::ConsumeOperator& op) { return bind_consume(call, op); }
  Result<Relation> operator()(const syntax::AssertSchemaOperator& op) { return bind_assert_schema(call, op); }
  // scan, fork, facet, reduce, macro-expand, graph-* and what is not known.
  template <typename Other>
  Result<Relation> operator()(const Other&) {
    return call.binder.not_supported(call.op.keyword.span, call.op.keyword.text);
  }
};

}  // namespace

Result<Relation> bind_operator(OperatorCall call) {
  if (!call.has_input() && !makes_rows(call.op)) {
    return call.binder.fail(call.op.keyword.span, code::kNeedsTable, call.op.keyword.text + " needs a table in front of it");
  }
  return std::visit(Dispatch{call}, call.op.node);
}

std::string parameter_text(const syntax::Operator& op, std::string_view name) {
  const syntax::Parameter* parameter = op.parameter(name);
  if (parameter == nullptr || parameter->value == nullptr) return {};
  if (const auto* word = parameter->value->as<syntax::NameRef>()) return word->name.text;
  if (const auto* literal = parameter->value->as<syntax::Literal>()) {
    if (const auto* text = std::get_if<std::string>(&literal->value)) return *text;
    if (const auto* flag = std::get_if<bool>(&literal->value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<std::int64_t>(&literal->value)) return std::to_string(*number);
  }
  return {};
}

std::size_t share(Binder& binder, Relation relation, std::vector<Column>& columns) {
  return binder.add_common_table(std::move(relation), columns);
}

Result<Relation> bind_as(OperatorCall& call, const syntax::AsOperator& op) {
  TabularBinding table;
  table.pipeline = call.pipeline;
  table.num_operators = call.index;
  table.environment = call.pipeline_environment;
  table.source = call.binder.source();
  call.environment = Environment::extend(call.environment, op.name.text, std::move(table));
  call.input.source_name = op.name.text;
  return std::move(call.input);
}

Result<Relation> bind_render(OperatorCall& call, const syntax::RenderOperator& op) {
  call.input.render.chart = op.chart.text;
  for (const syntax::Parameter& property : op.properties) {
    std::string value;
    if (property.value) {
      if (const auto* word = property.value->as<syntax::NameRef>()) {
        value = word->name.text;
      } else {
        GARRISON_ASSIGN(Scalar scalar, call.binder.constant_scalar(*property.value, call.environment));
        if (scalar.constant) {
          if (const auto* text = std::get_if<std::string>(&*scalar.constant)) value = *text;
          if (const auto* flag = std::get_if<bool>(&*scalar.constant)) value = *flag ? "true" : "false";
          if (const auto* number = std::get_if<std::int64_t>(&*scalar.constant)) value = std::to_string(*number);
          if (const auto* real = std::get_if<double>(&*scalar.constant)) value = std::to_string(*real);
        }
      }
    }
    call.input.render.properties.emplace_back(property.name.text, std::move(value));
  }
  return std::move(call.input);
}

Result<Relation> bind_consume(OperatorCall& call, const syntax::ConsumeOperator&) {
  call.input.node = make_node(LimitNode{std::move(call.input.node), "0", {}});
  call.input.order.clear();
  return std::move(call.input);
}

Result<Relation> bind_assert_schema(OperatorCall& call, const syntax::AssertSchemaOperator& op) {
  const auto& declared = op.schema.columns;
  bool same = declared.size() == call.input.columns.size();
  for (std::size_t i = 0; same && i < declared.size(); ++i) {
    same = declared[i].name.text == call.input.columns[i].name &&
           table::parse_kind(declared[i].type.text) == call.input.columns[i].kind;
  }
  if (!same) return call.binder.fail(op.schema.span, code::kWrongType, "the rows do not have the asserted schema");
  return std::move(call.input);
}

Result<Relation> bind_invoke(OperatorCall& call, const syntax::InvokeOperator& op) {
  const auto* written = op.call->as<syntax::Call>();
  if (written == nullptr) return call.binder.not_supported(op.call->span, "invoke of a function elsewhere");
  TabularBinding table;
  table.pipeline = call.pipeline;
  table.num_operators = call.index;
  table.environment = call.pipeline_environment;
  table.source = call.binder.source();
  table.first = std::make_shared<std::optional<Relation>>(std::move(call.input));
  auto bound = call.binder.call(*op.call, *written, call.environment, nullptr, std::move(table));
  if (!bound) {
    return call.binder.fail(op.call->span, kUnknownFunction, "unknown function '" + written->function.text + "'");
  }
  if (!bound->ok()) return std::move(*bound).error();
  if (auto* relation = std::get_if<Relation>(&**bound)) return std::move(*relation);
  return call.binder.fail(op.call->span, code::kNeedsTable, "invoke needs a function that gives a table");
}

Result<Relation> bind_get_schema(OperatorCall& call, const syntax::GetSchemaOperator&) {
  std::vector<LiteralColumn> columns = {{"ColumnName", Kind::kString, {}},
                                        {"ColumnOrdinal", Kind::kInt, {}},
                                        {"DataType", Kind::kString, {}},
                                        {"ColumnType", Kind::kString, {}}};
  const auto data_type = [](Kind kind) -> std::string_view {
    switch (kind) {
      case Kind::kBool: return "System.SByte";
      case Kind::kInt: return "System.Int32";
      case Kind::kLong: return "System.Int64";
      case Kind::kReal: return "System.Double";
      case Kind::kDecimal: return "System.Data.SqlTypes.SqlDecimal";
      case Kind::kString: return "System.String";
      case Kind::kDateTime: return "System.DateTime";
      case Kind::kTimespan: return "System.TimeSpan";
      case Kind::kGuid: return "System.Guid";
      case Kind::kDynamic: return "System.Object";
    }
    return "";
  };
  for (std::size_t i = 0; i < call.input.columns.size(); ++i) {
    const Column& column = call.input.columns[i];
    columns[0].literals.push_back(quote_text(column.name));
    columns[1].literals.push_back("'" + std::to_string(i) + "'");
    columns[2].literals.push_back(quote_text(data_type(column.kind)));
    columns[3].literals.push_back(quote_text(table::to_string(column.kind)));
  }
  const std::size_t num_rows = call.input.columns.size();
  return literal_rows(call.binder, std::move(columns), num_rows);
}

}  // namespace garrison::kql
