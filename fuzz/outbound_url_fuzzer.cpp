// SPDX-License-Identifier: Apache-2.0
// URLs of outgoing calls: what passes the guard passes it again in its normal form, with the same host.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "net/outbound_guard.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace garrison::net;
  static const OutboundGuard guard({{}, {}, {}, true});
  const auto target = guard.check_url(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!target.ok()) return 0;
  const auto again = guard.check_url(target->url);
  if (!again.ok() || again->host != target->host || again->port != target->port) std::abort();
  return 0;
}
