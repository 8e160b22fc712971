// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/entry.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace garrison::kql {
namespace {

constexpr KindSet kIntegers = kind_bit(Kind::kInt) | kind_bit(Kind::kLong);
constexpr KindSet kNumbers = kIntegers | kind_bit(Kind::kReal) | kind_bit(Kind::kDecimal);

constexpr std::array<std::pair<std::string_view, KindSet>, 11> kSets = {{
    {"any", kAnyKind},
    {"bool", kind_bit(Kind::kBool)},
    {"long", kIntegers},
    {"real", kNumbers},
    {"decimal", kind_bit(Kind::kDecimal)},
    {"string", kind_bit(Kind::kString)},
    {"datetime", kind_bit(Kind::kDateTime)},
    {"timespan", kind_bit(Kind::kTimespan)},
    {"guid", kind_bit(Kind::kGuid)},
    {"dynamic", kind_bit(Kind::kDynamic)},
    {"scalar", static_cast<KindSet>(kAnyKind & ~kind_bit(Kind::kDynamic))},
}};

KindSet parse_set(std::string_view text) {
  KindSet out = 0;
  for (const auto name : text::split(text, '|')) {
    for (const auto& [spelling, set] : kSets) {
      if (spelling == text::trim(name)) out = static_cast<KindSet>(out | set);
    }
  }
  GARRISON_CHECK(out != 0);
  return out;
}

Argument parse_argument(std::string_view text) {
  Argument out;
  const std::size_t colon = text.find(':');
  GARRISON_CHECK(colon != std::string_view::npos);
  out.name = text::trim(text.substr(0, colon));
  std::string_view kinds = text::trim(text.substr(colon + 1));
  for (bool is_marked = true; is_marked && !kinds.empty();) {
    switch (kinds.back()) {
      case '?':
        out.rule = ArgumentRule::kOptional;
        break;
      case '*':
        out.rule = ArgumentRule::kRepeated;
        break;
      case '!':
        out.must_be_constant = true;
        break;
      default:
        is_marked = false;
        break;
    }
    if (is_marked) kinds.remove_suffix(1);
  }
  out.kinds = parse_set(kinds);
  return out;
}

template <typename Entry>
void read_signature(Entry& entry, std::string_view signature) {
  const std::size_t open = signature.find('(');
  const std::size_t close = signature.rfind("):");
  GARRISON_CHECK(open != std::string_view::npos && close != std::string_view::npos);
  entry.name = signature.substr(0, open);
  entry.result = text::trim(signature.substr(close + 2));
  const std::string_view inside = text::trim(signature.substr(open + 1, close - open - 1));
  if (inside.empty()) return;
  for (const auto argument : text::split(inside, ',')) entry.arguments.push_back(parse_argument(argument));
}

}  // namespace

Function function_entry(std::string_view signature, std::string_view description, Example example, LowerFunction lower,
                        CostClass cost) {
  Function out;
  read_signature(out, signature);
  out.description = description;
  out.example = example;
  out.lower = lower;
  out.cost = cost;
  return out;
}

Aggregate aggregate_entry(std::string_view signature, std::string_view description, Example example,
                          LowerAggregate lower, CostClass cost) {
  Aggregate out;
  read_signature(out, signature);
  out.description = description;
  out.example = example;
  out.lower = lower;
  out.cost = cost;
  return out;
}

Function spelled(const Function& entry, std::string_view name, std::string_view description) {
  Function out = entry;
  out.name = name;
  out.description = description;
  return out;
}

Aggregate spelled(const Aggregate& entry, std::string_view name, std::string_view description) {
  Aggregate out = entry;
  out.name = name;
  out.description = description;
  return out;
}

}  // namespace garrison::kql
