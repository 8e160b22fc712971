// SPDX-License-Identifier: Apache-2.0
// Addresses and networks: what is printed parses again to the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "net/address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace garrison::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = IpAddress::parse(text); address.ok()) {
    (void)address->kind();
    const auto again = IpAddress::parse(address->to_string());
    if (!again.ok() || *again != *address) std::abort();
  }
  if (const auto network = Cidr::parse(text); network.ok()) {
    if (!network->contains(network->network()) && network->network().is_v4()) std::abort();
    const auto again = Cidr::parse(network->to_string());
    if (!again.ok() || *again != *network) std::abort();
  }
  return 0;
}
