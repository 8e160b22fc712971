// SPDX-License-Identifier: Apache-2.0
// Grouping for summarize and the operators built on it (distinct, count, top-nested, pivot, make-series). One
// compilation, one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kql/bind/expression_binder.h"

namespace garrison::kql {

// Names of the columns of a result, made unique as Kusto does: x, x1, x2.
class NameSet {
 public:
  std::string take(const std::string& name);
  void reserve(const std::string& name) { names_.push_back(name); }
  bool has(std::string_view name) const;

 private:
  std::vector<std::string> names_;
};

bool has_window_function(const Scalar& value);

// arg_max, arg_min, take_any and their old spellings choose whole rows.
std::optional<RowChoice::Mode> row_choice_mode(std::string_view aggregate);
Result<std::vector<AggregateOutput>> row_choice(ExpressionBinder& context, const syntax::Expression& expression,
                                                std::string_view name, RowChoice::Mode mode, const AggregateCall& call);

// A grouping under construction: keys first, then aggregates, then finish().
class Grouping {
 public:
  Grouping(Binder& binder, EnvironmentPtr environment, Relation input);

  // A key; its column stands in the result under that name.
  Result<void> key(std::string name, const syntax::Expression& expression);
  void key(std::string name, const Scalar& value);
  // An expression with aggregates, with or without a name.
  Result<void> result(const syntax::Expression& expression);
  // Whether the order of the input matters to an aggregate; the pending sort is then done before grouping.
  Result<Relation> finish();

  ExpressionBinder& input_rows() { return input_rows_; }
  ExpressionBinder& result_rows() { return result_rows_; }
  Relation& output() { return output_; }
  Relation& input() { return input_; }
  AggregateNode& node() { return *node_; }

 private:
  void add(const std::string& name, const Scalar& value);

  Binder& binder_;
  Relation input_;
  Relation output_;
  AggregateNode* node_ = nullptr;
  AggregateSink sink_;
  ExpressionBinder input_rows_;
  ExpressionBinder result_rows_;
  NameSet names_;
  std::size_t num_unnamed_ = 0;
  bool order_matters_ = false;
};

// Rows of the relation in its order, done in SQL.
void sort_in_place(Relation& relation);

}  // namespace garrison::kql
