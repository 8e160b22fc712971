// SPDX-License-Identifier: Apache-2.0
// Receiver, its HTTP handlers and the file command over them, down to the rows that reach the engine's place.
#include "ingest/receiver.h"

#include <gtest/gtest.h>

#include "base/fault_disk.h"
#include "base/json.h"
#include "ingest/ingest_command.h"
#include "ingest/ingest_http.h"
#include "ingest/table_writer.h"
#include "ingest/test_rows.h"
#include "state/sqlite_disk_vfs.h"
#include "workspace/migrations.h"

namespace garrison::ingest {
namespace {

// No test here asks the engine anything.
class NoEngine final : public engine::Engine {
 public:
  Result<engine::Statistics> query(const engine::Statement&, const table::Schema&, const engine::Budget&,
                                   const engine::BatchSink&, std::shared_ptr<engine::CancelToken>) override {
    return engine::Statistics{};
  }
  Result<void> execute(const engine::Statement&) override { return {}; }
  Result<void> insert(const engine::Insert&) override { return {}; }
  Result<void> cancel(std::string_view) override { return {}; }
  Result<std::string> version() override { return std::string("none"); }
};

class ReceiverTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.make_folder("/d"));
    const std::vector<state::MigrationSet> sets{workspace::migrations()};
    auto store = state::Store::open("/d/state.sqlite", {.vfs = vfs_.name()}, sets, clock_);
    ASSERT_TRUE(store) << store.error().to_string();
    store_ = std::move(*store);
    auto built_in = table::BuiltInTables::open(files_, std::string(GARRISON_SOURCE_DIR) + "/content/tables");
    ASSERT_TRUE(built_in);
    built_in_ = std::move(*built_in);
    tables_ = std::make_unique<workspace::TableStore>(engine_, *store_, *built_in_);
    ASSERT_TRUE(tables_->load());
    auto log = IngestLog::open(disk_, "/d/log.sqlite", {.max_delay = std::chrono::milliseconds(0)}, random_, clock_);
    ASSERT_TRUE(log) << log.error().to_string();
    log_ = std::move(*log);
    writer_ = std::make_unique<TableWriter>(*log_, target_, *built_in_->find("GarrisonRejects"), clock_);
    ASSERT_TRUE(writer_->start());
    receiver_ = std::make_unique<Receiver>(*log_, *tables_, sources_, clock_);
  }

  ReceiveRequest request(const std::string& table, OnReject on_reject = OnReject::kRefuseAll) {
    ReceiveRequest wanted;
    wanted.workspace = WorkspaceId("main");
    wanted.table = table;
    wanted.source = "test";
    wanted.source_kind = "logsIngestion";
    wanted.on_reject = on_reject;
    return wanted;
  }
  net::Response post(const std::string& stream, std::string body, const std::string& version = "2023-01-01") {
    net::Request http;
    http.method = "POST";
    if (!version.empty()) http.query.add("api-version", version);
    http.headers = headers_;
    http.body = std::move(body);
    return handle_stream(*receiver_, WorkspaceId("main"), stream, "token-1", http);
  }
  static std::string code_of(const net::Response& response) {
    return *json::string_at(*json::find(*json::parse(response.body), "error"), "code");
  }
  std::vector<std::string> rows(const std::string& table) {
    EXPECT_TRUE(writer_->flush());
    return target_.rows(table);
  }

  SystemClock clock_;
  SystemRandom random_;
  SystemDisk files_;
  FaultDisk disk_;
  state::SqliteDiskVfs vfs_{disk_};
  NoEngine engine_;
  MemoryTarget target_;
  SourceCounters sources_{clock_};
  net::Headers headers_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<table::BuiltInTables> built_in_;
  std::unique_ptr<workspace::TableStore> tables_;
  std::unique_ptr<IngestLog> log_;
  std::unique_ptr<TableWriter> writer_;
  std::unique_ptr<Receiver> receiver_;
};

TEST_F(ReceiverTest, CustomTableGetsTheColumnsThatArrive) {
  const auto done =
      receiver_->receive(request("App_CL"), R"([{"n":1,"s":"a"},{"n":2.5,"t":"2026-01-02T03:04:05Z","bad name":1}])");
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->num_rows, 2u);
  EXPECT_EQ((*tables_->find(WorkspaceId("main"), "App_CL"))->schema.to_string(),
            "TimeGenerated:datetime, n:real, s:string, t:datetime");
  ASSERT_TRUE(receiver_->receive(request("App_CL"), R"({"n":"text","new":true})"));
  const std::vector<std::string> stored = rows("App_CL");
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_NE(stored[1].find(R"("n":2.5,"t":"2026-01-02T03:04:05.0000000Z","_Extra":{"bad name":1})"), std::string::npos)
      << stored[1];
  EXPECT_NE(stored[2].find(R"("_Extra":{"n":"text"},"new":true})"), std::string::npos) << stored[2];
}

TEST_F(ReceiverTest, RefusesAllOrSkips) {
  const std::string input = "{\"Computer\":\"a\"}\n{broken\n{\"Computer\":\"b\"}\n";
  const auto refused = receiver_->receive(request("Syslog"), input);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "INGEST-0010");
  EXPECT_NE(refused.error().message.find("record 2 at line 2"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(rows("Syslog").empty());
  const auto skipped = receiver_->receive(request("Syslog", OnReject::kSkip), input);
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->num_rows, 2u);
  ASSERT_EQ(skipped->rejects.size(), 1u);
  EXPECT_EQ(skipped->rejects[0].line, 2u);
  EXPECT_EQ(skipped->rejects[0].text, "{broken");
  EXPECT_EQ(rows("Syslog").size(), 2u);
  const auto figures = sources_.list(WorkspaceId("main"));
  ASSERT_EQ(figures.size(), 1u);
  EXPECT_EQ(figures[0].num_events_last_day, 2u);
  EXPECT_EQ(figures[0].num_rejected_last_day, 2u);
  EXPECT_EQ(figures[0].tables, std::set<std::string>{"Syslog"});
}

TEST_F(ReceiverTest, OneRequestMayFillManyTables) {
  ReceiveRequest wanted = request("");
  wanted.mode = TimeMode::kBackfill;
  const auto done = receiver_->receive(wanted, std::string((*find_format("windows-events"))->example));
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->num_rows, 2u);
  EXPECT_EQ(rows("SecurityEvent").size(), 1u);
  EXPECT_EQ(rows("DeviceLogonEvents").size(), 1u);
}

TEST_F(ReceiverTest, SaysWhatIsWrong) {
  EXPECT_EQ(receiver_->receive(request(""), "{\"a\":1}").error().code, "INGEST-0050");
  EXPECT_EQ(receiver_->receive(request("NoSuchTable"), "{\"a\":1}").error().code, "WORKSPACE-0010");
  EXPECT_EQ(receiver_->receive(request("Syslog"), " \n ").error().code, "INGEST-0050");
}

TEST_F(ReceiverTest, LogsIngestionApi) {
  EXPECT_EQ(post("Custom-App_CL", R"([{"a":1}])").status, 204);
  EXPECT_EQ(post("Microsoft-Syslog", R"([{"Computer":"x"}])").status, 204);
  EXPECT_EQ(rows("App_CL").size(), 1u);
  EXPECT_EQ(rows("Syslog").size(), 1u);
  headers_.set("Content-Encoding", "gzip");
  EXPECT_EQ(post("Custom-App_CL", net::compress(net::Encoding::kGzip, R"([{"a":2}])")).status, 204);
  const net::Response damaged = post("Custom-App_CL", "no gzip");
  EXPECT_EQ(damaged.status, 400);
  headers_.set("Content-Encoding", "br");
  EXPECT_EQ(post("Custom-App_CL", "x").status, 415);
  headers_.remove("Content-Encoding");
  EXPECT_EQ(rows("App_CL").size(), 2u);

  const net::Response malformed = post("Custom-App_CL", R"([{"a":1},{"a":])");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(code_of(malformed), "InvalidRequest");
  EXPECT_EQ(code_of(post("App_CL", "[]")), "InvalidRequest");
  EXPECT_EQ(code_of(post("Custom-Nowhere", R"([{"a":1}])")), "InvalidStream");
  EXPECT_EQ(post("Custom-App_CL", R"([{"a":1}])", "").status, 400);
  headers_.set("Content-Type", "text/csv");
  EXPECT_EQ(post("Custom-App_CL", "a,b").status, 400);
  EXPECT_EQ(rows("App_CL").size(), 2u);
}

TEST_F(ReceiverTest, BombsAndFullLogs) {
  headers_.set("Content-Encoding", "gzip");
  EXPECT_EQ(post("Custom-App_CL", net::compress(net::Encoding::kGzip, std::string(66 << 20, ' '))).status, 413);
  headers_.remove("Content-Encoding");
  writer_.reset();
  log_.reset();
  auto log = IngestLog::open(disk_, "/d/small.sqlite", {.max_delay = std::chrono::milliseconds(0), .max_bytes = 100},
                             random_, clock_);
  ASSERT_TRUE(log);
  Receiver small(**log, *tables_, sources_, clock_);
  net::Request http;
  http.query.add("api-version", "2023-01-01");
  http.body = R"([{"a":1}])";
  const net::Response response = handle_stream(small, WorkspaceId("main"), "Custom-App_CL", "t", http);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(code_of(response), "TooManyRequests");
  EXPECT_TRUE(response.headers.find("Retry-After").has_value());
}

TEST_F(ReceiverTest, FileCommandSendsPiecesAndKeepsRejects) {
  const std::string lines = "{\"TimeGenerated\":\"2020-01-01T00:00:00Z\",\"n\":1}\nbroken\n{\"n\":2}\n{\"n\":3}\n";
  ASSERT_TRUE(disk_.write_file("/d/a.json", lines));
  ASSERT_TRUE(disk_.write_file("/d/b.json.gz", net::compress(net::Encoding::kGzip, "[{\n\"n\":4},\n{\"n\":5}]")));
  ASSERT_TRUE(disk_.write_file("/d/c.zst", net::compress(net::Encoding::kZstd, "{\"n\":6}")));
  IngestCommandOptions options;
  options.table = "File_CL";
  options.files = {"/d/a.json", "/d/b.json.gz", "/d/c.zst"};
  options.piece_bytes = 10;
  int num_calls = 0;
  const UploadCall upload = [&](const std::string& path, std::string body) -> Result<std::string> {
    ++num_calls;
    net::Request http;
    const std::size_t question = path.find('?');
    EXPECT_EQ(path.substr(0, question), "/api/workspaces/main/ingest");
    http.query.add("table", "File_CL");
    http.query.add("format", "json");
    http.query.add("mode", "backfill");
    http.body = std::move(body);
    const net::Response response = handle_upload(*receiver_, WorkspaceId("main"), "files", http);
    EXPECT_EQ(response.status, 200) << response.body;
    return response.body;
  };
  IngestSummary summary;
  const auto done = run_ingest(disk_, options, upload, summary);
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(summary.num_rows, 6u);
  EXPECT_EQ(summary.num_rejected, 1u);
  EXPECT_EQ(summary.reject_files, std::vector<std::string>{"/d/a.json.rejects"});
  EXPECT_GE(num_calls, 4);
  const auto rejects = json::parse(*disk_.read_file("/d/a.json.rejects"));
  ASSERT_TRUE(rejects);
  EXPECT_EQ(json::integer_at(*rejects, "line"), 2);
  EXPECT_EQ(json::string_at(*rejects, "text"), "broken");
  EXPECT_EQ(rows("File_CL").size(), 6u);
  EXPECT_NE(rows("File_CL")[0].find("2020-01-01"), std::string::npos);

  options.files = {"/d/nosuch"};
  EXPECT_EQ(run_ingest(disk_, options, upload, summary).error().code, "INGEST-0060");
}

}  // namespace
}  // namespace garrison::ingest
