// SPDX-License-Identifier: Apache-2.0
// Reading of the demo's YAML files with the line in every error. Exceptions of yaml-cpp stay inside. Pure.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ticks.h"

namespace garrison::demo {

Error yaml_error(const YAML::Node& node, std::string_view message);
// Parses the text and hands the root to `read`, whose exceptions become errors as well.
Result<void> with_yaml(std::string_view yaml, const std::function<Result<void>(const YAML::Node&)>& read);
// "1h30m", "90s", "200ms".
std::optional<Timespan> parse_span(std::string_view text);

}  // namespace garrison::demo
