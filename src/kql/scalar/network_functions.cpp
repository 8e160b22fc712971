// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "kql/scalar/all.h"
#include "kql/scalar/constant_json.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

// An address with its prefix length, both Nullable: "10.0.0.0/8" is 10.0.0.0 and 8, without a slash the length is 32.
struct Network {
  std::string address;  // UInt32
  std::string length;   // Int64; null when it is no number from 0 to 32
};

Network network_of(LoweringContext& context, const std::string& text_sql) {
  const std::string parts = context.bind(fmt::format("splitByChar('/', {})", text_sql));
  Network out;
  out.address = context.bind(fmt::format("IPv4StringToNumOrNull({}[1])", parts));
  out.length =
      context.bind(fmt::format("multiIf(length({0}) = 1, toInt64(32), length({0}) = 2 and match({0}[2], "
                               "'^([0-9]|[12][0-9]|3[0-2])$'), toInt64OrNull({0}[2]), NULL)",
                               parts));
  return out;
}

// Int64: the upper bits of an address.
std::string masked(const std::string& address, const std::string& length) {
  return fmt::format("bitAnd(toInt64({}), bitShiftLeft(toInt64(4294967295), 32 - {}))", address, length);
}

Result<Scalar> lower_is_private(LoweringContext& context, Arguments a) {
  const Network network = network_of(context, a[0].sql);
  const auto within = [&](std::uint32_t first, int length) {
    return fmt::format("({} >= {} and {} = {})", network.length, length,
                       masked(network.address, std::to_string(length)), first);
  };
  return computed(Kind::kBool, fmt::format("if(isNull({0}) or isNull({1}), NULL, {2} or {3} or {4})", network.address,
                                           network.length, within(0x0A000000u, 8), within(0xAC100000u, 12),
                                           within(0xC0A80000u, 16)));
}

// Int64 address difference sign after cutting both to the shortest of the prefixes.
std::string compared(LoweringContext& context, Arguments a, std::string_view form) {
  const Network left = network_of(context, a[0].sql);
  const Network right = network_of(context, a[1].sql);
  std::string length = fmt::format("least({}, {})", left.length, right.length);
  if (a.size() > 2) length = fmt::format("least({}, {}, {})", left.length, right.length, int64_sql(a[2]));
  length = context.bind(fmt::format("if(isNull({}) or isNull({}), NULL, {})", left.length, right.length, length));
  const std::string first = context.bind(masked(left.address, length));
  const std::string second = context.bind(masked(right.address, length));
  return fmt::format("if(isNull({0}) or isNull({1}) or {2} < 0 or {2} > 32, NULL, {3})", first, second, length,
                     fmt::format(fmt::runtime(form), first, second));
}

Result<Scalar> lower_is_match(LoweringContext& context, Arguments a) {
  return computed(Kind::kBool, compared(context, a, "{} = {}"));
}

Result<Scalar> lower_compare(LoweringContext& context, Arguments a) {
  return computed(Kind::kLong, compared(context, a, "toInt64(sign({} - {}))"));
}

std::string in_range(LoweringContext& context, const std::string& address, const std::string& range_sql) {
  const Network range = network_of(context, range_sql);
  return fmt::format("({} = {})", masked(address, range.length), masked(range.address, range.length));
}

Result<Scalar> lower_in_range(LoweringContext& context, Arguments a) {
  const std::string address = context.bind(fmt::format("IPv4StringToNumOrNull(splitByChar('/', {})[1])", a[0].sql));
  return computed(Kind::kBool, in_range(context, address, a[1].sql));
}

Result<Scalar> lower_in_any_range(LoweringContext& context, Arguments a) {
  const std::string address = context.bind(fmt::format("IPv4StringToNumOrNull(splitByChar('/', {})[1])", a[0].sql));
  std::string condition = "false";
  for (const auto& range : a.subspan(1)) {
    if (const auto elements = constant_elements(range)) {
      for (const auto& element : *elements)
        condition += fmt::format(" or ifNull({}, false)", in_range(context, address, element.sql));
    } else if (range.kind == Kind::kDynamic) {
      const std::string name = context.fresh_name("r");
      condition += fmt::format(" or arrayExists({} -> ifNull({}, false), {})", name,
                               in_range(context, address, element_text(name)), items_sql(range));
    } else {
      condition += fmt::format(" or ifNull({}, false)", in_range(context, address, range.sql));
    }
  }
  return computed(Kind::kBool, fmt::format("if(isNull({}), NULL, {})", address, condition));
}

Result<Scalar> lower_parse_ipv4(LoweringContext& context, Arguments a) {
  const Network network = network_of(context, a[0].sql);
  return computed(Kind::kLong, masked(network.address, network.length));
}

Result<Scalar> lower_parse_ipv4_mask(LoweringContext& context, Arguments a) {
  const Network network = network_of(context, a[0].sql);
  const std::string length = context.bind(fmt::format("least({}, {})", network.length, int64_sql(a[1])));
  return computed(Kind::kLong, fmt::format("if({0} < 0 or isNull({1}), NULL, {2})", length, network.length,
                                           masked(network.address, length)));
}

template <bool with_length>
Result<Scalar> lower_format_ipv4(LoweringContext& context, Arguments a) {
  std::string address;
  std::string length;
  if (a[0].kind == Kind::kString) {
    const Network network = network_of(context, a[0].sql);
    address = network.address;
    length = network.length;
  } else {
    address = context.bind(fmt::format("if({0} < 0 or {0} > 4294967295, NULL, {0})", int64_sql(a[0])));
    length = "toInt64(32)";
  }
  if (a.size() > 1) {
    const std::string given = context.bind(int64_sql(a[1]));
    length = context.bind(fmt::format("if({0} < 0 or {0} > 32, NULL, least({0}, {1}))", given, length));
  }
  std::string sql = fmt::format("IPv4NumToString(toUInt32({}))", masked(address, length));
  if (with_length) sql = fmt::format("concat({}, '/', toString({}))", sql, length);
  return computed(Kind::kString, fmt::format("ifNull({}, '')", sql));
}

Result<Scalar> lower_netmask_suffix(LoweringContext& context, Arguments a) {
  const Network network = network_of(context, a[0].sql);
  return computed(Kind::kLong, fmt::format("if(isNull({}), NULL, {})", network.address, network.length));
}

// IPv6 of text that may be IPv4, as 16 bytes; the prefix counts from the top of the 128 bits.
Network network6_of(LoweringContext& context, const std::string& text_sql) {
  const std::string parts = context.bind(fmt::format("splitByChar('/', {})", text_sql));
  Network out;
  // Old notation ::1.2.3.4 stands for ::ffff:1.2.3.4.
  out.address = context.bind(
      fmt::format("toIPv6OrNull(replaceRegexpOne({}[1], '^::([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)$', '\\\\1'))", parts));
  out.length =
      context.bind(fmt::format("multiIf(length({0}) = 1, toInt64(128), length({0}) = 2 and match({0}[2], "
                               "'^[0-9]{{1,3}}$'), toInt64OrNull({0}[2]) + if(position({0}[1], '.') > 0, 96, 0), NULL)",
                               parts));
  return out;
}

std::string masked6(const std::string& address, const std::string& length) {
  return fmt::format("IPv6CIDRToRange(assumeNotNull({}), toUInt8(greatest(0, least(128, ifNull({}, 0))))).1", address,
                     length);
}

std::string compared6(LoweringContext& context, Arguments a, std::string_view form) {
  const Network left = network6_of(context, a[0].sql);
  const Network right = network6_of(context, a[1].sql);
  std::string length = fmt::format("least({}, {})", left.length, right.length);
  if (a.size() > 2) length = fmt::format("least({}, {}, {})", left.length, right.length, int64_sql(a[2]));
  length = context.bind(length);
  return fmt::format("if(isNull({0}) or isNull({1}) or isNull({2}) or isNull({3}), NULL, {4})", left.address,
                     right.address, left.length, right.length,
                     fmt::format(fmt::runtime(form), masked6(left.address, length), masked6(right.address, length)));
}

Result<Scalar> lower_is_match6(LoweringContext& context, Arguments a) {
  return computed(Kind::kBool, compared6(context, a, "{} = {}"));
}

Result<Scalar> lower_compare6(LoweringContext& context, Arguments a) {
  return computed(Kind::kLong, compared6(context, a, "toInt64(if({0} = {1}, 0, if({0} < {1}, -1, 1)))"));
}

std::string in_range6(LoweringContext& context, const Network& address, const std::string& range_sql) {
  const Network range = network6_of(context, range_sql);
  return fmt::format("if(isNull({0}) or isNull({1}) or isNull({2}), NULL, {3} = {4})", address.address, range.address,
                     range.length, masked6(address.address, range.length), masked6(range.address, range.length));
}

Result<Scalar> lower_in_range6(LoweringContext& context, Arguments a) {
  return computed(Kind::kBool, in_range6(context, network6_of(context, a[0].sql), a[1].sql));
}

Result<Scalar> lower_in_any_range6(LoweringContext& context, Arguments a) {
  const Network address = network6_of(context, a[0].sql);
  std::string condition = "false";
  for (const auto& range : a.subspan(1)) {
    if (const auto elements = constant_elements(range)) {
      for (const auto& element : *elements)
        condition += fmt::format(" or ifNull({}, false)", in_range6(context, address, element.sql));
    } else if (range.kind == Kind::kDynamic) {
      const std::string name = context.fresh_name("r");
      condition += fmt::format(" or arrayExists({} -> ifNull({}, false), {})", name,
                               in_range6(context, address, element_text(name)), items_sql(range));
    } else {
      condition += fmt::format(" or ifNull({}, false)", in_range6(context, address, range.sql));
    }
  }
  return computed(Kind::kBool, fmt::format("if(isNull({}), NULL, {})", address.address, condition));
}

std::string full_text6(LoweringContext& context, const std::string& address) {
  const std::string hex = context.bind(fmt::format("lower(hex({}))", address));
  std::string sql = "concat(";
  for (int group = 0; group < 8; ++group)
    sql += fmt::format("{}substring({}, {}, 4)", group == 0 ? "" : ", ':', ", hex, group * 4 + 1);
  return sql + ")";
}

Result<Scalar> lower_parse_ipv6(LoweringContext& context, Arguments a) {
  const Network network = network6_of(context, a[0].sql);
  std::string length = network.length;
  if (a.size() > 1) length = context.bind(fmt::format("least({}, {})", network.length, int64_sql(a[1])));
  return computed(Kind::kString, fmt::format("if(isNull({}) or isNull({}), '', {})", network.address, network.length,
                                             full_text6(context, masked6(network.address, length))));
}

// An address stands alone when no letter, digit, or dot with a digit is beside it.
std::string has_address(const std::string& text, const std::string& address) {
  return fmt::format(
      "(isNotNull(IPv4StringToNumOrNull({1})) and match({0}, concat('(?:^|[^\\\\p{{L}}\\\\p{{N}}.])', "
      "regexpQuoteMeta({1}), "
      "'(?:$|[^\\\\p{{L}}\\\\p{{N}}.]|[.](?:$|[^0-9]))')))",
      text, address);
}

std::string has_prefix(const std::string& text, const std::string& prefix) {
  return fmt::format(
      "(match({1}, '^([0-9]{{1,3}}[.]){{1,3}}$|^([0-9]{{1,3}}[.]){{3}}[0-9]{{1,3}}$') and arrayExists(v -> "
      "isNotNull(IPv4StringToNumOrNull(v)) and startsWith(v, {1}), "
      "arrayMap(g -> g[1], extractAllGroupsVertical({0}, "
      "'(?:^|[^\\\\p{{L}}\\\\p{{N}}.])([0-9]{{1,3}}[.][0-9]{{1,3}}[.][0-9]{{1,3}}[.][0-9]{{1,3}})\\\\b'))))",
      text, prefix);
}

using AddressTest = std::string (*)(const std::string& text, const std::string& address);

template <AddressTest test>
Result<Scalar> lower_has_any(LoweringContext& context, Arguments a) {
  const std::string text = context.bind(a[0].sql);
  std::string condition;
  const auto add = [&](const std::string& part) { condition += (condition.empty() ? "" : " or ") + part; };
  for (const auto& value : a.subspan(1)) {
    if (const auto elements = constant_elements(value)) {
      for (const auto& element : *elements) {
        GARRISON_ASSIGN(Scalar address, cast_to(context, element, Kind::kString));
        add(test(text, address.sql));
      }
    } else if (value.kind == Kind::kDynamic) {
      const std::string name = context.fresh_name("a");
      add(fmt::format("arrayExists({} -> {}, {})", name, test(text, element_text(name)), items_sql(value)));
    } else {
      add(test(text, value.sql));
    }
  }
  return total(Kind::kBool, condition.empty() ? "false" : fmt::format("({})", condition));
}

}  // namespace

const std::vector<Function>& network_functions() {
  static const std::vector<Function> kEntries = {
      function_entry("format_ipv4(address: string|long, prefix: long?): string", "Prints an address, cut to a prefix.",
                     {"print format_ipv4('192.168.1.7', 24)", "[[\"192.168.1.0\"]]"}, lower_format_ipv4<false>),
      function_entry("format_ipv4_mask(address: string|long, prefix: long?): string", "Prints a network in CIDR form.",
                     {"print format_ipv4_mask('192.168.1.7', 24)", "[[\"192.168.1.0/24\"]]"}, lower_format_ipv4<true>),
      function_entry("has_any_ipv4(text: string, address: string|dynamic, others: string*): bool",
                     "Tells whether a text holds one of several IPv4 addresses.",
                     {"print has_any_ipv4('from 10.0.0.1 ok', '10.0.0.1', '10.0.0.2')", "[[true]]"},
                     lower_has_any<has_address>, CostClass::kScan),
      function_entry("has_any_ipv4_prefix(text: string, prefix: string|dynamic, others: string*): bool",
                     "Tells whether a text holds an IPv4 address with one of several beginnings.",
                     {"print has_any_ipv4_prefix('from 10.0.0.1 ok', '192.', '10.0.')", "[[true]]"},
                     lower_has_any<has_prefix>, CostClass::kScan),
      function_entry("has_ipv4(text: string, address: string): bool", "Tells whether a text holds an IPv4 address.",
                     {"print has_ipv4('from 10.0.0.1 ok', '10.0.0.1')", "[[true]]"}, lower_has_any<has_address>,
                     CostClass::kScan),
      function_entry("has_ipv4_prefix(text: string, prefix: string): bool",
                     "Tells whether a text holds an IPv4 address with that beginning.",
                     {"print has_ipv4_prefix('from 10.0.0.1 ok', '10.0.')", "[[true]]"}, lower_has_any<has_prefix>,
                     CostClass::kScan),
      function_entry("ipv4_compare(left: string, right: string, prefix: long?): long",
                     "Compares two addresses: -1, 0 or 1.", {"print ipv4_compare('10.0.0.1', '10.0.0.2')", "[[-1]]"},
                     lower_compare),
      function_entry("ipv4_is_in_any_range(address: string, range: string|dynamic, others: string*): bool",
                     "Tells whether an address lies in one of several networks.",
                     {"print ipv4_is_in_any_range('10.1.2.3', '192.168.0.0/16', '10.0.0.0/8')", "[[true]]"},
                     lower_in_any_range),
      function_entry("ipv4_is_in_range(address: string, range: string): bool",
                     "Tells whether an address lies in a network.",
                     {"print ipv4_is_in_range('10.1.2.3', '10.0.0.0/8')", "[[true]]"}, lower_in_range),
      function_entry("ipv4_is_match(left: string, right: string, prefix: long?): bool",
                     "Tells whether two addresses are equal under the shortest prefix.",
                     {"print ipv4_is_match('10.0.0.1/24', '10.0.0.9')", "[[true]]"}, lower_is_match),
      function_entry("ipv4_is_private(address: string): bool", "Tells whether an address belongs to a private network.",
                     {"print ipv4_is_private('10.1.2.3')", "[[true]]"}, lower_is_private),
      function_entry("ipv4_netmask_suffix(address: string): long", "Prefix length of a network in CIDR form.",
                     {"print ipv4_netmask_suffix('10.0.0.0/8')", "[[8]]"}, lower_netmask_suffix),
      function_entry("ipv6_compare(left: string, right: string, prefix: long?): long",
                     "Compares two IPv6 or IPv4 addresses: -1, 0 or 1.", {"print ipv6_compare('::1', '::2')", "[[-1]]"},
                     lower_compare6),
      function_entry("ipv6_is_in_any_range(address: string, range: string|dynamic, others: string*): bool",
                     "Tells whether an IPv6 address lies in one of several networks.",
                     {"print ipv6_is_in_any_range('2001:db8::1', '2001:db8::/32')", "[[true]]"}, lower_in_any_range6),
      function_entry("ipv6_is_in_range(address: string, range: string): bool",
                     "Tells whether an IPv6 address lies in a network.",
                     {"print ipv6_is_in_range('2001:db8::1', '2001:db8::/32')", "[[true]]"}, lower_in_range6),
      function_entry("ipv6_is_match(left: string, right: string, prefix: long?): bool",
                     "Tells whether two IPv6 or IPv4 addresses are equal under the shortest prefix.",
                     {"print ipv6_is_match('192.168.1.1', '::ffff:c0a8:0101')", "[[true]]"}, lower_is_match6),
      function_entry("parse_ipv4(address: string): long", "An IPv4 address as a number.",
                     {"print parse_ipv4('192.168.1.1')", "[[3232235777]]"}, lower_parse_ipv4),
      function_entry("parse_ipv4_mask(address: string, prefix: long): long",
                     "An IPv4 address cut to a prefix, as a number.",
                     {"print parse_ipv4_mask('127.0.0.1', 24)", "[[2130706432]]"}, lower_parse_ipv4_mask),
      function_entry("parse_ipv6(address: string): string", "An IPv6 or IPv4 address in full IPv6 form.",
                     {"print parse_ipv6('127.0.0.1')", "[[\"0000:0000:0000:0000:0000:ffff:7f00:0001\"]]"},
                     lower_parse_ipv6),
      function_entry("parse_ipv6_mask(address: string, prefix: long): string",
                     "An IPv6 address cut to a prefix, in full form.",
                     {"print parse_ipv6_mask('2001:db8:1::1', 32)", "[[\"2001:0db8:0000:0000:0000:0000:0000:0000\"]]"},
                     lower_parse_ipv6),
  };
  return kEntries;
}

}  // namespace garrison::kql
