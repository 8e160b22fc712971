// SPDX-License-Identifier: Apache-2.0
#include "server/server_result.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "base/text.h"
#include "base/ticks.h"
#include "kql/scalar/timespan_text.h"

namespace garrison::server {
namespace {

namespace od = simdjson::ondemand;
using table::Kind;

Error wrong(std::string_view what) {
  return corrupt("CLI-0003", fmt::format("the server's answer is not understood: {}", what));
}

std::string_view trimmed(std::string_view token) {
  return text::trim(token);
}

// Reads one answer. simdjson's values must be read once, in the order in which they stand.
class Reader {
 public:
  Result<ServerResult> read(const std::string& body) {
    const simdjson::padded_string text(body);
    od::parser parser;
    od::document document;
    od::object top;
    if (parser.iterate(text).get(document) || document.get_object().get(top)) return wrong("no JSON object");
    for (auto item : top) {
      od::field field;
      std::string_view key;
      if (std::move(item).get(field) || field.unescaped_key().get(key)) return wrong("malformed JSON");
      GARRISON_TRY(take(key, field.value()));
    }
    return std::move(result_);
  }

 private:
  Result<void> take(std::string_view key, od::value& value) {
    if (key == "columns") return read_columns(value);
    if (key == "rows") return read_rows(value);
    if (key == "truncated")
      return value.get_bool().get(result_.truncated) ? Result<void>(wrong("truncated")) : Result<void>();
    if (key == "warnings") return read_warnings(value);
    if (key == "statistics") return read_statistics(value);
    if (key == "render") return read_render(value);
    return {};
  }

  Result<void> read_columns(od::value& value) {
    od::array columns;
    if (value.get_array().get(columns)) return wrong("columns");
    for (auto item : columns) {
      od::object column;
      std::string_view name;
      if (item.get_object().get(column) || column["name"].get_string().get(name)) return wrong("columns");
      const std::string kept(name);
      std::string_view type;
      if (column["type"].get_string().get(type)) return wrong("columns");
      const auto kind = table::parse_kind(type);
      if (!kind) return wrong("the type of a column");
      result_.schema.columns.push_back({kept, *kind});
    }
    result_.rows = table::Batch(result_.schema);
    return {};
  }

  Result<void> read_rows(od::value& value) {
    od::array rows;
    if (value.get_array().get(rows)) return wrong("rows");
    for (auto item : rows) {
      od::array row;
      if (item.get_array().get(row)) return wrong("a row");
      std::size_t column = 0;
      for (auto element : row) {
        od::value cell;
        if (column >= result_.rows.columns.size() || std::move(element).get(cell)) return wrong("a row");
        GARRISON_TRY(read_cell(result_.rows.columns[column++], cell));
      }
      if (column != result_.rows.columns.size()) return wrong("a short row");
    }
    return {};
  }

  Result<void> read_cell(table::ColumnVector& column, od::value& cell) {
    od::json_type type;
    if (cell.type().get(type)) return wrong("a value");
    if (type == od::json_type::null) {
      bool is_null = false;
      if (cell.is_null().get(is_null)) return wrong("a value");
      column.append_null();
      return {};
    }
    if (column.kind() == Kind::kDynamic) {
      std::string_view raw;
      if (type == od::json_type::object || type == od::json_type::array) {
        const auto failed = type == od::json_type::object ? cell.get_object().value_unsafe().raw_json().get(raw)
                                                          : cell.get_array().value_unsafe().raw_json().get(raw);
        if (failed) return wrong("a dynamic value");
      } else {
        raw = cell.raw_json_token();
        if (type == od::json_type::string) {
          od::raw_json_string skipped;
          if (cell.get_raw_json_string().get(skipped)) return wrong("a dynamic value");
        }
      }
      column.append_text(trimmed(raw));
      return {};
    }
    if (type == od::json_type::string) {
      std::string_view text;
      if (cell.get_string().get(text)) return wrong("a text");
      return append_text(column, text);
    }
    if (type == od::json_type::boolean) {
      bool flag = false;
      if (cell.get_bool().get(flag) || !table::ColumnVector::is_integer(column.kind())) return wrong("a bool");
      column.append_integer(flag ? 1 : 0);
      return {};
    }
    return append_text(column, trimmed(cell.raw_json_token()));
  }

  // A number, or any other value written as text.
  static Result<void> append_text(table::ColumnVector& column, std::string_view text) {
    switch (column.kind()) {
      case Kind::kDateTime: {
        const auto time = parse_iso(text);
        if (!time) return wrong("a datetime");
        column.append_integer(time->ticks);
        return {};
      }
      case Kind::kTimespan: {
        const auto span = kql::parse_timespan(text);
        if (!span) return wrong("a timespan");
        column.append_integer(span->ticks);
        return {};
      }
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kLong: {
        std::int64_t value = 0;
        if (!parse_whole(text, value)) return wrong("a number");
        column.append_integer(value);
        return {};
      }
      case Kind::kReal: {
        double value = 0;
        if (text == "NaN")
          value = std::numeric_limits<double>::quiet_NaN();
        else if (text == "Infinity")
          value = std::numeric_limits<double>::infinity();
        else if (text == "-Infinity")
          value = -std::numeric_limits<double>::infinity();
        else if (!parse_whole(text, value))
          return wrong("a number");
        column.append_real(value);
        return {};
      }
      default:
        column.append_text(text);
        return {};
    }
  }

  template <typename Number>
  static bool parse_whole(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  }

  Result<void> read_warnings(od::value& value) {
    od::array warnings;
    if (value.get_array().get(warnings)) return wrong("warnings");
    for (auto item : warnings) {
      std::string_view message;
      if (item["message"].get_string().get(message)) return wrong("a warning");
      result_.warnings.emplace_back(message);
    }
    return {};
  }

  Result<void> read_statistics(od::value& value) {
    if (value["elapsedMs"].get_double().get(result_.elapsed_ms)) return wrong("statistics");
    if (value["rowsRead"].get_uint64().get(result_.rows_read)) return wrong("statistics");
    return {};
  }

  // Back into the names of KQL's render properties.
  Result<void> read_render(od::value& value) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames = {
        {{"title", "title"}, {"xColumn", "xcolumn"}, {"yColumns", "ycolumns"}, {"series", "series"}, {"mode", "kind"}}};
    od::object render;
    if (value.get_object().get(render)) return wrong("render");
    for (auto item : render) {
      od::field field;
      std::string_view key;
      if (std::move(item).get(field) || field.unescaped_key().get(key)) return wrong("render");
      const std::string name(key);
      GARRISON_ASSIGN(const std::string text, read_property(field.value()));
      if (name == "kind") result_.render.chart = text;
      for (const auto& [from, to] : kNames) {
        if (name == from) result_.render.properties.emplace_back(to, text);
      }
    }
    return {};
  }

  static Result<std::string> read_property(od::value& value) {
    od::json_type type;
    if (value.type().get(type)) return wrong("render");
    std::string_view text;
    if (type == od::json_type::string) {
      if (value.get_string().get(text)) return wrong("render");
      return std::string(text);
    }
    if (type != od::json_type::array) return std::string(trimmed(value.raw_json_token()));
    std::string out;
    od::array names;
    if (value.get_array().get(names)) return wrong("render");
    for (auto item : names) {
      if (item.get_string().get(text)) return wrong("render");
      out += (out.empty() ? "" : ",") + std::string(text);
    }
    return out;
  }

  ServerResult result_;
};

}  // namespace

Result<ServerResult> read_server_result(const std::string& body) {
  return Reader().read(body);
}

}  // namespace garrison::server
