// SPDX-License-Identifier: Apache-2.0
#include "engine/wide_decimal.h"

#include <cstdint>
#include <cstring>

namespace garrison::engine {
namespace {

__extension__ using Wide = unsigned __int128;
using Limbs = std::array<std::uint64_t, 4>;  // least significant first

constexpr int kScale = 18;
constexpr std::size_t kMaxWholeDigits = 58;
constexpr std::uint64_t kGroup = 1'000'000'000'000'000'000;  // 10^18

void multiply_add(Limbs& limbs, std::uint64_t factor, std::uint64_t addend) {
  Wide carry = addend;
  for (std::uint64_t& limb : limbs) {
    carry += static_cast<Wide>(limb) * factor;
    limb = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
}

std::uint64_t divide(Limbs& limbs, std::uint64_t divisor) {
  Wide rest = 0;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    rest = (rest << 64) | limbs[i];
    limbs[i] = static_cast<std::uint64_t>(rest / divisor);
    rest %= divisor;
  }
  return static_cast<std::uint64_t>(rest);
}

void negate(Limbs& limbs) {
  std::uint64_t carry = 1;
  for (std::uint64_t& limb : limbs) {
    limb = ~limb + carry;
    carry = carry != 0 && limb == 0 ? 1 : 0;
  }
}

bool is_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

// 18 digits with leading zeros.
std::string padded(std::uint64_t group) {
  std::string digits = std::to_string(group);
  return std::string(kScale - digits.size(), '0') + digits;
}

}  // namespace

std::optional<std::array<unsigned char, kDecimalBytes>> decimal_from_text(std::string_view text) {
  const bool is_negative = !text.empty() && text.front() == '-';
  if (is_negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  const auto point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if ((whole.empty() && fraction.empty()) || !is_digits(whole) || !is_digits(fraction)) return std::nullopt;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.size() > kMaxWholeDigits) return std::nullopt;
  fraction = fraction.substr(0, kScale);

  Limbs limbs{};
  for (const char digit : whole) multiply_add(limbs, 10, static_cast<std::uint64_t>(digit - '0'));
  for (const char digit : fraction) multiply_add(limbs, 10, static_cast<std::uint64_t>(digit - '0'));
  for (std::size_t i = fraction.size(); i < kScale; ++i) multiply_add(limbs, 10, 0);
  if (is_negative) negate(limbs);
  std::array<unsigned char, kDecimalBytes> bytes;
  std::memcpy(bytes.data(), limbs.data(), kDecimalBytes);
  return bytes;
}

void append_decimal(std::string& out, const unsigned char* bytes) {
  Limbs limbs;
  std::memcpy(limbs.data(), bytes, kDecimalBytes);
  const bool is_negative = (limbs[3] >> 63) != 0;
  if (is_negative) {
    negate(limbs);
    out += '-';
  }
  const std::uint64_t fraction = divide(limbs, kGroup);
  std::string whole;
  while (limbs != Limbs{}) {
    const std::uint64_t group = divide(limbs, kGroup);
    whole.insert(0, limbs == Limbs{} ? std::to_string(group) : padded(group));
  }
  out += whole.empty() ? "0" : whole;
  if (fraction == 0) return;
  std::string digits = padded(fraction);
  digits.resize(digits.find_last_not_of('0') + 1);
  out += '.';
  out += digits;
}

}  // namespace garrison::engine
