// SPDX-License-Identifier: Apache-2.0
// Format strings of format_datetime and format_timespan turned into SQL at compile time. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace garrison::kql {

// SQL of the text (null where the value is null). An unknown token is an error (KQL-0206).
Result<std::string> format_datetime_sql(const std::string& datetime_sql, std::string_view format);
Result<std::string> format_timespan_sql(const std::string& ticks_sql, std::string_view format);

}  // namespace garrison::kql
