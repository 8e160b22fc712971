// SPDX-License-Identifier: Apache-2.0
#include "demo/yaml_reader.h"

#include <fmt/format.h>

#include <cctype>

namespace garrison::demo {

Error yaml_error(const YAML::Node& node, std::string_view message) {
  const int line = node.IsDefined() && !node.Mark().is_null() ? node.Mark().line + 1 : 1;
  return corrupt("DEMO-0001", fmt::format("line {}: {}", line, message));
}

Result<void> with_yaml(std::string_view yaml, const std::function<Result<void>(const YAML::Node&)>& read) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap()) return yaml_error(root, "a map is expected");
    return read(root);
  } catch (const YAML::Exception& error) {
    return corrupt("DEMO-0001", fmt::format("line {}: {}", error.mark.line + 1, error.msg));
  }
}

std::optional<Timespan> parse_span(std::string_view text) {
  std::int64_t ticks = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    std::int64_t number = 0;
    const std::size_t begin = at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) && at - begin < 9)
      number = number * 10 + (text[at++] - '0');
    const std::size_t unit_at = at;
    while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at]))) ++at;
    const std::string_view unit = text.substr(unit_at, at - unit_at);
    if (begin == unit_at) return std::nullopt;
    if (unit == "ms")
      ticks += number * kTicksPerMillisecond;
    else if (unit == "s")
      ticks += number * kTicksPerSecond;
    else if (unit == "m")
      ticks += number * kTicksPerMinute;
    else if (unit == "h")
      ticks += number * kTicksPerHour;
    else
      return std::nullopt;
  }
  return text.empty() ? std::nullopt : std::optional(Timespan{ticks});
}

}  // namespace garrison::demo
