// SPDX-License-Identifier: Apache-2.0
// One suite over every way to reach the engine.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

#include "base/ticks.h"
#include "engine/engine_error.h"
#include "engine/native_format.h"
#include "engine/test_engine.h"

namespace garrison::engine {
namespace {

using table::Batch;
using table::ColumnVector;
using table::Kind;
using table::Nullability;
using table::Schema;

class EngineSuite : public testing::TestWithParam<EngineRoute> {
 protected:
  // One engine a route for all tests: each starts with an empty database.
  static void TearDownTestSuite() { harnesses_.clear(); }

  void SetUp() override {
    if (const std::string reason = TestEngine::why_not(); !reason.empty()) GTEST_SKIP() << reason;
    auto& harness = harnesses_[GetParam()];
    if (!harness) harness = TestEngine::start(GetParam());
    harness_ = harness.get();
    ASSERT_NE(harness_, nullptr);
    execute("DROP DATABASE IF EXISTS suite SYNC");
    execute("CREATE DATABASE suite");
  }

  Engine& engine() { return harness_->engine(); }

  void execute(const std::string& sql) {
    Statement statement;
    statement.sql = sql;
    const auto done = engine().execute(statement);
    ASSERT_TRUE(done.ok()) << sql << ": " << done.error().to_string();
  }

  Result<Statistics> select(const std::string& sql, const Schema& schema, std::vector<Batch>& batches,
                            const Budget& budget = {}) {
    Statement statement;
    statement.sql = sql;
    return engine().query(statement, schema, budget, [&](Batch&& batch) -> Result<void> {
      batches.push_back(std::move(batch));
      return {};
    });
  }

  // The single value of a query over one long column.
  std::int64_t number(const std::string& sql) {
    std::vector<Batch> batches;
    const auto done = select(sql, Schema{{{"n", Kind::kLong}}}, batches);
    EXPECT_TRUE(done.ok()) << sql << ": " << (done.ok() ? "" : done.error().to_string());
    if (!done.ok() || batches.size() != 1 || batches[0].num_rows() != 1) return std::numeric_limits<std::int64_t>::min();
    return batches[0].columns[0].integer(0);
  }

  Error query_error(const std::string& sql, const Budget& budget = {}) {
    std::vector<Batch> batches;
    const auto done = select(sql, Schema{{{"n", Kind::kLong}}}, batches, budget);
    EXPECT_FALSE(done.ok()) << sql;
    return done.ok() ? Error{} : done.error();
  }

  // Rows n = first .. first + count - 1 at the given day.
  static std::string rows(std::int64_t first, std::int64_t count, DateTime at = {kUnixEpochTicks}) {
    Batch batch(Schema{{{"TimeGenerated", Kind::kDateTime}, {"n", Kind::kLong}}});
    for (std::int64_t i = 0; i < count; ++i) {
      batch.columns[0].append_integer(at.ticks);
      batch.columns[1].append_integer(first + i);
    }
    const Nullability nullability[] = {Nullability::kNotNull, Nullability::kNullable};
    std::string bytes;
    EXPECT_TRUE(encode_native(bytes, batch, nullability).ok());
    return bytes;
  }

  void create_events() {
    execute(
        "CREATE TABLE suite.events (TimeGenerated DateTime64(7, 'UTC'), n Nullable(Int64)) ENGINE = MergeTree "
        "PARTITION BY toYYYYMMDD(TimeGenerated) ORDER BY TimeGenerated "
        "SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1");
  }

  Result<void> insert(const std::string& native, const std::string& token = {}) {
    return engine().insert({"suite.events", {"TimeGenerated", "n"}, native, token});
  }

  TestEngine* harness_ = nullptr;

 private:
  static inline std::map<EngineRoute, std::unique_ptr<TestEngine>> harnesses_;
};

TEST_P(EngineSuite, SelectsEveryKindWithNullsAndExtremes) {
  const Schema schema{{{"b", Kind::kBool},
                       {"i", Kind::kInt},
                       {"l", Kind::kLong},
                       {"r", Kind::kReal},
                       {"m", Kind::kDecimal},
                       {"s", Kind::kString},
                       {"t", Kind::kDateTime},
                       {"d", Kind::kTimespan},
                       {"g", Kind::kGuid},
                       {"j", Kind::kDynamic}}};
  std::vector<Batch> batches;
  const auto done = select(
      "SELECT * FROM (SELECT 1 AS o, true::Nullable(Bool) AS b, toNullable(toInt32(-2147483648)) AS i, "
      "toNullable(toInt64('-9223372036854775808')) AS l, toNullable(nan) AS r, "
      "toDecimal256OrNull('-9999999999999999999999999999999999999999999999999999999999.999999999999999999', 18) AS m, "
      "'a\\0\\'\xc3\xa9' AS s, toNullable(toDateTime64('0001-01-01 00:00:00', 7, 'UTC')) AS t, "
      "toNullable(toInt64('9223372036854775807')) AS d, toUUIDOrNull('00112233-4455-6677-8899-aabbccddeeff') AS g, "
      "toNullable('{\"a\":1}') AS j "
      "UNION ALL SELECT 2, false, 2147483647, 9223372036854775807, inf, toDecimal256OrNull('1.50', 18), '', "
      "toDateTime64('9999-12-31 23:59:59.9999999', 7, 'UTC'), -1, NULL, '' "
      "UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL) "
      "ORDER BY o",
      Schema{[&] {
        auto columns = schema.columns;
        columns.insert(columns.begin(), {"o", Kind::kInt});
        return columns;
      }()},
      batches);
  // UInt8 is no int: the types are checked.
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "ENGINE-0021");
  EXPECT_NE(done.error().message.find("column 1 (o)"), std::string::npos) << done.error().message;

  batches.clear();
  const auto again = select(
      "SELECT b, i, l, r, m, s, t, d, g, j FROM (SELECT 1 AS o, true::Nullable(Bool) AS b, "
      "toNullable(toInt32(-2147483648)) AS i, "
      "toNullable(toInt64('-9223372036854775808')) AS l, toNullable(nan) AS r, "
      "toDecimal256OrNull('-9999999999999999999999999999999999999999999999999999999999.999999999999999999', 18) AS m, "
      "'a\\0\\'\xc3\xa9' AS s, toNullable(toDateTime64('0001-01-01 00:00:00', 7, 'UTC')) AS t, "
      "toNullable(toInt64('9223372036854775807')) AS d, toUUIDOrNull('00112233-4455-6677-8899-aabbccddeeff') AS g, "
      "toNullable('{\"a\":1}') AS j "
      "UNION ALL SELECT 2, false, toInt32(2147483647), toInt64('9223372036854775807'), inf, "
      "toDecimal256OrNull('1.50', 18), '', toDateTime64('9999-12-31 23:59:59.9999999', 7, 'UTC'), toInt64(-1), NULL, '' "
      "UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL) "
      "ORDER BY o -- a comment at the end",
      schema, batches);
  ASSERT_TRUE(again.ok()) << again.error().to_string();
  EXPECT_EQ(again->num_rows, 3u);
  EXPECT_FALSE(again->truncated);
  std::vector<std::vector<std::string>> shown;
  for (const Batch& batch : batches) {
    for (std::size_t row = 0; row < batch.num_rows(); ++row) {
      auto& line = shown.emplace_back();
      for (const ColumnVector& column : batch.columns) {
        line.push_back(column.is_null(row) ? "null" : table::to_display(column, row));
      }
    }
  }
  const std::vector<std::vector<std::string>> expected = {
      {"True", "-2147483648", "-9223372036854775808", "NaN",
       "-9999999999999999999999999999999999999999999999999999999999.999999999999999999", std::string("a\0'\xc3\xa9", 5),
       "0001-01-01T00:00:00.0000000Z", format_timespan({std::numeric_limits<std::int64_t>::max()}),
       "00112233-4455-6677-8899-aabbccddeeff", "{\"a\":1}"},
      {"False", "2147483647", "9223372036854775807", "Infinity", "1.5", "", "9999-12-31T23:59:59.9999999Z",
       "-00:00:00.0000001", "null", ""},
      {"null", "null", "null", "null", "null", "", "null", "null", "null", "null"}};
  EXPECT_EQ(shown, expected);
}

TEST_P(EngineSuite, UntypedNullsFitEveryKind) {
  std::vector<Batch> batches;
  const auto done =
      select("SELECT NULL, NULL, NULL", Schema{{{"a", Kind::kLong}, {"b", Kind::kString}, {"c", Kind::kReal}}}, batches);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_TRUE(batches[0].columns[0].is_null(0));
  EXPECT_FALSE(batches[0].columns[1].is_null(0));
  EXPECT_TRUE(batches[0].columns[2].is_null(0));
}

TEST_P(EngineSuite, EmptyResultsHandOnNothing) {
  std::vector<Batch> batches;
  const auto done = select("SELECT toInt64(number) FROM numbers(10) WHERE number > 20", Schema{{{"n", Kind::kLong}}},
                           batches);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  EXPECT_EQ(done->num_rows, 0u);
  EXPECT_TRUE(batches.empty());
}

TEST_P(EngineSuite, RowLimitCutsTheStream) {
  Budget budget;
  budget.max_result_rows = 100'001;
  std::vector<Batch> batches;
  auto done = select("SELECT toInt64(number) FROM numbers(100000000)", Schema{{{"n", Kind::kLong}}}, batches, budget);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  EXPECT_TRUE(done->truncated);
  EXPECT_EQ(done->num_rows, 100'001u);
  std::int64_t expected = 0;
  for (const Batch& batch : batches) {
    for (std::size_t row = 0; row < batch.num_rows(); ++row) ASSERT_EQ(batch.columns[0].integer(row), expected++);
  }
  EXPECT_EQ(expected, 100'001);

  done = select("SELECT toInt64(number) FROM numbers(100001)", Schema{{{"n", Kind::kLong}}}, batches, budget);
  ASSERT_TRUE(done.ok());
  EXPECT_FALSE(done->truncated);
  // The connection serves the next statement.
  EXPECT_EQ(number("SELECT toInt64(7)"), 7);
}

TEST_P(EngineSuite, ByteLimitCutsTheStream) {
  Budget budget;
  budget.max_result_bytes = 1 << 20;
  std::vector<Batch> batches;
  const auto done = select("SELECT repeat('x', 100) FROM numbers(10000000)", Schema{{{"s", Kind::kString}}}, batches,
                           budget);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  EXPECT_TRUE(done->truncated);
  EXPECT_GT(done->num_rows, 0u);
}

TEST_P(EngineSuite, ErrorOfTheSinkEndsTheStatement) {
  Statement statement;
  statement.sql = "SELECT toInt64(number) FROM numbers(100000000)";
  int calls = 0;
  const auto done = engine().query(statement, Schema{{{"n", Kind::kLong}}}, Budget{}, [&](Batch&&) -> Result<void> {
    ++calls;
    return conflict("TEST-0001", "enough");
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "TEST-0001");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(number("SELECT toInt64(7)"), 7);
}

TEST_P(EngineSuite, BudgetsHold) {
  Budget budget;
  budget.time_limit = {kTicksPerSecond / 5};
  EXPECT_EQ(query_error("SELECT toInt64(count()) FROM numbers(1000000000000) WHERE sipHash64(number) = 1", budget).kind,
            ErrorKind::kTimeout);
  budget = {};
  budget.max_memory_bytes = 10 << 20;
  const Error memory =
      query_error("SELECT toInt64(length(groupArray(number))) FROM numbers(100000000)", budget);
  EXPECT_EQ(memory.kind, ErrorKind::kExhausted);
  EXPECT_EQ(memory.code, "ENGINE-0005");
  budget = {};
  budget.max_threads = 1;
  std::vector<Batch> batches;
  ASSERT_TRUE(select("SELECT toInt64(getSetting('max_threads'))", Schema{{{"n", Kind::kLong}}}, batches, budget).ok());
  EXPECT_EQ(batches.at(0).columns[0].integer(0), 1);
}

TEST_P(EngineSuite, EveryStatementRunsUnderOurSettings) {
  EXPECT_EQ(number("SELECT toInt64(getSetting('enable_materialized_cte'))"), 1);
  EXPECT_EQ(number("SELECT toInt64(getSetting('use_variant_as_common_type'))"), 0);
  EXPECT_EQ(number("SELECT toInt64(getSetting('session_timezone') = 'UTC')::Int64"), 1);
  // Longer than the engine's default of 256 KiB.
  std::string sql = "SELECT toInt64(length('" + std::string(600'000, 'x') + "'))";
  EXPECT_EQ(number(sql), 600'000);
  Statement statement;
  statement.sql = "SELECT toInt64(getSetting('max_block_size'))";
  statement.settings = {{"max_block_size", "777"}};
  std::int64_t seen = 0;
  ASSERT_TRUE(engine()
                  .query(statement, Schema{{{"n", Kind::kLong}}}, Budget{},
                         [&](Batch&& batch) -> Result<void> {
                           seen = batch.columns[0].integer(0);
                           return {};
                         })
                  .ok());
  EXPECT_EQ(seen, 777);
  EXPECT_NE(number("SELECT toInt64(getSetting('max_block_size'))"), 777);
}

TEST_P(EngineSuite, ParametersAreValuesNotText) {
  const std::string value = "x' OR 1=1 -- \\ \t\n &=%+é";
  Statement statement;
  statement.sql = "SELECT {text:String}, {number:Int64}";
  statement.parameters = {{"text", value}, {"number", "-5"}};
  std::vector<Batch> batches;
  const auto done = engine().query(statement, Schema{{{"s", Kind::kString}, {"n", Kind::kLong}}}, Budget{},
                                   [&](Batch&& batch) -> Result<void> {
                                     batches.push_back(std::move(batch));
                                     return {};
                                   });
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  EXPECT_EQ(batches.at(0).columns[0].text(0), value);
  EXPECT_EQ(batches.at(0).columns[1].integer(0), -5);
}

TEST_P(EngineSuite, ErrorsHaveKinds) {
  EXPECT_EQ(query_error("SELECT toInt64(nosuch)").code, "ENGINE-0003");
  EXPECT_EQ(query_error("SELECT toInt64(1) FROM (").kind, ErrorKind::kBadInput);
  EXPECT_EQ(query_error("SELECT n FROM suite.nosuch").code, "ENGINE-0009");
  EXPECT_EQ(query_error("SELECT n FROM nosuch.nosuch").kind, ErrorKind::kNotFound);
  EXPECT_EQ(query_error("SELECT 'text'").code, "ENGINE-0021");
  EXPECT_EQ(query_error("SELECT toInt64(1), toInt64(2)").code, "ENGINE-0021");
  Statement statement;
  statement.sql = "CREATE DATABASE suite";
  const auto done = engine().execute(statement);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, ErrorKind::kConflict);
}

// The error comes after rows have been sent.
TEST_P(EngineSuite, LateErrorsAreErrors) {
  Budget budget;
  budget.max_result_rows = 10'000'000;
  std::vector<Batch> batches;
  const auto done = select(
      "SELECT toInt64(number + throwIf(number = 3000000, 'too late')) FROM numbers(4000000)",
      Schema{{{"n", Kind::kLong}}}, batches, budget);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "ENGINE-0003") << done.error().message;
  EXPECT_NE(done.error().message.find("too late"), std::string::npos) << done.error().message;
  EXPECT_EQ(number("SELECT toInt64(7)"), 7);
}

constexpr const char* kEndless = "SELECT toInt64(count()) FROM numbers(1000000000000) WHERE sipHash64(number) = 1";

TEST_P(EngineSuite, TokenCancelsAStatementThatSendsNothing) {
  auto token = std::make_shared<CancelToken>();
  Statement statement;
  statement.sql = kEndless;
  std::thread other([&] {
    // Once the statement shows as running, it is cancelled.
    while (number("SELECT toInt64(count()) FROM system.processes WHERE query LIKE '%sipHash64(number) = 1%' "
                  "AND query NOT LIKE '%system.processes%'") == 0) {
      std::this_thread::yield();
    }
    token->cancel();
  });
  const auto done = engine().query(statement, Schema{{{"n", Kind::kLong}}}, Budget{},
                                   [](Batch&&) -> Result<void> { return {}; }, token);
  other.join();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, kCancelledCode);
}

TEST_P(EngineSuite, CancelByIdFromAnotherThread) {
  Statement statement;
  statement.sql = kEndless;
  statement.query_id = "suite-cancel-1";
  std::thread other([&] {
    while (number("SELECT toInt64(count()) FROM system.processes WHERE query LIKE '%sipHash64(number) = 1%' "
                  "AND query NOT LIKE '%system.processes%'") == 0) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(engine().cancel("no-such-id").ok());
    EXPECT_TRUE(engine().cancel("suite-cancel-1").ok());
  });
  const auto done = engine().query(statement, Schema{{{"n", Kind::kLong}}}, Budget{},
                                   [](Batch&&) -> Result<void> { return {}; });
  other.join();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, kCancelledCode) << done.error().message;
}

TEST_P(EngineSuite, InsertsRowsAndReadsThemBack) {
  execute(
      "CREATE TABLE suite.kinds (t DateTime64(7, 'UTC'), b Nullable(Bool), i Nullable(Int32), l Nullable(Int64), "
      "r Nullable(Float64), m Nullable(Decimal(76, 18)), s String, g Nullable(UUID), j Nullable(String)) "
      "ENGINE = MergeTree ORDER BY t");
  Batch batch(Schema{{{"t", Kind::kDateTime},
                      {"b", Kind::kBool},
                      {"i", Kind::kInt},
                      {"l", Kind::kLong},
                      {"r", Kind::kReal},
                      {"m", Kind::kDecimal},
                      {"s", Kind::kString},
                      {"g", Kind::kGuid},
                      {"j", Kind::kDynamic}}});
  const std::int64_t times[] = {0, kUnixEpochTicks + 1, kMaxTicks};
  for (int row = 0; row < 3; ++row) {
    batch.columns[0].append_integer(times[row]);
    if (row == 1) {
      for (std::size_t i = 1; i < batch.columns.size(); ++i) batch.columns[i].append_null();
      continue;
    }
    batch.columns[1].append_integer(row / 2);
    batch.columns[2].append_integer(row == 0 ? -2147483648ll : 2147483647ll);
    batch.columns[3].append_integer(std::numeric_limits<std::int64_t>::min() + row);
    batch.columns[4].append_real(row == 0 ? -0.5 : std::numeric_limits<double>::infinity());
    batch.columns[5].append_text(row == 0 ? "-0.000000000000000001" : "9999999999999999999999999999999999999999999999999999999999");
    // White space at the end of the bytes must survive.
    batch.columns[6].append_text(row == 0 ? " \n" : std::string(70'000, 'y'));
    batch.columns[7].append_text("ffeeddcc-bbaa-9988-7766-554433221100");
    batch.columns[8].append_text(row == 0 ? "[1, 2]" : "\n\n");
  }
  std::vector<Nullability> nullability(batch.columns.size(), Nullability::kNullable);
  nullability[0] = Nullability::kNotNull;
  std::string native;
  ASSERT_TRUE(encode_native(native, batch, nullability).ok());
  std::vector<std::string> names;
  for (const auto& column : batch.schema.columns) names.push_back(column.name);
  const auto inserted = engine().insert({"suite.kinds", names, native, ""});
  ASSERT_TRUE(inserted.ok()) << inserted.error().to_string();

  std::vector<Batch> read;
  const auto done = select("SELECT * FROM suite.kinds ORDER BY t", batch.schema, read);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  ASSERT_EQ(read.size(), 1u);
  ASSERT_EQ(read[0].num_rows(), 3u);
  for (std::size_t column = 0; column < batch.columns.size(); ++column) {
    for (std::size_t row = 0; row < 3; ++row) {
      EXPECT_EQ(read[0].columns[column].is_null(row), batch.columns[column].is_null(row)) << column << ' ' << row;
      EXPECT_EQ(table::to_display(read[0].columns[column], row), table::to_display(batch.columns[column], row))
          << column << ' ' << row;
    }
  }
}

TEST_P(EngineSuite, TheSameTokenIsTakenOnce) {
  create_events();
  ASSERT_TRUE(insert(rows(0, 10), "token-a").ok());
  ASSERT_TRUE(insert(rows(0, 10), "token-a").ok());
  ASSERT_TRUE(insert(rows(100, 10), "token-a").ok());
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 10);
  ASSERT_TRUE(insert(rows(0, 10), "token-b").ok());
  ASSERT_TRUE(insert(rows(0, 10), "it's \\ another").ok());
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 30);
}

TEST_P(EngineSuite, RowsAndTokensOutliveTheEngine) {
  create_events();
  ASSERT_TRUE(insert(rows(0, 10), "token-a").ok());
  harness_->restart();
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 10);
  ASSERT_TRUE(insert(rows(0, 10), "token-a").ok());
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 10);
}

TEST_P(EngineSuite, ManyBlocksInOneInsert) {
  create_events();
  std::string native;
  for (int i = 0; i < 50; ++i) native += rows(i * 1000, 1000);
  ASSERT_TRUE(insert(native, "many").ok());
  ASSERT_TRUE(insert(native, "many").ok());
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 50'000);
  EXPECT_EQ(number("SELECT toInt64(sum(n)) FROM suite.events"), 50'000ll * 49'999 / 2);
}

TEST_P(EngineSuite, RefusedRowsAreBadInput) {
  create_events();
  // Cut short, of another type, into a table or a column that is not there.
  std::string native = rows(0, 100);
  native.resize(native.size() - 3);
  auto done = insert(native);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, ErrorKind::kBadInput) << done.error().to_string();
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 0);
  done = engine().insert({"suite.nosuch", {"TimeGenerated", "n"}, rows(0, 1), ""});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, ErrorKind::kNotFound) << done.error().to_string();
  done = engine().insert({"suite.events", {"nosuch"}, rows(0, 1), ""});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, ErrorKind::kBadInput) << done.error().to_string();
  // Good rows still pass.
  EXPECT_TRUE(insert(rows(0, 1)).ok());
}

TEST_P(EngineSuite, TooManyPartitionsAreNamed) {
  create_events();
  Batch batch(Schema{{{"TimeGenerated", Kind::kDateTime}, {"n", Kind::kLong}}});
  for (int day = 0; day < 150; ++day) {
    batch.columns[0].append_integer(kUnixEpochTicks + day * kTicksPerDay);
    batch.columns[1].append_integer(day);
  }
  const Nullability nullability[] = {Nullability::kNotNull, Nullability::kNullable};
  std::string native;
  ASSERT_TRUE(encode_native(native, batch, nullability).ok());
  const auto done = insert(native);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "ENGINE-0012") << done.error().to_string();
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 0);
}

// Holds statements open by blocking in their sinks.
class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++num_waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
  }
  void await_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return num_waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  int num_waiting_ = 0;
};

TEST_P(EngineSuite, InteractiveStatementsPassABusyBackground) {
  Gate gate;
  std::vector<std::thread> threads;
  const auto hold = [&] {
    Statement statement;
    statement.sql = "SELECT toInt64(1)";
    statement.lane = Lane::kBackground;
    const auto done = engine().query(statement, Schema{{{"n", Kind::kLong}}}, Budget{}, [&](Batch&&) -> Result<void> {
      gate.pass();
      return {};
    });
    EXPECT_TRUE(done.ok()) << done.error().to_string();
  };
  for (int i = 0; i < TestEngine::kNumBackground; ++i) threads.emplace_back(hold);
  gate.await_waiting(TestEngine::kNumBackground);

  Statement waiting;
  waiting.sql = "SELECT toInt64(1)";
  waiting.lane = Lane::kBackground;
  Budget impatient;
  impatient.time_limit = {kTicksPerSecond / 20};
  const auto busy = engine().query(waiting, Schema{{{"n", Kind::kLong}}}, impatient,
                                   [](Batch&&) -> Result<void> { return {}; });
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().code, "ENGINE-0013");
  EXPECT_EQ(number("SELECT toInt64(7)"), 7);
  gate.open();
  for (std::thread& thread : threads) thread.join();
}

TEST_P(EngineSuite, ManyThreadsAtOnce) {
  create_events();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        EXPECT_TRUE(insert(rows(i * 1000 + round * 10, 10), fmt::format("t-{}-{}", i, round)).ok());
        EXPECT_GE(number("SELECT toInt64(count()) FROM suite.events"), 10);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(number("SELECT toInt64(count()) FROM suite.events"), 400);
  EXPECT_EQ(number("SELECT toInt64(uniqExact(n)) FROM suite.events"), 400);
}

TEST_P(EngineSuite, SaysItsVersion) {
  const auto version = engine().version();
  ASSERT_TRUE(version.ok()) << version.error().to_string();
  EXPECT_TRUE(version->starts_with("26.7.")) << *version;
}

// A configuration file in the current folder would move the data elsewhere.
TEST(InProcessEngine, ForeignConfigurationIsNotRead) {
  if (const std::string reason = TestEngine::why_not(); !reason.empty()) GTEST_SKIP() << reason;
  const TestFolder current, elsewhere;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(current.path());
  std::ofstream("config.xml") << "<clickhouse><path>" << elsewhere.path() << "/evil</path></clickhouse>";
  const auto harness = TestEngine::start(EngineRoute::kInProcess);
  std::filesystem::current_path(before);
  ASSERT_NE(harness, nullptr);
  EXPECT_FALSE(std::filesystem::exists(elsewhere.path() + "/evil"));
}

INSTANTIATE_TEST_SUITE_P(Routes, EngineSuite, testing::Values(EngineRoute::kInProcess, EngineRoute::kChild),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace garrison::engine
