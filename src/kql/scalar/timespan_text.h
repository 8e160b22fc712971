// SPDX-License-Identifier: Apache-2.0
// Timespans as KQL writes them in text: "1.02:03:04.5", "02:00", "1d", "1.5h", "10ticks", "3" (days). Stateless.
#pragma once

#include <optional>
#include <string_view>

#include "base/ticks.h"

namespace garrison::kql {

std::optional<Timespan> parse_timespan(std::string_view text);

}  // namespace garrison::kql
