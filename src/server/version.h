// SPDX-License-Identifier: Apache-2.0
// The version of the program, as `garrison --version` and the status page show it.
#pragma once

#include <string_view>

namespace garrison::server {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace garrison::server
