// SPDX-License-Identifier: Apache-2.0
#include "state/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/log.h"
#include "base/mutex.h"

namespace garrison::state {
namespace {

constexpr Timespan kFirstPause{kTicksPerSecond};
constexpr Timespan kMaxPause{5 * kTicksPerMinute};
constexpr Timespan kFirstRetry{kTicksPerMinute};  // of an entry set aside
constexpr Timespan kMaxRetry{kTicksPerHour};

Timespan back_off(Timespan first, Timespan max, std::int64_t num_failures) {
  const auto doublings = std::clamp<std::int64_t>(num_failures - 1, 0, 30);
  return {std::min(first.ticks << doublings, max.ticks)};
}

bool means_later(const Error& error) {
  return error.kind == ErrorKind::kUnavailable || error.kind == ErrorKind::kTimeout ||
         error.kind == ErrorKind::kExhausted;
}

OutboxEntry entry_of(const Row& row) {
  return {row.integer(0), row.string(1), WorkspaceId(row.string(2)), row.string(3), row.string(4), row.time(5)};
}

// Stored progress of one projection.
struct Progress {
  std::int64_t position = 0;
  std::int64_t batch_end = 0;
  std::int64_t single_until = 0;
  std::int64_t num_failures = 0;
  DateTime next_try;
};

Result<void> deliver(const Projection& projection, std::span<const OutboxEntry> batch) {
  try {
    return projection.handler(batch);
  } catch (const CheckFailed& failed) {
    return bug(failed.text);
  } catch (const std::bad_alloc&) {
    return exhausted("STATE-0004", "out of memory in a projection");
  } catch (const std::exception& thrown) {
    return bug(fmt::format("projection '{}' threw: {}", projection.name, thrown.what()));
  }
}

constexpr std::string_view kSubscribed = "topic IN (SELECT topic FROM outbox_subscriptions WHERE projection = ?)";

}  // namespace

class Outbox::Impl {
 public:
  Impl(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  void notify() {
    std::function<void()> listener;
    {
      const Lock lock(mutex_);
      listener = listener_;
    }
    if (listener) listener();
  }

  void set_listener(std::function<void()> listener) {
    const Lock lock(mutex_);
    listener_ = std::move(listener);
  }

  Result<void> add_projection(Projection projection) {
    if (projection.name.empty() || projection.topics.empty() || projection.max_batch == 0 || !projection.handler) {
      return bug("a projection needs a name, topics, a batch size and a handler");
    }
    GARRISON_TRY(store_.write([&](Transaction& transaction) -> Result<void> {
      GARRISON_TRY(transaction.execute(
          "INSERT INTO outbox_projections VALUES (?, 0, 0, 0, 0, 0, '') ON CONFLICT DO NOTHING", {projection.name}));
      GARRISON_TRY(transaction.execute("DELETE FROM outbox_subscriptions WHERE projection = ?", {projection.name}));
      for (const std::string& topic : projection.topics) {
        GARRISON_TRY(transaction.execute("INSERT INTO outbox_subscriptions VALUES (?, ?)", {projection.name, topic}));
      }
      return {};
    }));
    const Lock lock(mutex_);
    std::erase_if(projections_, [&](const auto& known) { return known->name == projection.name; });
    // Shared: a pump under way keeps the ones it began with.
    projections_.push_back(std::make_shared<const Projection>(std::move(projection)));
    return {};
  }

  Result<PumpReport> pump() {
    PumpReport report;
    if (is_pumping_.exchange(true)) return report;
    const Result<void> done = pump_all(report);
    is_pumping_ = false;
    if (!done.ok()) return done.error();
    return report;
  }

 private:
  Result<void> pump_all(PumpReport& report) {
    std::vector<std::shared_ptr<const Projection>> projections;
    {
      const Lock lock(mutex_);
      projections = projections_;
    }
    for (const auto& projection : projections) {
      GARRISON_ASSIGN(const bool goes_on, pump_one(*projection, report));
      if (goes_on) GARRISON_TRY(retry_set_aside(*projection, report));
    }
    if (report.num_delivered > 0) GARRISON_TRY(trim());
    return {};
  }

  // False while the projection has to wait.
  Result<bool> pump_one(const Projection& projection, PumpReport& report) {
    for (;;) {
      GARRISON_ASSIGN(Progress progress, load(projection));
      if (progress.next_try > clock_.now()) {
        wait_until(report, progress.next_try);
        return false;
      }
      if (progress.batch_end <= progress.position) {
        GARRISON_ASSIGN(const bool has_more, plan(projection, progress, report));
        if (!has_more) return true;
      }
      GARRISON_ASSIGN(const std::vector<OutboxEntry> batch, read_batch(projection, progress));
      const Result<void> done = batch.empty() ? Result<void>() : deliver(projection, batch);
      if (done.ok()) {
        report.num_delivered += batch.size();
        GARRISON_TRY(finish_batch(projection, progress));
        continue;
      }
      report.last_error = done.error();
      if (means_later(done.error())) {
        GARRISON_TRY(pause(projection, progress, done.error(), report));
        return false;
      }
      GARRISON_TRY(isolate(projection, progress, batch, done.error(), report));
    }
  }

  Result<Progress> load(const Projection& projection) {
    GARRISON_ASSIGN(const auto progress, store_.read([&](Transaction& transaction) {
      return transaction.query_one(
          "SELECT position, batch_end, single_until, num_failures, next_try FROM outbox_projections WHERE name = ?",
          {projection.name}, [](const Row& row) {
            return Progress{row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.time(4)};
          });
    }));
    if (!progress) return not_found("STATE-0020", fmt::format("no projection '{}'", projection.name));
    return *progress;
  }

  // Fixes the next batch: its end, and which of its entries stand behind one that was set aside.
  Result<bool> plan(const Projection& projection, Progress& progress, PumpReport& report) {
    const std::int64_t limit = progress.position < progress.single_until ? 1 : static_cast<std::int64_t>(projection.max_batch);
    const std::string select = fmt::format(
        "SELECT id, topic, workspace, key, '', created FROM outbox WHERE id > ? AND {} ORDER BY id LIMIT ?", kSubscribed);
    GARRISON_ASSIGN(const std::vector<OutboxEntry> entries, store_.read([&](Transaction& transaction) {
      return transaction.query_all(select, {progress.position, projection.name, limit}, entry_of);
    }));
    if (entries.empty()) return false;
    progress.batch_end = entries.back().id;
    std::size_t num_set_aside = 0;
    GARRISON_TRY(store_.write([&](Transaction& transaction) -> Result<void> {
      for (const OutboxEntry& entry : entries) {
        GARRISON_ASSIGN(const std::int64_t added, transaction.execute(
            "INSERT INTO outbox_set_aside SELECT ?, ?, ?, ?, ?, 0, 0, 'stands behind an earlier entry of its key' "
            "WHERE EXISTS (SELECT 1 FROM outbox_set_aside WHERE projection = ? AND topic = ? AND workspace = ? AND key = ?)",
            {projection.name, entry.id, entry.topic, entry.workspace, entry.key, projection.name, entry.topic,
             entry.workspace, entry.key}));
        num_set_aside += static_cast<std::size_t>(added);
      }
      GARRISON_TRY(transaction.execute("UPDATE outbox_projections SET batch_end = ? WHERE name = ?",
                                       {progress.batch_end, projection.name}));
      return {};
    }));
    report.num_set_aside += num_set_aside;
    return true;
  }

  Result<std::vector<OutboxEntry>> read_batch(const Projection& projection, const Progress& progress) {
    const std::string select = fmt::format(
        "SELECT id, topic, workspace, key, payload, created FROM outbox WHERE id > ? AND id <= ? AND {} AND id NOT IN "
        "(SELECT id FROM outbox_set_aside WHERE projection = ?) ORDER BY id", kSubscribed);
    return store_.read([&](Transaction& transaction) {
      return transaction.query_all(
          select, {progress.position, progress.batch_end, projection.name, projection.name}, entry_of);
    });
  }

  Result<void> finish_batch(const Projection& projection, const Progress& progress) {
    return store_.write([&](Transaction& transaction) -> Result<void> {
      GARRISON_TRY(transaction.execute(
          "UPDATE outbox_projections SET position = ?, num_failures = 0, last_error = '' WHERE name = ?",
          {progress.batch_end, projection.name}));
      return {};
    });
  }

  Result<void> pause(const Projection& projection, const Progress& progress, const Error& error, PumpReport& report) {
    const DateTime next = clock_.now() + back_off(kFirstPause, kMaxPause, progress.num_failures + 1);
    wait_until(report, next);
    return store_.write([&](Transaction& transaction) -> Result<void> {
      GARRISON_TRY(transaction.execute(
          "UPDATE outbox_projections SET num_failures = num_failures + 1, next_try = ?, last_error = ? WHERE name = ?",
          {next, error.to_string(), projection.name}));
      return {};
    });
  }

  // A refused batch: entries alone until its end; an entry refused alone: set aside.
  Result<void> isolate(const Projection& projection, const Progress& progress, const std::vector<OutboxEntry>& batch,
                       const Error& error, PumpReport& report) {
    if (batch.size() > 1) {
      return store_.write([&](Transaction& transaction) -> Result<void> {
        GARRISON_TRY(transaction.execute("UPDATE outbox_projections SET single_until = ?, batch_end = ? WHERE name = ?",
                                         {progress.batch_end, batch.front().id, projection.name}));
        return {};
      });
    }
    const OutboxEntry& bad = batch.front();
    const DateTime next = clock_.now() + kFirstRetry;
    log::error("outbox: '{}' refused entry {} ({} {}): {}", projection.name, bad.id, bad.topic, bad.key,
               error.to_string());
    ++report.num_set_aside;
    wait_until(report, next);
    return store_.write([&](Transaction& transaction) -> Result<void> {
      GARRISON_TRY(transaction.execute(
          "INSERT INTO outbox_set_aside VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
          {projection.name, bad.id, bad.topic, bad.workspace, bad.key, next, error.to_string()}));
      GARRISON_TRY(transaction.execute("UPDATE outbox_projections SET position = ?, last_error = ? WHERE name = ?",
                                       {progress.batch_end, error.to_string(), projection.name}));
      return {};
    });
  }

  // Tries the oldest entry of each key that was set aside, where its time has come.
  Result<void> retry_set_aside(const Projection& projection, PumpReport& report) {
    struct Waiting {
      OutboxEntry entry;
      std::int64_t num_attempts;
      DateTime next_try;
    };
    std::int64_t after = 0;
    for (;;) {
      GARRISON_ASSIGN(const auto waiting, store_.read([&](Transaction& transaction) {
        return transaction.query_one(
            "SELECT o.id, o.topic, o.workspace, o.key, o.payload, o.created, a.num_attempts, a.next_try "
            "FROM outbox_set_aside a JOIN outbox o ON o.id = a.id WHERE a.projection = ? AND a.id > ? AND NOT EXISTS "
            "(SELECT 1 FROM outbox_set_aside b WHERE b.projection = a.projection AND b.topic = a.topic AND "
            "b.workspace = a.workspace AND b.key = a.key AND b.id < a.id) ORDER BY a.id LIMIT 1",
            {projection.name, after}, [](const Row& row) { return Waiting{entry_of(row), row.integer(6), row.time(7)}; });
      }));
      if (!waiting) return {};
      after = waiting->entry.id;
      if (waiting->next_try > clock_.now()) {
        wait_until(report, waiting->next_try);
        continue;
      }
      const Result<void> done = deliver(projection, std::span(&waiting->entry, 1));
      if (done.ok()) {
        ++report.num_delivered;
        GARRISON_TRY(remove_set_aside(projection.name, waiting->entry.id));
        // The next of its key is now the oldest; ids before this one have been seen.
        continue;
      }
      report.last_error = done.error();
      const DateTime next = clock_.now() + back_off(kFirstRetry, kMaxRetry, waiting->num_attempts + 1);
      wait_until(report, next);
      GARRISON_TRY(store_.write([&](Transaction& transaction) -> Result<void> {
        GARRISON_TRY(transaction.execute("UPDATE outbox_set_aside SET num_attempts = num_attempts + 1, next_try = ?, "
                                         "error = ? WHERE projection = ? AND id = ?",
                                         {next, done.error().to_string(), projection.name, waiting->entry.id}));
        return {};
      }));
    }
  }

  // Deletes what every projection of its topic has taken. Entries of a topic without projections wait for one.
  Result<void> trim() {
    return store_.write([](Transaction& transaction) -> Result<void> {
      GARRISON_TRY(transaction.execute(
          "DELETE FROM outbox WHERE id <= (SELECT min(p.position) FROM outbox_subscriptions s JOIN outbox_projections p "
          "ON p.name = s.projection WHERE s.topic = outbox.topic) AND id NOT IN (SELECT id FROM outbox_set_aside)"));
      return {};
    });
  }

 public:
  Result<void> remove_set_aside(std::string_view projection, std::int64_t id) {
    return store_.write([&](Transaction& transaction) -> Result<void> {
      GARRISON_ASSIGN(const std::int64_t removed, transaction.execute(
          "DELETE FROM outbox_set_aside WHERE projection = ? AND id = ?", {projection, id}));
      if (removed == 0) return not_found("STATE-0021", fmt::format("'{}' set no entry {} aside", projection, id));
      return {};
    });
  }

  Store& store_;
  const Clock& clock_;

 private:
  static void wait_until(PumpReport& report, DateTime at) {
    report.retry_at = report.retry_at ? std::min(*report.retry_at, at) : at;
  }

  std::atomic<bool> is_pumping_ = false;
  Mutex mutex_;
  std::function<void()> listener_ GARRISON_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const Projection>> projections_ GARRISON_GUARDED_BY(mutex_);
};

Outbox::Outbox(Store& store, const Clock& clock) : impl_(std::make_unique<Impl>(store, clock)) {}
Outbox::~Outbox() = default;

Result<std::int64_t> Outbox::add(Transaction& transaction, std::string_view topic, const WorkspaceId& workspace,
                                 std::string_view key, std::string_view payload) {
  GARRISON_ASSIGN(const auto id, transaction.query_one(
      "INSERT INTO outbox (topic, workspace, key, payload, created) VALUES (?, ?, ?, ?, ?) RETURNING id",
      {topic, workspace, key, payload, impl_->clock_.now()}, [](const Row& row) { return row.integer(0); }));
  transaction.after_commit([impl = impl_.get()] { impl->notify(); });
  return *id;
}

void Outbox::set_listener(std::function<void()> listener) { impl_->set_listener(std::move(listener)); }

Result<void> Outbox::register_projection(Projection projection) { return impl_->add_projection(std::move(projection)); }

Result<PumpReport> Outbox::pump() { return impl_->pump(); }

Result<std::int64_t> Outbox::backlog(std::string_view projection) {
  return impl_->store_.read([&](Transaction& transaction) -> Result<std::int64_t> {
    GARRISON_ASSIGN(const auto known, transaction.query_one("SELECT 1 FROM outbox_projections WHERE name = ?",
                                                            {projection}, [](const Row&) { return true; }));
    if (!known) return not_found("STATE-0020", fmt::format("no projection '{}'", projection));
    GARRISON_ASSIGN(const auto waiting, transaction.query_one(
        fmt::format("SELECT (SELECT count(*) FROM outbox WHERE id > (SELECT position FROM outbox_projections WHERE name = "
                    "?) AND {} AND id NOT IN (SELECT id FROM outbox_set_aside WHERE projection = ?)) + "
                    "(SELECT count(*) FROM outbox_set_aside WHERE projection = ?)", kSubscribed),
        {projection, projection, projection, projection}, [](const Row& row) { return row.integer(0); }));
    return *waiting;
  });
}

Result<std::vector<SetAside>> Outbox::set_aside() {
  return impl_->store_.read([](Transaction& transaction) {
    return transaction.query_all(
        "SELECT o.id, o.topic, o.workspace, o.key, o.payload, o.created, a.projection, a.num_attempts, a.next_try, "
        "a.error FROM outbox_set_aside a JOIN outbox o ON o.id = a.id ORDER BY a.projection, a.id", {},
        [](const Row& row) {
          return SetAside{row.string(6), entry_of(row), static_cast<int>(row.integer(7)), row.time(8), row.string(9)};
        });
  });
}

Result<void> Outbox::discard(std::string_view projection, std::int64_t id) {
  return impl_->remove_set_aside(projection, id);
}

Result<void> Outbox::forget(std::string_view projection) {
  return impl_->store_.write([&](Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute("DELETE FROM outbox_set_aside WHERE projection = ?", {projection}));
    GARRISON_TRY(transaction.execute("DELETE FROM outbox_projections WHERE name = ?", {projection}));
    return {};
  });
}

}  // namespace garrison::state
