// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/constant_json.h"

#include "base/json.h"
#include "kql/scalar/fragments.h"
#include "kql/scalar/operators.h"

namespace garrison::kql {
namespace {

Scalar scalar_of(const json::value& value) {
  if (value.is_null()) return make_null(Kind::kDynamic);
  if (value.is_string()) return make_string(std::string_view(value.get_string()));
  if (value.is_bool()) return make_bool(value.get_bool());
  if (value.is_int64()) return make_long(value.get_int64());
  if (value.is_double()) return make_real(value.get_double());
  if (value.is_uint64()) return make_real(static_cast<double>(value.get_uint64()));
  return make_dynamic(json::print(value));
}

}  // namespace

std::optional<std::vector<Scalar>> constant_elements(const Scalar& value) {
  if (value.kind != Kind::kDynamic) return std::nullopt;
  const auto text = constant_text(value);
  if (!text) return std::nullopt;
  const auto document = json::parse(*text);
  if (!document.ok() || !document->is_array()) return std::nullopt;
  std::vector<Scalar> out;
  for (const auto& element : document->get_array()) out.push_back(scalar_of(element));
  return out;
}

Scalar scalar_of_json(std::string_view json_text) {
  const auto document = json::parse(json_text);
  return document.ok() ? scalar_of(*document) : make_null(Kind::kDynamic);
}

}  // namespace garrison::kql
