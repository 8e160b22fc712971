// SPDX-License-Identifier: Apache-2.0
// Any bytes give a complete tree that prints; positions of errors lie in the text; layout does not change a valid
// query.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kql/syntax/dump.h"
#include "kql/syntax/format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace garrison::kql::syntax;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Query query = parse(text);
  if (dump(query).empty() != query.statements.empty()) std::abort();
  for (const Diagnostic& each : query.diagnostics) {
    if (each.position.line == 0 || each.position.column == 0 || each.span.end > size || each.code.empty()) std::abort();
  }
  (void)parse_parameters(text);
  if (query.ok() && dump(parse(format(text))) != dump(query)) std::abort();
  (void)wants_more(text);
  for (const Span each : split_queries(text)) {
    if (each.begin >= each.end || each.end > size) std::abort();
  }
  return 0;
}
