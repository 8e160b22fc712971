// SPDX-License-Identifier: Apache-2.0
// Binds expressions over the rows of a relation. Operands that lowerings repeat, native functions and row numbers are
// put into the relation as columns before the operator that uses them. Short-lived: one operator, one thread.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "kql/bind/binder.h"
#include "kql/scalar/lowering_context.h"
#include "kql/scalar/operators.h"
#include "kql/scalar/registry.h"

namespace garrison::kql {

// Where aggregates of a summarize go.
struct AggregateSink {
  AggregateNode* node = nullptr;
  Relation* input = nullptr;
  std::vector<ColumnId> keys;  // ids of input columns that are keys as they are: `*` leaves them out
};

class ExpressionBinder final : public LoweringContext {
 public:
  // `relation` null: no columns in reach.
  ExpressionBinder(Binder& binder, EnvironmentPtr environment, Relation* relation)
      : binder_(binder), environment_(std::move(environment)), relation_(relation) {}

  void set_right(Relation* right) { right_ = right; }
  void set_aggregates(AggregateSink* sink) { aggregates_ = sink; }
  // Names $table for search and find.
  void set_star_search(bool on) { star_search_ = on; }

  Result<Scalar> scalar(const syntax::Expression& expression);
  // A predicate for where: bool, or something that casts to it.
  Result<Scalar> predicate(const syntax::Expression& expression);

  // The scalar as a column of the relation; its own id when it is one already.
  ColumnId define(const Scalar& value);
  // A column for the scalar under that name (not added to the relation's columns).
  Column column(std::string name, const Scalar& value);

  Binder& binder() { return binder_; }
  const EnvironmentPtr& environment() const { return environment_; }
  Relation* relation() { return relation_; }
  AggregateSink* aggregates() { return aggregates_; }

  Result<std::vector<AggregateOutput>> aggregate(const syntax::Expression& expression, const syntax::Call& call,
                                                 const Aggregate& aggregate);

  // LoweringContext
  DateTime now() const override;
  std::string bind(const std::string& sql) override;
  std::string fresh_name(std::string_view prefix) override;
  Result<std::string> row_order() override;
  Result<Scalar> native(const NativeFunction& function, std::span<const Scalar> arguments) override;

 private:
  Result<Scalar> scalar_at(const syntax::Expression& expression);
  Result<Scalar> literal(const syntax::Literal& literal);
  Result<Scalar> name(const syntax::Expression& expression, const syntax::NameRef& reference);
  Result<Scalar> path(const syntax::Expression& expression, const syntax::Path& path);
  Result<Scalar> binary(const syntax::Expression& expression, const syntax::Binary& binary);
  Result<Scalar> membership(const syntax::Expression& expression, const syntax::Membership& membership);
  Result<Scalar> call(const syntax::Expression& expression, const syntax::Call& call);
  std::optional<Result<Scalar>> special_call(const syntax::Expression& expression, const syntax::Call& call);
  Result<Scalar> pack_all_present(const syntax::Call& call);
  Result<Scalar> star_predicate(const syntax::Expression& expression, BinaryOperator op, const Scalar& right);
  Result<Scalar> side_column(const syntax::Expression& expression, const syntax::Name& side, const syntax::Name& name);
  Result<Scalar> unknown_column(const syntax::Name& name);

  Binder& binder_;
  EnvironmentPtr environment_;
  Relation* relation_ = nullptr;
  Relation* right_ = nullptr;
  AggregateSink* aggregates_ = nullptr;
  bool in_aggregate_ = false;
  bool star_search_ = false;
  std::unordered_map<std::string, std::string> bound_;
};

// The name KQL gives an expression without name; empty: it has none (Column1, print_0).
std::string implicit_name(const syntax::Expression& expression);

}  // namespace garrison::kql
