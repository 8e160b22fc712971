// SPDX-License-Identifier: Apache-2.0
#include "table/kind.h"

#include <array>
#include <utility>

namespace garrison::table {
namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 23> kSpellings = {{
    {"bool", Kind::kBool},       {"boolean", Kind::kBool},   {"int", Kind::kInt},          {"int32", Kind::kInt},
    {"long", Kind::kLong},       {"int64", Kind::kLong},     {"real", Kind::kReal},        {"double", Kind::kReal},
    {"decimal", Kind::kDecimal}, {"string", Kind::kString},  {"datetime", Kind::kDateTime}, {"date", Kind::kDateTime},
    {"timespan", Kind::kTimespan}, {"time", Kind::kTimespan}, {"guid", Kind::kGuid},       {"uuid", Kind::kGuid},
    {"uniqueid", Kind::kGuid},   {"dynamic", Kind::kDynamic}, {"object", Kind::kDynamic},  {"float", Kind::kReal},
    {"uint", Kind::kInt},        {"uint32", Kind::kInt},     {"ulong", Kind::kLong},
}};

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kBool: return "bool";
    case Kind::kInt: return "int";
    case Kind::kLong: return "long";
    case Kind::kReal: return "real";
    case Kind::kDecimal: return "decimal";
    case Kind::kString: return "string";
    case Kind::kDateTime: return "datetime";
    case Kind::kTimespan: return "timespan";
    case Kind::kGuid: return "guid";
    case Kind::kDynamic: return "dynamic";
  }
  return "dynamic";
}

std::optional<Kind> parse_kind(std::string_view name) {
  for (const auto& [spelling, kind] : kSpellings) {
    if (spelling == name) return kind;
  }
  return std::nullopt;
}

std::string_view engine_type(Kind kind, Nullability nullability) {
  const bool nullable = nullability == Nullability::kNullable;
  switch (kind) {
    case Kind::kBool: return nullable ? "Nullable(Bool)" : "Bool";
    case Kind::kInt: return nullable ? "Nullable(Int32)" : "Int32";
    case Kind::kLong: return nullable ? "Nullable(Int64)" : "Int64";
    case Kind::kReal: return nullable ? "Nullable(Float64)" : "Float64";
    case Kind::kDecimal: return nullable ? "Nullable(Decimal(76, 18))" : "Decimal(76, 18)";
    case Kind::kString: return "String";
    case Kind::kDateTime: return nullable ? "Nullable(DateTime64(7, 'UTC'))" : "DateTime64(7, 'UTC')";
    case Kind::kTimespan: return nullable ? "Nullable(Int64)" : "Int64";
    case Kind::kGuid: return nullable ? "Nullable(UUID)" : "UUID";
    case Kind::kDynamic: return nullable ? "Nullable(String)" : "String";
  }
  return "String";
}

}  // namespace garrison::table
