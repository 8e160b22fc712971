// SPDX-License-Identifier: Apache-2.0
// What a function or operator may ask of the compilation it is lowered in. Implemented by the binder; a fake serves
// unit tests. One compilation, one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ticks.h"
#include "kql/scalar/scalar.h"
#include "table/batch.h"

namespace garrison::kql {

// A function that SQL cannot express: our own code, run between two engine statements. It gets the arguments as
// columns of one batch and appends one value a row to the result.
struct NativeFunction {
  std::string_view name;
  Kind result = Kind::kDynamic;
  Result<void> (*run)(const std::vector<const table::ColumnVector*>& arguments, std::size_t num_rows,
                      table::ColumnVector& result) = nullptr;
};

class LoweringContext {
 public:
  virtual ~LoweringContext() = default;
  // now(), the same for the whole query.
  virtual DateTime now() const = 0;
  // Computes the SQL once and gives a short name for it, for operands that a lowering repeats. May return the text
  // itself where it is short (a column, a literal).
  virtual std::string bind(const std::string& sql) = 0;
  // A new name for a lambda argument or alias, unique in the query.
  virtual std::string fresh_name(std::string_view prefix) = 0;
  // SQL of the running row number of the serialised rows, for prev, next, row_number and their kin; an error where the
  // rows are not serialised.
  virtual Result<std::string> row_order() = 0;
  // A value computed by our own code from these arguments.
  virtual Result<Scalar> native(const NativeFunction& function, std::span<const Scalar> arguments) = 0;
};

}  // namespace garrison::kql
