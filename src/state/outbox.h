// SPDX-License-Identifier: Apache-2.0
// News written in the same transaction as the change they tell of, and handed to projections afterwards: at least once,
// in the order of their ids, until each projection has taken them. So tables in the engine follow the state database
// without either waiting for the other. Any thread may call; one pump runs at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "state/store.h"

namespace garrison::state {

struct OutboxEntry {
  std::int64_t id = 0;  // rises with every entry, never used twice: the deduplication token
  std::string topic;    // "audit", "incident" ...
  WorkspaceId workspace;  // empty for the server as a whole
  std::string key;        // what the entry is about; entries of one key are never delivered out of order
  std::string payload;    // JSON
  DateTime created;
};

// Takes a batch, in order. A batch that is delivered again after a crash has exactly the same entries, so a token made
// of its first and last id identifies it. kUnavailable, kTimeout and kExhausted mean "later": everything is kept and
// tried again with back-off. Any other error means that the batch holds an entry that cannot be taken and that nothing
// of the batch was applied: entries are then tried alone, and the bad one is set aside with the later ones of its key.
using ProjectionHandler = std::function<Result<void>(std::span<const OutboxEntry>)>;

struct Projection {
  std::string name;                 // stable: its position is stored under it
  std::vector<std::string> topics;
  std::size_t max_batch = 500;
  ProjectionHandler handler;
};

struct PumpReport {
  std::size_t num_delivered = 0;
  std::size_t num_set_aside = 0;      // newly, in this pump
  std::optional<DateTime> retry_at;   // earliest time at which something waits to be tried again
  std::optional<Error> last_error;
};

// An entry that a projection refused.
struct SetAside {
  std::string projection;
  OutboxEntry entry;
  int num_attempts = 0;
  DateTime next_try;
  std::string error;
};

class Outbox {
 public:
  Outbox(Store& store, const Clock& clock);
  ~Outbox();

  // Adds an entry within the caller's transaction and gives its id.
  Result<std::int64_t> add(Transaction& transaction, std::string_view topic, const WorkspaceId& workspace,
                           std::string_view key, std::string_view payload);
  // Called after a commit that added entries, on the committing thread; must be short (wake a thread).
  void set_listener(std::function<void()> listener);

  // Before the first pump. A name seen for the first time starts with the oldest entry kept.
  Result<void> register_projection(Projection projection);
  // Delivers until nothing is due. Returns at once when another thread pumps. Errors of handlers are in the report; an
  // error result is one of the database.
  Result<PumpReport> pump();

  // Entries waiting for the projection, those set aside included.
  Result<std::int64_t> backlog(std::string_view projection);
  Result<std::vector<SetAside>> set_aside();
  // Gives up an entry that was set aside, by an administrator's decision only.
  Result<void> discard(std::string_view projection, std::int64_t id);
  // Forgets a projection that no longer exists, so that it holds nothing back.
  Result<void> forget(std::string_view projection);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::state
