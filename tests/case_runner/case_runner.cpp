// SPDX-License-Identifier: Apache-2.0
#include "case_runner.h"

#include <algorithm>
#include <charconv>

#include "base/random.h"
#include "base/text.h"
#include "base/ticks.h"
#include "case_values.h"

namespace garrison::cases {
namespace {

// now() of every case: 2024-05-06T07:08:09Z.
constexpr DateTime kNow{638'505'760'890'000'000};

struct Answer {
  table::Batch rows;
  bool ordered = false;
};

class Run {
 public:
  Run(engine::Engine& engine, const Variant& variant)
      : engine_(engine), variant_(variant), tables_(engine, "cases"), random_(7), executor_(engine, random_) {}

  std::vector<std::string> problems;

  void run(const CaseFile& file) {
    if (!check(1, tables_.reset())) return;
    for (std::size_t i = 0; i < file.steps.size(); ++i) {
      const Step& step = file.steps[i];
      if (const auto* repeat = std::get_if<RepeatStep>(&step.what)) {
        for (int round = 1; round < repeat->times; ++round) {
          if (!check(step.line, tables_.reset())) return;
          for (std::size_t k = 0; k < i; ++k) take(file.steps[k]);
        }
        continue;
      }
      take(step);
    }
    finish_query();
  }

 private:
  bool check(std::uint32_t line, const Result<void>& outcome) {
    if (!outcome.ok()) say(line, outcome.error().to_string());
    return outcome.ok();
  }
  void say(std::uint32_t line, const std::string& text) { problems.push_back(std::to_string(line) + ": " + text); }

  void take(const Step& step) {
    if (const auto* table = std::get_if<TableStep>(&step.what)) {
      check(step.line, tables_.add(*table, variant_.insert));
    } else if (const auto* function = std::get_if<FunctionStep>(&step.what)) {
      tables_.add(*function);
    } else if (const auto* query = std::get_if<QueryStep>(&step.what)) {
      finish_query();
      query_ = query->text;
      query_line_ = step.line;
      checked_ = false;
      answer_ = ask(query->text);
    } else if (const auto* gives = std::get_if<GivesStep>(&step.what)) {
      checked_ = true;
      check_gives(step.line, *gives);
    } else if (const auto* fails = std::get_if<FailsStep>(&step.what)) {
      checked_ = true;
      check_fails(step.line, *fails);
    } else if (const auto* same = std::get_if<SameAsStep>(&step.what)) {
      checked_ = true;
      check_same(step.line, same->text);
    }
  }

  void finish_query() {
    if (!checked_) say(query_line_, "the query has no gives, fails or same as");
    checked_ = true;
  }

  Result<Answer> ask(const std::string& text) {
    kql::CompileOptions options;
    options.now = kNow;
    options.mode = variant_.mode;
    workspace::QueryRun run;
    run.budget.max_threads = variant_.threads;
    GARRISON_ASSIGN(const kql::Compilation compilation, executor_.compile(text, tables_, options, run));
    if (!compilation.ok()) return compilation.error();
    const kql::Plan& plan = *compilation.plan();
    Answer answer{table::Batch(plan.schema), plan.ordered};
    const auto collect = [&](table::Batch&& batch) -> Result<void> {
      for (std::size_t i = 0; i < batch.columns.size(); ++i) {
        for (std::size_t row = 0; row < batch.num_rows(); ++row) append(answer.rows.columns[i], batch.columns[i], row);
      }
      return {};
    };
    auto statistics = executor_.execute(plan, run, collect);
    if (!statistics.ok()) {
      Error error = std::move(statistics).error();
      error.message += "\n    " + plan.sql;
      return error;
    }
    return answer;
  }

  static void append(table::ColumnVector& to, const table::ColumnVector& from, std::size_t row) {
    if (from.is_null(row)) to.append_null();
    else if (table::ColumnVector::is_integer(from.kind())) to.append_integer(from.integer(row));
    else if (from.kind() == table::Kind::kReal) to.append_real(from.real(row));
    else to.append_text(from.text(row));
  }

  static std::string show(const table::Batch& rows, std::size_t row) {
    std::string line = "|";
    for (const auto& column : rows.columns) {
      line += " " + (column.is_null(row) ? std::string() : table::to_display(column, row)) + " |";
    }
    return line;
  }

  void check_gives(std::uint32_t line, const GivesStep& expected) {
    if (!answer_.ok()) return say(line, "the query fails: " + answer_.error().to_string());
    const table::Batch& rows = answer_->rows;
    std::vector<std::string> names;
    for (const table::Column& column : rows.schema.columns) names.push_back(column.name);
    if (names != expected.columns) return say(line, "columns are " + text::join(names, ", "));
    if (rows.num_rows() != expected.rows.size()) {
      std::string text = std::to_string(rows.num_rows()) + " rows instead of " + std::to_string(expected.rows.size());
      for (std::size_t row = 0; row < std::min<std::size_t>(rows.num_rows(), 20); ++row) text += "\n    " + show(rows, row);
      return say(line, text);
    }
    const auto matches = [&](std::size_t row, const Row& cells) {
      if (cells.size() != rows.columns.size()) return false;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!equals(rows.columns[i], row, cells[i])) return false;
      }
      return true;
    };
    std::vector<bool> used(rows.num_rows());
    for (std::size_t i = 0; i < expected.rows.size(); ++i) {
      bool found = false;
      const std::size_t begin = answer_->ordered ? i : 0;
      const std::size_t end = answer_->ordered ? i + 1 : rows.num_rows();
      for (std::size_t row = begin; row < end && !found; ++row) {
        if (used[row] || !matches(row, expected.rows[i])) continue;
        used[row] = true;
        found = true;
      }
      if (found) continue;
      std::string text = "row " + std::to_string(i + 1) + " is not among the rows";
      if (answer_->ordered) text = "row " + std::to_string(i + 1) + " differs";
      for (std::size_t row = 0; row < std::min<std::size_t>(rows.num_rows(), 20); ++row) text += "\n    " + show(rows, row);
      return say(line, text);
    }
  }

  void check_fails(std::uint32_t line, const FailsStep& expected) {
    if (answer_.ok()) return say(line, "the query does not fail");
    const Error& error = answer_.error();
    if (error.code != expected.code) return say(line, "it fails with " + error.to_string());
    if (expected.place.empty()) return;
    const std::string place = error.position ? std::to_string(error.position->line) + ":" + std::to_string(error.position->column) : "nowhere";
    if (place != expected.place) say(line, "it fails at " + place + ": " + error.message);
  }

  void check_same(std::uint32_t line, const std::string& other_text) {
    if (!answer_.ok()) return say(line, "the query fails: " + answer_.error().to_string());
    const auto other = ask(other_text);
    if (!other.ok()) return say(line, "the other query fails: " + other.error().to_string());
    const auto lines = [](const Answer& answer) {
      std::vector<std::string> all;
      for (std::size_t row = 0; row < answer.rows.num_rows(); ++row) all.push_back(show(answer.rows, row));
      return all;
    };
    std::vector<std::string> left = lines(*answer_), right = lines(*other);
    if (!answer_->ordered || !other->ordered) {
      std::sort(left.begin(), left.end());
      std::sort(right.begin(), right.end());
    }
    if (left != right) say(line, "the rows differ:\n    " + text::join(left, "\n    ") + "\n  and\n    " + text::join(right, "\n    "));
  }

  engine::Engine& engine_;
  const Variant& variant_;
  CaseTables tables_;
  SeededRandom random_;
  workspace::QueryExecutor executor_;
  std::string query_;
  std::uint32_t query_line_ = 0;
  bool checked_ = true;
  Result<Answer> answer_ = bad_input("CASE-0005", "there was no query yet");
};

}  // namespace

Result<Variant> parse_variant(std::string_view line) {
  Variant variant;
  variant.name = line;
  for (const std::string_view part : text::split(line, ' ')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view key = part.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    bool known = true;
    if (key == "engine" && (value == "process" || value == "child")) variant.child_engine = value == "child";
    else if (key == "plan" && value == "optimised") variant.mode = kql::PlanMode::kOptimised;
    else if (key == "plan" && value == "plain") variant.mode = kql::PlanMode::kPlain;
    else if (key == "insert" && value == "whole") variant.insert = InsertForm::kWhole;
    else if (key == "insert" && value == "rows") variant.insert = InsertForm::kRowByRow;
    else if (key == "threads") known = std::from_chars(value.data(), value.data() + value.size(), variant.threads).ec == std::errc{};
    else known = false;
    if (!known) return bad_input("CASE-0004", "unknown variant '" + std::string(part) + "'");
  }
  return variant;
}

std::vector<std::string> run_case(const CaseFile& file, engine::Engine& engine, const Variant& variant) {
  Run run(engine, variant);
  run.run(file);
  return std::move(run.problems);
}

}  // namespace garrison::cases
