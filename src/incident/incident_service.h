// SPDX-License-Identifier: Apache-2.0
// What analysts do with incidents: list, read, change, comment. Each change is checked against the etag, logged as
// activity and told to the outbox in one transaction. Any thread may call; the caller has checked permissions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "incident/incident.h"
#include "incident/incident_store.h"
#include "state/outbox.h"
#include "state/store.h"

namespace garrison::incident {

inline constexpr std::int64_t kMaxComments = 100;
inline constexpr std::size_t kMaxCommentCharacters = 30'000;

// Fields that are set change; owner "" means nobody.
struct IncidentChange {
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<entity::Severity> severity;
  std::optional<Status> status;
  std::optional<std::string> owner;
  std::optional<Classification> classification;
  std::optional<std::vector<std::string>> labels;
};

class IncidentService {
 public:
  IncidentService(state::Store& store, state::Outbox& outbox, const Clock& clock) : store_(store), outbox_(outbox), clock_(clock) {}

  Result<Page<Incident>> list(const WorkspaceId& workspace, const IncidentFilter& filter);
  Result<Incident> get(const WorkspaceId& workspace, std::int64_t number);
  // INC-0002 (kConflict) when the version differs; INC-0003 (kBadInput) for closing without a valid classification.
  Result<Incident> change(const WorkspaceId& workspace, std::int64_t number, const IncidentChange& change, const Actor& actor,
                          std::optional<std::int64_t> expected_version = std::nullopt);
  Result<Comment> comment(const WorkspaceId& workspace, std::int64_t number, const std::string& message, const Actor& actor);
  Result<std::vector<Comment>> comments(const WorkspaceId& workspace, std::int64_t number);
  Result<std::vector<Activity>> activity(const WorkspaceId& workspace, std::int64_t number);
  Result<std::vector<EntityCount>> entities(const WorkspaceId& workspace, std::int64_t number, std::int64_t limit);
  Result<Page<StoredAlert>> alerts(const WorkspaceId& workspace, const AlertFilter& filter);
  Result<StoredAlert> alert(const WorkspaceId& workspace, const AlertId& id);
  Result<void> remove_all(state::Transaction& transaction, const WorkspaceId& workspace);

 private:
  Result<void> tell(state::Transaction& transaction, const Incident& incident, const Actor& actor);

  state::Store& store_;
  state::Outbox& outbox_;
  const Clock& clock_;
};

}  // namespace garrison::incident
