// SPDX-License-Identifier: Apache-2.0
#include "detect/rule.h"

namespace garrison::detect {

std::string_view to_string(TriggerOperator op) {
  switch (op) {
    case TriggerOperator::kGreaterThan: return "GreaterThan";
    case TriggerOperator::kLessThan: return "LessThan";
    case TriggerOperator::kEqual: return "Equal";
    case TriggerOperator::kNotEqual: return "NotEqual";
  }
  return "GreaterThan";
}

bool is_triggered(const Rule& rule, std::int64_t num_rows) {
  switch (rule.trigger) {
    case TriggerOperator::kGreaterThan: return num_rows > rule.threshold;
    case TriggerOperator::kLessThan: return num_rows < rule.threshold;
    case TriggerOperator::kEqual: return num_rows == rule.threshold;
    case TriggerOperator::kNotEqual: return num_rows != rule.threshold;
  }
  return false;
}

}  // namespace garrison::detect
