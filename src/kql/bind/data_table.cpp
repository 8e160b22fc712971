// SPDX-License-Identifier: Apache-2.0
// datatable: literal rows, cast to the declared types.
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "kql/bind/expression_binder.h"
#include "kql/bind/operators.h"

namespace garrison::kql {
namespace {

// The constant as one of the wanted kind, without the engine; none when only the engine can say.
std::optional<Scalar> convert(const Scalar& value, Kind kind) {
  if (!value.constant) return std::nullopt;
  if (value.kind == kind) return value;
  const Constant& constant = *value.constant;
  if (std::holds_alternative<std::monostate>(constant)) return kind == Kind::kString ? make_string("") : make_null(kind);
  const auto* number = std::get_if<std::int64_t>(&constant);
  const auto* real = std::get_if<double>(&constant);
  const auto* text = std::get_if<std::string>(&constant);
  const auto* flag = std::get_if<bool>(&constant);
  const bool whole = value.kind == Kind::kLong || value.kind == Kind::kInt;
  switch (kind) {
    case Kind::kReal:
      if (number != nullptr && whole) return make_real(static_cast<double>(*number));
      break;
    case Kind::kLong:
      if (number != nullptr && whole) return make_long(*number);
      if (real != nullptr && std::abs(*real) < 9e18) return make_long(static_cast<std::int64_t>(*real));
      break;
    case Kind::kInt:
      if (number != nullptr && whole && *number >= INT32_MIN && *number <= INT32_MAX) {
        return make_int(static_cast<std::int32_t>(*number));
      }
      break;
    case Kind::kDecimal:
      if (number != nullptr && whole) return make_decimal(std::to_string(*number));
      break;
    case Kind::kBool:
      if (number != nullptr && whole) return make_bool(*number != 0);
      break;
    case Kind::kDateTime:
      if (text != nullptr && value.kind == Kind::kString) {
        if (const auto at = parse_iso(*text)) return make_datetime(*at);
      }
      break;
    case Kind::kDynamic: {
      std::string json_text;
      if (text != nullptr && value.kind == Kind::kString) {
        json::append_quoted(json_text, *text);
        return make_dynamic(json_text);
      }
      if (number != nullptr && whole) return make_dynamic(std::to_string(*number));
      if (flag != nullptr) return make_dynamic(*flag ? "true" : "false");
      break;
    }
    default: break;
  }
  return std::nullopt;
}

}  // namespace

Result<Relation> Binder::data_table(const syntax::Expression& expression, const syntax::DataTable& data,
                                    const EnvironmentPtr& environment) {
  std::vector<LiteralColumn> columns;
  for (const syntax::ColumnDeclaration& declared : data.schema.columns) {
    const auto kind = table::parse_kind(declared.type.text);
    if (!kind) return fail(declared.type.span, code::kWrongType, "unknown type '" + declared.type.text + "'");
    for (const LiteralColumn& other : columns) {
      if (other.name == declared.name.text) {
        return fail(declared.name.span, code::kDuplicateName, "two columns would be named '" + declared.name.text + "'");
      }
    }
    columns.push_back({declared.name.text, *kind, {}});
  }
  if (columns.empty()) return fail(expression.span, code::kWrongArgument, "a datatable needs a column");
  if (data.values.size() % columns.size() != 0) {
    return fail(expression.span, code::kWrongArgument,
                "the number of values (" + std::to_string(data.values.size()) +
                    ") is no multiple of the number of columns (" + std::to_string(columns.size()) + ")");
  }
  ExpressionBinder constants(*this, environment, nullptr);
  const std::size_t num_rows = data.values.size() / columns.size();
  std::vector<std::vector<Scalar>> values(columns.size());
  for (std::size_t i = 0; i < data.values.size(); ++i) {
    GARRISON_ASSIGN(Scalar value, constants.scalar(*data.values[i]));
    LiteralColumn& column = columns[i % columns.size()];
    if (auto converted = convert(value, column.kind)) {
      values[i % columns.size()].push_back(std::move(*converted));
      continue;
    }
    GARRISON_ASSIGN(value, cast_to(constants, value, column.kind));
    values[i % columns.size()].push_back(std::move(value));
  }
  for (std::size_t k = 0; k < columns.size(); ++k) {
    bool constant = true;
    for (const Scalar& value : values[k]) constant &= value.constant.has_value();
    for (const Scalar& value : values[k]) {
      columns[k].literals.push_back(constant ? array_literal(value) : exact_sql(value));
    }
  }
  return literal_rows(*this, std::move(columns), num_rows);
}

}  // namespace garrison::kql
