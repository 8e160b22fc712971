// SPDX-License-Identifier: Apache-2.0
// A saved function of the catalogue, parsed once in a compilation.
#pragma once

#include <string>

#include "kql/bind/binder.h"
#include "kql/syntax/tree.h"

namespace garrison::kql {

struct Binder::SavedCallable {
  bool exists = false;
  bool running = false;  // being inlined now
  const SourceText* source = nullptr;
  std::string parameter_text;
  syntax::Query query;
  syntax::ParsedParameters parameters;
  const syntax::Pipeline* pipeline = nullptr;
};

}  // namespace garrison::kql
