// SPDX-License-Identifier: Apache-2.0
// Short forms for registry entries. A signature reads `name(text: string, start: long?, rest: any*): result`:
// `?` optional, `*` any number, `!` must be constant, `|` between kinds. `long` takes int and long, `real` any number.
// Where a dynamic value is given it is cast to the first kind named. Stateless.
#pragma once

#include <string_view>
#include <vector>

#include "kql/scalar/fragments.h"
#include "kql/scalar/operators.h"
#include "kql/scalar/registry.h"

namespace garrison::kql {

using LowerFunction = Result<Scalar> (*)(LoweringContext& context, Arguments arguments);
using LowerAggregate = Result<std::vector<AggregateOutput>> (*)(LoweringContext& context, const AggregateCall& call);

// The text must outlive the entry (a literal). A malformed signature is a bug and trips a check.
Function function_entry(std::string_view signature, std::string_view description, Example example, LowerFunction lower,
                        CostClass cost = CostClass::kCheap);
Aggregate aggregate_entry(std::string_view signature, std::string_view description, Example example,
                          LowerAggregate lower, CostClass cost = CostClass::kScan);
// Another name of an entry, old or short.
Function spelled(const Function& entry, std::string_view name, std::string_view description);
Aggregate spelled(const Aggregate& entry, std::string_view name, std::string_view description);

}  // namespace garrison::kql
