// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/aggregate_output.h"

#include "kql/scalar/operators.h"

namespace garrison::kql {

std::string aggregate_name(std::string_view prefix, const Scalar& argument) {
  return std::string(prefix) + "_" + argument.name_hint;
}

std::vector<AggregateOutput> single_output(std::string name, Kind kind, std::string sql) {
  std::vector<AggregateOutput> out(1);
  out[0].name = std::move(name);
  out[0].value = computed(kind, std::move(sql));
  return out;
}

Result<std::string> aggregate_condition(LoweringContext& context, const Scalar& predicate) {
  GARRISON_ASSIGN(Scalar condition, cast_to(context, predicate, Kind::kBool));
  return condition_sql(condition);
}

}  // namespace garrison::kql
