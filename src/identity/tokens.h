// SPDX-License-Identifier: Apache-2.0
// API tokens for programs: "grs_" and 256 random bits, shown once and stored as a hash; bound to one workspace and role,
// optionally to some of the role's permissions, and always to an end. A token never has more than its owner has now, and
// dies with the owner's account. Any thread may call.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "identity/audit.h"
#include "identity/principal.h"
#include "state/store.h"

namespace garrison::identity {

inline constexpr std::string_view kTokenPrefix = "grs_";

struct NewToken {
  std::string name;  // for people, 1 to 100 characters
  WorkspaceId workspace;
  Role role = Role::kReader;
  std::vector<Permission> only;  // empty: all of the role
  DateTime expires;              // at most 366 days ahead
};

struct TokenInfo {
  std::string id;  // public, not the secret
  std::string name;
  UserId owner;
  WorkspaceId workspace;
  Role role = Role::kReader;
  std::vector<Permission> only;
  DateTime created;
  DateTime expires;
  std::optional<DateTime> last_used;  // to the minute
};

struct CreatedToken {
  Secret token;
  TokenInfo info;
};

class Tokens {
 public:
  Tokens(state::Store& store, AuditLog& audit, const Clock& clock, Random& random);

  // AUTH-0001 (kDenied) when the owner lacks the role in that workspace; AUTH-0015 (kBadInput) for a bad name, end or
  // permission outside the role.
  Result<CreatedToken> create(const Principal& owner, const NewToken& token);
  // AUTH-0002 (kDenied) when it is unknown, revoked or expired, or its owner lost the workspace or the account.
  Result<Principal> authenticate(const Secret& token);
  Result<std::vector<TokenInfo>> list(const WorkspaceId& workspace);
  // kNotFound (AUTH-0016) when the workspace has no such token.
  Result<void> revoke(const Principal& by, const WorkspaceId& workspace, std::string_view id);
  Result<std::int64_t> delete_expired();

 private:
  state::Store& store_;
  AuditLog& audit_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace garrison::identity
