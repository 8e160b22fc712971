// SPDX-License-Identifier: Apache-2.0
// What a statement can reach inside the engine child: tried with raw SQL, as an attacker in control of it would.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/test_engine.h"

namespace garrison::engine {
namespace {

class Sandbox : public testing::Test {
 protected:
  static void TearDownTestSuite() { harness_.reset(); }
  void SetUp() override {
    if (const std::string reason = TestEngine::why_not(); !reason.empty()) GTEST_SKIP() << reason;
    if (!harness_) harness_ = TestEngine::start(EngineRoute::kChild);
    ASSERT_NE(harness_, nullptr);
  }

  // Runs any statement; the error's text, or "" when it worked.
  static std::string failure(const std::string& sql) {
    Statement statement;
    statement.sql = sql;
    const auto done = harness_->engine().execute(statement);
    return done.ok() ? "" : done.error().message;
  }
  static bool mentions(const std::string& text, std::initializer_list<const char*> any) {
    for (const char* part : any) {
      if (text.find(part) != std::string::npos) return true;
    }
    return false;
  }

  static inline std::unique_ptr<TestEngine> harness_;
};

TEST_F(Sandbox, ReadsNoFileOutsideItsFolder) {
  TestFolder outside;
  const std::string secret = outside.path() + "/secret.txt";
  std::ofstream(secret) << "secret\n";
  for (const std::string& path : {secret, std::string("/etc/passwd"), std::string("/etc/hostname")}) {
    const std::string text = failure("SELECT * FROM file('" + path + "', 'LineAsString')");
    EXPECT_TRUE(mentions(text, {"Permission denied", "errno: 13", "DATABASE_ACCESS_DENIED", "CANNOT_OPEN_FILE"}))
        << path << ": " << text;
  }
  // Over a link inside its own folder, too.
  const std::string data = harness_->data_folder();
  std::filesystem::create_directories(data + "/user_files");
  std::filesystem::create_symlink(secret, data + "/user_files/link.txt");
  EXPECT_NE(failure("SELECT * FROM file('" + data + "/user_files/link.txt', 'LineAsString')"), "");
}

TEST_F(Sandbox, WritesNoFileOutsideItsFolder) {
  TestFolder outside;
  const std::string target = outside.path() + "/out.csv";
  EXPECT_NE(failure("INSERT INTO FUNCTION file('" + target + "', 'CSV', 'a Int32') SELECT 1"), "");
  EXPECT_NE(failure("SELECT 1 INTO OUTFILE '" + target + "' FORMAT CSV"), "");
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Sandbox, ReachesNoNetwork) {
  // A listener that must not be reached.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  socklen_t length = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  const std::string place = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  const std::string settings = " SETTINGS http_max_tries = 1, connections_with_failover_max_tries = 1";
  EXPECT_NE(failure("SELECT * FROM url('http://" + place + "/x', 'LineAsString')" + settings), "");
  EXPECT_NE(failure("SELECT * FROM remote('" + place + "', 'system', 'one')" + settings), "");
  EXPECT_NE(failure("SELECT * FROM url('http://example.invalid/x', 'LineAsString')" + settings), "");
  EXPECT_EQ(::accept(listener, nullptr, nullptr), -1) << "the engine connected";
  ::close(listener);
}

TEST_F(Sandbox, StartsNoProgram) {
  TestFolder outside;
  const std::string target = outside.path() + "/made";
  EXPECT_NE(failure("SELECT * FROM executable('touch " + target + "', 'TSV', 'a String')"), "");
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Sandbox, ProcessIsHardened) {
  const int process = harness_->supervisor()->health().process_id;
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  const std::string text((std::istreambuf_iterator<char>(status)), {});
  EXPECT_NE(text.find("NoNewPrivs:\t1"), std::string::npos) << text;
  EXPECT_NE(text.find("Seccomp:\t2"), std::string::npos) << text;
  std::ifstream file("/proc/" + std::to_string(process) + "/environ");
  const std::string environment((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(environment.find('='), std::string::npos) << environment;
  // Every thread, not only the first.
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream one(task.path() / "status");
    const std::string thread((std::istreambuf_iterator<char>(one)), {});
    if (thread.empty()) continue;  // it has ended
    EXPECT_NE(thread.find("Seccomp:\t2"), std::string::npos) << task.path();
  }
}

TEST_F(Sandbox, SocketIsForTheOwnerOnly) {
  struct stat status{};
  ASSERT_EQ(::stat(harness_->supervisor()->socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

// The engine still does its own work: merges, spills to disk, new threads.
TEST_F(Sandbox, WorkGoesOn) {
  EXPECT_EQ(failure("CREATE DATABASE IF NOT EXISTS work"), "");
  EXPECT_EQ(failure("CREATE OR REPLACE TABLE work.t (a Int64, s String) ENGINE = MergeTree ORDER BY a"), "");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(failure("INSERT INTO work.t SELECT number, toString(number) FROM numbers(100000)"), "");
  }
  EXPECT_EQ(failure("OPTIMIZE TABLE work.t FINAL"), "");
  EXPECT_EQ(failure("SELECT s, count() FROM work.t GROUP BY s ORDER BY s LIMIT 10 SETTINGS "
                    "max_bytes_before_external_group_by = 1000000, max_bytes_ratio_before_external_group_by = 0, "
                    "max_bytes_before_external_sort = 1000000, max_bytes_ratio_before_external_sort = 0"),
            "");
  EXPECT_EQ(failure("ALTER TABLE work.t DELETE WHERE a % 2 = 0 SETTINGS mutations_sync = 1"), "");
  EXPECT_EQ(failure("DROP DATABASE work SYNC"), "");
}

}  // namespace
}  // namespace garrison::engine
