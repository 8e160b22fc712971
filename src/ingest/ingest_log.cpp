// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest_log.h"

#include <fmt/core.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "base/text.h"
#include "ingest/log_payload.h"
#include "state/sqlite_disk_vfs.h"
#include "state/store.h"

namespace garrison::ingest {
namespace {

constexpr int kPageBytes = 16 << 10;

const state::MigrationSet& migrations() {
  static const state::MigrationSet set{"ingest_log", {{1, "entries, plans, damaged entries", R"sql(
CREATE TABLE ingest_log (uuid TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
CREATE TABLE ingest_entry (
  position INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, table_name TEXT NOT NULL, day INTEGER NOT NULL,
  num_rows INTEGER NOT NULL, num_bytes INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
CREATE TABLE ingest_plan (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, table_name TEXT NOT NULL, day INTEGER NOT NULL,
  positions TEXT NOT NULL) STRICT;
CREATE TABLE ingest_damaged (position INTEGER PRIMARY KEY, found INTEGER NOT NULL, reason TEXT NOT NULL, payload BLOB) STRICT;
)sql"}}};
  return set;
}

// "12-15,18"
std::string print_positions(const std::vector<LogPosition>& positions) {
  std::string out;
  for (std::size_t i = 0; i < positions.size();) {
    std::size_t end = i + 1;
    while (end < positions.size() && positions[end] == positions[end - 1] + 1) ++end;
    if (!out.empty()) out += ',';
    out += end - i > 1 ? fmt::format("{}-{}", positions[i], positions[end - 1]) : fmt::format("{}", positions[i]);
    i = end;
  }
  return out;
}

Result<std::vector<LogPosition>> parse_positions(std::string_view text) {
  std::vector<LogPosition> positions;
  const auto broken = corrupt("INGEST-0025", "a plan of the ingest log is damaged: its positions are no list");
  const auto number = [](std::string_view digits, LogPosition& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value > 0;
  };
  for (const std::string_view range : text::split(text, ',')) {
    const std::size_t dash = range.find('-');
    LogPosition first = 0;
    if (!number(range.substr(0, dash), first)) return broken;
    LogPosition last = first;
    if (dash != std::string_view::npos && !number(range.substr(dash + 1), last)) return broken;
    if (last < first || last - first > 1'000'000) return broken;
    for (LogPosition position = first; position <= last; ++position) positions.push_back(position);
  }
  return positions;
}

}  // namespace

class IngestLog::Impl {
 public:
  using Appended = Result<std::vector<LogEntry>>;

  Impl(Disk& disk, IngestLogOptions options, const Clock& clock)
      : disk_(disk), options_(options), clock_(clock), vfs_(disk) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
    }
    wake_.notify_all();
    if (committer_.joinable()) committer_.join();
  }

  Result<void> open(const std::string& path, Random& random) {
    const std::size_t slash = path.rfind('/');
    folder_ = slash == std::string::npos ? "." : path.substr(0, slash);
    state::StoreOptions store_options;
    store_options.vfs = vfs_.name();
    store_options.page_bytes = kPageBytes;
    GARRISON_ASSIGN(store_, state::Store::open(path, store_options, std::span(&migrations(), 1), clock_));
    GARRISON_TRY(store_->write([&](state::Transaction& transaction) -> Result<void> {
      GARRISON_ASSIGN(auto uuid, transaction.query_one("SELECT uuid FROM ingest_log", {},
                                                       [](const state::Row& row) { return row.string(0); }));
      uuid_ = uuid.value_or(random.guid());
      if (!uuid)
        GARRISON_TRY(
            transaction.execute("INSERT INTO ingest_log (uuid, created) VALUES (?, ?)", {uuid_, clock_.now()}));
      GARRISON_TRY(transaction.query("SELECT count(*), coalesce(sum(length(payload)), 0) FROM ingest_entry", {},
                                     [&](const state::Row& row) -> Result<void> {
                                       num_entries_ = static_cast<std::uint64_t>(row.integer(0));
                                       num_bytes_ = static_cast<std::uint64_t>(row.integer(1));
                                       return {};
                                     }));
      return transaction.query("SELECT count(*) FROM ingest_damaged", {}, [&](const state::Row& row) -> Result<void> {
        num_damaged_ = static_cast<std::uint64_t>(row.integer(0));
        return {};
      });
    }));
    committer_ = std::thread([this] { run(); });
    return {};
  }

  std::future<Appended> append(std::vector<LogRecord> records) {
    Pending pending;
    pending.records = std::move(records);
    std::future<Appended> future = pending.done.get_future();
    for (const LogRecord& record : pending.records) {
      Result<std::string> payload = pack_payload(header_of(record), *record.native);
      if (!payload) {
        pending.done.set_value(payload.error());
        return future;
      }
      pending.num_bytes += payload->size();
      pending.payloads.push_back(std::move(*payload));
    }
    {
      const std::lock_guard lock(mutex_);
      if (num_bytes_ + queued_bytes_ + pending.num_bytes > options_.max_bytes || is_disk_full_) {
        pending.done.set_value(exhausted(
            "INGEST-0021", is_disk_full_ ? "the disk of the ingest log is nearly full; try again later"
                                         : "the ingest log is full; try again once the engine has caught up"));
        return future;
      }
      queued_bytes_ += pending.num_bytes;
      queue_.push_back(std::move(pending));
    }
    wake_.notify_one();
    return future;
  }

  void set_listener(Listener listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }

  state::Store& store() { return *store_; }
  DateTime now() const { return clock_.now(); }
  const std::string& uuid() const { return uuid_; }
  static PayloadHeader header_of(const auto& entry) {
    return {entry.workspace.value, entry.table, entry.day, entry.num_rows};
  }

  Result<LogEntry> insert_entry(state::Transaction& transaction, const LogRecord& record, std::string_view payload) {
    LogEntry entry{0, record.workspace, record.table, record.day, record.num_rows, record.native->size()};
    GARRISON_TRY(transaction.query(
        "INSERT INTO ingest_entry (workspace, table_name, day, num_rows, num_bytes, payload) VALUES (?, ?, ?, ?, ?, ?) "
        "RETURNING position",
        {entry.workspace, entry.table, entry.day, entry.num_rows, entry.num_bytes, state::Blob{payload}},
        [&](const state::Row& row) -> Result<void> {
          entry.position = row.integer(0);
          return {};
        }));
    return entry;
  }

  void count(std::int64_t entries, std::int64_t bytes) {
    const std::lock_guard lock(mutex_);
    num_entries_ += static_cast<std::uint64_t>(entries);
    num_bytes_ += static_cast<std::uint64_t>(bytes);
  }
  void count_damaged() {
    const std::lock_guard lock(mutex_);
    ++num_damaged_;
  }
  void tell(std::span<const LogEntry> entries, std::span<const LogRecord> records) {
    Listener listener;
    {
      const std::lock_guard lock(mutex_);
      listener = listener_;
    }
    if (listener && !entries.empty()) listener(entries, records);
  }

  IngestLogFigures figures() const {
    const std::lock_guard lock(mutex_);
    return {num_entries_, num_bytes_, num_damaged_, num_commits_, num_rows_, last_failure_};
  }

 private:
  struct Pending {
    std::vector<LogRecord> records;
    std::vector<std::string> payloads;
    std::size_t num_bytes = 0;
    std::promise<Appended> done;
  };

  void run() {
    for (;;) {
      std::vector<Pending> group;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stops_ || !queue_.empty(); });
        if (queue_.empty()) return;
        wake_.wait_for(lock, options_.max_delay, [&] { return stops_ || queued_bytes_ >= options_.commit_bytes; });
        std::size_t bytes = 0;
        // Bounded, so that a long queue does not make one endless transaction.
        while (!queue_.empty() && bytes < 16 * options_.commit_bytes) {
          bytes += queue_.front().num_bytes;
          group.push_back(std::move(queue_.front()));
          queue_.pop_front();
        }
        queued_bytes_ -= bytes;
      }
      commit(group);
    }
  }

  void commit(std::vector<Pending>& group) {
    std::vector<std::vector<LogEntry>> entries(group.size());
    std::int64_t num_bytes = 0;
    std::int64_t num_entries = 0;
    std::uint64_t num_rows = 0;
    const Result<void> done = store_->write([&](state::Transaction& transaction) -> Result<void> {
      for (std::size_t i = 0; i < group.size(); ++i) {
        for (std::size_t j = 0; j < group[i].records.size(); ++j) {
          GARRISON_ASSIGN(LogEntry entry, insert_entry(transaction, group[i].records[j], group[i].payloads[j]));
          num_bytes += static_cast<std::int64_t>(group[i].payloads[j].size());
          num_rows += entry.num_rows;
          ++num_entries;
          entries[i].push_back(std::move(entry));
        }
      }
      return {};
    });
    const Result<std::uint64_t> free_bytes = disk_.free_bytes(folder_);
    bool is_first_failure = false;
    {
      const std::lock_guard lock(mutex_);
      is_disk_full_ = free_bytes && *free_bytes < options_.min_free_bytes;
      if (done) {
        num_entries_ += static_cast<std::uint64_t>(num_entries);
        num_bytes_ += static_cast<std::uint64_t>(num_bytes);
        num_rows_ += num_rows;
        ++num_commits_;
        last_failure_.reset();
      } else {
        is_first_failure = !last_failure_.has_value();
        last_failure_ = done.error();
      }
    }
    if (!done && is_first_failure)
      log::warning("ingest log: {}; nothing is acknowledged until it works again", done.error().to_string());
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!done) {
        group[i].done.set_value(done.error());
        continue;
      }
      tell(entries[i], group[i].records);
      group[i].done.set_value(std::move(entries[i]));
    }
  }

  Disk& disk_;
  const IngestLogOptions options_;
  const Clock& clock_;
  state::SqliteDiskVfs vfs_;
  std::unique_ptr<state::Store> store_;
  std::string folder_;
  std::string uuid_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Pending> queue_;
  std::size_t queued_bytes_ = 0;
  bool stops_ = false;
  bool is_disk_full_ = false;
  Listener listener_;
  std::uint64_t num_entries_ = 0;
  std::uint64_t num_bytes_ = 0;
  std::uint64_t num_damaged_ = 0;
  std::uint64_t num_commits_ = 0;
  std::uint64_t num_rows_ = 0;
  std::optional<Error> last_failure_;
  std::thread committer_;
};

IngestLog::IngestLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IngestLog::~IngestLog() = default;

Result<std::unique_ptr<IngestLog>> IngestLog::open(Disk& disk, const std::string& path, IngestLogOptions options,
                                                   Random& random, const Clock& clock) {
  auto impl = std::make_unique<Impl>(disk, options, clock);
  GARRISON_TRY(impl->open(path, random));
  return std::unique_ptr<IngestLog>(new IngestLog(std::move(impl)));
}

std::future<Result<std::vector<LogEntry>>> IngestLog::append_later(std::vector<LogRecord> records) {
  return impl_->append(std::move(records));
}

Result<std::vector<LogEntry>> IngestLog::append(std::vector<LogRecord> records) {
  if (records.empty()) return std::vector<LogEntry>();
  return impl_->append(std::move(records)).get();
}

void IngestLog::set_listener(Listener listener) {
  impl_->set_listener(std::move(listener));
}

Result<std::vector<LogEntry>> IngestLog::entries() {
  return impl_->store().read([](state::Transaction& transaction) {
    return transaction.query_all(
        "SELECT position, workspace, table_name, day, num_rows, num_bytes FROM ingest_entry ORDER BY position", {},
        [](const state::Row& row) {
          return LogEntry{row.integer(0),
                          WorkspaceId(row.string(1)),
                          row.string(2),
                          static_cast<std::int32_t>(row.integer(3)),
                          static_cast<std::uint32_t>(row.integer(4)),
                          static_cast<std::uint64_t>(row.integer(5))};
        });
  });
}

Result<std::vector<InsertPlan>> IngestLog::plans() {
  std::vector<InsertPlan> plans;
  GARRISON_TRY(impl_->store().read([&](state::Transaction& transaction) {
    return transaction.query("SELECT id, workspace, table_name, day, positions FROM ingest_plan ORDER BY id", {},
                             [&](const state::Row& row) -> Result<void> {
                               GARRISON_ASSIGN(auto positions, parse_positions(row.text(4)));
                               plans.push_back({row.integer(0), fmt::format("{}-{}", impl_->uuid(), row.integer(0)),
                                                WorkspaceId(row.string(1)), row.string(2),
                                                static_cast<std::int32_t>(row.integer(3)), std::move(positions)});
                               return {};
                             });
  }));
  return plans;
}

Result<std::string> IngestLog::read(const LogEntry& entry) {
  GARRISON_ASSIGN(const auto payload, impl_->store().read([&](state::Transaction& transaction) {
    return transaction.query_one("SELECT payload FROM ingest_entry WHERE position = ?", {entry.position},
                                 [](const state::Row& row) { return row.string(0); });
  }));
  if (!payload) return corrupt("INGEST-0023", "an entry of the ingest log is gone");
  return unpack_payload(Impl::header_of(entry), *payload);
}

Result<InsertPlan> IngestLog::make_plan(const WorkspaceId& workspace, const std::string& table, std::int32_t day,
                                        std::vector<LogPosition> positions) {
  InsertPlan plan{0, {}, workspace, table, day, std::move(positions)};
  GARRISON_TRY(impl_->store().write([&](state::Transaction& transaction) {
    return transaction.query(
        "INSERT INTO ingest_plan (workspace, table_name, day, positions) VALUES (?, ?, ?, ?) RETURNING id",
        {workspace, table, day, print_positions(plan.positions)}, [&](const state::Row& row) -> Result<void> {
          plan.id = row.integer(0);
          return {};
        });
  }));
  plan.token = fmt::format("{}-{}", impl_->uuid(), plan.id);
  return plan;
}

Result<void> IngestLog::finish_plan(const InsertPlan& plan, std::vector<LogRecord> records) {
  std::vector<std::string> payloads;
  for (const LogRecord& record : records) {
    GARRISON_ASSIGN(std::string payload, pack_payload(Impl::header_of(record), *record.native));
    payloads.push_back(std::move(payload));
  }
  std::int64_t num_bytes = 0;
  std::int64_t num_entries = 0;
  std::vector<LogEntry> added;
  GARRISON_TRY(impl_->store().write([&](state::Transaction& transaction) -> Result<void> {
    for (const LogPosition position : plan.positions)
      GARRISON_TRY(transaction.query("DELETE FROM ingest_entry WHERE position = ? RETURNING length(payload)",
                                     {position}, [&](const state::Row& row) -> Result<void> {
                                       num_bytes -= row.integer(0);
                                       --num_entries;
                                       return {};
                                     }));
    GARRISON_TRY(transaction.execute("DELETE FROM ingest_plan WHERE id = ?", {plan.id}));
    for (std::size_t i = 0; i < records.size(); ++i) {
      GARRISON_ASSIGN(LogEntry entry, impl_->insert_entry(transaction, records[i], payloads[i]));
      num_bytes += static_cast<std::int64_t>(payloads[i].size());
      ++num_entries;
      added.push_back(std::move(entry));
    }
    return {};
  }));
  impl_->count(num_entries, num_bytes);
  impl_->tell(added, records);
  return {};
}

Result<void> IngestLog::drop_plan(const InsertPlan& plan) {
  return impl_->store().write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute("DELETE FROM ingest_plan WHERE id = ?", {plan.id}));
    return {};
  });
}

Result<void> IngestLog::set_damaged(LogPosition position, const std::string& reason) {
  std::int64_t num_bytes = 0;
  std::int64_t num_moved = 0;
  GARRISON_TRY(impl_->store().write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(num_moved,
                    transaction.execute("INSERT OR REPLACE INTO ingest_damaged (position, found, reason, payload) "
                                        "SELECT position, ?, ?, payload FROM ingest_entry WHERE position = ?",
                                        {impl_->now(), reason, position}));
    return transaction.query("DELETE FROM ingest_entry WHERE position = ? RETURNING length(payload)", {position},
                             [&](const state::Row& row) -> Result<void> {
                               num_bytes = row.integer(0);
                               return {};
                             });
  }));
  if (num_moved == 0) return {};
  impl_->count(-1, -num_bytes);
  impl_->count_damaged();
  log::warning("ingest log: entry {} set aside: {}", position, reason);
  return {};
}

Result<void> IngestLog::remove_workspace(const WorkspaceId& workspace) {
  std::int64_t num_bytes = 0;
  std::int64_t num_entries = 0;
  GARRISON_TRY(impl_->store().write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.query("DELETE FROM ingest_entry WHERE workspace = ? RETURNING length(payload)",
                                   {workspace}, [&](const state::Row& row) -> Result<void> {
                                     num_bytes -= row.integer(0);
                                     --num_entries;
                                     return {};
                                   }));
    GARRISON_TRY(transaction.execute("DELETE FROM ingest_plan WHERE workspace = ?", {workspace}));
    return {};
  }));
  impl_->count(num_entries, num_bytes);
  return {};
}

IngestLogFigures IngestLog::figures() const {
  return impl_->figures();
}

}  // namespace garrison::ingest
