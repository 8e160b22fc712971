// SPDX-License-Identifier: Apache-2.0
// union, and search and find, which are unions of filtered tables.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "kql/bind/aggregation.h"
#include "kql/bind/binder_functions.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  for (std::size_t skip = star; skip <= name.size(); ++skip) {
    if (matches(pattern.substr(star + 1), name.substr(skip))) return true;
  }
  return false;
}

struct Source {
  Relation relation;
  std::string name;
};

// The tables that an expression of a source list stands for; `fuzzy` leaves out what does not bind.
Result<void> add_sources(OperatorCall& call, const syntax::Expression& expression, bool fuzzy,
                         std::vector<Source>& sources) {
  Binder& binder = call.binder;
  const auto* reference = expression.as<syntax::NameRef>();
  if (expression.is<syntax::Star>() || (reference != nullptr && reference->name.wildcard)) {
    const std::string pattern = reference == nullptr ? "*" : reference->name.text;
    std::set<std::string> seen;
    for (const Environment* at = call.environment.get(); at != nullptr; at = at->outer.get()) {
      const auto* function = std::get_if<FunctionBinding>(&at->binding);
      if (function == nullptr || !function->is_view || !matches(pattern, at->name) || !seen.insert(at->name).second) continue;
      syntax::Name name;
      name.text = at->name;
      name.span = expression.span;
      GARRISON_ASSIGN(Value value, binder.named(name, call.environment, true));
      if (auto* relation = std::get_if<Relation>(&value)) sources.push_back({std::move(*relation), at->name});
    }
    for (const std::string& table : binder.catalogue().existing_tables()) {
      if (!matches(pattern, table) || !seen.insert(table).second) continue;
      if (auto relation = binder.table(table)) sources.push_back({std::move(*relation), table});
    }
    return {};
  }
  auto relation = binder.relation(expression, call.environment);
  if (!relation.ok()) {
    if (fuzzy && !is_said(relation.error()) && relation.error().kind != ErrorKind::kUnsupported) {
      binder.warn("union leaves out a table: " + relation.error().message);
      return {};
    }
    return std::move(relation).error();
  }
  std::string name = relation->source_name;
  sources.push_back({std::move(*relation), std::move(name)});
  return {};
}

// A predicate of search: texts stand for "any column has this term".
Result<Scalar> search_predicate(ExpressionBinder& rows, const syntax::Expression& expression, bool case_sensitive) {
  if (const auto* logical = expression.as<syntax::Logical>()) {
    std::vector<Scalar> terms;
    for (const auto& term : logical->terms) {
      GARRISON_ASSIGN(Scalar value, search_predicate(rows, *term, case_sensitive));
      terms.push_back(std::move(value));
    }
    return lower_logical(rows, logical->op == syntax::LogicalOperator::kAnd ? BinaryOperator::kAnd : BinaryOperator::kOr,
                         terms);
  }
  if (const auto* call = expression.as<syntax::Call>(); call != nullptr && call->function.text == "not" &&
                                                        call->arguments.size() == 1) {
    GARRISON_ASSIGN(Scalar value, search_predicate(rows, *call->arguments.front(), case_sensitive));
    const Function* negation = find_function("not");
    if (negation == nullptr) return bug("no function not()");
    return lower_call(rows, *negation, std::span<const Scalar>(&value, 1));
  }
  const auto* literal = expression.as<syntax::Literal>();
  const auto* colon = expression.as<syntax::Binary>();
  const bool is_colon = colon != nullptr && colon->op == syntax::BinaryOperator::kColon;
  if (literal == nullptr && is_colon) literal = colon->right->as<syntax::Literal>();
  if (literal == nullptr) return rows.predicate(expression);
  GARRISON_ASSIGN(Scalar needle, rows.scalar(is_colon ? *colon->right : expression));
  std::string term;
  if (needle.constant) {
    if (const auto* text = std::get_if<std::string>(&*needle.constant)) term = *text;
    if (const auto* number = std::get_if<std::int64_t>(&*needle.constant)) term = std::to_string(*number);
    // The engine finds no real numbers this way.
    if (std::holds_alternative<double>(*needle.constant)) return make_bool(false);
  }
  BinaryOperator op = case_sensitive ? BinaryOperator::kHasCs : BinaryOperator::kHas;
  const bool head = term.starts_with('*');
  const bool tail = term.size() > 1 && term.ends_with('*');
  if (term == "*") return make_bool(true);
  if (head && tail) op = case_sensitive ? BinaryOperator::kContainsCs : BinaryOperator::kContains;
  else if (tail) op = case_sensitive ? BinaryOperator::kHasPrefixCs : BinaryOperator::kHasPrefix;
  else if (head) op = case_sensitive ? BinaryOperator::kHasSuffixCs : BinaryOperator::kHasSuffix;
  term = term.substr(head ? 1 : 0, term.size() - (head ? 1 : 0) - (tail ? 1 : 0));
  std::vector<Scalar> terms;
  const auto add = [&](const Scalar& value) -> Result<void> {
    Scalar target = value;
    if (value.kind != Kind::kString) {
      GARRISON_ASSIGN(target, cast_to(rows, value, Kind::kString));
    }
    GARRISON_ASSIGN(Scalar match, lower_binary(rows, op, target, make_string(term)));
    terms.push_back(std::move(match));
    return {};
  };
  if (is_colon && !colon->left->is<syntax::Star>()) {
    GARRISON_ASSIGN(Scalar value, rows.scalar(*colon->left));
    GARRISON_TRY(add(value));
    return terms.front();
  }
  for (const Column& column : std::vector<Column>(rows.relation()->columns)) GARRISON_TRY(add(to_scalar(column)));
  if (terms.empty()) return make_bool(false);
  if (terms.size() == 1) return terms.front();
  return lower_logical(rows, BinaryOperator::kOr, terms);
}

void collect_names(const syntax::Expression& expression, std::vector<std::string>& names) {
  if (const auto* reference = expression.as<syntax::NameRef>()) names.push_back(reference->name.text);
  if (const auto* binary = expression.as<syntax::Binary>()) {
    collect_names(*binary->left, names);
    collect_names(*binary->right, names);
  }
  if (const auto* logical = expression.as<syntax::Logical>()) {
    for (const auto& term : logical->terms) collect_names(*term, names);
  }
  if (const auto* membership = expression.as<syntax::Membership>()) collect_names(*membership->value, names);
  if (const auto* between = expression.as<syntax::Between>()) collect_names(*between->value, names);
  if (const auto* call = expression.as<syntax::Call>()) {
    for (const auto& argument : call->arguments) collect_names(*argument, names);
  }
}

}  // namespace

Relation unite(Binder& binder, std::vector<Relation> branches, std::vector<std::string> names, bool inner_only,
               const std::string& source_column) {
  struct Output {
    std::string name;
    Kind kind;
    std::string final_name;
  };
  std::vector<Output> outputs;
  for (const Relation& branch : branches) {
    for (const Column& column : branch.columns) {
      const bool known = std::any_of(outputs.begin(), outputs.end(), [&](const Output& output) {
        return output.name == column.name && output.kind == column.kind;
      });
      if (!known) outputs.push_back({column.name, column.kind, column.name});
    }
  }
  if (inner_only) {
    std::erase_if(outputs, [&](const Output& output) {
      return !std::all_of(branches.begin(), branches.end(), [&](const Relation& branch) {
        return std::any_of(branch.columns.begin(), branch.columns.end(), [&](const Column& column) {
          return column.name == output.name && column.kind == output.kind;
        });
      });
    });
  }
  const auto is_split = [&](const Output& output) {
    return std::count_if(outputs.begin(), outputs.end(), [&](const Output& other) { return other.name == output.name; }) > 1;
  };
  NameSet taken;
  for (const Output& output : outputs) {
    if (!is_split(output)) taken.reserve(output.name);
  }
  for (Output& output : outputs) {
    if (is_split(output)) output.final_name = taken.take(output.name + "_" + std::string(table::to_string(output.kind)));
  }
  Relation result;
  UnionNode node;
  if (!source_column.empty()) outputs.insert(outputs.begin(), {source_column, Kind::kString, source_column});
  for (const Output& output : outputs) {
    Column column;
    column.name = output.final_name;
    column.kind = output.kind;
    column.nullable = output.kind != Kind::kString;
    column.exact = true;
    column.id = binder.arena().add_column(output.kind, column.nullable);
    node.columns.push_back(column.id);
    result.columns.push_back(std::move(column));
  }
  for (std::size_t i = 0; i < branches.size(); ++i) {
    Relation& branch = branches[i];
    result.is_open |= branch.is_open;
    UnionNode::Branch out;
    ExpressionBinder rows(binder, nullptr, &branch);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const Output& output = outputs[k];
      if (k == 0 && !source_column.empty()) {
        out.columns.push_back(rows.define(make_string(names[i])));
        continue;
      }
      const Column* found = nullptr;
      for (const Column& column : branch.columns) {
        if (column.name == output.name && column.kind == output.kind) found = &column;
      }
      if (found == nullptr) {
        Scalar missing = output.kind == Kind::kString ? make_string("") : make_null(output.kind);
        missing.sql = exact_sql(missing);
        out.columns.push_back(rows.define(missing));
      } else if (found->exact) {
        out.columns.push_back(found->id);
      } else {
        Scalar value = make_column(found->kind, column_sql(found->id), {});
        value.nullable = found->nullable;
        value.sql = exact_sql(value);
        out.columns.push_back(rows.define(value));
      }
    }
    out.input = std::move(branch.node);
    node.branches.push_back(std::move(out));
  }
  result.node = make_node(std::move(node));
  return result;
}

Result<Relation> bind_union(OperatorCall& call, const syntax::UnionOperator& op) {
  const bool fuzzy = parameter_text(call.op, "isfuzzy") == "true";
  const bool inner = parameter_text(call.op, "kind") == "inner";
  std::string source = parameter_text(call.op, "withsource");
  if (source.empty()) source = parameter_text(call.op, "with_source");
  std::vector<Source> sources;
  if (call.has_input()) {
    std::string name = call.input.source_name;
    sources.push_back({std::move(call.input), std::move(name)});
  }
  for (const auto& expression : op.sources) GARRISON_TRY(add_sources(call, *expression, fuzzy, sources));
  if (sources.empty() && call.binder.options().check_only) return call.binder.open_relation();
  if (sources.empty()) {
    return call.binder.at(call.op.span, not_found(std::string(kUnknownTable), "none of the tables of this union exists"));
  }
  if (sources.size() == 1 && source.empty()) return std::move(sources.front().relation);
  std::vector<Relation> branches;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    names.push_back(sources[i].name.empty() ? "union_arg" + std::to_string(i) : sources[i].name);
    branches.push_back(std::move(sources[i].relation));
  }
  return unite(call.binder, std::move(branches), std::move(names), inner, source);
}

Result<Relation> bind_search(OperatorCall& call, const syntax::SearchOperator& op) {
  std::vector<Source> sources;
  if (call.has_input()) {
    std::string name = call.input.source_name;
    sources.push_back({std::move(call.input), std::move(name)});
  }
  for (const auto& expression : op.sources) GARRISON_TRY(add_sources(call, *expression, false, sources));
  if (sources.empty()) {
    syntax::Expression all;
    all.span = call.op.span;
    all.node = syntax::Star{};
    GARRISON_TRY(add_sources(call, all, true, sources));
  }
  std::vector<Relation> branches;
  std::vector<std::string> names;
  std::optional<Error> first_error;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    Relation& relation = sources[i].relation;
    ExpressionBinder rows(call.binder, call.environment, &relation);
    auto predicate = search_predicate(rows, *op.predicate, parameter_text(call.op, "kind") == "case_sensitive");
    if (!predicate.ok()) {
      // A table without a column that the predicate names has no row to give.
      if (!first_error) first_error = std::move(predicate).error();
      continue;
    }
    relation.node = make_node(FilterNode{std::move(relation.node), condition_sql(*predicate)});
    names.push_back(sources[i].name.empty() ? "search_arg" + std::to_string(i) : sources[i].name);
    branches.push_back(std::move(relation));
  }
  if (branches.empty()) {
    if (first_error) return std::move(*first_error);
    return call.binder.at(call.op.span, not_found(std::string(kUnknownTable), "there is no table to search"));
  }
  return unite(call.binder, std::move(branches), std::move(names), false, "$table");
}

Result<Relation> bind_find(OperatorCall& call, const syntax::FindOperator& op) {
  Binder& binder = call.binder;
  std::vector<Source> sources;
  for (const auto& expression : op.sources) GARRISON_TRY(add_sources(call, *expression, true, sources));
  if (sources.empty()) {
    syntax::Expression all;
    all.span = call.op.span;
    all.node = syntax::Star{};
    GARRISON_TRY(add_sources(call, all, true, sources));
  }
  std::string source_column = parameter_text(call.op, "withsource");
  if (source_column.empty()) source_column = "source_";
  std::vector<std::string> named;
  collect_names(*op.predicate, named);
  std::vector<Relation> branches;
  std::vector<std::string> names;
  std::optional<Error> first_error;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    Relation& relation = sources[i].relation;
    ExpressionBinder rows(binder, call.environment, &relation);
    auto predicate = search_predicate(rows, *op.predicate, false);
    if (!predicate.ok()) {
      if (!first_error) first_error = std::move(predicate).error();
      continue;
    }
    relation.node = make_node(FilterNode{std::move(relation.node), condition_sql(*predicate)});
    names.push_back(sources[i].name.empty() ? "union_arg" + std::to_string(i) : sources[i].name);
    branches.push_back(std::move(relation));
  }
  if (branches.empty()) {
    if (first_error) return std::move(*first_error);
    return binder.at(call.op.span, not_found(std::string(kUnknownTable), "there is no table to search"));
  }
  // Columns shown as they are: those listed; or those the predicate names and those all tables share.
  std::vector<std::string> shown;
  bool pack = op.project != syntax::FindProject::kProject;
  for (const auto& item : op.columns) {
    if (const auto* reference = item->as<syntax::NameRef>()) shown.push_back(reference->name.text);
    if (const auto* typed = item->as<syntax::TypedName>()) shown.push_back(typed->column.name.text);
    if (item->is<syntax::Call>()) pack = true;
  }
  const auto has = [](const Relation& relation, const std::string& name) {
    return std::any_of(relation.columns.begin(), relation.columns.end(),
                       [&](const Column& column) { return column.name == name; });
  };
  if (op.project != syntax::FindProject::kProject) {
    for (const Relation& relation : branches) {
      for (const Column& column : relation.columns) {
        const bool everywhere = std::all_of(branches.begin(), branches.end(),
                                            [&](const Relation& other) { return has(other, column.name); });
        const bool in_predicate = std::find(named.begin(), named.end(), column.name) != named.end();
        if ((everywhere || in_predicate) && std::find(shown.begin(), shown.end(), column.name) == shown.end()) {
          shown.push_back(column.name);
        }
      }
    }
  }
  for (Relation& relation : branches) {
    ExpressionBinder rows(binder, call.environment, &relation);
    std::vector<Column> kept;
    std::vector<Scalar> packed;
    for (Column& column : relation.columns) {
      if (std::find(shown.begin(), shown.end(), column.name) != shown.end()) {
        kept.push_back(std::move(column));
      } else {
        packed.push_back(make_string(column.name));
        packed.push_back(to_scalar(column));
      }
    }
    if (pack) {
      const Function* bag_pack = find_function("bag_pack");
      if (bag_pack == nullptr) return bug("no function bag_pack()");
      Scalar bag = make_dynamic("{}");
      if (!packed.empty()) {
        GARRISON_ASSIGN(bag, lower_call(rows, *bag_pack, packed));
      }
      kept.push_back(rows.column("pack_", bag));
    }
    relation.columns = std::move(kept);
  }
  return unite(binder, std::move(branches), std::move(names), false, source_column);
}

}  // namespace garrison::kql
