// SPDX-License-Identifier: Apache-2.0
// Identifiers with a type each, so that a rule id cannot be passed where a workspace id is wanted.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace garrison {

template <typename Tag>
struct Id {
  std::string value;
  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  bool empty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;
};

using WorkspaceId = Id<struct WorkspaceTag>;  // 1-32 characters of [a-z0-9-], starts with a letter
using UserId = Id<struct UserTag>;
using RuleId = Id<struct RuleTag>;
using AlertId = Id<struct AlertTag>;
using IncidentId = Id<struct IncidentTag>;
using JobId = Id<struct JobTag>;

}  // namespace garrison

template <typename Tag>
struct std::hash<garrison::Id<Tag>> {
  std::size_t operator()(const garrison::Id<Tag>& id) const noexcept { return std::hash<std::string>()(id.value); }
};
