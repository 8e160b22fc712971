// SPDX-License-Identifier: Apache-2.0
// The state of one compilation and the walk over statements, sources and pipelines. Operators are in files of their own
// (operators.h lists them), expressions in expression_binder.h. Binding and lowering are one pass: bound relations
// hold lowered nodes, bound scalars hold SQL. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kql/bind/environment.h"
#include "kql/bind/renderer.h"
#include "kql/compile.h"

namespace garrison::kql {

namespace code {
inline constexpr std::string_view kWrongArgument = "KQL-0104";
inline constexpr std::string_view kWrongType = "KQL-0105";
inline constexpr std::string_view kNeedsTable = "KQL-0106";
inline constexpr std::string_view kNeedsScalar = "KQL-0107";
inline constexpr std::string_view kDuplicateName = "KQL-0108";
inline constexpr std::string_view kNeedsConstant = "KQL-0110";
inline constexpr std::string_view kNoQuery = "KQL-0111";
inline constexpr std::string_view kTooLarge = "KQL-0112";
inline constexpr std::string_view kNotSerialized = "KQL-0113";
inline constexpr std::string_view kWrongPattern = "KQL-0114";
inline constexpr std::string_view kQueryParameter = "KQL-0115";
}  // namespace code

using Value = std::variant<Scalar, Relation>;

class ExpressionBinder;

class Binder {
 public:
  Binder(const Catalogue& catalogue, const CompileOptions& options);
  ~Binder();

  Compilation run(std::string_view text);

  // ---- for operators and expressions ----
  const Catalogue& catalogue() const { return catalogue_; }
  const CompileOptions& options() const { return options_; }
  // now() of the query: what `set query_now` says, else the caller's.
  DateTime now() const { return query_now_.value_or(options_.now); }
  PlanArena& arena() { return arena_; }
  RenderState& render_state() { return render_state_; }
  std::string fresh_name(std::string_view prefix);
  bool is_fresh_name(std::string_view word) const;
  void warn(std::string text) { warnings_.push_back(std::move(text)); }

  Error fail(const syntax::Span& span, std::string_view code, std::string message) const;
  Error not_supported(const syntax::Span& span, std::string_view name, std::string_view reason = {}) const;
  // Gives an error without place the place of the span.
  Error at(const syntax::Span& span, Error error) const;

  // A pipeline; `input` stands for a source that is not written.
  Result<Relation> pipeline(const syntax::Pipeline& pipeline, EnvironmentPtr environment,
                            std::optional<Relation> input = std::nullopt,
                            std::size_t num_operators = static_cast<std::size_t>(-1));
  Result<Relation> relation(const syntax::Expression& expression, const EnvironmentPtr& environment);
  // Scalar or table, whichever it is; `rows` null where no columns are in reach.
  Result<Value> value(const syntax::Expression& expression, const EnvironmentPtr& environment, ExpressionBinder* rows);
  // Resolves a name that is no column.
  Result<Value> named(const syntax::Name& name, const EnvironmentPtr& environment, bool tables_only);
  // A call of a let or saved function or a tabular built-in; none: it is a scalar built-in or unknown.
  std::optional<Result<Value>> call(const syntax::Expression& expression, const syntax::Call& call,
                                    const EnvironmentPtr& environment, ExpressionBinder* rows,
                                    std::optional<TabularBinding> first_argument = std::nullopt);
  // A table of the catalogue by name; none when there is no such table.
  std::optional<Relation> table(std::string_view name);
  Result<Relation> data_table(const syntax::Expression& expression, const syntax::DataTable& table,
                              const EnvironmentPtr& environment);
  // A scalar without columns.
  Result<Scalar> constant_scalar(const syntax::Expression& expression, const EnvironmentPtr& environment);
  // A constant whole number such as the count of take.
  Result<std::int64_t> constant_integer(const syntax::Expression& expression, const EnvironmentPtr& environment);
  // (select first column limit 1) of the relation.
  Scalar scalar_subquery(Relation relation);
  std::string subquery(Relation relation, const std::vector<ColumnId>& columns);
  // Names and kinds that the data tells; an error stands for "run the discovery first".
  Result<table::Schema> discover(Relation relation, const std::string& name_and_kind_sql, const std::string& array_join);

  // Whether unknown names are let pass: inside of saved functions while content is only checked.
  bool is_lenient() const { return options_.check_only && source_ != nullptr && !source_->function.empty(); }
  // No rows, and any column one asks for.
  Relation open_relation();

  // Known names for messages.
  std::string did_you_mean(std::string_view name, std::vector<std::string> candidates) const;

  // Columns of a relation made anew: with fresh ids that `use` maps from the old.
  Relation use_common_table(std::size_t index, const std::vector<Column>& columns);
  std::size_t add_common_table(Relation relation, std::vector<Column>& columns);

  const SourceText* source() const { return source_; }

 private:
  friend class SourceScope;
  struct SavedCallable;

  Result<EnvironmentPtr> statement(const syntax::Statement& statement, EnvironmentPtr environment);
  Result<EnvironmentPtr> let(const syntax::LetStatement& let, EnvironmentPtr environment);
  Result<EnvironmentPtr> query_parameters(const syntax::QueryParametersStatement& statement,
                                          EnvironmentPtr environment);
  Result<Value> invoke(const FunctionBinding& function, const std::string& name, const syntax::Span& span,
                       const std::vector<syntax::ExpressionPtr>* arguments, const EnvironmentPtr& environment,
                       ExpressionBinder* rows, std::optional<TabularBinding> first_argument);
  Result<Relation> bind_tabular(const TabularBinding& binding);
  std::optional<FunctionBinding> saved_function(std::string_view name);
  Result<void> finish(Relation relation, Compilation& compilation);
  void report(Error error);

  const Catalogue& catalogue_;
  const CompileOptions& options_;
  std::optional<DateTime> query_now_;
  PlanArena arena_;
  RenderState render_state_;
  std::vector<std::unique_ptr<SourceText>> sources_;
  const SourceText* source_ = nullptr;
  std::vector<std::pair<const SourceText*, Position>> call_sites_;
  std::map<std::string, std::unique_ptr<SavedCallable>, std::less<>> saved_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<std::string> warnings_;
  std::optional<DiscoveryRequest> discovery_;
  std::size_t num_discoveries_ = 0;
  std::size_t num_fresh_names_ = 0;
  std::vector<const syntax::Expression*> running_functions_;
  std::map<std::string, std::shared_ptr<const TableSource>, std::less<>> tables_;
};

}  // namespace garrison::kql
