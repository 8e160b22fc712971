// SPDX-License-Identifier: Apache-2.0
// Any bytes give a complete tree that prints; positions of errors lie in the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kql/syntax/dump.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace garrison::kql::syntax;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Query query = parse(text);
  if (dump(query).empty() != query.statements.empty()) std::abort();
  for (const Diagnostic& each : query.diagnostics) {
    if (each.position.line == 0 || each.position.column == 0 || each.span.end > size || each.code.empty()) std::abort();
  }
  (void)parse_parameters(text);
  return 0;
}
