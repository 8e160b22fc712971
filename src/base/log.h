// SPDX-License-Identifier: Apache-2.0
// Structured, levelled log to stderr. Thin front of spdlog, so that headers stay light. Any thread may call.
// Text from outside is escaped (control characters, terminal escapes) before it is written.
#pragma once

#include <fmt/core.h>

#include <string_view>

namespace garrison::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

void set_level(Level level);
Level level();
// Writes one finished line at the level; use the templates below.
void write(Level level, std::string_view line);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (level() <= Level::kDebug) write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (level() <= Level::kInfo) write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (level() <= Level::kWarning) write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace garrison::log
