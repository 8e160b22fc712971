// SPDX-License-Identifier: Apache-2.0
// The HTTP adapter against a ClickHouse server that is not ours: Debian's 18.16, which knows none of our settings. It
// holds the transport: connect, authenticate, select, insert, errors, compression.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/random.h"
#include "engine/engine_error.h"
#include "engine/http_engine.h"
#include "engine/native_format.h"
#include "engine/test_engine.h"

namespace garrison::engine {
namespace {

using table::Batch;
using table::Kind;
using table::Schema;

const SystemClock kClock;
constexpr const char* kProgram = "/usr/sbin/clickhouse-server";

std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  socklen_t length = sizeof address;
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(probe);
  return ntohs(address.sin_port);
}

class OldServer : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(kProgram)) return;
    folder_ = std::make_unique<TestFolder>();
    port_ = free_port();
    const std::string& path = folder_->path();
    std::ofstream(path + "/config.xml")
        << "<yandex><logger><level>error</level><log>" << path << "/log</log><errorlog>" << path
        << "/errors</errorlog></logger><http_port>" << port_ << "</http_port><listen_host>127.0.0.1</listen_host><path>"
        << path << "/</path><tmp_path>" << path << "/tmp/</tmp_path><user_files_path>" << path
        << "/files/</user_files_path><users_config>" << path
        << "/users.xml</users_config><default_profile>default</default_profile><default_database>default"
           "</default_database><mark_cache_size>5368709120</mark_cache_size></yandex>";
    std::ofstream(path + "/users.xml")
        << "<yandex><profiles><default/><readonly><readonly>1</readonly></readonly></profiles><quotas><default/></quotas>"
           "<users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile>"
           "<quota>default</quota></default><writer><password>p&amp;ss w'rd</password><networks><ip>::/0</ip></networks>"
           "<profile>default</profile><quota>default</quota></writer><reader><password>r</password><networks>"
           "<ip>::/0</ip></networks><profile>readonly</profile><quota>default</quota></reader></users></yandex>";
    const std::string config = "--config-file=" + path + "/config.xml";
    char* arguments[] = {const_cast<char*>(kProgram), const_cast<char*>(config.c_str()), nullptr};
    char* environment[] = {nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (::posix_spawn(&process_, kProgram, &actions, nullptr, arguments, environment) != 0) process_ = 0;
    posix_spawn_file_actions_destroy(&actions);
    const std::int64_t deadline = kClock.monotonic_ticks() + 60 * kTicksPerSecond;
    const auto probe = engine("", "");
    while (process_ != 0 && !probe->ping().ok() && kClock.monotonic_ticks() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  static void TearDownTestSuite() {
    if (process_ != 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
    folder_.reset();
  }

  void SetUp() override {
    if (!std::filesystem::exists(kProgram)) GTEST_SKIP() << kProgram << " is not installed";
    const auto answer = engine("", "")->ping();
    ASSERT_TRUE(answer.ok()) << answer.error().to_string();
  }

  static std::unique_ptr<HttpEngine> engine(const std::string& user, const std::string& password,
                                            net::Encoding compression = net::Encoding::kIdentity) {
    static SystemRandom random;
    HttpEngineOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(port_) + "/";
    options.user = user;
    options.password = Secret(password);
    options.compression = compression;
    options.sends_settings = false;
    options.retry_time = {0};
    return std::make_unique<HttpEngine>(std::move(options), kClock, random);
  }

  static void execute(Engine& on, const std::string& sql) {
    Statement statement;
    statement.sql = sql;
    const auto done = on.execute(statement);
    ASSERT_TRUE(done.ok()) << sql << ": " << done.error().to_string();
  }

  static Result<Statistics> select(Engine& on, const std::string& sql, const Schema& schema, std::vector<Batch>& out,
                                   const Budget& budget = {}) {
    Statement statement;
    statement.sql = sql;
    return on.query(statement, schema, budget, [&](Batch&& batch) -> Result<void> {
      out.push_back(std::move(batch));
      return {};
    });
  }

  static inline std::unique_ptr<TestFolder> folder_;
  static inline pid_t process_ = 0;
  static inline std::uint16_t port_ = 0;
};

TEST_F(OldServer, Authenticates) {
  EXPECT_TRUE(engine("writer", "p&ss w'rd")->version().ok());
  EXPECT_EQ(engine("writer", "wrong")->version().error().kind, ErrorKind::kDenied);
  EXPECT_EQ(engine("nobody", "x")->version().error().kind, ErrorKind::kDenied);
  const auto version = engine("", "")->version();
  ASSERT_TRUE(version.ok());
  EXPECT_TRUE(version->starts_with("18.16.")) << *version;
}

TEST_F(OldServer, InsertsAndSelects) {
  for (const net::Encoding compression : {net::Encoding::kIdentity, net::Encoding::kGzip}) {
    const auto on = engine("writer", "p&ss w'rd", compression);
    execute(*on, "DROP TABLE IF EXISTS default.t");
    execute(*on, "CREATE TABLE default.t (`a b` Nullable(Int64), s String, r Float64) ENGINE = MergeTree ORDER BY s");
    const Schema schema{{{"a b", Kind::kLong}, {"s", Kind::kString}, {"r", Kind::kReal}}};
    Batch batch(schema);
    for (int i = 0; i < 100'000; ++i) {
      if (i % 10 == 0) {
        batch.columns[0].append_null();
      } else {
        batch.columns[0].append_integer(i);
      }
      batch.columns[1].append_text("text \n" + std::to_string(i));
      batch.columns[2].append_real(i / 2.0);
    }
    std::string native;
    const table::Nullability nullability[] = {table::Nullability::kNullable, table::Nullability::kNullable,
                                              table::Nullability::kNotNull};
    ASSERT_TRUE(encode_native(native, batch, nullability).ok());
    const auto inserted = on->insert({"default.t", {"a b", "s", "r"}, native, ""});
    ASSERT_TRUE(inserted.ok()) << inserted.error().to_string();
    std::vector<Batch> rows;
    const auto done = select(*on, "SELECT `a b`, s, r FROM default.t ORDER BY r", schema, rows);
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_EQ(done->num_rows, 100'000u);
    ASSERT_FALSE(rows.empty());
    EXPECT_TRUE(rows[0].columns[0].is_null(0));
    EXPECT_EQ(rows[0].columns[1].text(7), "text \n7");
    EXPECT_EQ(rows[0].columns[2].real(7), 3.5);
  }
}

TEST_F(OldServer, LimitsCutOnThisSide) {
  Budget budget;
  budget.max_result_rows = 10;
  std::vector<Batch> rows;
  const auto done = select(*engine("", ""), "SELECT toInt64(number) FROM system.numbers", Schema{{{"n", Kind::kLong}}},
                           rows, budget);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  EXPECT_TRUE(done->truncated);
  EXPECT_EQ(done->num_rows, 10u);
}

TEST_F(OldServer, ErrorsHaveKinds) {
  const auto on = engine("", "");
  const Schema schema{{{"n", Kind::kLong}}};
  std::vector<Batch> rows;
  EXPECT_EQ(select(*on, "SELECT nosuch", schema, rows).error().code, "ENGINE-0003");
  EXPECT_EQ(select(*on, "SELECT FROM (", schema, rows).error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(select(*on, "SELECT n FROM default.nosuch", schema, rows).error().code, "ENGINE-0009");
  EXPECT_EQ(select(*on, "SELECT 'text'", schema, rows).error().code, "ENGINE-0021");
  EXPECT_EQ(on->insert({"default.nosuch", {"n"}, "", ""}).error().kind, ErrorKind::kNotFound);
  Statement create;
  create.sql = "CREATE TABLE default.denied (n Int64) ENGINE = Memory";
  EXPECT_EQ(engine("reader", "r")->execute(create).error().kind, ErrorKind::kDenied);
}

// The server has sent rows, and a 200, when it fails.
TEST_F(OldServer, LateErrorsAreErrors) {
  Budget budget;
  budget.max_result_rows = 100'000'000;
  std::vector<Batch> rows;
  const auto done = select(*engine("", ""), "SELECT toInt64(number + throwIf(number = 5000000)) FROM system.numbers",
                           Schema{{{"n", Kind::kLong}}}, rows, budget);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "ENGINE-0003") << done.error().to_string();
  EXPECT_FALSE(rows.empty());
}

TEST_F(OldServer, CancelById) {
  const auto on = engine("", "");
  Statement statement;
  statement.sql = "SELECT toInt64(count()) FROM system.numbers WHERE number < 0";
  statement.query_id = "old-server-cancel";
  std::thread other([&] {
    std::vector<Batch> rows;
    do {
      rows.clear();
      EXPECT_TRUE(select(*engine("", ""), "SELECT query_id FROM system.processes WHERE query_id = 'old-server-cancel'",
                         Schema{{{"id", Kind::kString}}}, rows)
                      .ok());
    } while (rows.empty());
    // From an adapter that does not run it itself.
    EXPECT_TRUE(engine("", "")->cancel("old-server-cancel").ok());
  });
  const auto done =
      on->query(statement, Schema{{{"n", Kind::kLong}}}, Budget{}, [](Batch&&) -> Result<void> { return {}; }, nullptr);
  other.join();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, kCancelledCode) << done.error().to_string();
}

}  // namespace
}  // namespace garrison::engine
