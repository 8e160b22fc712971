// SPDX-License-Identifier: Apache-2.0
// evaluate: the plugins that are lowered to SQL. bag_unpack and pivot ask the data for their columns first.
#include <algorithm>
#include <map>

#include "kql/bind/aggregation.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

struct Arguments {
  std::vector<const syntax::Expression*> positional;
  std::map<std::string, const syntax::Expression*, std::less<>> named;
};

Arguments split_arguments(const syntax::Call& written) {
  Arguments arguments;
  for (const auto& argument : written.arguments) {
    if (const auto* assignment = argument->as<syntax::Assignment>()) {
      arguments.named[assignment->names.front().text] = assignment->value.get();
    } else {
      arguments.positional.push_back(argument.get());
    }
  }
  return arguments;
}

Result<std::string> text_argument(OperatorCall& call, const Arguments& arguments, std::size_t place,
                                  std::string_view name) {
  const syntax::Expression* expression = nullptr;
  if (place < arguments.positional.size()) expression = arguments.positional[place];
  if (const auto found = arguments.named.find(name); found != arguments.named.end()) expression = found->second;
  if (expression == nullptr) return std::string();
  GARRISON_ASSIGN(Scalar value, call.binder.constant_scalar(*expression, call.environment));
  if (value.constant) {
    if (const auto* text = std::get_if<std::string>(&*value.constant)) return *text;
  }
  return call.binder.fail(expression->span, code::kNeedsConstant, "a constant text is needed here");
}

Result<std::vector<table::Column>> declared_columns(OperatorCall& call, const syntax::Schema& schema) {
  std::vector<table::Column> columns;
  for (const syntax::ColumnDeclaration& declared : schema.columns) {
    const auto kind = table::parse_kind(declared.type.text);
    if (!kind) return call.binder.fail(declared.type.span, code::kWrongType, "unknown type '" + declared.type.text + "'");
    columns.push_back({declared.name.text, *kind});
  }
  return columns;
}

// The relation twice: itself again, and a copy for a discovery.
Relation fork_for_discovery(Binder& binder, Relation& relation, std::vector<Column>& discovery_columns) {
  const std::vector<Column> hidden = std::move(relation.hidden);
  std::vector<Column> columns;
  const bool open = relation.is_open;
  const std::size_t index = share(binder, std::move(relation), columns);
  relation = binder.use_common_table(index, columns);
  relation.is_open = open;
  Relation copy = binder.use_common_table(index, columns);
  discovery_columns = copy.columns;
  return copy;
}

Result<Relation> bag_unpack(OperatorCall& call, const syntax::Call& written, const syntax::EvaluateOperator& op) {
  Binder& binder = call.binder;
  Relation input = std::move(call.input);
  const Arguments arguments = split_arguments(written);
  if (arguments.positional.empty()) {
    return binder.fail(written.function.span, code::kWrongArgument, "bag_unpack needs a dynamic column");
  }
  const auto* reference = arguments.positional.front()->as<syntax::NameRef>();
  const Column* found = reference == nullptr ? nullptr : input.find(reference->name.text);
  if (found == nullptr) {
    if (input.is_open) return input;
    return binder.fail(arguments.positional.front()->span, kUnknownName, "bag_unpack needs the name of a dynamic column");
  }
  if (found->kind != Kind::kDynamic) {
    return binder.fail(arguments.positional.front()->span, code::kWrongType, "bag_unpack needs a dynamic column");
  }
  const std::string bag_name = found->name;
  GARRISON_ASSIGN(const std::string prefix, text_argument(call, arguments, 1, "OutputColumnPrefix"));
  GARRISON_ASSIGN(const std::string conflict, text_argument(call, arguments, 2, "columnsConflict"));
  std::vector<std::string> ignored;
  const syntax::Expression* ignored_expression =
      arguments.positional.size() > 3 ? arguments.positional[3] : nullptr;
  if (const auto named = arguments.named.find("ignoredProperties"); named != arguments.named.end()) {
    ignored_expression = named->second;
  }
  std::string ignored_json;
  if (ignored_expression != nullptr) {
    GARRISON_ASSIGN(Scalar value, binder.constant_scalar(*ignored_expression, call.environment));
    if (value.constant) {
      if (const auto* text = std::get_if<std::string>(&*value.constant)) ignored_json = *text;
    }
  }

  std::vector<table::Column> columns;
  bool open = false;
  if (op.schema) {
    GARRISON_ASSIGN(columns, declared_columns(call, *op.schema));
  } else {
    std::vector<Column> copy_columns;
    Relation copy = fork_for_discovery(binder, input, copy_columns);
    const auto bag = std::find_if(copy_columns.begin(), copy_columns.end(),
                                  [&](const Column& column) { return column.name == bag_name; });
    const std::string document = column_sql(bag->id);
    const std::string kind =
        "multiIf(tupleElement({pair}, 2) = 'null', 'null', startsWith(tupleElement({pair}, 2), '\"'), 'string', "
        "tupleElement({pair}, 2) in ('true', 'false'), 'bool', match(tupleElement({pair}, 2), '^[-0-9]'), "
        "if(JSONType(ifNull(" + document + ", ''), tupleElement({pair}, 1)) = 'Double', 'real', 'long'), 'dynamic')";
    GARRISON_ASSIGN(table::Schema schema,
                    binder.discover(std::move(copy), kind, "JSONExtractKeysAndValuesRaw(ifNull(" + document + ", ''))"));
    columns = std::move(schema.columns);
    open = columns.empty();
  }
  std::erase_if(columns, [&](const table::Column& column) {
    return ignored_json.find("\"" + column.name + "\"") != std::string::npos;
  });

  const Column bag = *input.find(bag_name);
  const bool with_star = !op.schema || op.schema->star;
  std::vector<Column> kept;
  if (with_star) {
    for (Column& column : input.columns) {
      if (column.name != bag_name) kept.push_back(std::move(column));
    }
  }
  ExpressionBinder rows(binder, call.environment, &input);
  std::vector<Column> added;
  for (const table::Column& column : columns) {
    const std::string name = prefix + column.name;
    // A declared column that the input has is the input's.
    if (op.schema && !with_star) {
      const auto source = std::find_if(input.columns.begin(), input.columns.end(),
                                       [&](const Column& other) { return other.name == name; });
      if (source != input.columns.end() && name != bag_name) {
        added.push_back(*source);
        continue;
      }
    }
    const auto clash = std::find_if(kept.begin(), kept.end(), [&](const Column& other) { return other.name == name; });
    if (clash != kept.end()) {
      if (conflict == "keep_source") continue;
      if (conflict != "replace_source") {
        return binder.fail(written.function.span, code::kDuplicateName,
                           "bag_unpack would make a second column '" + name + "'; say columnsConflict");
      }
    }
    GARRISON_ASSIGN(Scalar value, lower_member(rows, to_scalar(bag), column.name));
    if (column.kind != Kind::kDynamic) {
      GARRISON_ASSIGN(value, cast_to(rows, value, column.kind));
    }
    if (clash != kept.end()) {
      *clash = rows.column(name, value);
    } else {
      added.push_back(rows.column(name, value));
    }
  }
  for (Column& column : added) kept.push_back(std::move(column));
  input.columns = std::move(kept);
  input.is_open |= open;
  return input;
}

Result<Relation> pivot(OperatorCall& call, const syntax::Call& written, const syntax::EvaluateOperator& op) {
  Binder& binder = call.binder;
  if (written.arguments.empty()) {
    return binder.fail(written.function.span, code::kWrongArgument, "pivot needs a column");
  }
  Relation input = std::move(call.input);
  const syntax::Expression& pivot_expression = *written.arguments.front();
  ColumnId pivot_id;
  Kind pivot_kind;
  {
    ExpressionBinder rows(binder, call.environment, &input);
    GARRISON_ASSIGN(Scalar value, rows.scalar(pivot_expression));
    GARRISON_ASSIGN(Scalar text, cast_to(rows, value, Kind::kString));
    text.sql = exact_sql(text);
    pivot_id = rows.define(text);
    pivot_kind = value.kind;
  }
  static_cast<void>(pivot_kind);
  const std::string pivot_name = implicit_name(pivot_expression);
  std::size_t next = 1;
  const syntax::Expression* aggregate = nullptr;
  if (next < written.arguments.size()) {
    const auto* aggregate_call = written.arguments[next]->as<syntax::Call>();
    if (aggregate_call != nullptr && find_aggregate(aggregate_call->function.text) != nullptr) {
      aggregate = written.arguments[next++].get();
    }
  }
  std::vector<Column> keys;
  if (next < written.arguments.size()) {
    ExpressionBinder rows(binder, call.environment, &input);
    for (; next < written.arguments.size(); ++next) {
      const syntax::Expression& key = *written.arguments[next];
      GARRISON_ASSIGN(Scalar value, rows.scalar(key));
      keys.push_back(rows.column(implicit_name(key), value));
    }
  } else {
    // All columns that neither the pivot nor the aggregate names.
    const auto* aggregate_call = aggregate == nullptr ? nullptr : aggregate->as<syntax::Call>();
    for (const Column& column : input.columns) {
      bool used = column.name == pivot_name;
      if (aggregate_call != nullptr) {
        for (const auto& argument : aggregate_call->arguments) used |= implicit_name(*argument) == column.name;
      }
      if (!used) keys.push_back(column);
    }
  }
  Column text_column;
  text_column.name = "$pivot";
  text_column.kind = Kind::kString;
  text_column.nullable = false;
  text_column.id = pivot_id;
  input.columns.push_back(text_column);

  std::vector<table::Column> columns;
  bool open = false;
  if (op.schema) {
    GARRISON_ASSIGN(columns, declared_columns(call, *op.schema));
    std::erase_if(columns, [&](const table::Column& column) {
      return std::any_of(keys.begin(), keys.end(), [&](const Column& key) { return key.name == column.name; });
    });
  } else {
    // The columns are used twice: keys follow them by name.
    std::vector<Column> all = input.columns;
    for (const Column& key : keys) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const Column& column) { return column.id == key.id; });
      if (!known) all.push_back(key);
    }
    input.columns = all;
    std::vector<Column> copy_columns;
    Relation copy = fork_for_discovery(binder, input, copy_columns);
    for (Column& key : keys) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].id == key.id) key.id = input.columns[i].id;
      }
    }
    std::string discovered_text;
    for (const Column& column : copy_columns) {
      if (column.name == "$pivot") discovered_text = column_sql(column.id);
    }
    for (const Column& column : input.columns) {
      if (column.name == "$pivot") text_column = column;
    }
    GARRISON_ASSIGN(table::Schema schema,
                    binder.discover(std::move(copy), "'dynamic'", "[tuple(" + discovered_text + ", '')]"));
    columns = std::move(schema.columns);
    open = columns.empty();
  }

  // One value a key and pivot value, then a column each.
  Grouping grouping(binder, call.environment, std::move(input));
  for (const Column& key : keys) grouping.key(key.name, to_scalar(key));
  Scalar pivot_scalar = make_column(Kind::kString, column_sql(text_column.id), {});
  pivot_scalar.nullable = false;
  grouping.key("$pivot", pivot_scalar);
  Scalar value;
  if (aggregate != nullptr) {
    GARRISON_ASSIGN(value, grouping.result_rows().scalar(*aggregate));
  } else {
    const ColumnId id = binder.arena().add_column(Kind::kLong, false);
    grouping.node().aggregates.push_back({id, "toInt64(count())"});
    value = make_column(Kind::kLong, column_sql(id), {});
  }
  const ColumnId value_id = grouping.result_rows().define(value);
  GARRISON_ASSIGN(Relation stage, grouping.finish());
  const auto* aggregate_call = aggregate == nullptr ? nullptr : aggregate->as<syntax::Call>();
  const std::string_view function = aggregate_call == nullptr ? std::string_view("count") : std::string_view(aggregate_call->function.text);
  const bool zero = function == "count" || function == "countif" || function == "dcount" || function == "sum" ||
                    function == "sumif" || function == "dcountif";
  Relation result;
  AggregateNode node;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Column key = stage.columns[i];
    const ColumnId id = binder.arena().add_column(key.kind, key.nullable);
    node.keys.push_back({id, column_sql(key.id)});
    key.id = id;
    result.columns.push_back(std::move(key));
  }
  NameSet names;
  for (const Column& column : result.columns) names.reserve(column.name);
  const std::string stage_pivot = column_sql(stage.columns[keys.size()].id);
  for (const table::Column& column : columns) {
    Column output;
    output.name = names.take(column.name);
    output.kind = value.kind;
    output.nullable = value.kind != Kind::kString && !zero;
    output.id = binder.arena().add_column(value.kind, output.nullable);
    std::string sql = "anyIf(" + column_sql(value_id) + ", " + stage_pivot + " = " + quote_text(column.name) + ")";
    if (zero) {
      sql = "ifNull(" + sql + ", 0)";
    } else if (value.kind != Kind::kString) {
      sql = "anyIf(toNullable(" + column_sql(value_id) + "), " + stage_pivot + " = " + quote_text(column.name) + ")";
    }
    node.aggregates.push_back({output.id, std::move(sql)});
    result.columns.push_back(std::move(output));
  }
  node.input = std::move(stage.node);
  result.node = make_node(std::move(node));
  result.is_open = open;
  return result;
}

Result<Relation> ipv4_lookup(OperatorCall& call, const syntax::Call& written) {
  Binder& binder = call.binder;
  const Arguments arguments = split_arguments(written);
  if (arguments.positional.size() < 3) {
    return binder.fail(written.function.span, code::kWrongArgument,
                       "ipv4_lookup takes a table, the column of addresses and the table's column of networks");
  }
  const syntax::Expression* unmatched = arguments.positional.size() > 3 ? arguments.positional[3] : nullptr;
  if (const auto named = arguments.named.find("return_unmatched"); named != arguments.named.end()) unmatched = named->second;
  if (unmatched != nullptr) {
    GARRISON_ASSIGN(Scalar flag, binder.constant_scalar(*unmatched, call.environment));
    const auto* on = flag.constant ? std::get_if<bool>(&*flag.constant) : nullptr;
    if (on == nullptr || *on) return binder.not_supported(unmatched->span, "ipv4_lookup with return_unmatched or more keys");
  }
  GARRISON_ASSIGN(Relation networks, binder.relation(*arguments.positional[0], call.environment));
  Relation input = std::move(call.input);
  PlanArena& arena = binder.arena();
  const auto mask = [](const std::string& length) {
    return "toUInt32(bitShiftLeft(toUInt64(4294967295), 32 - " + length + ") % 4294967296)";
  };

  ColumnId network_length, network_base;
  {
    ExpressionBinder rows(binder, call.environment, &networks);
    GARRISON_ASSIGN(Scalar network, rows.scalar(*arguments.positional[2]));
    const std::string text = column_sql(rows.define(network));
    Scalar length, base;
    length.sql = "assumeNotNull(if(position(" + text + ", '/') = 0, 32, least(ifNull(toUInt8OrNull(splitByChar('/', " + text +
                 ")[2]), 32), 32)))";
    network_length = rows.define(length);
    base.sql = "ifNull(bitAnd(IPv4StringToNumOrNull(splitByChar('/', " + text + ")[1]), " +
               mask(column_sql(network_length)) + "), toUInt32(0))";
    network_base = rows.define(base);
    networks.node = make_node(FilterNode{std::move(networks.node),
                                         "isNotNull(IPv4StringToNumOrNull(splitByChar('/', " + text + ")[1]))"});
  }
  // The networks are read twice: for the lengths that occur, and for the join.
  std::vector<Column> columns = networks.columns;
  Column length_column, base_column;
  length_column.name = "$length";
  length_column.id = network_length;
  base_column.name = "$base";
  base_column.id = network_base;
  networks.columns.push_back(length_column);
  networks.columns.push_back(base_column);
  std::vector<Column> shared;
  const std::size_t table = share(binder, std::move(networks), shared);
  Relation lengths = binder.use_common_table(table, shared);
  const ColumnId length_use = lengths.columns[lengths.columns.size() - 2].id;
  AggregateNode distinct;
  const ColumnId list = arena.add_column(Kind::kDynamic, false);
  distinct.aggregates.push_back({list, "groupUniqArray(" + column_sql(length_use) + ")"});
  distinct.input = std::move(lengths.node);
  Relation list_relation;
  list_relation.node = make_node(std::move(distinct));
  const std::string list_sql = "(" + binder.subquery(std::move(list_relation), {list}) + ")";

  ExpressionBinder rows(binder, call.environment, &input);
  GARRISON_ASSIGN(Scalar address, rows.scalar(*arguments.positional[1]));
  const std::string text = column_sql(rows.define(address));
  const ColumnId length = arena.add_column(Kind::kLong, false);
  input.node = make_node(FilterNode{std::move(input.node), "isNotNull(IPv4StringToNumOrNull(" + text + "))"});
  input.node = make_node(ArrayJoinNode{std::move(input.node), {{length, list_sql}}});
  Scalar masked;
  masked.sql = "ifNull(bitAnd(IPv4StringToNumOrNull(" + text + "), " + mask(column_sql(length)) + "), toUInt32(0))";
  ExpressionBinder expanded(binder, call.environment, &input);
  const ColumnId base = expanded.define(masked);

  Relation right = binder.use_common_table(table, shared);
  JoinNode join;
  join.shape = JoinShape::kInner;
  join.keys.push_back({length, right.columns[right.columns.size() - 2].id, false, false});
  join.keys.push_back({base, right.columns.back().id, false, false});
  right.columns.resize(right.columns.size() - 2);
  Relation result;
  NameSet names;
  for (const Column& column : input.columns) names.reserve(column.name);
  result.columns = std::move(input.columns);
  for (Column& column : right.columns) {
    column.name = names.take(column.name);
    result.columns.push_back(std::move(column));
  }
  join.left = std::move(input.node);
  join.right = std::move(right.node);
  result.node = make_node(std::move(join));
  return result;
}

}  // namespace

Result<Relation> bind_evaluate(OperatorCall& call, const syntax::EvaluateOperator& op) {
  const auto* written = op.call->as<syntax::Call>();
  if (written == nullptr) return call.binder.fail(op.call->span, code::kWrongArgument, "evaluate needs a plugin");
  const std::string& name = written->function.text;
  if (!call.has_input()) {
    return call.binder.not_supported(written->function.span, "evaluate " + name + " without a table in front");
  }
  if (name == "bag_unpack") return bag_unpack(call, *written, op);
  if (name == "pivot") return pivot(call, *written, op);
  if (name == "ipv4_lookup") return ipv4_lookup(call, *written);
  return call.binder.not_supported(written->function.span, "evaluate " + name);
}

}  // namespace garrison::kql
