// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

Result<Scalar> on_two(Arguments a, std::string_view function) {
  return computed(Kind::kLong, fmt::format("{}({}, {})", function, int64_sql(a[0]), int64_sql(a[1])));
}

// The engine's shift by a negative or too large count is not the one of KQL, where only the low six bits count.
Result<Scalar> shifted(Arguments a, std::string_view function) {
  return computed(Kind::kLong, fmt::format("{}({}, bitAnd({}, 63))", function, int64_sql(a[0]), int64_sql(a[1])));
}

}  // namespace

const std::vector<Function>& bitwise_functions() {
  static const std::vector<Function> kEntries = {
      function_entry("binary_and(left: long, right: long): long", "Bitwise and.", {"print binary_and(7, 12)", "[[4]]"},
                     [](LoweringContext&, Arguments a) { return on_two(a, "bitAnd"); }),
      function_entry("binary_not(value: long): long", "Bitwise negation.", {"print binary_not(5)", "[[-6]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return computed(Kind::kLong, fmt::format("bitNot({})", int64_sql(a[0])));
                     }),
      function_entry("binary_or(left: long, right: long): long", "Bitwise or.", {"print binary_or(3, 4)", "[[7]]"},
                     [](LoweringContext&, Arguments a) { return on_two(a, "bitOr"); }),
      function_entry("binary_shift_left(value: long, count: long): long", "Shifts the bits to the left.",
                     {"print binary_shift_left(1, 4)", "[[16]]"},
                     [](LoweringContext&, Arguments a) { return shifted(a, "bitShiftLeft"); }),
      function_entry("binary_shift_right(value: long, count: long): long",
                     "Shifts the bits to the right, the sign stays.", {"print binary_shift_right(16, 4)", "[[1]]"},
                     [](LoweringContext&, Arguments a) { return shifted(a, "bitShiftRight"); }),
      function_entry("binary_xor(left: long, right: long): long", "Bitwise exclusive or.",
                     {"print binary_xor(7, 12)", "[[11]]"},
                     [](LoweringContext&, Arguments a) { return on_two(a, "bitXor"); }),
      function_entry("bitset_count_ones(value: long): long", "Number of bits that are set.",
                     {"print bitset_count_ones(42)", "[[3]]"},
                     [](LoweringContext&, Arguments a) -> Result<Scalar> {
                       return computed(Kind::kLong, fmt::format("toInt64(bitCount({}))", int64_sql(a[0])));
                     }),
  };
  return kEntries;
}

}  // namespace garrison::kql
