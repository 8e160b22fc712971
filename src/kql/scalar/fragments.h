// SPDX-License-Identifier: Apache-2.0
// Pieces of SQL that several lowerings share: conversions between a KQL value and the engine's types, JSON text of
// values, array plumbing. Plain functions on text; one compilation, one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "kql/scalar/lowering_context.h"
#include "kql/scalar/scalar.h"

namespace garrison::kql {

using Arguments = std::span<const Scalar>;

// A computed value; strings are never null, everything else may be.
Scalar computed(Kind kind, std::string sql);
// A computed value that is never null.
Scalar total(Kind kind, std::string sql);

bool is_integer(Kind kind);  // int, long
bool is_number(Kind kind);   // int, long, real, decimal

// The compile-time value in the form asked for; none when it is not constant or null.
std::optional<std::int64_t> constant_integer(const Scalar& value);
std::optional<double> constant_real(const Scalar& value);  // also from integers
std::optional<std::string> constant_text(const Scalar& value);
bool is_constant_null(const Scalar& value);

// Int64 of a bool, int, long or timespan; ticks since year 1 of a datetime.
std::string int64_sql(const Scalar& value);
// Float64 of any number or timespan.
std::string float64_sql(const Scalar& value);
// Decimal(76, 18) of any number.
std::string decimal_sql(const Scalar& value);
// Int64 ticks since year 1 of SQL with type DateTime64(7).
std::string ticks_of(std::string_view datetime_sql);
// A datetime from ticks; null outside years 1 to 9999. Binds the ticks.
std::string datetime_of(LoweringContext& context, const std::string& ticks_sql);
// A datetime from ticks known to be in range (or null).
std::string datetime_of_valid(std::string_view ticks_sql);

// The value as JSON text, Nullable(String); a null value is SQL NULL.
std::string json_sql(LoweringContext& context, const Scalar& value);
// As json_sql, with the text 'null' for null and type String: an element of an array or bag.
std::string json_element_sql(LoweringContext& context, const Scalar& value);
// JSON texts of the elements of a dynamic array, Array(String); empty when it is no array.
std::string items_sql(const Scalar& dynamic);
// JSON text of an array from Array(String) of JSON texts.
std::string array_of_items(std::string_view items_sql);
// Text of one JSON element: strings unquoted, everything else as it is; String.
std::string element_text(const std::string& element_sql);
// Float64 of one JSON element, Nullable.
std::string element_real(const std::string& element_sql);
// Whether SQL of JSON text holds an array; 0 for null.
std::string is_array_sql(std::string_view json_sql);
// Whether SQL of JSON text holds a bag; 0 for null.
std::string is_bag_sql(std::string_view json_sql);

// Case folding as the engine does it for =~ and has.
std::string lower_sql(const Scalar& text);
// A regular expression as KQL means it (dot does not match a line break), checked by compiling it. KQL-0205.
Result<std::string> checked_regex(std::string_view pattern);
// SQL of a regular expression: a checked literal, or the computed text with the same prefix.
Result<std::string> regex_sql(const Scalar& pattern);
// Text quoted so that a regular expression matches it literally.
std::string quote_regex(std::string_view text);

// A call: name(a, b, c).
std::string call(std::string_view name, std::initializer_list<std::string> arguments);

Error operand_error(std::string_view what, Kind left, Kind right);
Error argument_error(std::string_view message);

}  // namespace garrison::kql
