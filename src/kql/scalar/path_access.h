// SPDX-License-Identifier: Apache-2.0
// Reading a chain of members and indexes out of the JSON text of a dynamic value in one engine call. Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kql/scalar/scalar.h"

namespace garrison::kql {

// Raw JSON text at the path, Nullable(String): null when it is missing, null, or a step meets the wrong kind.
std::string path_sql(const DynamicPath& path);
// JSONExtract to the type; none when the path has indexes, which need the guards of path_sql.
std::optional<std::string> typed_path_sql(const DynamicPath& path, std::string_view type);

}  // namespace garrison::kql
