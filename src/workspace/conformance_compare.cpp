// SPDX-License-Identifier: Apache-2.0
#include "workspace/conformance_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <optional>

#include "base/ticks.h"
#include "kql/scalar/timespan_text.h"

namespace garrison::workspace {
namespace {

using table::Kind;

bool same_number(double left, double right, double tolerance) {
  if (std::isnan(left) || std::isnan(right)) return std::isnan(left) && std::isnan(right);
  if (left == right) return true;
  return std::abs(left - right) <= tolerance * std::max({1.0, std::abs(left), std::abs(right)});
}

double as_double(const json::value& value) {
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  return value.get_double();
}

std::optional<double> named_number(std::string_view text) {
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return HUGE_VAL;
  if (text == "-Infinity") return -HUGE_VAL;
  return std::nullopt;
}

std::optional<json::value> our_json(const table::ColumnVector& column, std::size_t row) {
  auto document = json::parse(column.text(row));
  if (!document.ok()) return std::nullopt;
  return std::move(*document);
}

bool same_cell(const table::ColumnVector& column, std::size_t row, const json::value& theirs, double tolerance) {
  if (column.kind() == Kind::kString) {
    if (theirs.is_null()) return column.text(row).empty();
    return theirs.is_string() && column.text(row) == std::string_view(theirs.get_string());
  }
  if (column.is_null(row)) return theirs.is_null();
  if (theirs.is_null()) return column.kind() == Kind::kDynamic && column.text(row) == "null";
  switch (column.kind()) {
    case Kind::kBool:
      return theirs.is_bool() ? theirs.get_bool() == (column.integer(row) != 0)
                              : theirs.is_number() && as_double(theirs) == column.integer(row);
    case Kind::kInt:
    case Kind::kLong:
      if (theirs.is_int64())
        return theirs.get_int64() == column.integer(row) ||
               same_number(as_double(theirs), static_cast<double>(column.integer(row)),
                           tolerance > 1e-9 ? tolerance : 0);
      return theirs.is_number() && as_double(theirs) == static_cast<double>(column.integer(row));
    case Kind::kReal:
      if (theirs.is_string()) {
        const auto number = named_number(std::string_view(theirs.get_string()));
        return number && same_number(column.real(row), *number, 0);
      }
      return theirs.is_number() && same_number(column.real(row), as_double(theirs), tolerance);
    case Kind::kDecimal: {
      const double ours = std::strtod(std::string(column.text(row)).c_str(), nullptr);
      if (theirs.is_number()) return same_number(ours, as_double(theirs), tolerance);
      return theirs.is_string() && same_number(ours, std::strtod(theirs.get_string().c_str(), nullptr), tolerance);
    }
    case Kind::kDateTime: {
      if (!theirs.is_string()) return false;
      const auto at = parse_iso(std::string_view(theirs.get_string()));
      return at && at->ticks == column.integer(row);
    }
    case Kind::kTimespan: {
      if (!theirs.is_string()) return false;
      const auto span = kql::parse_timespan(std::string_view(theirs.get_string()));
      return span && span->ticks == column.integer(row);
    }
    case Kind::kGuid:
      return theirs.is_string() && column.text(row) == std::string_view(theirs.get_string());
    case Kind::kString:
      break;
    case Kind::kDynamic: {
      const auto ours = our_json(column, row);
      return ours && same_json(*ours, theirs, tolerance);
    }
  }
  return false;
}

// Finds for each recorded row one of ours that is still free; in order where the order counts.
std::string match_rows(std::size_t num_ours, std::size_t num_theirs, std::size_t row_count, bool ordered,
                       const std::function<bool(std::size_t ours, std::size_t theirs)>& same) {
  if (num_ours != row_count) return fmt::format("{} rows, not {}", num_ours, row_count);
  std::vector<bool> used(num_ours, false);
  for (std::size_t theirs = 0; theirs < num_theirs; ++theirs) {
    bool found = false;
    if (ordered) {
      found = same(theirs, theirs);
    } else {
      for (std::size_t i = 0; i < num_ours && !found; ++i) {
        const std::size_t ours = (theirs + i) % num_ours;
        if (used[ours] || !same(ours, theirs)) continue;
        used[ours] = true;
        found = true;
      }
    }
    if (!found) return fmt::format("row {} differs", theirs + 1);
  }
  return "";
}

std::string_view net_name(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "SByte";
    case Kind::kInt:
      return "Int32";
    case Kind::kLong:
      return "Int64";
    case Kind::kReal:
      return "Double";
    case Kind::kDecimal:
      return "SqlDecimal";
    case Kind::kString:
      return "String";
    case Kind::kDateTime:
      return "DateTime";
    case Kind::kTimespan:
      return "TimeSpan";
    case Kind::kGuid:
      return "Guid";
    case Kind::kDynamic:
      return "Object";
  }
  return "";
}

std::string_view class_name(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "Bool";
    case Kind::kInt:
    case Kind::kLong:
      return "Int";
    case Kind::kReal:
    case Kind::kDecimal:
      return "Real";
    case Kind::kString:
      return "String";
    case Kind::kDateTime:
      return "DateTime";
    case Kind::kTimespan:
      return "TimeSpan";
    case Kind::kGuid:
      return "Guid";
    case Kind::kDynamic:
      return "Dynamic";
  }
  return "";
}

std::string columns_of(const table::Batch& batch, bool with_classes) {
  std::string out;
  for (const auto& column : batch.schema.columns) {
    if (!out.empty()) out += ", ";
    out += column.name;
    if (with_classes) out += fmt::format(":{}", class_name(column.kind));
  }
  return out;
}

// Walks along a printed tuple. Texts are not escaped in it, so it is read cell by cell against our own values.
class PrintedRow {
 public:
  PrintedRow(std::string_view text, double tolerance) : rest_(text), tolerance_(tolerance) {}

  bool matches(const table::Batch& batch, std::size_t row) {
    if (!take("(")) return false;
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      if (i > 0 && !take(", ")) return false;
      if (!cell(batch.columns[i], row)) return false;
    }
    return (take(",)") || take(")")) && rest_.empty();
  }

 private:
  bool take(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  bool cell(const table::ColumnVector& column, std::size_t row) {
    if (column.kind() == Kind::kString) {
      if (column.text(row).empty() && take("null")) return true;
      return take("'") && take(column.text(row)) && take("'");
    }
    if (column.is_null(row)) return take("null");
    switch (column.kind()) {
      case Kind::kReal:
        return number(column.real(row));
      case Kind::kDecimal:
        return number(std::strtod(std::string(column.text(row)).c_str(), nullptr));
      case Kind::kInt:
      case Kind::kLong:
        return tolerance_ > 1e-9 ? number(static_cast<double>(column.integer(row)))
                                 : take(table::to_display(column, row));
      case Kind::kDynamic:
        return document(column, row);
      case Kind::kGuid: {
        const std::string text = table::to_display(column, row);
        return take("'" + text + "'") || take(text);
      }
      default:
        return take(table::to_display(column, row));
    }
  }

  bool number(double ours) {
    for (const std::string_view name : {"NaN", "Infinity", "-Infinity"}) {
      if (rest_.substr(0, name.size()) == name) return take(name) && same_number(ours, *named_number(name), 0);
    }
    const std::size_t end = rest_.find_first_not_of("+-.0123456789eE");
    const std::string text(rest_.substr(0, end));
    if (text.empty()) return false;
    rest_.remove_prefix(text.size());
    return same_number(ours, std::strtod(text.c_str(), nullptr), tolerance_);
  }

  // One JSON value, indented over several lines; texts at the top stand without quotes or in single ones.
  bool document(const table::ColumnVector& column, std::size_t row) {
    const auto ours = our_json(column, row);
    if (!ours) return false;
    if (ours->is_string()) {
      const std::string_view text(ours->get_string());
      return take("'" + std::string(text) + "'") || take("\"" + std::string(text) + "\"") || take(text);
    }
    if (ours->is_bool()) return take(ours->get_bool() ? "True" : "False") || take(ours->get_bool() ? "true" : "false");
    if (ours->is_number()) return number(as_double(*ours));
    if (ours->is_null()) return take("null");
    const std::size_t length = balanced_length();
    const auto theirs = json::parse(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return theirs.ok() && same_json(*ours, *theirs, std::max(tolerance_, 1e-9));
  }

  std::size_t balanced_length() const {
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (in_text) {
        if (c == '\\')
          ++i;
        else if (c == '"')
          in_text = false;
        continue;
      }
      if (c == '"') in_text = true;
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && --depth == 0) return i + 1;
    }
    return rest_.size();
  }

  std::string_view rest_;
  double tolerance_;
};

}  // namespace

bool same_json(const json::value& left, const json::value& right, double tolerance) {
  if (left.is_number() && right.is_number()) return same_number(as_double(left), as_double(right), tolerance);
  if (left.kind() != right.kind()) {
    // A date inside a dynamic may be printed with or without its zeros.
    return false;
  }
  if (left.is_string()) {
    if (left.get_string() == right.get_string()) return true;
    const auto a = parse_iso(std::string_view(left.get_string()));
    const auto b = parse_iso(std::string_view(right.get_string()));
    return a && b && a->ticks == b->ticks;
  }
  if (left.is_bool()) return left.get_bool() == right.get_bool();
  if (left.is_array()) {
    const auto& a = left.get_array();
    const auto& b = right.get_array();
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [&](const auto& x, const auto& y) { return same_json(x, y, tolerance); });
  }
  if (left.is_object()) {
    const auto& a = left.get_object();
    const auto& b = right.get_object();
    if (a.size() != b.size()) return false;
    return std::all_of(a.begin(), a.end(), [&](const auto& member) {
      const auto* other = b.if_contains(member.key());
      return other != nullptr && same_json(member.value(), *other, tolerance);
    });
  }
  return left.is_null();
}

std::string compare_json_rows(const table::Batch& ours, std::span<const std::string> columns,
                              std::span<const std::string> column_types, const json::array& theirs,
                              const CompareRules& rules) {
  bool same_columns = ours.schema.columns.size() == columns.size();
  for (std::size_t i = 0; same_columns && i < columns.size(); ++i) {
    const auto& column = ours.schema.columns[i];
    same_columns = column.name == columns[i] && (i >= column_types.size() || net_name(column.kind) == column_types[i]);
  }
  if (!same_columns)
    return fmt::format("columns {} instead of {} ({})", ours.schema.to_string(), fmt::join(columns, ", "),
                       fmt::join(column_types, ", "));
  if (rules.shape_only)
    return ours.num_rows() == theirs.size() ? "" : fmt::format("{} rows, not {}", ours.num_rows(), theirs.size());
  return match_rows(ours.num_rows(), theirs.size(), theirs.size(), rules.ordered,
                    [&](std::size_t our_row, std::size_t their_row) {
                      if (!theirs[their_row].is_array()) return false;
                      const auto& row = theirs[their_row].get_array();
                      if (row.size() != ours.columns.size()) return false;
                      for (std::size_t i = 0; i < row.size(); ++i) {
                        if (!same_cell(ours.columns[i], our_row, row[i], rules.tolerance)) return false;
                      }
                      return true;
                    });
}

std::string compare_printed_rows(const table::Batch& ours, std::span<const std::string> columns,
                                 std::span<const std::string> theirs, std::size_t row_count,
                                 const CompareRules& rules) {
  if (columns_of(ours, true) != fmt::format("{}", fmt::join(columns, ", "))) {
    return fmt::format("columns {} instead of {}", columns_of(ours, true), fmt::join(columns, ", "));
  }
  if (rules.shape_only)
    return ours.num_rows() == row_count ? "" : fmt::format("{} rows, not {}", ours.num_rows(), row_count);
  return match_rows(ours.num_rows(), theirs.size(), row_count, rules.ordered,
                    [&](std::size_t our_row, std::size_t their_row) {
                      return PrintedRow(theirs[their_row], rules.tolerance).matches(ours, our_row);
                    });
}

std::string print_rows(const table::Batch& rows) {
  std::string out = rows.schema.to_string() + "\n";
  for (std::size_t row = 0; row < rows.num_rows() && row < 12; ++row) {
    out += "      [";
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      if (i > 0) out += ", ";
      table::append_json(out, rows.columns[i], row);
    }
    out += "]\n";
  }
  return out;
}

}  // namespace garrison::workspace
