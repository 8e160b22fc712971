// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "base/text.h"

namespace garrison::log {
namespace {

std::atomic<Level> current_level{Level::kInfo};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_color_mt("garrison");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_level(Level level) { current_level = level; }
Level level() { return current_level; }

void write(Level level, std::string_view line) {
  const std::string safe = text::escape_control(line);
  switch (level) {
    case Level::kDebug: logger().debug("{}", safe); break;
    case Level::kInfo: logger().info("{}", safe); break;
    case Level::kWarning: logger().warn("{}", safe); break;
    case Level::kError: logger().error("{}", safe); break;
    case Level::kOff: break;
  }
}

}  // namespace garrison::log
