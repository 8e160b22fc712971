// SPDX-License-Identifier: Apache-2.0
// Every example of the registry is compiled and run, and its rows are compared with those it states.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"
#include "engine/test_engine.h"
#include "kql/scalar/registry.h"
#include "workspace/conformance_compare.h"
#include "workspace/conformance_runner.h"

namespace garrison::workspace {
namespace {

std::string rows_as_json(const table::Batch& batch) {
  std::string out = "[";
  for (std::size_t row = 0; row < batch.num_rows(); ++row) {
    out += row == 0 ? "[" : ",[";
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      if (i > 0) out += ',';
      table::append_json(out, batch.columns[i], row);
    }
    out += "]";
  }
  return out + "]";
}

void check_example(const ConformanceRunner& runner, std::string_view name, const kql::Example& example) {
  const auto answer = runner(example.query);
  ASSERT_TRUE(answer.ok()) << name << ": " << example.query << "\n" << answer.error().to_string();
  const std::string ours = rows_as_json(answer->rows);
  const auto got = json::parse(ours);
  const auto stated = json::parse(example.result);
  ASSERT_TRUE(got.ok() && stated.ok()) << name << ": " << ours;
  EXPECT_TRUE(same_json(*got, *stated, 1e-9))
      << name << ": " << example.query << "\ngives " << ours << "\nnot   " << example.result;
}

TEST(KqlExamplesTest, EachGivesItsStatedResult) {
  if (const std::string why = engine::TestEngine::why_not(); !why.empty()) GTEST_SKIP() << why;
  const auto engine = engine::TestEngine::start(engine::EngineRoute::kInProcess);
  ASSERT_NE(engine, nullptr);
  SeededRandom random(1);
  const auto runner =
      make_conformance_runner(engine->engine(), random, DateTime{kUnixEpochTicks + 20'000 * kTicksPerDay});
  for (const kql::Function* function : kql::all_functions()) check_example(runner, function->name, function->example);
  for (const kql::Aggregate* aggregate : kql::all_aggregates())
    check_example(runner, aggregate->name, aggregate->example);
}

}  // namespace
}  // namespace garrison::workspace
