// SPDX-License-Identifier: Apache-2.0
#include "identity/audit.h"

#include <fmt/format.h>

#include "base/text.h"
#include "identity/sodium.h"

namespace garrison::identity {
namespace {

std::string_view to_string(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::kUser: return "user";
    case PrincipalKind::kToken: return "token";
    case PrincipalKind::kSystem: return "system";
  }
  return "unknown";
}

json::object body_of(std::int64_t number, DateTime time, const AuditEvent& event) {
  const auto text = [](std::string_view value) { return text::to_valid_utf8(value); };
  json::object body;
  body["TimeGenerated"] = format_iso(time);
  body["EntryNumber"] = number;
  body["Actor"] = text(event.actor);
  body["ActorKind"] = text(event.actor_kind);
  body["CredentialId"] = text(event.credential);
  body["IPAddress"] = text(event.address);
  body["WorkspaceId"] = text(event.workspace.value);
  body["Action"] = text(event.action);
  body["Target"] = text(event.target);
  body["Outcome"] = to_string(event.outcome);
  body["Details"] = event.details;
  return body;
}

std::string chain(std::string_view previous, std::string_view body) {
  return sha256(std::string(previous) + "\n" + std::string(body));
}

struct Stored {
  std::int64_t number = 0;
  std::string workspace;
  std::string body;
  std::string hash;
};

Stored stored_of(const state::Row& row) { return {row.integer(0), row.string(1), row.string(2), row.string(3)}; }

AuditOutcome parse_outcome(std::string_view name) {
  if (name == "Success") return AuditOutcome::kSuccess;
  return name == "Denied" ? AuditOutcome::kDenied : AuditOutcome::kFailure;
}

Result<AuditEntry> entry_of(const Stored& stored) {
  const auto body = json::parse(stored.body);
  const auto damaged = [&] {
    return corrupt("AUTH-0040", fmt::format("audit entry {} is damaged", stored.number));
  };
  if (!body.ok()) return damaged();
  const auto text = [&](std::string_view key) { return json::string_at(*body, key).value_or(""); };
  const auto time = parse_iso(text("TimeGenerated"));
  if (!time) return damaged();
  AuditEntry entry;
  entry.number = stored.number;
  entry.time = *time;
  entry.hash = stored.hash;
  entry.event = {text("Actor"),  text("ActorKind"), text("CredentialId"),           text("IPAddress"),
                 WorkspaceId(text("WorkspaceId")), text("Action"), text("Target"), parse_outcome(text("Outcome")), {}};
  if (const json::value* details = json::find(*body, "Details"); details != nullptr && details->is_object()) {
    entry.event.details = details->get_object();
  }
  return entry;
}

}  // namespace

std::string_view to_string(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kSuccess: return "Success";
    case AuditOutcome::kDenied: return "Denied";
    case AuditOutcome::kFailure: return "Failure";
  }
  return "Failure";
}

AuditEvent AuditEvent::by(const Principal& principal, std::string action, std::string target) {
  AuditEvent event;
  event.actor = principal.name;
  event.actor_kind = to_string(principal.kind);
  event.credential = principal.credential;
  event.action = std::move(action);
  event.target = std::move(target);
  return event;
}

AuditLog::AuditLog(state::Store& store, state::Outbox& outbox, const Clock& clock)
    : store_(store), outbox_(outbox), clock_(clock) {}

Result<void> AuditLog::add(state::Transaction& transaction, const AuditEvent& event) {
  GARRISON_ASSIGN(const auto last, transaction.query_one(
      "SELECT number, workspace, body, hash FROM audit ORDER BY number DESC LIMIT 1", {}, stored_of));
  const std::int64_t number = last ? last->number + 1 : 1;
  json::object body = body_of(number, clock_.now(), event);
  const std::string text = json::print(body);
  const std::string hash = chain(last ? last->hash : "", text);
  GARRISON_TRY(transaction.execute("INSERT INTO audit (number, workspace, body, hash) VALUES (?, ?, ?, ?)",
                                   {number, event.workspace, text, hash}));
  body["Hash"] = hash;
  GARRISON_TRY(outbox_.add(transaction, kAuditTopic, event.workspace, "audit", json::print(body)));
  return {};
}

Result<void> AuditLog::add(const AuditEvent& event) {
  return store_.write([&](state::Transaction& transaction) { return add(transaction, event); });
}

Result<std::vector<AuditEntry>> AuditLog::list(const AuditFilter& filter) {
  GARRISON_ASSIGN(const std::vector<Stored> rows, store_.read([&](state::Transaction& transaction) {
    if (filter.workspace) {
      return transaction.query_all("SELECT number, workspace, body, hash FROM audit WHERE workspace = ? AND number < ? "
                                   "ORDER BY number DESC LIMIT ?",
                                   {*filter.workspace, filter.before_number, filter.max_entries}, stored_of);
    }
    return transaction.query_all(
        "SELECT number, workspace, body, hash FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?",
        {filter.before_number, filter.max_entries}, stored_of);
  }));
  std::vector<AuditEntry> out;
  out.reserve(rows.size());
  for (const Stored& row : rows) {
    GARRISON_ASSIGN(AuditEntry entry, entry_of(row));
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::int64_t> AuditLog::verify() {
  return store_.read([](state::Transaction& transaction) -> Result<std::int64_t> {
    std::int64_t expected = 1;
    std::string hash;
    GARRISON_TRY(transaction.query(
        "SELECT number, workspace, body, hash FROM audit ORDER BY number", {}, [&](const state::Row& row) -> Result<void> {
          const Stored stored = stored_of(row);
          if (stored.number != expected) {
            return corrupt("AUTH-0040", fmt::format("audit entry {} is missing", expected));
          }
          hash = chain(hash, stored.body);
          GARRISON_ASSIGN(const AuditEntry entry, entry_of(stored));
          if (hash != stored.hash || entry.event.workspace.value != stored.workspace) {
            return corrupt("AUTH-0040", fmt::format("audit entry {} was changed", expected));
          }
          ++expected;
          return {};
        }));
    return expected - 1;
  });
}

Result<std::string> AuditLog::head() {
  GARRISON_ASSIGN(const auto hash, store_.read([](state::Transaction& transaction) {
    return transaction.query_one("SELECT hash FROM audit ORDER BY number DESC LIMIT 1", {},
                                 [](const state::Row& row) { return row.string(0); });
  }));
  return hash.value_or("");
}

}  // namespace garrison::identity
