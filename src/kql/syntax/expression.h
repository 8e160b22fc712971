// SPDX-License-Identifier: Apache-2.0
// Expressions of the KQL syntax tree. The tree is what stands in the text, nothing resolved: whether a name is a
// column, a table, a let variable or a function is the binder's business. It is always complete: what the text lacks is
// a Missing expression or a Name with `missing` set, and a diagnostic says so. Nodes own their children and are
// immutable once parsed; any thread may read a finished tree.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kql/syntax/span.h"

namespace garrison::kql::syntax {

struct Expression;
struct Pipeline;
using ExpressionPtr = std::unique_ptr<Expression>;
using PipelinePtr = std::unique_ptr<Pipeline>;

// An identifier as written: Name, ['a name'] (then `bracketed`, text decoded), $left, $right, or a pattern such as
// Device* (then `wildcard`, the text keeps its stars).
struct Name {
  Span span;
  std::string text;
  bool bracketed = false;
  bool wildcard = false;
  bool missing = false;
};

// name=value pair of an operator: kind=inner, hint.strategy=shuffle, isfuzzy=true, withsource=Source. Old spellings
// with a hyphen keep it (hint.shufflekey, with_source, bagexpansion). Words as values are NameRef.
struct Parameter {
  Span span;
  Name name;
  ExpressionPtr value;
};

// Declared column or parameter `name:type`; the type is the word as written ("" where missing).
struct ColumnDeclaration {
  Span span;
  Name name;
  Name type;
};

// (a:string, b:long) or (*) or (*, a:string).
struct Schema {
  Span span;
  bool star = false;
  std::vector<ColumnDeclaration> columns;
};

// ---- kinds of expressions ----

// Nothing stands where an expression must stand.
struct Missing {};

enum class LiteralKind : std::uint8_t {
  kBool,
  kInt,
  kLong,
  kReal,
  kDecimal,
  kString,
  kDatetime,
  kTimespan,
  kGuid,
  kDynamic,
  kType,
};

// A literal with its decoded value. monostate is a typed null, as in long(null).
//   kBool bool; kInt, kLong int64; kReal double (nan and inf included)
//   kTimespan int64 ticks; kDatetime int64 ticks since year 1
//   kDecimal text of the number as written; kGuid lower-case text with hyphens; kString decoded UTF-8
//   kDynamic compact JSON text (relaxed forms already made strict); kType the type's word, of typeof(long)
struct Literal {
  LiteralKind kind = LiteralKind::kLong;
  std::variant<std::monostate, bool, std::int64_t, double, std::string> value;
  bool obfuscated = false;  // h"..." : do not show in logs

  bool is_null() const { return std::holds_alternative<std::monostate>(value); }
};

// typeof(a:string, b:long): a row type. (typeof(long) is a Literal of kType.)
struct TypeSchema {
  Schema schema;
};

// Column, table, variable, function without parentheses, or a wildcard name.
struct NameRef {
  Name name;
};

// `*` as in count(*), pack(*), `* has "x"`, distinct *.
struct Star {};

// base.name
struct Path {
  ExpressionPtr base;
  Name name;
};

// base[index]
struct Element {
  ExpressionPtr base;
  ExpressionPtr index;
};

// function(arguments); base.function(arguments) when base is set, as in database("d").function(1). An argument may be
// an Assignment (named argument), a Star or a PipelineExpression (materialize, toscalar).
struct Call {
  ExpressionPtr base;
  Name function;
  std::vector<ExpressionPtr> arguments;
};

enum class UnaryOperator : std::uint8_t { kMinus, kPlus };

struct Unary {
  UnaryOperator op = UnaryOperator::kMinus;
  ExpressionPtr operand;
};

enum class BinaryOperator : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kLess,
  kGreater,
  kLessOrEqual,
  kGreaterOrEqual,
  kEqual,
  kNotEqual,
  kEqualTilde,
  kNotEqualTilde,  // =~ and !~
  kHas,
  kNotHas,
  kHasCs,
  kNotHasCs,
  kHasPrefix,
  kNotHasPrefix,
  kHasPrefixCs,
  kNotHasPrefixCs,
  kHasSuffix,
  kNotHasSuffix,
  kHasSuffixCs,
  kNotHasSuffixCs,
  kContains,
  kNotContains,
  kContainsCs,
  kNotContainsCs,
  kStartsWith,
  kNotStartsWith,
  kStartsWithCs,
  kNotStartsWithCs,
  kEndsWith,
  kNotEndsWith,
  kEndsWithCs,
  kNotEndsWithCs,
  kLike,
  kNotLike,
  kLikeCs,
  kNotLikeCs,
  kMatchesRegex,
  kColon,  // column:"term" of search and find
};

// left op right; comparisons do not chain.
struct Binary {
  BinaryOperator op = BinaryOperator::kAdd;
  Span op_span;
  ExpressionPtr left;
  ExpressionPtr right;
};

enum class LogicalOperator : std::uint8_t { kAnd, kOr };

// a and b and c: flat, two terms or more, so that thousands of terms need no recursion.
struct Logical {
  LogicalOperator op = LogicalOperator::kAnd;
  std::vector<ExpressionPtr> terms;
};

enum class MembershipOperator : std::uint8_t {
  kIn,
  kNotIn,
  kInTilde,
  kNotInTilde,  // in is case-sensitive, in~ is not
  kHasAny,
  kNotHasAny,
  kHasAll,
};

// value in (items); an item may be a PipelineExpression.
struct Membership {
  MembershipOperator op = MembershipOperator::kIn;
  Span op_span;
  ExpressionPtr value;
  std::vector<ExpressionPtr> items;
};

// value between (low .. high)
struct Between {
  bool negated = false;
  Span op_span;
  ExpressionPtr value;
  ExpressionPtr low;
  ExpressionPtr high;
};

// name = value, or (a, b) = value (then `tuple`, also with a single name).
struct Assignment {
  std::vector<Name> names;
  bool tuple = false;
  ExpressionPtr value;
};

// name:type, where an operator takes it (parse, find ... project).
struct TypedName {
  ColumnDeclaration column;
};

// A pipeline with at least one operator: (T | where x), toscalar(T | count), union (T | take 1), A.
struct PipelineExpression {
  PipelinePtr pipeline;
};

// datatable(a:string, b:long) [values...]; values row by row.
struct DataTable {
  Schema schema;
  std::vector<Parameter> properties;
  std::vector<ExpressionPtr> values;
};

// externaldata(a:string) [uris] with (format="csv")
struct ExternalData {
  Schema schema;
  std::vector<ExpressionPtr> uris;
  std::vector<Parameter> properties;
};

// inline_external_table (a:string) kind=storage ... (uris) with (...); the clauses between are kept as parameters.
struct InlineExternalTable {
  Schema schema;
  std::vector<Parameter> clauses;
  std::vector<ExpressionPtr> uris;
  std::vector<Parameter> properties;
};

// __contextual_datatable(id, schema)
struct ContextualDataTable {
  ExpressionPtr id;
  Schema schema;
};

// entity_group [cluster("a").database("b"), ...]
struct EntityGroup {
  std::vector<ExpressionPtr> items;
};

// One node. `span` covers its text, parentheses around it included.
struct Expression {
  using Node = std::variant<Missing, Literal, TypeSchema, NameRef, Star, Path, Element, Call, Unary, Binary, Logical,
                            Membership, Between, Assignment, TypedName, PipelineExpression, DataTable, ExternalData,
                            InlineExternalTable, ContextualDataTable, EntityGroup>;
  Span span;
  bool parenthesized = false;
  std::uint16_t depth = 1;  // levels of nodes below and including this one; the parser bounds it
  Node node;

  // The node as T, or null when it is of another kind: if (const auto* call = e.as<Call>()) ...
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&node);
  }
  template <typename T>
  bool is() const {
    return std::holds_alternative<T>(node);
  }
  ~Expression();
  Expression() = default;
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
};

// "==", "!has_cs", "matches regex"; the canonical spelling.
std::string_view to_string(BinaryOperator op);
std::string_view to_string(MembershipOperator op);
std::string_view to_string(LiteralKind kind);

}  // namespace garrison::kql::syntax
