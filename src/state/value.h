// SPDX-License-Identifier: Apache-2.0
// Typed values that go into and come out of SQL statements. Values carry no SQL: a parameter can never become
// statement text. Plain values; a Row is valid only inside the callback that receives it.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/ticks.h"

namespace garrison::state {

// Bytes without an encoding. A view: the bytes must outlive the call that takes them (large blobs are not copied).
struct Blob {
  std::string_view bytes;
};

// One parameter. Times are stored as ticks, booleans as 0 and 1, an empty optional as NULL.
class Value {
 public:
  using Storage = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

  Value() = default;
  Value(std::nullopt_t) {}
  template <std::integral T>
  Value(T number) : storage_(static_cast<std::int64_t>(number)) {}
  Value(double number) : storage_(number) {}
  Value(std::string text) : storage_(std::move(text)) {}
  Value(std::string_view text) : storage_(std::string(text)) {}
  Value(const char* text) : storage_(std::string(text)) {}
  Value(Blob blob) : storage_(blob) {}
  Value(DateTime at) : storage_(at.ticks) {}
  Value(Timespan span) : storage_(span.ticks) {}
  template <typename Tag>
  Value(const Id<Tag>& id) : storage_(id.value) {}
  template <typename T>
  Value(const std::optional<T>& maybe) {
    if (maybe) *this = Value(*maybe);
  }

  const Storage& storage() const { return storage_; }

 private:
  Storage storage_;
};

// Parameters in the order of the statement's '?' marks.
class Params {
 public:
  Params() = default;
  Params(std::initializer_list<Value> values) : values_(values) {}
  Params(std::vector<Value> values) : values_(std::move(values)) {}
  const std::vector<Value>& values() const { return values_; }

 private:
  std::vector<Value> values_;
};

// One row of an answer; columns count from 0. NULL reads as 0 or empty text: ask is_null where it matters. Tables are
// STRICT, so a column has the type its table states. Views end with the callback.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double number(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // of a BLOB column: its bytes

  std::string string(int column) const { return std::string(text(column)); }
  bool boolean(int column) const { return integer(column) != 0; }
  DateTime time(int column) const { return {integer(column)}; }
  std::optional<DateTime> maybe_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional(time(column));
  }
  std::optional<std::string> maybe_string(int column) const {
    return is_null(column) ? std::nullopt : std::optional(string(column));
  }
};

}  // namespace garrison::state
