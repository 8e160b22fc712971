// SPDX-License-Identifier: Apache-2.0
#include "state/store.h"

#include <fmt/format.h>

#include <thread>
#include <utility>
#include <vector>

#include "base/disk.h"
#include "base/log.h"
#include "base/mutex.h"
#include "state/outbox_schema.h"
#include "state/sqlite_connection.h"

namespace garrison::state {
namespace {

// Calls a caller's function; what it throws becomes an error, for nothing may pass the border of the library.
Result<void> call(const std::function<Result<void>(Transaction&)>& function, Transaction& transaction) {
  try {
    return function(transaction);
  } catch (const CheckFailed& failed) {
    return bug(failed.text);
  } catch (const std::bad_alloc&) {
    return exhausted("STATE-0004", "out of memory in a transaction");
  } catch (const std::exception& thrown) {
    return bug(fmt::format("a transaction threw: {}", thrown.what()));
  }
}

void run_after_commit(Transaction& transaction) {
  for (const auto& action : transaction.take_after_commit()) {
    try {
      action();
    } catch (const std::exception& thrown) {
      log::error("an action after a commit threw: {}", thrown.what());
    } catch (const CheckFailed&) {
      // Logged where it was raised; the commit stands.
    }
  }
}

}  // namespace

class Store::Impl {
 public:
  Impl(std::string path, StoreOptions options) : path_(std::move(path)), options_(std::move(options)) {}

  Result<void> open(std::span<const MigrationSet> migrations, DateTime now) {
    if (options_.vfs.empty()) {
      // SQLite would create it readable for all; its log files take the mode of the database.
      GARRISON_TRY(SystemDisk().open(path_, OpenMode::kReadWrite));
    }
    GARRISON_ASSIGN(writer_, SqliteConnection::open(path_, options_));
    std::vector<MigrationSet> sets = {outbox_migrations()};
    sets.insert(sets.end(), migrations.begin(), migrations.end());
    return write([&](Transaction& transaction) { return migrate(transaction, sets, now); });
  }

  Result<void> write(const std::function<Result<void>(Transaction&)>& function) {
    GARRISON_TRY(take_writer());
    return write_with(function);
  }

  Result<void> read(const std::function<Result<void>(Transaction&)>& function) {
    if (!options_.vfs.empty()) {
      GARRISON_TRY(take_writer());
      Result<void> done = read_with(*writer_, function);
      give_writer();
      return done;
    }
    GARRISON_ASSIGN(std::unique_ptr<SqliteConnection> reader, take_reader());
    Result<void> done = read_with(*reader, function);
    give_reader(std::move(reader));
    return done;
  }

  std::optional<Error> last_failure() const {
    const Lock lock(mutex_);
    return last_failure_;
  }

 private:
  Result<void> write_with(const std::function<Result<void>(Transaction&)>& function) {
    Transaction transaction(*writer_);
    Result<void> done = writer_->begin(false);
    if (done.ok()) {
      done = call(function, transaction);
      if (done.ok()) done = writer_->commit();
      if (!done.ok()) writer_->rollback();
    }
    note(done);
    give_writer();
    if (done.ok()) run_after_commit(transaction);
    return done;
  }

  static Result<void> read_with(SqliteConnection& reader, const std::function<Result<void>(Transaction&)>& function) {
    Transaction transaction(reader);
    GARRISON_TRY(reader.begin(true));
    Result<void> done = call(function, transaction);
    reader.rollback();
    return done;
  }

  // Remembers failures of the disk, not those of callers.
  void note(const Result<void>& done) {
    const Lock lock(mutex_);
    if (done.ok()) {
      last_failure_.reset();
    } else if (done.error().code == "STATE-0003" || done.error().code == "STATE-0004" ||
               done.error().code == "STATE-0007") {
      last_failure_ = done.error();
    }
  }

  Result<void> take_writer() {
    const Lock lock(mutex_);
    const std::thread::id self = std::this_thread::get_id();
    if (is_writing_ && writing_thread_ == self) return bug("state: a transaction was begun inside another one");
    while (is_writing_) writer_free_.wait(mutex_);
    is_writing_ = true;
    writing_thread_ = self;
    return {};
  }

  void give_writer() {
    const Lock lock(mutex_);
    is_writing_ = false;
    writing_thread_ = {};
    writer_free_.notify_one();
  }

  Result<std::unique_ptr<SqliteConnection>> take_reader() {
    {
      const Lock lock(mutex_);
      // A thread that reads within a read gets one more, so that nested readers cannot wait for each other.
      while (idle_readers_.empty() && num_readers_ >= options_.max_readers && reading_depth_ == 0) {
        reader_free_.wait(mutex_);
      }
      ++reading_depth_;
      if (!idle_readers_.empty()) {
        std::unique_ptr<SqliteConnection> reader = std::move(idle_readers_.back());
        idle_readers_.pop_back();
        return reader;
      }
      ++num_readers_;
    }
    Result<std::unique_ptr<SqliteConnection>> opened = SqliteConnection::open(path_, options_);
    if (!opened.ok()) give_reader(nullptr);
    return opened;
  }

  void give_reader(std::unique_ptr<SqliteConnection> reader) {
    const Lock lock(mutex_);
    --reading_depth_;
    if (reader != nullptr && num_readers_ <= options_.max_readers) {
      idle_readers_.push_back(std::move(reader));
    } else {
      --num_readers_;
    }
    reader_free_.notify_one();
  }

  static thread_local int reading_depth_;

  const std::string path_;
  const StoreOptions options_;
  std::unique_ptr<SqliteConnection> writer_;  // used by the thread that took it
  mutable Mutex mutex_;
  Condition writer_free_;
  Condition reader_free_;
  bool is_writing_ GARRISON_GUARDED_BY(mutex_) = false;
  std::thread::id writing_thread_ GARRISON_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_ GARRISON_GUARDED_BY(mutex_);
  std::size_t num_readers_ GARRISON_GUARDED_BY(mutex_) = 0;
  std::optional<Error> last_failure_ GARRISON_GUARDED_BY(mutex_);
};

thread_local int Store::Impl::reading_depth_ = 0;

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& path, const StoreOptions& options,
                                           std::span<const MigrationSet> migrations, const Clock& clock) {
  auto impl = std::make_unique<Impl>(path, options);
  GARRISON_TRY(impl->open(migrations, clock.now()));
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<void> Store::run_in_transaction(Access access, const std::function<Result<void>(Transaction&)>& function) {
  return access == Access::kWrite ? impl_->write(function) : impl_->read(function);
}

std::optional<Error> Store::last_failure() const { return impl_->last_failure(); }

Result<void> Store::verify() {
  return read([](Transaction& transaction) -> Result<void> {
    for (const char* const check : {"PRAGMA integrity_check(1)", "PRAGMA foreign_key_check"}) {
      GARRISON_TRY(transaction.query(check, {}, [&](const Row& row) -> Result<void> {
        if (row.text(0) == "ok") return {};
        return corrupt("STATE-0003", fmt::format("the database is damaged; restore a backup: {}", row.text(0)));
      }));
    }
    return {};
  });
}

}  // namespace garrison::state
