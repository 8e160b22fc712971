// SPDX-License-Identifier: Apache-2.0
// The scalar types of KQL, and how each is stored. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace garrison::table {

enum class Kind : std::uint8_t { kBool, kInt, kLong, kReal, kDecimal, kString, kDateTime, kTimespan, kGuid, kDynamic };

// "long", "datetime" ...: the name KQL prints.
std::string_view to_string(Kind kind);
// Accepts every spelling KQL does (int64, double, date, time, boolean, uuid, ...); none for an unknown name.
std::optional<Kind> parse_kind(std::string_view name);

// The column type in the engine. A string is never null (missing is ''), every other kind is Nullable; not_null is for
// TimeGenerated and other columns that are always set.
enum class Nullability { kNullable, kNotNull };
std::string_view engine_type(Kind kind, Nullability nullability = Nullability::kNullable);

}  // namespace garrison::table
