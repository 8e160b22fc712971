// SPDX-License-Identifier: Apache-2.0
#include "kql/syntax/tree.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace garrison::kql::syntax {

Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

Pipeline::Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

Operator::Operator() = default;
Operator::Operator(Operator&&) noexcept = default;
Operator& Operator::operator=(Operator&&) noexcept = default;
Operator::~Operator() = default;

Statement::Statement() = default;
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

const Parameter* Operator::parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.rbegin(), parameters.rend(),
                                  [&](const Parameter& each) { return text::iequals(each.name.text, name); });
  return found == parameters.rend() ? nullptr : &*found;
}

Error Query::error() const {
  const Diagnostic& first = diagnostics.front();
  return bad_input(first.code, first.message, first.position);
}

std::string_view to_string(BinaryOperator op) {
  static constexpr std::array kSpellings = {"+",
                                            "-",
                                            "*",
                                            "/",
                                            "%",
                                            "<",
                                            ">",
                                            "<=",
                                            ">=",
                                            "==",
                                            "!=",
                                            "=~",
                                            "!~",
                                            "has",
                                            "!has",
                                            "has_cs",
                                            "!has_cs",
                                            "hasprefix",
                                            "!hasprefix",
                                            "hasprefix_cs",
                                            "!hasprefix_cs",
                                            "hassuffix",
                                            "!hassuffix",
                                            "hassuffix_cs",
                                            "!hassuffix_cs",
                                            "contains",
                                            "!contains",
                                            "contains_cs",
                                            "!contains_cs",
                                            "startswith",
                                            "!startswith",
                                            "startswith_cs",
                                            "!startswith_cs",
                                            "endswith",
                                            "!endswith",
                                            "endswith_cs",
                                            "!endswith_cs",
                                            "like",
                                            "notlike",
                                            "likecs",
                                            "notlikecs",
                                            "matches regex",
                                            ":"};
  static_assert(kSpellings.size() == static_cast<std::size_t>(BinaryOperator::kColon) + 1);
  return kSpellings[static_cast<std::size_t>(op)];
}

std::string_view to_string(MembershipOperator op) {
  static constexpr std::array kSpellings = {"in", "!in", "in~", "!in~", "has_any", "!has_any", "has_all"};
  return kSpellings[static_cast<std::size_t>(op)];
}

std::string_view to_string(LiteralKind kind) {
  static constexpr std::array kNames = {"bool",     "int",      "long", "real",    "decimal", "string",
                                        "datetime", "timespan", "guid", "dynamic", "type"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace garrison::kql::syntax
