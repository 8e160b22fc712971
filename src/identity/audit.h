// SPDX-License-Identifier: Apache-2.0
// What was done, by whom, with which outcome: an append-only table in which each entry carries the hash of the one
// before, so that a changed, removed or inserted entry is found. Each entry also goes to the outbox under topic "audit",
// from where it reaches the table GarrisonAudit. Callers put no secrets in. Any thread may call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/json.h"
#include "identity/principal.h"
#include "state/outbox.h"
#include "state/store.h"

namespace garrison::identity {

inline constexpr std::string_view kAuditTopic = "audit";

enum class AuditOutcome : std::uint8_t { kSuccess, kDenied, kFailure };
std::string_view to_string(AuditOutcome outcome);  // "Success"

struct AuditEvent {
  std::string actor;       // user name, token name or "system"
  std::string actor_kind;  // "user", "token", "system", "anonymous"
  std::string credential;  // public id of the session or token
  std::string address;     // of the client; empty for local work
  WorkspaceId workspace;   // empty for the server as a whole
  std::string action;      // "user.sign_in", "rule.update"
  std::string target;      // what it was done to, such as "user:alice"
  AuditOutcome outcome = AuditOutcome::kSuccess;
  json::object details;    // values that help a reader; no secrets

  static AuditEvent by(const Principal& principal, std::string action, std::string target);
};

struct AuditEntry {
  std::int64_t number = 0;  // 1, 2, 3 ...
  DateTime time;
  AuditEvent event;
  std::string hash;  // hex SHA-256 over the entry before and this one
};

struct AuditFilter {
  std::optional<WorkspaceId> workspace;
  std::int64_t before_number = INT64_MAX;  // newest first; page on with the last number
  std::size_t max_entries = 100;
};

class AuditLog {
 public:
  AuditLog(state::Store& store, state::Outbox& outbox, const Clock& clock);

  // Within the transaction of the change it tells of.
  Result<void> add(state::Transaction& transaction, const AuditEvent& event);
  // For what changes nothing else: a denial, a failed sign-in.
  Result<void> add(const AuditEvent& event);
  Result<std::vector<AuditEntry>> list(const AuditFilter& filter = {});
  // Walks the chain. AUTH-0040 (kCorrupt) names the first entry that does not fit. Gives the number of entries.
  Result<std::int64_t> verify();
  // The newest hash, to be signed or copied elsewhere; empty without entries.
  Result<std::string> head();

 private:
  state::Store& store_;
  state::Outbox& outbox_;
  const Clock& clock_;
};

}  // namespace garrison::identity
