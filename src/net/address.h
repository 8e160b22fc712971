// SPDX-License-Identifier: Apache-2.0
// IP addresses and networks as values: parse, print, contain, classify. Parsing is strict (RFC 4291 text forms, dotted
// decimal without leading zeros); looser forms such as "127.1" or "0x7f000001" are refused. Plain values, any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

struct sockaddr;

namespace garrison::net {

// What an address is for. Everything but kPublic is refused by the outbound guard unless a network is allowed.
enum class AddressKind : std::uint8_t {
  kPublic,
  kUnspecified,  // 0.0.0.0/8, ::
  kLoopback,     // 127.0.0.0/8, ::1
  kPrivate,      // RFC 1918, fc00::/7, fec0::/10
  kLinkLocal,    // 169.254.0.0/16 (with the cloud metadata service), fe80::/10
  kCarrierNat,   // 100.64.0.0/10
  kMulticast,    // 224.0.0.0/4, ff00::/8
  kReserved,     // documentation, benchmarking, 240.0.0.0/4, broadcast, IETF protocol assignments
};

std::string_view to_string(AddressKind kind);

// An IPv4 or IPv6 address without zone.
class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0
  static IpAddress v4(std::uint32_t host_order);
  static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);
  // NET-0001 when the text is no address.
  static Result<IpAddress> parse(std::string_view text);
  // None for families other than AF_INET and AF_INET6.
  static std::optional<IpAddress> from_socket(const sockaddr* address);

  bool is_v4() const { return is_v4_; }
  // Network order; an IPv4 address fills the first 4 bytes, the rest is zero.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  int num_bits() const { return is_v4_ ? 32 : 128; }
  std::uint32_t v4_value() const;  // host order; 0 for IPv6
  // The IPv4 address that an IPv6 one stands for: v4-mapped, v4-compatible, 6to4, Teredo, NAT64, ISATAP; else none.
  std::optional<IpAddress> embedded_v4() const;
  // Classifies; an IPv6 form that stands for an IPv4 address has the stricter kind of the two.
  AddressKind kind() const;
  // Dotted decimal, or RFC 5952.
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  bool is_v4_ = true;
  std::array<std::uint8_t, 16> bytes_{};
};

// A network such as 10.0.0.0/8. Bits behind the prefix are zero.
class Cidr {
 public:
  // "ADDRESS/LENGTH" or a single address. NET-0002 when it is malformed or bits behind the prefix are set.
  static Result<Cidr> parse(std::string_view text);

  const IpAddress& network() const { return network_; }
  int prefix_length() const { return prefix_length_; }
  // False for an address of the other family; a v4-mapped address is compared as IPv4.
  bool contains(const IpAddress& address) const;
  std::string to_string() const;

  auto operator<=>(const Cidr&) const = default;

 private:
  IpAddress network_;
  int prefix_length_ = 32;
};

}  // namespace garrison::net
