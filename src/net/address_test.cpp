// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <gtest/gtest.h>

namespace garrison::net {
namespace {

TEST(IpAddress, PrintsWhatItParses) {
  const std::pair<const char*, const char*> table[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {"fe80:0:0:0:0:0:0:9", "fe80::9"},
  };
  for (const auto& [text, printed] : table) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->to_string(), printed);
    EXPECT_EQ(*IpAddress::parse(printed), *address);
  }
}

TEST(IpAddress, RefusesLooseForms) {
  for (const std::string_view text :
       {"", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "0x7f.0.0.1", "1.2.3.4 ", "-1.2.3.4",
        ":::", "1::2::3", "12345::", "::1%lo", "[::1]", "1.2.3.4/8", "::ffff:1.2.3", "g::"}) {
    EXPECT_FALSE(IpAddress::parse(text).ok()) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)).ok());
  EXPECT_EQ(IpAddress::parse("x").error().code, "NET-0001");
}

TEST(IpAddress, Classifies) {
  const std::pair<const char*, AddressKind> table[] = {
      {"8.8.8.8", AddressKind::kPublic},
      {"1.0.0.0", AddressKind::kPublic},
      {"172.32.0.0", AddressKind::kPublic},
      {"100.128.0.0", AddressKind::kPublic},
      {"223.255.255.255", AddressKind::kPublic},
      {"2606:4700::1", AddressKind::kPublic},
      {"64:ff9b::808:808", AddressKind::kPublic},
      {"2002:808:808::1", AddressKind::kPublic},
      {"::ffff:8.8.8.8", AddressKind::kPublic},
      {"0.255.0.1", AddressKind::kUnspecified},
      {"::", AddressKind::kUnspecified},
      {"127.9.9.9", AddressKind::kLoopback},
      {"::1", AddressKind::kLoopback},
      {"::ffff:127.0.0.1", AddressKind::kLoopback},
      {"64:ff9b::7f00:1", AddressKind::kLoopback},
      {"2002:7f00:1::", AddressKind::kLoopback},
      {"10.1.1.1", AddressKind::kPrivate},
      {"172.16.0.0", AddressKind::kPrivate},
      {"172.31.255.255", AddressKind::kPrivate},
      {"192.168.1.1", AddressKind::kPrivate},
      {"fc00::1", AddressKind::kPrivate},
      {"fdff::1", AddressKind::kPrivate},
      {"169.254.169.254", AddressKind::kLinkLocal},
      {"febf::1", AddressKind::kLinkLocal},
      {"100.64.0.0", AddressKind::kCarrierNat},
      {"100.127.255.255", AddressKind::kCarrierNat},
      {"224.0.0.1", AddressKind::kMulticast},
      {"ff05::2", AddressKind::kMulticast},
      {"240.0.0.1", AddressKind::kReserved},
      {"255.255.255.255", AddressKind::kReserved},
      {"2001:db8::1", AddressKind::kReserved},
      {"2001::1", AddressKind::kReserved},
      {"4000::1", AddressKind::kReserved},
      {"64:ff9b:1::1", AddressKind::kReserved},
  };
  for (const auto& [text, kind] : table) EXPECT_EQ(to_string(IpAddress::parse(text)->kind()), to_string(kind)) << text;
}

TEST(IpAddress, KnowsEmbeddedAddresses) {
  EXPECT_EQ(IpAddress::parse("2001:0:4136:e378:8000:63bf:3fff:fdd2")->embedded_v4()->to_string(),
            "192.0.2.45");  // RFC 4380
  EXPECT_EQ(IpAddress::parse("2002:c000:204::1")->embedded_v4()->to_string(), "192.0.2.4");
  EXPECT_EQ(IpAddress::parse("fe80::5efe:192.0.2.143")->embedded_v4()->to_string(), "192.0.2.143");
  EXPECT_FALSE(IpAddress::parse("2606:4700::1")->embedded_v4());
  EXPECT_FALSE(IpAddress::parse("::1")->embedded_v4());
  EXPECT_FALSE(IpAddress::parse("1.2.3.4")->embedded_v4());
}

TEST(Cidr, Contains) {
  const auto contains = [](const char* network, const char* address) {
    return Cidr::parse(network)->contains(*IpAddress::parse(address));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("10.1.2.128/25", "10.1.2.200"));
  EXPECT_FALSE(contains("10.1.2.128/25", "10.1.2.127"));
  EXPECT_TRUE(contains("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2606:4700::1"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.1.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "64:ff9b::a01:101"));
  EXPECT_TRUE(contains("fe80::/10", "febf::1"));
  EXPECT_FALSE(contains("fe80::/10", "fec0::1"));
  EXPECT_TRUE(contains("::1", "::1"));
  EXPECT_FALSE(contains("::/0", "1.2.3.4"));
  EXPECT_EQ(Cidr::parse("10.0.0.1")->to_string(), "10.0.0.1/32");
}

TEST(Cidr, RefusesMalformed) {
  for (const char* text :
       {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8x", "10.0.0.1/8",
        "::/129", "fe80::1/10", "10.0.0.0/8/8", "10/8", "10.0.0.0/99999999999"}) {
    const auto network = Cidr::parse(text);
    ASSERT_FALSE(network.ok()) << text;
    EXPECT_EQ(network.error().code, "NET-0002");
  }
}

}  // namespace
}  // namespace garrison::net
