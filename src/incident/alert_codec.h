// SPDX-License-Identifier: Apache-2.0
// Alerts as the JSON text in which the state database keeps them. Pure functions.
#pragma once

#include <string>

#include "base/error.h"
#include "entity/alert.h"

namespace garrison::incident {

std::string encode_alert(const entity::Alert& alert);
Result<entity::Alert> decode_alert(std::string_view text);
std::string encode_texts(const std::vector<std::string>& values);
std::vector<std::string> decode_texts(std::string_view text);

}  // namespace garrison::incident
