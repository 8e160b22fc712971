// SPDX-License-Identifier: Apache-2.0
// What the product knows by name and does not do yet, told by `garrison status --unsupported`. Found by asking: the
// names that content/kql/documented.txt lists are looked up in the registries, or compiled where they are operators.
#pragma once

#include <string>
#include <vector>

#include "api/server_routes.h"
#include "base/disk.h"

namespace garrison::server {

Result<std::vector<api::UnsupportedPart>> unsupported_parts(Disk& disk, const std::string& content_folder);

}  // namespace garrison::server
