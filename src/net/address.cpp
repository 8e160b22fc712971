// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace garrison::net {
namespace {

struct KindRow {
  std::uint32_t network;
  int length;
  AddressKind kind;
};

// IANA special-purpose registry (RFC 6890 and later), first match wins.
constexpr KindRow kV4Kinds[] = {
    {0x00000000, 8, AddressKind::kUnspecified},
    {0x0a000000, 8, AddressKind::kPrivate},
    {0x64400000, 10, AddressKind::kCarrierNat},
    {0x7f000000, 8, AddressKind::kLoopback},
    {0xa83f8110, 32, AddressKind::kReserved},  // 168.63.129.16: Azure's platform channel, reachable from its guests
                                               // only
    {0xa9fe0000, 16, AddressKind::kLinkLocal},
    {0xac100000, 12, AddressKind::kPrivate},
    {0xc0000000, 24, AddressKind::kReserved},
    {0xc0000200, 24, AddressKind::kReserved},
    {0xc0586300, 24, AddressKind::kReserved},
    {0xc0a80000, 16, AddressKind::kPrivate},
    {0xc6120000, 15, AddressKind::kReserved},
    {0xc6336400, 24, AddressKind::kReserved},
    {0xcb007100, 24, AddressKind::kReserved},
    {0xe0000000, 4, AddressKind::kMulticast},
    {0xf0000000, 4, AddressKind::kReserved},
};

bool same_prefix(const std::uint8_t* left, const std::uint8_t* right, int num_bits) {
  const int whole = num_bits / 8;
  if (std::memcmp(left, right, static_cast<std::size_t>(whole)) != 0) return false;
  const int rest = num_bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (left[whole] & mask) == (right[whole] & mask);
}

bool starts_with(const std::array<std::uint8_t, 16>& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

AddressKind v4_kind(std::uint32_t value) {
  for (const KindRow& row : kV4Kinds) {
    if (((value ^ row.network) >> (32 - row.length)) == 0) return row.kind;
  }
  return AddressKind::kPublic;
}

constexpr std::initializer_list<std::uint8_t> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::initializer_list<std::uint8_t> kTranslated = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0};  // RFC 2765
constexpr std::initializer_list<std::uint8_t> kCompatible = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
constexpr std::initializer_list<std::uint8_t> kNat64 = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

// Kind of an IPv6 address by its own bits, leaving out what it may embed.
AddressKind v6_kind(const IpAddress& address) {
  const auto& b = address.bytes();
  if (starts_with(b, kCompatible) && address.v4_value() == 0) {
    const std::uint32_t low = static_cast<std::uint32_t>(b[12]) << 24 | b[13] << 16 | b[14] << 8 | b[15];
    if (low == 0) return AddressKind::kUnspecified;
    if (low == 1) return AddressKind::kLoopback;
  }
  if (starts_with(b, kMapped) || starts_with(b, kCompatible) || starts_with(b, kTranslated)) {
    return AddressKind::kPublic;  // decided by the embedded address
  }
  if (starts_with(b, kNat64)) return AddressKind::kPublic;
  if (b[0] == 0xff) return AddressKind::kMulticast;
  if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) return AddressKind::kLinkLocal;
  if (b[0] == 0xfe && (b[1] & 0xc0) == 0xc0) return AddressKind::kPrivate;  // fec0::/10, site-local
  if ((b[0] & 0xfe) == 0xfc) return AddressKind::kPrivate;
  if ((b[0] & 0xe0) != 0x20) return AddressKind::kReserved;                     // outside 2000::/3
  if (starts_with(b, {0x20, 0x01}) && b[2] < 2) return AddressKind::kReserved;  // 2001::/23, Teredo and others
  if (starts_with(b, {0x20, 0x01, 0x0d, 0xb8})) return AddressKind::kReserved;
  if (starts_with(b, {0x3f, 0xff}) && b[2] < 0x10) return AddressKind::kReserved;  // 3fff::/20, RFC 9637
  return AddressKind::kPublic;
}

std::uint32_t read_u32(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

}  // namespace

std::string_view to_string(AddressKind kind) {
  switch (kind) {
    case AddressKind::kPublic:
      return "public";
    case AddressKind::kUnspecified:
      return "unspecified";
    case AddressKind::kLoopback:
      return "loopback";
    case AddressKind::kPrivate:
      return "private";
    case AddressKind::kLinkLocal:
      return "link-local";
    case AddressKind::kCarrierNat:
      return "carrier NAT";
    case AddressKind::kMulticast:
      return "multicast";
    case AddressKind::kReserved:
      return "reserved";
  }
  return "reserved";
}

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress out;
  for (int i = 0; i < 4; ++i)
    out.bytes_[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return out;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress out;
  out.is_v4_ = false;
  out.bytes_ = bytes;
  return out;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  IpAddress out;
  if (text.size() <= INET6_ADDRSTRLEN && text.find('\0') == std::string_view::npos) {
    if (::inet_pton(AF_INET, terminated.c_str(), out.bytes_.data()) == 1) return out;
    out.is_v4_ = false;
    if (::inet_pton(AF_INET6, terminated.c_str(), out.bytes_.data()) == 1) return out;
  }
  return bad_input("NET-0001", fmt::format("not an IP address: '{}'", text.substr(0, 64)));
}

std::optional<IpAddress> IpAddress::from_socket(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return v4(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), in.sin6_addr.s6_addr, 16);
    return v6(bytes);
  }
  return std::nullopt;
}

std::uint32_t IpAddress::v4_value() const {
  return is_v4_ ? read_u32(bytes_.data()) : 0;
}

std::optional<IpAddress> IpAddress::embedded_v4() const {
  if (is_v4_) return std::nullopt;
  const std::uint8_t* b = bytes_.data();
  if (starts_with(bytes_, kMapped) || starts_with(bytes_, kTranslated) || starts_with(bytes_, kNat64)) {
    return v4(read_u32(b + 12));
  }
  if (starts_with(bytes_, kCompatible) && read_u32(b + 12) > 1) return v4(read_u32(b + 12));
  if (starts_with(bytes_, {0x20, 0x02})) return v4(read_u32(b + 2));          // 6to4, RFC 3056
  if (starts_with(bytes_, {0x20, 0x01, 0, 0})) return v4(~read_u32(b + 12));  // Teredo, RFC 4380
  if ((b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe) return v4(read_u32(b + 12));  // ISATAP
  return std::nullopt;
}

AddressKind IpAddress::kind() const {
  if (is_v4_) return v4_kind(v4_value());
  const AddressKind own = v6_kind(*this);
  if (own != AddressKind::kPublic) return own;
  const auto embedded = embedded_v4();
  return embedded ? embedded->kind() : AddressKind::kPublic;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto fail = [&](std::string_view why) {
    return bad_input("NET-0002",
                     fmt::format("not a network: '{}': {}; write it as 10.0.0.0/8", text.substr(0, 64), why));
  };
  const std::size_t slash = text.find('/');
  auto address = IpAddress::parse(text.substr(0, slash));
  if (!address.ok()) return fail("the address is malformed");
  Cidr out;
  out.network_ = *address;
  out.prefix_length_ = address->num_bits();
  if (slash == std::string_view::npos) return out;

  const std::string_view digits = text.substr(slash + 1);
  int length = -1;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool is_canonical =
      !digits.empty() && digits[0] >= '0' && digits[0] <= '9' && (digits.size() == 1 || digits[0] != '0');
  if (code != std::errc() || end != digits.data() + digits.size() || !is_canonical || length > address->num_bits()) {
    return fail(fmt::format("the prefix length is 0 to {}", address->num_bits()));
  }
  out.prefix_length_ = length;
  for (int bit = length; bit < address->num_bits(); ++bit) {
    if (address->bytes()[static_cast<std::size_t>(bit / 8)] & (0x80 >> (bit % 8)))
      return fail("bits behind the prefix are set");
  }
  return out;
}

bool Cidr::contains(const IpAddress& address) const {
  if (network_.is_v4() && !address.is_v4()) {
    if (!starts_with(address.bytes(), kMapped)) return false;
    return contains(*address.embedded_v4());
  }
  if (network_.is_v4() != address.is_v4()) return false;
  return same_prefix(network_.bytes().data(), address.bytes().data(), prefix_length_);
}

std::string Cidr::to_string() const {
  return fmt::format("{}/{}", network_.to_string(), prefix_length_);
}

}  // namespace garrison::net
