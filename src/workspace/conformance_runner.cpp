// SPDX-License-Identifier: Apache-2.0
#include "workspace/conformance_runner.h"

#include <memory>

#include "workspace/query_executor.h"

namespace garrison::workspace {
namespace {

// Knows no table and no function.
class EmptyCatalogue final : public kql::Catalogue {
 public:
  std::optional<kql::TableSource> find_table(std::string_view) const override { return std::nullopt; }
  std::optional<kql::SavedFunction> find_function(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> existing_tables() const override { return {}; }
  std::vector<std::string> known_tables() const override { return {}; }
};

void append_rows(table::Batch& to, const table::Batch& from) {
  for (std::size_t i = 0; i < to.columns.size(); ++i) {
    const table::ColumnVector& source = from.columns[i];
    table::ColumnVector& target = to.columns[i];
    for (std::size_t row = 0; row < source.size(); ++row) {
      if (source.is_null(row)) {
        target.append_null();
      } else if (table::ColumnVector::is_text(source.kind())) {
        target.append_text(source.text(row));
      } else if (source.kind() == table::Kind::kReal) {
        target.append_real(source.real(row));
      } else {
        target.append_integer(source.integer(row));
      }
    }
  }
}

Result<ConformanceAnswer> answer(QueryExecutor& executor, std::string_view query, DateTime now) {
  const EmptyCatalogue catalogue;
  kql::CompileOptions options;
  options.now = now;
  QueryRun run;
  run.budget.time_limit = Timespan{20 * kTicksPerSecond};
  GARRISON_ASSIGN(kql::Compilation compilation, executor.compile(query, catalogue, options, run));
  if (!compilation.ok()) return compilation.error();
  const kql::Plan* plan = compilation.plan();
  if (plan == nullptr) return bug("a compilation without errors has no plan");
  ConformanceAnswer out;
  out.rows = table::Batch(plan->schema);
  out.ordered = plan->ordered;
  GARRISON_TRY(executor.execute(*plan, run, [&](table::Batch&& batch) -> Result<void> {
    append_rows(out.rows, batch);
    return {};
  }));
  return out;
}

}  // namespace

ConformanceRunner make_conformance_runner(engine::Engine& engine, Random& random, DateTime now) {
  auto executor = std::make_shared<QueryExecutor>(engine, random);
  return [executor, now](std::string_view query) { return answer(*executor, query, now); };
}

}  // namespace garrison::workspace
